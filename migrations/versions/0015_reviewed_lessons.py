"""What lessons wait for in review: who wrote a version, its case, who decided what."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TABLES = ("lesson_decision", "lesson_reviewer", "lesson_case", "lesson_editor")


def upgrade() -> None:
    # A new column of SQLite carries its key with it; making the table anew would empty what hangs on it.
    op.execute(
        f"ALTER TABLE lesson ADD COLUMN review_version_id {_whole()} "
        "CONSTRAINT fk_lesson_review_version_id REFERENCES lesson_version (id)"
    )
    for name in ("title", "title_en"):
        op.add_column("lesson_version", sa.Column(name, sa.String(), nullable=False, server_default=""))
    _create_editor()
    _create_case()
    _create_parts()


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    for table, name in (("lesson_version", "title_en"), ("lesson_version", "title"), ("lesson", "review_version_id")):
        _drop_column(table, name)


def _whole() -> str:
    return "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"


def _drop_column(table: str, name: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_column(table, name)
    else:
        op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")


def _create_editor() -> None:
    op.create_table(
        "lesson_editor",
        _reference("lesson_editor", "version_id", "lesson_version", cascade=True),
        _reference("lesson_editor", "user_id", "user"),
        sa.PrimaryKeyConstraint("version_id", "user_id", name="pk_lesson_editor"),
    )
    op.create_index("ix_lesson_editor_user_id", "lesson_editor", ["user_id"])


def _create_case() -> None:
    op.create_table(
        "lesson_case",
        sa.Column("id", KEY, nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        _reference("lesson_case", "lesson_id", "lesson", cascade=True),
        _reference("lesson_case", "version_id", "lesson_version", cascade=True),
        _reference("lesson_case", "base_version_id", "lesson_version", nullable=True),
        _reference("lesson_case", "submitted_by_id", "user"),
        sa.Column("submitted_at", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("levels", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("commitment", sa.String(), nullable=False),
        sa.Column("self_check", JSON, nullable=False),
        _reference("lesson_case", "rules_id", "review_rules", nullable=True),
        sa.Column("asked_role", sa.String(), nullable=False),
        _reference("lesson_case", "barred_unit_id", "unit", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_lesson_case"),
        sa.UniqueConstraint("uuid", name="uq_lesson_case_uuid"),
        sa.CheckConstraint("state IN ('open', 'approved', 'returned', 'withdrawn')", name="ck_lesson_case_state"),
    )
    op.create_index("ix_lesson_case_queue", "lesson_case", ["state", "due_at", "id"])
    op.create_index("ix_lesson_case_lesson", "lesson_case", ["lesson_id", "id"])
    op.create_index("ix_lesson_case_version_id", "lesson_case", ["version_id"])


def _create_parts() -> None:
    op.create_table(
        "lesson_reviewer",
        sa.Column("id", KEY, nullable=False),
        _reference("lesson_reviewer", "case_id", "lesson_case", cascade=True),
        sa.Column("level", sa.Integer(), nullable=False),
        _reference("lesson_reviewer", "user_id", "user"),
        sa.PrimaryKeyConstraint("id", name="pk_lesson_reviewer"),
        sa.UniqueConstraint("case_id", "level", "user_id", name="uq_lesson_reviewer_case_id_level_user_id"),
    )
    op.create_index("ix_lesson_reviewer_user", "lesson_reviewer", ["user_id", "case_id", "level"])
    op.create_table(
        "lesson_decision",
        sa.Column("id", KEY, nullable=False),
        _reference("lesson_decision", "case_id", "lesson_case", cascade=True),
        sa.Column("level", sa.Integer(), nullable=False),
        _reference("lesson_decision", "reviewer_id", "user"),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("verdicts", JSON, nullable=False),
        sa.Column("decided_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lesson_decision"),
        sa.UniqueConstraint("case_id", "level", name="uq_lesson_decision_case_id_level"),
        sa.CheckConstraint("decision IN ('approve', 'return')", name="ck_lesson_decision_decision"),
    )
    op.create_index("ix_lesson_decision_reviewer_id", "lesson_decision", ["reviewer_id"])


def _reference(table: str, name: str, target: str, *, cascade: bool = False, nullable: bool = False) -> sa.Column:
    key = sa.ForeignKey(f"{target}.id", ondelete="CASCADE" if cascade else None, name=f"fk_{table}_{name}")
    return sa.Column(name, KEY, key, nullable=nullable)
