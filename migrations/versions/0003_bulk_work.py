"""Bulk work that can be undone."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
ACTS = "act IN ('edit', 'name', 'submit', 'withdraw', 'import')"
STATES = "state IN ('checking', 'prepared', 'running', 'done', 'undoing', 'undone', 'failed')"
OUTCOMES = "outcome IN ('open', 'done', 'created', 'updated', 'unchanged', 'refused', 'warning', 'undone', 'kept')"

# What the table of a library sorts by.
SORTS = (("ix_resource_library_title", "title"),)


def upgrade() -> None:
    _create_action()
    _create_item()
    for name, column in SORTS:
        op.create_index(name, "resource", ["library_id", column, "id"])


def downgrade() -> None:
    for name, _column in SORTS:
        op.drop_index(name, table_name="resource")
    op.drop_table("bulk_item")
    op.drop_table("bulk_action")


def _create_action() -> None:
    op.create_table(
        "bulk_action",
        sa.Column("id", KEY, nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("library_id", KEY, nullable=False),
        sa.Column("actor_id", KEY, nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("values", JSON, nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.Column("undone_by_id", KEY),
        sa.CheckConstraint(ACTS, name=op.f("ck_bulk_action_act")),
        sa.CheckConstraint(STATES, name=op.f("ck_bulk_action_state")),
        sa.ForeignKeyConstraint(["library_id"], ["library.id"], name=op.f("fk_bulk_action_library_id")),
        sa.ForeignKeyConstraint(["actor_id"], ["user.id"], name=op.f("fk_bulk_action_actor_id")),
        sa.ForeignKeyConstraint(["undone_by_id"], ["user.id"], name=op.f("fk_bulk_action_undone_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_action")),
        sa.UniqueConstraint("uuid", name=op.f("uq_bulk_action_uuid")),
    )
    op.create_index("ix_bulk_action_library", "bulk_action", ["library_id", "id"])
    op.create_index("ix_bulk_action_actor", "bulk_action", ["actor_id", "id"])


def _create_item() -> None:
    op.create_table(
        "bulk_item",
        sa.Column("id", KEY, nullable=False),
        sa.Column("action_id", KEY, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("resource_id", KEY),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("sentence", sa.String(), nullable=False),
        sa.Column("before", JSON, nullable=False),
        sa.Column("after_version", sa.Integer()),
        sa.CheckConstraint(OUTCOMES, name=op.f("ck_bulk_item_outcome")),
        sa.ForeignKeyConstraint(
            ["action_id"], ["bulk_action.id"], name=op.f("fk_bulk_item_action_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_bulk_item_resource_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_item")),
    )
    op.create_index("ix_bulk_item_outcome", "bulk_item", ["action_id", "outcome", "seq"])
    op.create_index(op.f("ix_bulk_item_resource_id"), "bulk_item", ["resource_id"])
