"""Questions, answers, notes and bookmarks."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
TABLES = (
    "bookmark", "note", "discussion_report", "discussion_mark", "discussion_edit", "discussion_message", "discussion_thread",
)  # fmt: skip


def upgrade() -> None:
    _create_thread()
    _create_message()
    _create_beside_messages()
    _create_notes()


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)


def _create_thread() -> None:
    table = "discussion_thread"
    op.create_table(
        table,
        *_identity(table),
        _reference(table, "course_id", "course", cascade=True),
        _reference(table, "lesson_id", "lesson", cascade=True, nullable=True),
        sa.Column("activity_key", sa.Uuid(), nullable=True),
        sa.Column("at_s", sa.Integer(), nullable=True),
        _reference(table, "class_id", "teaching_class", cascade=True, nullable=True),
        _reference(table, "author_id", "user"),
        sa.Column("replies", sa.Integer(), nullable=False),
        sa.Column("last_at", TIME, nullable=False),
        _reference(table, "last_by_id", "user"),
        sa.Column("answered_at", TIME, nullable=True),
        sa.Column("accepted_seq", sa.Integer(), nullable=True),
        sa.Column("asker_seen_at", TIME, nullable=False),
    )
    for name in ("lesson", "course", "class", "author"):
        op.create_index(f"ix_discussion_thread_{name}", table, [f"{name}_id", "id"])


def _create_message() -> None:
    table = "discussion_message"
    op.create_table(
        table,
        *_identity(table),
        _reference(table, "thread_id", "discussion_thread", cascade=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        _reference(table, "author_id", "user"),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("by_teacher", sa.Boolean(), nullable=False),
        sa.Column("marks", sa.Integer(), nullable=False),
        *(sa.Column(name, TIME, nullable=True) for name in ("edited_at", "deleted_at", "hidden_at")),
        _reference(table, "hidden_by_id", "user", nullable=True),
        sa.Column("hidden_reason", sa.String(), nullable=False),
        sa.Column("appeal", sa.String(), nullable=False),
        sa.Column("appealed_at", TIME, nullable=True),
        sa.Column("appeal_answer", sa.String(), nullable=False),
        sa.Column("appeal_decided_at", TIME, nullable=True),
        sa.UniqueConstraint("thread_id", "seq", name="uq_discussion_message_thread_id_seq"),
    )
    op.create_index("ix_discussion_message_author", table, ["author_id", "id"])
    op.create_index("ix_discussion_message_hidden", table, ["hidden_at"])


def _create_beside_messages() -> None:
    op.create_table(
        "discussion_edit",
        sa.Column("id", KEY, nullable=False),
        _reference("discussion_edit", "message_id", "discussion_message", cascade=True),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("replaced_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_discussion_edit"),
    )
    op.create_index("ix_discussion_edit_message_id", "discussion_edit", ["message_id"])
    _create_by_person("discussion_mark")
    _create_by_person(
        "discussion_report",
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("settled_at", TIME, nullable=True),
        _reference("discussion_report", "settled_by_id", "user", nullable=True),
    )
    op.create_index("ix_discussion_report_open", "discussion_report", ["settled_at", "id"])


def _create_by_person(table: str, *more: sa.Column) -> None:
    """A table with at most one row a message and person."""
    op.create_table(
        table,
        sa.Column("id", KEY, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        _reference(table, "message_id", "discussion_message", cascade=True),
        _reference(table, "user_id", "user"),
        *more,
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint("message_id", "user_id", name=f"uq_{table}_message_id_user_id"),
    )
    op.create_index(f"ix_{table}_user_id", table, ["user_id"])


def _create_notes() -> None:
    in_note = (
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("edited_at", TIME, nullable=False),
    )
    for table, more in (("note", in_note), ("bookmark", ())):
        op.create_table(
            table,
            *_identity(table),
            _reference(table, "user_id", "user"),
            _reference(table, "course_id", "course", cascade=True),
            _reference(table, "lesson_id", "lesson", cascade=True),
            sa.Column("activity_key", sa.Uuid(), nullable=True),
            sa.Column("at_s", sa.Integer(), nullable=True),
            *more,
        )
        op.create_index(f"ix_{table}_user_id_lesson_id", table, ["user_id", "lesson_id"])
        for name in ("course_id", "lesson_id"):
            op.create_index(f"ix_{table}_{name}", table, [name])


def _identity(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("id", KEY, nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint("uuid", name=f"uq_{table}_uuid"),
    )


def _reference(table: str, name: str, target: str, *, cascade: bool = False, nullable: bool = False) -> sa.Column:
    key = sa.ForeignKey(f"{target}.id", ondelete="CASCADE" if cascade else None, name=f"fk_{table}_{name}")
    return sa.Column(name, KEY, key, nullable=nullable)
