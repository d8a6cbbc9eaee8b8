"""Rosters with doubtful matches, sampled surveys, findings of unusual use."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TEXTS = {
    "roster": ("filename", "file_sha256", "file_format"),
    "roster_entry": ("person", "number", "email", "match"),
    "survey_invitation": ("rule",),
    "survey_answer": ("comment",),
}


def upgrade() -> None:
    for table, names in TEXTS.items():
        for name in names:
            op.add_column(table, sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.add_column("roster", sa.Column("left_out", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("survey_invitation", sa.Column("answered_at", TIME))
    op.add_column("survey_invitation", sa.Column("dismissed_at", TIME))
    op.add_column("survey_answer", sa.Column("browser_s", sa.Double()))
    op.add_column(
        "survey_answer", sa.Column("is_comment_hidden", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    _roster_identity()
    _roster_draft()
    _survey_plan()
    _finding()


def downgrade() -> None:
    for table in ("finding", "survey_plan", "roster_draft", "roster_identity"):
        op.drop_table(table)
    # Straight out of the table: making it anew on SQLite would take along the rows that hang on it.
    for table, name in (
        ("survey_answer", "is_comment_hidden"), ("survey_answer", "browser_s"), ("survey_invitation", "dismissed_at"),
        ("survey_invitation", "answered_at"), ("roster", "left_out"),
        *((table, name) for table, names in TEXTS.items() for name in names),
    ):  # fmt: skip
        op.drop_column(table, name)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def _roster_identity() -> None:
    op.create_table(
        "roster_identity",
        sa.Column("unit_id", KEY, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("user_id", KEY, nullable=True),
        sa.Column("decided_by_id", KEY, nullable=True),
        sa.Column("decided_at", TIME, nullable=False),
        sa.Column("id", KEY, nullable=False),
        _key("roster_identity", "unit_id", "unit"),
        _key("roster_identity", "user_id", "user"),
        _key("roster_identity", "decided_by_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_identity")),
        sa.UniqueConstraint("unit_id", "key", name=op.f("uq_roster_identity_unit_id_key")),
    )
    op.create_index(op.f("ix_roster_identity_user_id"), "roster_identity", ["user_id"])


def _roster_draft() -> None:
    op.create_table(
        "roster_draft",
        sa.Column("library_id", KEY, nullable=False),
        sa.Column("unit_id", KEY, nullable=False),
        sa.Column("census_on", sa.Date(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("made_by_id", KEY, nullable=True),
        sa.Column("id", KEY, nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        _key("roster_draft", "library_id", "library"),
        _key("roster_draft", "unit_id", "unit"),
        _key("roster_draft", "made_by_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_draft")),
        sa.UniqueConstraint("uuid", name=op.f("uq_roster_draft_uuid")),
    )
    op.create_index(op.f("ix_roster_draft_library_id"), "roster_draft", ["library_id"])


def _survey_plan() -> None:
    op.create_table(
        "survey_plan",
        sa.Column("library_id", KEY, nullable=False),
        sa.Column("period_code", sa.String(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name=op.f("ck_survey_plan_percent")),
        _key("survey_plan", "library_id", "library"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_plan")),
        sa.UniqueConstraint("library_id", "period_code", name=op.f("uq_survey_plan_library_id_period_code")),
    )


def _finding() -> None:
    op.create_table(
        "finding",
        sa.Column("library_id", KEY, nullable=False),
        sa.Column("period_code", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("rows", JSON, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("found_at", TIME, nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.Column("gone_at", TIME, nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("decided_by_id", KEY, nullable=True),
        sa.Column("decided_at", TIME, nullable=True),
        sa.Column("id", KEY, nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'explained', 'confirmed')", name=op.f("ck_finding_state")),
        _key("finding", "library_id", "library"),
        _key("finding", "decided_by_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
        sa.UniqueConstraint("uuid", name=op.f("uq_finding_uuid")),
        sa.UniqueConstraint(
            "library_id", "period_code", "rule", "about", name=op.f("uq_finding_library_id_period_code_rule_about")
        ),
    )
