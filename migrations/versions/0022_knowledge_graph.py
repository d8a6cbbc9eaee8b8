"""Abilities of posts, related points, and points that are retired or merged."""

import re
import uuid

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)

# How abilities stood in the text of a post until now: 作业准备、操作编程；…
BETWEEN = re.compile(r"[、,，;；。\n]+")

post = sa.table("post", sa.column("id", KEY), sa.column("abilities", sa.String()))
ability = sa.table(
    "ability", sa.column("uuid", sa.Uuid()), sa.column("post_id", KEY), sa.column("seq", sa.Integer()),
    sa.column("name", sa.String()), sa.column("name_en", sa.String()),
)  # fmt: skip


def upgrade() -> None:
    _abilities()
    op.create_table(
        "point_relation",
        _to_point("point_relation", "point_id"),
        _to_point("point_relation", "other_id"),
        sa.PrimaryKeyConstraint("point_id", "other_id", name="pk_point_relation"),
        sa.CheckConstraint("point_id < other_id", name=op.f("ck_point_relation_once")),
    )
    op.create_index("ix_point_relation_other_id", "point_relation", ["other_id"])
    op.add_column("point", sa.Column("retired_at", TIME, nullable=True))
    _add_merged_into()
    op.create_index("ix_point_merged_into_id", "point", ["merged_into_id"])


def downgrade() -> None:
    op.drop_index("ix_point_merged_into_id", "point")
    if not _is_sqlite():
        op.drop_constraint("fk_point_merged_into_id", "point", type_="foreignkey")
    op.drop_column("point", "merged_into_id")
    op.drop_column("point", "retired_at")
    op.drop_table("point_relation")
    op.add_column("post", sa.Column("abilities", sa.String(), nullable=False, server_default=""))
    _write_texts()
    op.drop_table("ability_point")
    op.drop_table("ability")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _add_merged_into() -> None:
    """SQLite takes the reference with the column. Its table is never made anew: that would empty what refers to it."""
    if _is_sqlite():
        op.execute(
            "ALTER TABLE point ADD COLUMN merged_into_id INTEGER CONSTRAINT fk_point_merged_into_id REFERENCES point (id)"
        )
        return
    op.add_column("point", sa.Column("merged_into_id", KEY, nullable=True))
    op.create_foreign_key("fk_point_merged_into_id", "point", "point", ["merged_into_id"], ["id"])


def _abilities() -> None:
    op.create_table(
        "ability",
        sa.Column("id", KEY, nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("post_id", KEY, sa.ForeignKey("post.id", ondelete="CASCADE", name="fk_ability_post_id"), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ability"),
        sa.UniqueConstraint("uuid", name="uq_ability_uuid"),
        sa.UniqueConstraint("post_id", "name", name="uq_ability_post_id_name"),
    )
    op.create_table(
        "ability_point",
        sa.Column(
            "ability_id", KEY, sa.ForeignKey("ability.id", ondelete="CASCADE", name="fk_ability_point_ability_id"), nullable=False
        ),
        _to_point("ability_point", "point_id"),
        sa.PrimaryKeyConstraint("ability_id", "point_id", name="pk_ability_point"),
    )
    op.create_index("ix_ability_point_point_id", "ability_point", ["point_id"])
    _read_texts()
    op.drop_column("post", "abilities")


def _read_texts() -> None:
    """The text of each post becomes its abilities, in the order in which they stood."""
    for number, text in op.get_bind().execute(sa.select(post.c.id, post.c.abilities)).all():
        names = dict.fromkeys(part.strip() for part in BETWEEN.split(text) if part.strip())
        rows = [
            {"uuid": uuid.uuid4(), "post_id": number, "seq": seq, "name": name, "name_en": ""}
            for seq, name in enumerate(names, start=1)
        ]
        if rows:
            op.bulk_insert(ability, rows)


def _write_texts() -> None:
    names: dict[int, list[str]] = {}
    rows = op.get_bind().execute(sa.select(ability.c.post_id, ability.c.name).order_by(ability.c.post_id, ability.c.seq))
    for number, name in rows.all():
        names.setdefault(number, []).append(name)
    for number, parts in names.items():
        op.execute(post.update().where(post.c.id == number).values(abilities="、".join(parts)))


def _to_point(table: str, name: str) -> sa.Column:
    key = sa.ForeignKey("point.id", ondelete="CASCADE", name=f"fk_{table}_{name}")
    return sa.Column(name, KEY, key, nullable=False)
