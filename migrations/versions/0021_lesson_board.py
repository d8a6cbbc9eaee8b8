"""What the lesson board remembers: steps to undo, who has a lesson open, templates of teachers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TABLES = ("lesson_template", "lesson_presence", "lesson_step")


def upgrade() -> None:
    _create_step()
    _create_presence()
    _create_template()


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)


def _create_step() -> None:
    op.create_table(
        "lesson_step",
        sa.Column("id", KEY, nullable=False),
        _reference("lesson_step", "version_id", "lesson_version", cascade=True),
        _reference("lesson_step", "user_id", "user"),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("is_undone", sa.Boolean(), nullable=False),
        sa.Column("change", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lesson_step"),
    )
    op.create_index("ix_lesson_step_version", "lesson_step", ["version_id", "id"])


def _create_presence() -> None:
    op.create_table(
        "lesson_presence",
        _reference("lesson_presence", "lesson_id", "lesson", cascade=True),
        _reference("lesson_presence", "user_id", "user"),
        sa.Column("seen_at", TIME, nullable=False),
        sa.Column("edited_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("lesson_id", "user_id", name="pk_lesson_presence"),
    )


def _create_template() -> None:
    op.create_table(
        "lesson_template",
        sa.Column("id", KEY, nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        _reference("lesson_template", "owner_id", "user"),
        _reference("lesson_template", "unit_id", "unit", nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("layout", sa.String(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("outline", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lesson_template"),
        sa.UniqueConstraint("uuid", name="uq_lesson_template_uuid"),
        sa.UniqueConstraint("owner_id", "name", name="uq_lesson_template_owner_id_name"),
        sa.CheckConstraint("layout IN ('eight', 'free')", name="ck_lesson_template_layout"),
    )
    op.create_index("ix_lesson_template_unit_id", "lesson_template", ["unit_id"])


def _reference(table: str, name: str, target: str, *, cascade: bool = False, nullable: bool = False) -> sa.Column:
    key = sa.ForeignKey(f"{target}.id", ondelete="CASCADE" if cascade else None, name=f"fk_{table}_{name}")
    return sa.Column(name, KEY, key, nullable=nullable)
