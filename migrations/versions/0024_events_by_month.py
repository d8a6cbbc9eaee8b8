"""Sums of visits to courses (M14), and learning events by month on PostgreSQL.

There each month is a table of its own and a narrow table of uuids keeps each event to once (decision 28). SQLite has no
partitions and keeps its one table.
"""

import datetime as dt

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

SHANGHAI = dt.timezone(dt.timedelta(hours=8))
BEFORE, AHEAD = 13, 3
COLUMNS = (
    "id, uuid, user_id, verb, resource_id, version_id, lesson_id, course_id, from_s, to_s, seconds, speed, device, sitting, context, "
    "occurred_at, received_at, is_late, is_qualified, excluded"
)
REFERENCES = (
    ("user_id", '"user"'), ("resource_id", "resource"), ("version_id", "resource_version"), ("lesson_id", "lesson"),
    ("course_id", "course"),
)  # fmt: skip
INDEXES = (
    ("ix_learning_event_user", "user_id, occurred_at", ""),
    ("ix_learning_event_resource", "resource_id, occurred_at", ""),
    ("ix_learning_event_lesson", "lesson_id, occurred_at", ""),
    ("ix_learning_event_course", "course_id, occurred_at", ""),
    ("ix_learning_event_opened", "lesson_id, user_id, occurred_at, excluded", "WHERE verb = 'opened_lesson'"),
    ("ix_learning_event_signed_in", "user_id, occurred_at", "WHERE verb = 'signed_in'"),
)
ONCE = """
CREATE FUNCTION learning_event_once() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    INSERT INTO learning_event_uuid (uuid) VALUES (NEW.uuid) ON CONFLICT DO NOTHING;
    IF FOUND THEN
        RETURN NEW;
    END IF;
    RETURN NULL;
END $body$
"""


KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

# Every day of events that are there is due: the worker counts its visits, and figures count it from its events until then.
DUE = """
INSERT INTO due_day (user_id, day, starts_at, ends_at, since, changes)
SELECT user_id, day, {starts}, {ends}, {now}, 1 FROM (SELECT DISTINCT user_id, {day} AS day FROM learning_event) AS days WHERE true
ON CONFLICT (user_id, day) DO UPDATE SET changes = due_day.changes + 1
"""
DUE_BY = {
    "sqlite": DUE.format(
        day="(CAST(strftime('%s', occurred_at) AS INTEGER) + 28800) / 86400", now="strftime('%Y-%m-%d %H:%M:%S.000000', 'now')",
        starts="strftime('%Y-%m-%d 16:00:00.000000', day * 86400 - 86400, 'unixepoch')",
        ends="strftime('%Y-%m-%d 16:00:00.000000', day * 86400, 'unixepoch')",
    ),
    "postgresql": DUE.format(
        day="floor((extract(epoch FROM occurred_at) + 28800) / 86400)::integer", now="now()",
        starts="to_timestamp(day::bigint * 86400 - 28800)", ends="to_timestamp(day::bigint * 86400 + 57600)",
    ),
}  # fmt: skip


def upgrade() -> None:
    _visits()
    if op.get_bind().dialect.name != "postgresql":
        return
    _take_over("PARTITION BY RANGE (occurred_at)", _months)
    _keys("id, occurred_at")
    op.execute("CREATE INDEX ix_learning_event_uuid ON learning_event (uuid)")
    op.execute("CREATE TABLE learning_event_uuid (uuid uuid NOT NULL)")
    op.execute("INSERT INTO learning_event_uuid SELECT uuid FROM learning_event")
    op.execute("ALTER TABLE learning_event_uuid ADD CONSTRAINT pk_learning_event_uuid PRIMARY KEY (uuid)")
    op.execute(ONCE)
    op.execute(
        "CREATE TRIGGER learning_event_once BEFORE INSERT ON learning_event "
        "FOR EACH ROW EXECUTE FUNCTION learning_event_once()"
    )


def downgrade() -> None:
    op.drop_table("course_day")
    if op.get_bind().dialect.name != "postgresql":
        return
    _take_over("", lambda: None)
    _keys("id")
    op.execute("ALTER TABLE learning_event ADD CONSTRAINT uq_learning_event_uuid UNIQUE (uuid)")
    op.execute("DROP FUNCTION learning_event_once")
    op.execute("DROP TABLE learning_event_uuid")


def _visits() -> None:
    op.create_table(
        "course_day",
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("day", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("course_id", KEY, nullable=False),
        sa.Column("visits", JSON, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_course_day_user_id"),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name="fk_course_day_course_id"),
        sa.PrimaryKeyConstraint("user_id", "day", "course_id", name="pk_course_day"),
    )
    op.create_index("ix_course_day_course", "course_day", ["course_id", "day"])
    op.execute(DUE_BY[op.get_bind().dialect.name])


def _take_over(how: str, make_parts) -> None:
    """A new table with the rows and the numbering of the old one, which goes; keys and indexes come when the rows lie in it."""
    op.execute("ALTER TABLE learning_event RENAME TO learning_event_before")
    op.execute(f"CREATE TABLE learning_event (LIKE learning_event_before INCLUDING DEFAULTS INCLUDING CONSTRAINTS) {how}")
    op.execute("ALTER SEQUENCE learning_event_id_seq OWNED BY learning_event.id")
    make_parts()
    op.execute(f"INSERT INTO learning_event ({COLUMNS}) SELECT {COLUMNS} FROM learning_event_before")  # noqa: S608
    op.execute("DROP TABLE learning_event_before")


def _keys(primary: str) -> None:
    op.execute(f"ALTER TABLE learning_event ADD CONSTRAINT pk_learning_event PRIMARY KEY ({primary})")
    for column, target in REFERENCES:
        op.execute(
            f"ALTER TABLE learning_event ADD CONSTRAINT fk_learning_event_{column} FOREIGN KEY ({column}) REFERENCES {target} (id)"
        )
    for name, columns, where in INDEXES:
        op.execute(f"CREATE INDEX {name} ON learning_event ({columns}) {where}")


def _months() -> None:
    """A table for every month that has events and for those around today, as courseware/progress/months.py names them."""
    op.execute("CREATE TABLE learning_event_other PARTITION OF learning_event DEFAULT")
    for first, after in _wanted():
        op.execute(
            f"CREATE TABLE learning_event_{first:%Y_%m} PARTITION OF learning_event "
            f"FOR VALUES FROM ('{first.isoformat()}') TO ('{after.isoformat()}')"
        )


def _wanted() -> list[tuple[dt.datetime, dt.datetime]]:
    rows = op.get_bind().execute(
        sa.text("SELECT DISTINCT date_trunc('month', occurred_at AT TIME ZONE 'Asia/Shanghai') FROM learning_event_before")
    )
    today = dt.datetime.now(SHANGHAI)
    numbers = {row[0].year * 12 + row[0].month - 1 for row in rows}
    numbers |= {today.year * 12 + today.month - 1 + n for n in range(-BEFORE, AHEAD + 1)}
    return [(_begin(number), _begin(number + 1)) for number in sorted(numbers)]


def _begin(number: int) -> dt.datetime:
    return dt.datetime(number // 12, number % 12 + 1, 1, tzinfo=SHANGHAI)
