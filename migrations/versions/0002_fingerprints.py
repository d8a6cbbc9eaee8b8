"""Fingerprints of contents, and answers to what looks like a copy."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "content_fingerprint",
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("track", sa.String(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("marks", sa.LargeBinary(), nullable=False),
        sa.Column("weights", sa.LargeBinary(), nullable=False),
        sa.Column("id", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content_fingerprint")),
        sa.UniqueConstraint("content_hash", "track", name=op.f("uq_content_fingerprint_content_hash_track")),
    )
    op.create_table(
        "fingerprint_key",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("fingerprint_id", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["fingerprint_id"],
            ["content_fingerprint.id"],
            name=op.f("fk_fingerprint_key_fingerprint_id_content_fingerprint"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key", "fingerprint_id", name=op.f("pk_fingerprint_key")),
    )
    op.create_index("ix_fingerprint_key_fingerprint", "fingerprint_key", ["fingerprint_id"])
    op.create_table(
        "resemblance",
        sa.Column("resource_id", NUMBER, nullable=False),
        sa.Column("other_id", NUMBER, nullable=False),
        sa.Column("part", sa.Double(), nullable=False),
        sa.Column("whole", sa.Double(), nullable=False),
        sa.Column("is_asked", sa.Boolean(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("answered_by_id", NUMBER, nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", NUMBER, nullable=False),
        sa.CheckConstraint("answer IN ('', 'derived', 'independent')", name=op.f("ck_resemblance_answer")),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["user.id"], name=op.f("fk_resemblance_answered_by_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["resource.id"], name=op.f("fk_resemblance_other_id_resource"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_resemblance_resource_id_resource"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resemblance")),
        sa.UniqueConstraint("resource_id", "other_id", name=op.f("uq_resemblance_resource_id_other_id")),
    )
    op.create_index(op.f("ix_resemblance_other_id"), "resemblance", ["other_id"])


def downgrade() -> None:
    for table in ("resemblance", "fingerprint_key", "content_fingerprint"):
        op.drop_table(table)
