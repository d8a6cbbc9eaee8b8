"""Packages that courses leave in, and imports of courses."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    _packages()
    _imports()


def _packages() -> None:
    op.create_table(
        "course_package",
        sa.Column("id", KEY, nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        _reference("course_package", "course_id", "course", cascade=True),
        _reference("course_package", "asked_by_id", "user"),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("content_key", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("store_key", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("report", JSON, nullable=False),
        sa.Column("ready_at", TIME, nullable=True),
        sa.Column("expires_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_course_package"),
        sa.UniqueConstraint("uuid", name="uq_course_package_uuid"),
        sa.UniqueConstraint("course_id", "format", "audience", "content_key", name="uq_course_package_state"),
        sa.CheckConstraint("format IN ('cc', 'offline')", name="ck_course_package_format"),
        sa.CheckConstraint("audience IN ('open', 'team')", name="ck_course_package_audience"),
        sa.CheckConstraint("state IN ('making', 'ready', 'failed', 'cancelled')", name="ck_course_package_state"),
    )  # fmt: skip
    op.create_index("ix_course_package_asked_by_id", "course_package", ["asked_by_id"])
    op.create_index("ix_course_package_expires_at", "course_package", ["expires_at"])


def _imports() -> None:
    op.create_table(
        "course_import",
        sa.Column("id", KEY, nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        _reference("course_import", "course_id", "course", cascade=True),
        _reference("course_import", "actor_id", "user"),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("store_key", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("report", JSON, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("started_at", TIME, nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_course_import"),
        sa.UniqueConstraint("uuid", name="uq_course_import_uuid"),
        sa.CheckConstraint(
            "state IN ('checking', 'prepared', 'importing', 'done', 'undoing', 'undone', 'failed')",
            name="ck_course_import_state",
        ),
    )
    op.create_index("ix_course_import_course", "course_import", ["course_id", "id"])
    op.create_index("ix_course_import_actor_id", "course_import", ["actor_id"])
    op.create_table(
        "imported_part",
        sa.Column("id", KEY, nullable=False),
        _reference("imported_part", "import_id", "course_import", cascade=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("made_uuid", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_imported_part"),
        sa.UniqueConstraint("import_id", "kind", "path", name="uq_imported_part_place"),
        sa.CheckConstraint("kind IN ('module', 'lesson', 'resource')", name="ck_imported_part_kind"),
        sa.CheckConstraint("outcome IN ('made', 'undone', 'kept')", name="ck_imported_part_outcome"),
    )


def downgrade() -> None:
    op.drop_table("imported_part")
    op.drop_table("course_import")
    op.drop_table("course_package")


def _reference(table: str, name: str, target: str, *, cascade: bool = False) -> sa.Column:
    key = sa.ForeignKey(f"{target}.id", ondelete="CASCADE" if cascade else None, name=f"fk_{table}_{name}")
    return sa.Column(name, KEY, key, nullable=False)
