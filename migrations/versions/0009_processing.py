"""What processing of video and audio adds: steps of a job that are remembered, losses and errors counted apart,
reasons with their values, loudness of a file, and what is to leave the store."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
STATES = "state IN ('running', 'done', 'failed', 'cancelled')"
COUNTERS = ("losses", "errors", "life")


def upgrade() -> None:
    op.create_table(
        "job_step",
        sa.Column("id", KEY, nullable=False),
        sa.Column("job_id", KEY, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Double()),
        sa.Column("result", JSON),
        sa.CheckConstraint(STATES, name=op.f("ck_job_step_state")),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_job_step_job_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_step")),
        sa.UniqueConstraint("job_id", "name", name=op.f("uq_job_step_job_id_name")),
    )
    op.create_table(
        "leftover",
        sa.Column("id", KEY, nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("remove_after", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leftover")),
        sa.UniqueConstraint("prefix", name=op.f("uq_leftover_prefix")),
    )
    with op.batch_alter_table("job") as table:
        for name in COUNTERS:
            table.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("reason_params", JSON, nullable=False, server_default="{}"))
    with op.batch_alter_table("asset") as table:
        table.add_column(sa.Column("gain_db", sa.Double()))
        table.add_column(sa.Column("reason_params", JSON, nullable=False, server_default="{}"))


def downgrade() -> None:
    with op.batch_alter_table("asset") as table:
        table.drop_column("reason_params")
        table.drop_column("gain_db")
    with op.batch_alter_table("job") as table:
        for name in ("reason_params", *COUNTERS):
            table.drop_column(name)
    op.drop_table("leftover")
    op.drop_table("job_step")
