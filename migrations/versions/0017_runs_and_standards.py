"""Course runs with frozen contents, course standards in work, promises."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TABLES = (
    "standard_decision", "standard_case", "run_opening", "course_withdrawal", "lesson_prerequisite", "course_prerequisite",
    "completion_lesson", "course_terms", "standard_draft",
)  # fmt: skip


def upgrade() -> None:
    op.add_column("course_run", sa.Column("title", sa.String(), nullable=False, server_default=""))
    op.add_column("course_run", sa.Column("frozen_at", TIME, nullable=True))
    op.execute("UPDATE course_teacher SET role = 'teacher' WHERE role = 'member'")
    _create_standard_parts()
    _create_terms()
    _create_withdrawal()
    _create_opening()
    _create_case()


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    _drop_column("standard_unit", "module_id")
    op.drop_table("standard_module")
    op.execute("UPDATE course_teacher SET role = 'member' WHERE role <> 'leader'")
    for name in ("frozen_at", "title"):
        _drop_column("course_run", name)


def _create_standard_parts() -> None:
    op.create_table(
        "standard_module",
        sa.Column("id", KEY, nullable=False),
        _reference("standard_module", "standard_id", "course_standard", cascade=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_standard_module"),
        sa.UniqueConstraint("standard_id", "seq", name="uq_standard_module_standard_id_seq"),
    )
    # A new column of SQLite carries its key with it; making the table anew would empty what hangs on it.
    op.execute(
        f"ALTER TABLE standard_unit ADD COLUMN module_id {_whole()} "
        "CONSTRAINT fk_standard_unit_module_id REFERENCES standard_module (id)"
    )
    op.create_table(
        "standard_draft",
        sa.Column("id", KEY, nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        _reference("standard_draft", "course_id", "course", cascade=True),
        _reference("standard_draft", "base_id", "course_standard", nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("tree", JSON, nullable=False),
        sa.Column("writers", JSON, nullable=False),
        _reference("standard_draft", "saved_by_id", "user"),
        sa.Column("saved_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_standard_draft"),
        sa.UniqueConstraint("uuid", name="uq_standard_draft_uuid"),
        sa.UniqueConstraint("course_id", name="uq_standard_draft_course_id"),
    )


def _create_terms() -> None:
    op.create_table(
        "course_terms",
        _reference("course_terms", "course_id", "course", cascade=True),
        sa.Column("completion", sa.String(), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("is_national", sa.Boolean(), nullable=False),
        sa.Column("free_until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("course_id", name="pk_course_terms"),
        sa.CheckConstraint("completion IN ('all', 'share', 'named')", name="ck_course_terms_completion"),
        sa.CheckConstraint("share BETWEEN 1 AND 100", name="ck_course_terms_share"),
    )
    op.create_table(
        "completion_lesson",
        _reference("completion_lesson", "course_id", "course", cascade=True),
        _reference("completion_lesson", "lesson_id", "lesson", cascade=True),
        sa.PrimaryKeyConstraint("course_id", "lesson_id", name="pk_completion_lesson"),
    )
    op.create_index("ix_completion_lesson_lesson_id", "completion_lesson", ["lesson_id"])
    for name in ("course", "lesson"):
        table = f"{name}_prerequisite"
        op.create_table(
            table,
            _reference(table, f"{name}_id", name, cascade=True),
            _reference(table, "prerequisite_id", name, cascade=True),
            sa.Column("is_required", sa.Boolean(), nullable=False),
            sa.PrimaryKeyConstraint(f"{name}_id", "prerequisite_id", name=f"pk_{table}"),
            sa.CheckConstraint(f"{name}_id <> prerequisite_id", name=f"ck_{table}_not_itself"),
        )
        op.create_index(f"ix_{table}_prerequisite_id", table, ["prerequisite_id"])


def _create_withdrawal() -> None:
    op.create_table(
        "course_withdrawal",
        sa.Column("id", KEY, nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        _reference("course_withdrawal", "course_id", "course", cascade=True),
        _reference("course_withdrawal", "requested_by_id", "user"),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("promised_until", sa.Date(), nullable=True),
        _reference("course_withdrawal", "first_by_id", "user", nullable=True),
        sa.Column("first_at", TIME, nullable=True),
        _reference("course_withdrawal", "second_by_id", "user", nullable=True),
        sa.Column("second_at", TIME, nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        _reference("course_withdrawal", "ended_by_id", "user", nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_course_withdrawal"),
        sa.UniqueConstraint("uuid", name="uq_course_withdrawal_uuid"),
        sa.CheckConstraint(
            "state IN ('open', 'done', 'refused', 'taken_back', 'reopened')", name="ck_course_withdrawal_state"
        ),
        sa.CheckConstraint(
            "first_by_id IS NULL OR first_by_id <> requested_by_id", name="ck_course_withdrawal_first_is_another"
        ),
        sa.CheckConstraint(
            "second_by_id IS NULL OR (second_by_id <> requested_by_id AND second_by_id <> first_by_id)",
            name="ck_course_withdrawal_second_is_a_third",
        ),
    )
    op.create_index("ix_course_withdrawal_course", "course_withdrawal", ["course_id", "state"])
    # Two who ask at the same moment make one request.
    op.create_index(
        "uq_course_withdrawal_open", "course_withdrawal", ["course_id"], unique=True,
        sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"),
    )  # fmt: skip


def _create_opening() -> None:
    op.create_table(
        "run_opening",
        _reference("run_opening", "run_id", "course_run", cascade=True),
        _reference("run_opening", "lesson_id", "lesson", cascade=True),
        sa.Column("opens_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "lesson_id", name="pk_run_opening"),
    )
    op.create_index("ix_run_opening_lesson_id", "run_opening", ["lesson_id"])


def _create_case() -> None:
    op.create_table(
        "standard_case",
        sa.Column("id", KEY, nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        _reference("standard_case", "course_id", "course", cascade=True),
        _reference("standard_case", "base_id", "course_standard", nullable=True),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("tree", JSON, nullable=False),
        sa.Column("writers", JSON, nullable=False),
        _reference("standard_case", "submitted_by_id", "user"),
        sa.Column("submitted_at", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("levels", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        _reference("standard_case", "rules_id", "review_rules", nullable=True),
        sa.Column("asked_role", sa.String(), nullable=False),
        sa.Column("named", JSON, nullable=False),
        _reference("standard_case", "barred_unit_id", "unit", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_standard_case"),
        sa.UniqueConstraint("uuid", name="uq_standard_case_uuid"),
        sa.CheckConstraint("state IN ('open', 'approved', 'returned', 'withdrawn')", name="ck_standard_case_state"),
    )
    op.create_index("ix_standard_case_course", "standard_case", ["course_id", "state"])
    op.create_index("ix_standard_case_queue", "standard_case", ["state", "due_at", "id"])
    op.create_table(
        "standard_decision",
        sa.Column("id", KEY, nullable=False),
        _reference("standard_decision", "case_id", "standard_case", cascade=True),
        sa.Column("level", sa.Integer(), nullable=False),
        _reference("standard_decision", "reviewer_id", "user"),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("verdicts", JSON, nullable=False),
        sa.Column("decided_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_standard_decision"),
        sa.UniqueConstraint("case_id", "level", name="uq_standard_decision_case_id_level"),
        sa.CheckConstraint("decision IN ('approve', 'return')", name="ck_standard_decision_decision"),
    )


def _reference(table: str, name: str, target: str, *, cascade: bool = False, nullable: bool = False) -> sa.Column:
    key = sa.ForeignKey(f"{target}.id", ondelete="CASCADE" if cascade else None, name=f"fk_{table}_{name}")
    return sa.Column(name, KEY, key, nullable=nullable)


def _whole() -> str:
    return "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"


def _drop_column(table: str, name: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_column(table, name)
    else:
        op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
