"""Sums kept by the worker, and what a learner may appeal."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
APPEAL_STATES = ("open", "accepted", "declined")
OPENED, SIGNED_IN = sa.text("verb = 'opened_lesson'"), sa.text("verb = 'signed_in'")

# Every day of events that are there is due: the worker counts them after the upgrade.
DUE_SQLITE = """
INSERT INTO due_day (user_id, day, starts_at, ends_at, since, changes)
SELECT user_id, day, strftime('%Y-%m-%d 16:00:00.000000', day * 86400 - 86400, 'unixepoch'),
       strftime('%Y-%m-%d 16:00:00.000000', day * 86400, 'unixepoch'), strftime('%Y-%m-%d %H:%M:%S.000000', 'now'), 1
FROM (SELECT DISTINCT user_id, (CAST(strftime('%s', occurred_at) AS INTEGER) + 28800) / 86400 AS day FROM learning_event)
"""
DUE_POSTGRESQL = """
INSERT INTO due_day (user_id, day, starts_at, ends_at, since, changes)
SELECT user_id, day, to_timestamp(day::bigint * 86400 - 28800), to_timestamp(day::bigint * 86400 + 57600), now(), 1
FROM (SELECT DISTINCT user_id, floor((extract(epoch FROM occurred_at) + 28800) / 86400)::integer AS day FROM learning_event) AS days
"""


def upgrade() -> None:
    _due_day()
    _credit_appeal()
    _resource_day()
    _person_day()
    _uncredited_day()
    op.create_index(
        "ix_learning_event_opened", "learning_event", ["lesson_id", "user_id", "occurred_at", "excluded"],
        sqlite_where=OPENED, postgresql_where=OPENED,
    )  # fmt: skip
    op.create_index(
        "ix_learning_event_signed_in", "learning_event", ["user_id", "occurred_at"],
        sqlite_where=SIGNED_IN, postgresql_where=SIGNED_IN,
    )  # fmt: skip
    op.execute(DUE_POSTGRESQL if op.get_bind().dialect.name == "postgresql" else DUE_SQLITE)


def downgrade() -> None:
    op.drop_index("ix_learning_event_signed_in", table_name="learning_event")
    op.drop_index("ix_learning_event_opened", table_name="learning_event")
    for name in ("uncredited_day", "person_day", "resource_day", "credit_appeal", "due_day"):
        op.drop_table(name)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def _due_day() -> None:
    op.create_table(
        "due_day",
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("day", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        _key("due_day", "user_id", "user"),
        sa.PrimaryKeyConstraint("user_id", "day", name=op.f("pk_due_day")),
    )
    op.create_index("ix_due_day_since", "due_day", ["since", "user_id", "day"])


def _credit_appeal() -> None:
    op.create_table(
        "credit_appeal",
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("resource_id", KEY, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("decided_by_id", KEY, nullable=True),
        sa.Column("decided_at", TIME, nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.CheckConstraint(f"state IN {APPEAL_STATES}", name=op.f("ck_credit_appeal_state")),
        _key("credit_appeal", "user_id", "user"),
        _key("credit_appeal", "resource_id", "resource"),
        _key("credit_appeal", "decided_by_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_appeal")),
        sa.UniqueConstraint("uuid", name=op.f("uq_credit_appeal_uuid")),
        sa.UniqueConstraint(
            "user_id", "day", "resource_id", "reason", name=op.f("uq_credit_appeal_user_id_day_resource_id_reason")
        ),
    )
    op.create_index(op.f("ix_credit_appeal_resource_id"), "credit_appeal", ["resource_id"])
    op.create_index("ix_credit_appeal_state", "credit_appeal", ["state", "id"])


def _resource_day() -> None:
    op.create_table(
        "resource_day",
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("day", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("resource_id", KEY, nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("used_at", TIME, nullable=True),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("parts", JSON, nullable=False),
        sa.Column("last_at", TIME, nullable=False),
        _key("resource_day", "user_id", "user"),
        _key("resource_day", "resource_id", "resource"),
        sa.PrimaryKeyConstraint("user_id", "day", "resource_id", "version_id", name=op.f("pk_resource_day")),
    )
    op.create_index("ix_resource_day_resource", "resource_day", ["resource_id", "day"])


def _person_day() -> None:
    op.create_table(
        "person_day",
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("day", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("library_id", KEY, nullable=False),
        sa.Column("stretches", JSON, nullable=False),
        sa.Column("first_at", TIME, nullable=True),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("uncounted", sa.Integer(), nullable=False),
        sa.Column("last_at", TIME, nullable=False),
        _key("person_day", "user_id", "user"),
        _key("person_day", "library_id", "library"),
        sa.PrimaryKeyConstraint("user_id", "day", "library_id", name=op.f("pk_person_day")),
    )
    op.create_index("ix_person_day_library", "person_day", ["library_id", "day"])


def _uncredited_day() -> None:
    op.create_table(
        "uncredited_day",
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("day", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("resource_id", KEY, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        _key("uncredited_day", "user_id", "user"),
        _key("uncredited_day", "resource_id", "resource"),
        sa.PrimaryKeyConstraint("user_id", "day", "resource_id", "reason", name=op.f("pk_uncredited_day")),
    )
    op.create_index("ix_uncredited_day_resource", "uncredited_day", ["resource_id", "day"])
