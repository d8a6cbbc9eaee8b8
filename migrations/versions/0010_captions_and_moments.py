"""What captions and the player add: work in progress on captions, and what a person chose in the player."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "caption_draft",
        sa.Column("version_id", KEY, nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("num", sa.Integer(), nullable=False),
        sa.Column("cues", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["resource_version.id"], name="fk_caption_draft_version_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_caption_draft_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_caption_draft"),
        sa.UniqueConstraint("version_id", "language", name="uq_caption_draft_version_id_language"),
    )
    op.create_table(
        "player_choice",
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("speed", sa.Double(), nullable=False),
        sa.Column("captions", sa.String(), nullable=False),
        sa.Column("volume", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_player_choice_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name="pk_player_choice"),
    )


def downgrade() -> None:
    op.drop_table("player_choice")
    op.drop_table("caption_draft")
