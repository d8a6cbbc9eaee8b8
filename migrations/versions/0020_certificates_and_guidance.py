"""Certificates, and what guidance remembers: choices, favourites, counts of use, copies of own data."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
NAME_CHOICES = ("unasked", "named", "unnamed")
AGES = ("", "minor", "adult")
TABLES = (
    "data_export", "popular_resource", "co_use", "declined_suggestion", "favourite", "guidance_choice", "certificate",
)  # fmt: skip


def upgrade() -> None:
    _certificate()
    _guidance_choice()
    _pairs("favourite")
    _pairs("declined_suggestion")
    _co_use()
    _popular_resource()
    _data_export()


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)


def _key(table: str, column: str, target: str, *, cascade: bool = False) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete="CASCADE" if cascade else None)


def _text(name: str) -> sa.Column:
    return sa.Column(name, sa.String(), nullable=False)


def _certificate() -> None:
    op.create_table(
        "certificate",
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("enrollment_id", KEY, nullable=False),
        sa.Column("course_id", KEY, nullable=False),
        _text("code"), _text("holder_name"), _text("name_choice"), _text("course_name"), _text("course_name_en"),
        _text("library_name"), _text("library_name_en"),
        sa.Column("units", JSON, nullable=False),
        _text("run_key"),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("completed_at", TIME, nullable=False),
        sa.Column("issued_at", TIME, nullable=False),
        sa.Column("rule", JSON, nullable=False),
        sa.Column("revoked_at", TIME, nullable=True),
        sa.Column("revoked_by_id", KEY, nullable=True),
        _text("revoked_because"),
        sa.Column("id", KEY, nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.CheckConstraint(f"name_choice IN {NAME_CHOICES}", name=op.f("ck_certificate_name_choice")),
        _key("certificate", "user_id", "user"),
        _key("certificate", "enrollment_id", "enrollment"),
        _key("certificate", "course_id", "course"),
        _key("certificate", "revoked_by_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("uuid", name=op.f("uq_certificate_uuid")),
        sa.UniqueConstraint("code", name=op.f("uq_certificate_code")),
        sa.UniqueConstraint("enrollment_id", name=op.f("uq_certificate_enrollment_id")),
    )  # fmt: skip
    op.create_index("ix_certificate_user", "certificate", ["user_id", "issued_at"])
    op.create_index("ix_certificate_course_id", "certificate", ["course_id"])


def _guidance_choice() -> None:
    op.create_table(
        "guidance_choice",
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("plan_days", JSON, nullable=False),
        sa.Column("plan_minutes", sa.Integer(), nullable=False),
        sa.Column("shows_weeks", sa.Boolean(), nullable=False),
        sa.Column("takes_suggestions", sa.Boolean(), nullable=False),
        _text("age"),
        sa.CheckConstraint(f"age IN {AGES}", name=op.f("ck_guidance_choice_age")),
        _key("guidance_choice", "user_id", "user", cascade=True),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_guidance_choice")),
    )


def _pairs(table: str) -> None:
    """A person and a resource, since when."""
    op.create_table(
        table,
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("resource_id", KEY, nullable=False),
        sa.Column("at", TIME, nullable=False),
        _key(table, "user_id", "user", cascade=True),
        _key(table, "resource_id", "resource", cascade=True),
        sa.PrimaryKeyConstraint("user_id", "resource_id", name=op.f(f"pk_{table}")),
    )
    op.create_index(f"ix_{table}_resource_id", table, ["resource_id"])


def _co_use() -> None:
    op.create_table(
        "co_use",
        sa.Column("resource_id", KEY, nullable=False),
        sa.Column("other_id", KEY, nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        _key("co_use", "resource_id", "resource", cascade=True),
        _key("co_use", "other_id", "resource", cascade=True),
        sa.PrimaryKeyConstraint("resource_id", "other_id", name=op.f("pk_co_use")),
    )
    op.create_index("ix_co_use_other_id", "co_use", ["other_id"])


def _popular_resource() -> None:
    op.create_table(
        "popular_resource",
        sa.Column("course_id", KEY, nullable=False),
        sa.Column("resource_id", KEY, nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("counted_at", TIME, nullable=False),
        _key("popular_resource", "course_id", "course", cascade=True),
        _key("popular_resource", "resource_id", "resource", cascade=True),
        sa.PrimaryKeyConstraint("course_id", "resource_id", name=op.f("pk_popular_resource")),
    )
    op.create_index("ix_popular_resource_resource_id", "popular_resource", ["resource_id"])


def _data_export() -> None:
    op.create_table(
        "data_export",
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("ready_at", TIME, nullable=True),
        sa.Column("expires_at", TIME, nullable=False),
        _text("store_key"),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        _key("data_export", "user_id", "user", cascade=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_export")),
        sa.UniqueConstraint("uuid", name=op.f("uq_data_export_uuid")),
    )
    op.create_index("ix_data_export_user_id", "data_export", ["user_id"])
    op.create_index("ix_data_export_expires_at", "data_export", ["expires_at"])
