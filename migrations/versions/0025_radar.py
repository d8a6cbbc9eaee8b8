"""The staleness radar: external links and where they stand, the register of standards, stretches gone back to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    _links()
    op.create_table(
        "known_standard",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("superseded_by", sa.String(), nullable=False),
        sa.Column("taken_at", TIME, nullable=False),
        _reference("known_standard", "taken_by_id", "user"),
        sa.PrimaryKeyConstraint("id", name="pk_known_standard"),
        sa.UniqueConstraint("name", "year", name="uq_known_standard_name_year"),
    )
    op.create_index("ix_known_standard_taken_by_id", "known_standard", ["taken_by_id"])
    op.create_table(
        "rewind_spot",
        _reference("rewind_spot", "resource_id", "resource", cascade=True),
        sa.Column("spans", JSON, nullable=False),
        sa.Column("viewers", sa.Integer(), nullable=False),
        sa.Column("counted_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("resource_id", name="pk_rewind_spot"),
    )


def _links() -> None:
    op.create_table(
        "external_link",
        sa.Column("id", KEY, nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("moved_to", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", TIME, nullable=True),
        sa.Column("checked_at", TIME, nullable=True),
        sa.Column("next_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_external_link"),
        sa.UniqueConstraint("address", name="uq_external_link_address"),
        sa.CheckConstraint(
            "state IN ('new', 'alive', 'closed', 'failing', 'dead', 'barred')", name="ck_external_link_state"
        ),
    )
    op.create_index("ix_external_link_next_at", "external_link", ["next_at"])
    op.create_table(
        "link_place",
        sa.Column("id", KEY, nullable=False),
        _reference("link_place", "link_id", "external_link", cascade=True),
        _reference("link_place", "library_id", "library", cascade=True),
        _reference("link_place", "resource_id", "resource", cascade=True, nullable=True),
        _reference("link_place", "lesson_id", "lesson", cascade=True, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_link_place"),
        sa.CheckConstraint("(resource_id IS NULL) <> (lesson_id IS NULL)", name="ck_link_place_in_one_thing"),
    )
    op.create_index("ix_link_place_library", "link_place", ["library_id", "link_id"])
    for name in ("link_id", "resource_id", "lesson_id"):
        op.create_index(f"ix_link_place_{name}", "link_place", [name])


def downgrade() -> None:
    for table in ("rewind_spot", "known_standard", "link_place", "external_link"):
        op.drop_table(table)


def _reference(table: str, name: str, target: str, *, cascade: bool = False, nullable: bool = False) -> sa.Column:
    key = sa.ForeignKey(f"{target}.id", ondelete="CASCADE" if cascade else None, name=f"fk_{table}_{name}")
    return sa.Column(name, KEY, key, nullable=nullable)
