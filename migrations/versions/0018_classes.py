"""What is done in a class: due days, sign-ins, polls, announcements, thresholds of warnings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
PRESENCES = ("present", "late", "excused", "absent")
KINDS = ("single", "multiple", "true_false", "scale", "words")
TABLES = (
    "class_wrong_code", "class_announcement_read", "class_announcement", "class_poll_answer", "class_poll",
    "class_sign_in_entry", "class_sign_in", "class_due", "class_rules",
)  # fmt: skip


def upgrade() -> None:
    _create_rules()
    _create_due()
    _create_sign_ins()
    _create_polls()
    _create_announcements()
    _create_wrong_codes()


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)


def _create_rules() -> None:
    key = sa.ForeignKey("teaching_class.id", ondelete="CASCADE", name="fk_class_rules_class_id")
    op.create_table(
        "class_rules",
        sa.Column("class_id", KEY, key, nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("unseen_days", "behind_percent", "before_days")),
        sa.PrimaryKeyConstraint("class_id", name="pk_class_rules"),
    )


def _create_due() -> None:
    op.create_table(
        "class_due",
        *_identity("class_due"),
        sa.Column("created_at", TIME, nullable=False),
        _reference("class_due", "class_id", "teaching_class", "CASCADE"),
        _reference("class_due", "lesson_id", "lesson", "CASCADE"),
        sa.Column("group_name", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        _reference("class_due", "made_by_id", "user"),
        sa.UniqueConstraint(
            "class_id", "lesson_id", "group_name", name="uq_class_due_class_id_lesson_id_group_name"
        ),
    )
    op.create_index("ix_class_due_lesson_id", "class_due", ["lesson_id"])


def _create_sign_ins() -> None:
    op.create_table(
        "class_sign_in",
        *_identity("class_sign_in"),
        _reference("class_sign_in", "class_id", "teaching_class", "CASCADE"),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("period_s", sa.Integer(), nullable=False),
        _reference("class_sign_in", "opened_by_id", "user"),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("closed_at", TIME, nullable=True),
    )
    op.create_index("ix_class_sign_in_class", "class_sign_in", ["class_id", "opened_at"])
    op.create_table(
        "class_sign_in_entry",
        *_number("class_sign_in_entry"),
        _reference("class_sign_in_entry", "sign_in_id", "class_sign_in", "CASCADE"),
        _reference("class_sign_in_entry", "user_id", "user"),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        _reference("class_sign_in_entry", "by_id", "user", nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.UniqueConstraint("sign_in_id", "user_id", name="uq_class_sign_in_entry_sign_in_id_user_id"),
        sa.CheckConstraint(f"state IN {PRESENCES}", name="ck_class_sign_in_entry_state"),
    )
    op.create_index("ix_class_sign_in_entry_user_id", "class_sign_in_entry", ["user_id"])


def _create_polls() -> None:
    op.create_table(
        "class_poll",
        *_identity("class_poll"),
        _reference("class_poll", "class_id", "teaching_class", "CASCADE"),
        _reference("class_poll", "lesson_id", "lesson", "SET NULL", nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("options", JSON, nullable=False),
        _reference("class_poll", "asked_by_id", "user"),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("closed_at", TIME, nullable=True),
        sa.Column("shown_at", TIME, nullable=True),
        sa.CheckConstraint(f"kind IN {KINDS}", name="ck_class_poll_kind"),
    )
    op.create_index("ix_class_poll_class", "class_poll", ["class_id", "opened_at"])
    op.create_index("ix_class_poll_lesson_id", "class_poll", ["lesson_id"])
    op.create_table(
        "class_poll_answer",
        *_number("class_poll_answer"),
        _reference("class_poll_answer", "poll_id", "class_poll", "CASCADE"),
        _reference("class_poll_answer", "user_id", "user"),
        sa.Column("chosen", JSON, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.UniqueConstraint("poll_id", "user_id", name="uq_class_poll_answer_poll_id_user_id"),
    )
    op.create_index("ix_class_poll_answer_user_id", "class_poll_answer", ["user_id"])


def _create_announcements() -> None:
    op.create_table(
        "class_announcement",
        *_identity("class_announcement"),
        sa.Column("created_at", TIME, nullable=False),
        _reference("class_announcement", "class_id", "teaching_class", "CASCADE"),
        sa.Column("group_name", sa.String(), nullable=False),
        _reference("class_announcement", "author_id", "user"),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("withdrawn_at", TIME, nullable=True),
    )
    op.create_index("ix_class_announcement_class", "class_announcement", ["class_id", "id"])
    op.create_table(
        "class_announcement_read",
        _reference("class_announcement_read", "announcement_id", "class_announcement", "CASCADE"),
        _reference("class_announcement_read", "user_id", "user"),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("announcement_id", "user_id", name="pk_class_announcement_read"),
    )
    op.create_index("ix_class_announcement_read_user_id", "class_announcement_read", ["user_id"])


def _create_wrong_codes() -> None:
    op.create_table(
        "class_wrong_code",
        *_number("class_wrong_code"),
        _reference("class_wrong_code", "user_id", "user", "CASCADE"),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("at", TIME, nullable=False),
    )
    op.create_index("ix_class_wrong_code_user", "class_wrong_code", ["user_id", "at"])
    op.create_index("ix_class_wrong_code_address", "class_wrong_code", ["address", "at"])


def _number(table: str) -> list[sa.schema.SchemaItem]:
    return [sa.Column("id", KEY, nullable=False), sa.PrimaryKeyConstraint("id", name=f"pk_{table}")]


def _identity(table: str) -> list[sa.schema.SchemaItem]:
    uuid = sa.Column("uuid", sa.Uuid(), nullable=False)
    return [*_number(table), uuid, sa.UniqueConstraint("uuid", name=f"uq_{table}_uuid")]


def _reference(table: str, name: str, target: str, on_delete: str | None = None, *, nullable: bool = False) -> sa.Column:
    key = sa.ForeignKey(f"{target}.id", ondelete=on_delete, name=f"fk_{table}_{name}")
    return sa.Column(name, KEY, key, nullable=nullable)
