"""Ratings, complaints, rights evidence; versions that learners keep and teachers declined; who saved last."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
REPORT_KINDS = ("broken", "wrong", "outdated", "rights", "unfit", "other")
REPORT_STATES = ("open", "answered", "fixed", "rejected")


def upgrade() -> None:
    _rating()
    _problem_report()
    _contribution_sharing()
    _rights_evidence()
    _kept_version()
    _last_edit()
    with op.batch_alter_table("activity") as table:
        table.add_column(sa.Column("declined_version_id", KEY, nullable=True))
        table.create_foreign_key(
            op.f("fk_activity_declined_version_id"), "resource_version", ["declined_version_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("activity") as table:
        table.drop_constraint(op.f("fk_activity_declined_version_id"), type_="foreignkey")
        table.drop_column("declined_version_id")
    for name in ("last_edit", "kept_version", "rights_evidence", "contribution_sharing", "problem_report", "rating"):
        op.drop_table(name)


def _key(table: str, column: str, target: str, *, cascade: bool = False) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete="CASCADE" if cascade else None)


def _rating() -> None:
    op.create_table(
        "rating",
        sa.Column("resource_id", KEY, nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("version_id", KEY, nullable=True),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("rated_at", TIME, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name=op.f("ck_rating_stars")),
        _key("rating", "resource_id", "resource", cascade=True),
        _key("rating", "user_id", "user"),
        _key("rating", "version_id", "resource_version", cascade=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating")),
        sa.UniqueConstraint("resource_id", "user_id", name=op.f("uq_rating_resource_id_user_id")),
    )
    op.create_index(op.f("ix_rating_user_id"), "rating", ["user_id"])


def _problem_report() -> None:
    op.create_table(
        "problem_report",
        sa.Column("resource_id", KEY, nullable=False),
        sa.Column("version_id", KEY, nullable=True),
        sa.Column("reporter_id", KEY, nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("handled_by_id", KEY, nullable=True),
        sa.Column("handled_at", TIME, nullable=True),
        sa.Column("id", KEY, nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.CheckConstraint(f"kind IN {REPORT_KINDS}", name=op.f("ck_problem_report_kind")),
        sa.CheckConstraint(f"state IN {REPORT_STATES}", name=op.f("ck_problem_report_state")),
        _key("problem_report", "resource_id", "resource", cascade=True),
        _key("problem_report", "version_id", "resource_version", cascade=True),
        _key("problem_report", "reporter_id", "user"),
        _key("problem_report", "handled_by_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problem_report")),
        sa.UniqueConstraint("uuid", name=op.f("uq_problem_report_uuid")),
    )
    op.create_index(op.f("ix_problem_report_resource_id"), "problem_report", ["resource_id"])
    op.create_index(op.f("ix_problem_report_reporter_id"), "problem_report", ["reporter_id"])
    op.create_index("ix_problem_report_state", "problem_report", ["state", "id"])


def _contribution_sharing() -> None:
    op.create_table(
        "contribution_sharing",
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.Column("id", KEY, nullable=False),
        _key("contribution_sharing", "user_id", "user", cascade=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contribution_sharing")),
        sa.UniqueConstraint("user_id", name=op.f("uq_contribution_sharing_user_id")),
    )


def _rights_evidence() -> None:
    op.create_table(
        "rights_evidence",
        sa.Column("resource_id", KEY, nullable=False),
        sa.Column("version_id", KEY, nullable=True),
        sa.Column("uploaded_by_id", KEY, nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("store_key", sa.String(), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        _key("rights_evidence", "resource_id", "resource", cascade=True),
        _key("rights_evidence", "version_id", "resource_version", cascade=True),
        _key("rights_evidence", "uploaded_by_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_evidence")),
        sa.UniqueConstraint("uuid", name=op.f("uq_rights_evidence_uuid")),
    )
    op.create_index(op.f("ix_rights_evidence_resource_id"), "rights_evidence", ["resource_id"])


def _kept_version() -> None:
    op.create_table(
        "kept_version",
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("resource_id", KEY, nullable=False),
        sa.Column("version_id", KEY, nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("id", KEY, nullable=False),
        _key("kept_version", "user_id", "user"),
        _key("kept_version", "resource_id", "resource", cascade=True),
        _key("kept_version", "version_id", "resource_version", cascade=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_version")),
        sa.UniqueConstraint("user_id", "resource_id", name=op.f("uq_kept_version_user_id_resource_id")),
    )
    op.create_index(op.f("ix_kept_version_resource_id"), "kept_version", ["resource_id"])


def _last_edit() -> None:
    op.create_table(
        "last_edit",
        sa.Column("resource_id", KEY, nullable=False, autoincrement=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("at", TIME, nullable=False),
        _key("last_edit", "resource_id", "resource", cascade=True),
        _key("last_edit", "user_id", "user"),
        sa.PrimaryKeyConstraint("resource_id", name=op.f("pk_last_edit")),
    )
