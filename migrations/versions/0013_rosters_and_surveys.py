"""Rosters with doubtful matches, sampled surveys, findings of unusual use."""

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
