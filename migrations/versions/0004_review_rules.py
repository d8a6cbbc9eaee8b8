"""Review rules of a library, take-downs, re-checks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# A new column of SQLite carries its key with it. Making the table anew instead would empty it first, and with it,
# by its keys, the decisions.
KEYS = (("rules_id", "review_rules"), ("barred_unit_id", "unit"), ("claimed_by_id", "user"))
PLAIN = ("flags", "is_flagged", "self_check", "asked_role", "claimed_at", "returned_text")
TABLES = (
    "recheck", "recheck_sample", "take_down", "withdrawal", "submission_reviewer",
)  # fmt: skip


def upgrade() -> None:
    _create_rules()
    _widen_submission()
    _create_rest()


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    op.drop_index("ix_submission_claimed_by_id", table_name="submission")
    for name in (*PLAIN, *(name for name, _table in KEYS)):
        _drop_column(name)
    op.drop_table("review_rules")


def _drop_column(name: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_column("submission", name)
    else:
        op.execute(f"ALTER TABLE submission DROP COLUMN {name}")


def _key() -> sa.types.TypeEngine:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _json() -> sa.types.TypeEngine:
    return sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def _time() -> sa.types.TypeEngine:
    return sa.DateTime(timezone=True)


def _create_rules() -> None:
    op.create_table(
        "review_rules",
        sa.Column("id", _key(), primary_key=True),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("created_at", _time(), nullable=False),
        sa.Column("library_id", _key(), sa.ForeignKey("library.id", ondelete="CASCADE", name="fk_review_rules_library_id"), nullable=False),
        sa.Column("num", sa.Integer(), nullable=False),
        sa.Column("made_by_id", _key(), sa.ForeignKey("user.id", name="fk_review_rules_made_by_id")),
        sa.Column("content", _json(), nullable=False),
        sa.UniqueConstraint("library_id", "num", name="uq_review_rules_library_id_num"),
        sa.UniqueConstraint("uuid", name="uq_review_rules_uuid"),
    )  # fmt: skip


def _widen_submission() -> None:
    op.add_column("submission", sa.Column("flags", _json(), nullable=False, server_default="[]"))
    op.add_column("submission", sa.Column("is_flagged", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("submission", sa.Column("self_check", _json(), nullable=False, server_default="[]"))
    op.add_column("submission", sa.Column("asked_role", sa.String(), nullable=False, server_default="reviewer"))
    op.add_column("submission", sa.Column("claimed_at", _time()))
    op.add_column("submission", sa.Column("returned_text", sa.String()))
    whole = "BIGINT" if op.get_bind().dialect.name == "postgresql" else "INTEGER"
    for name, table in KEYS:
        op.execute(
            f'ALTER TABLE submission ADD COLUMN {name} {whole} CONSTRAINT fk_submission_{name} REFERENCES "{table}" (id)'
        )
    op.create_index("ix_submission_claimed_by_id", "submission", ["claimed_by_id"])


def _create_rest() -> None:
    op.create_table(
        "submission_reviewer",
        sa.Column("id", _key(), primary_key=True),
        _reference("submission_reviewer", "submission_id", "submission", cascade=True),
        sa.Column("level", sa.Integer(), nullable=False),
        _reference("submission_reviewer", "user_id", "user"),
        sa.UniqueConstraint(
            "submission_id", "level", "user_id", name="uq_submission_reviewer_submission_id_level_user_id"
        ),
    )
    op.create_index("ix_submission_reviewer_user", "submission_reviewer", ["user_id", "submission_id", "level"])
    op.create_table(
        "withdrawal",
        *_identity("withdrawal"),
        _reference("withdrawal", "resource_id", "resource", cascade=True),
        _reference("withdrawal", "replacement_id", "resource", nullable=True),
        _reference("withdrawal", "by_id", "user"),
        sa.Column("at", _time(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
    )
    op.create_index("ix_withdrawal_resource", "withdrawal", ["resource_id", "at"])
    op.create_table(
        "take_down",
        *_identity("take_down"),
        _reference("take_down", "resource_id", "resource", cascade=True),
        sa.Column("incident", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        _reference("take_down", "by_id", "user"),
        sa.Column("at", _time(), nullable=False),
        sa.Column("confirm_by", _time(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        _reference("take_down", "settled_by_id", "user", nullable=True),
        sa.Column("settled_at", _time()),
        sa.Column("settled_note", sa.String(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'confirmed', 'lifted')", name="ck_take_down_state"),
        sa.CheckConstraint(
            "incident IN ('content', 'ideology', 'ethics', 'discipline', 'security', 'rights')",
            name="ck_take_down_incident",
        ),
    )
    op.create_index("ix_take_down_resource_id", "take_down", ["resource_id"])
    op.create_index("ix_take_down_state", "take_down", ["state", "confirm_by"])
    op.create_table(
        "recheck_sample",
        *_identity("recheck_sample"),
        _reference("recheck_sample", "library_id", "library", cascade=True),
        _reference("recheck_sample", "drawn_by_id", "user"),
        sa.Column("drawn_at", _time(), nullable=False),
        sa.Column("asked", sa.String(), nullable=False),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
    )
    op.create_index("ix_recheck_sample_library_id", "recheck_sample", ["library_id"])
    op.create_table(
        "recheck",
        *_identity("recheck"),
        _reference("recheck", "sample_id", "recheck_sample", cascade=True),
        _reference("recheck", "resource_id", "resource", cascade=True),
        _reference("recheck", "version_id", "resource_version", cascade=True),
        sa.Column("due_at", _time(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("remedy", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        _reference("recheck", "checked_by_id", "user", nullable=True),
        sa.Column("checked_at", _time()),
        sa.UniqueConstraint("sample_id", "resource_id", name="uq_recheck_sample_id_resource_id"),
        sa.CheckConstraint("state IN ('open', 'passed', 'failed')", name="ck_recheck_state"),
        sa.CheckConstraint("remedy IN ('', 'return', 'take_down')", name="ck_recheck_remedy"),
    )
    op.create_index("ix_recheck_resource_id", "recheck", ["resource_id"])
    op.create_index("ix_recheck_state", "recheck", ["state", "due_at", "id"])


def _identity(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", _key(), primary_key=True),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.UniqueConstraint("uuid", name=f"uq_{table}_uuid"),
    ]


def _reference(table: str, name: str, target: str, *, cascade: bool = False, nullable: bool = False) -> sa.Column:
    key = sa.ForeignKey(f"{target}.id", ondelete="CASCADE" if cascade else None, name=f"fk_{table}_{name}")
    return sa.Column(name, _key(), key, nullable=nullable)
