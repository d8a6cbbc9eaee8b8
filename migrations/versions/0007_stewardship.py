"""Names that break the rule are marked; unfinished opinions of reviewers are kept."""

import re

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
AT_ONCE = 1000


def upgrade() -> None:
    op.add_column("resource", sa.Column("is_misnamed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "ix_resource_misnamed",
        "resource",
        ["library_id", "id"],
        sqlite_where=sa.text("is_misnamed"),
        postgresql_where=sa.text("is_misnamed"),
    )
    _mark_names()
    _unfinished_opinion()


def downgrade() -> None:
    op.drop_table("unfinished_opinion")
    op.drop_index("ix_resource_misnamed", "resource")
    op.drop_column("resource", "is_misnamed")


def _unfinished_opinion() -> None:
    op.create_table(
        "unfinished_opinion",
        sa.Column("submission_id", KEY, nullable=False),
        sa.Column("reviewer_id", KEY, nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("saved_at", TIME, nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_unfinished_opinion_submission_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["reviewer_id"], ["user.id"], name=op.f("fk_unfinished_opinion_reviewer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unfinished_opinion")),
        sa.UniqueConstraint(
            "submission_id", "reviewer_id", name=op.f("uq_unfinished_opinion_submission_id_reviewer_id")
        ),
    )


# --- the rule of names as it stood on this day: a migration does not follow later changes of the application ---

TYPE_CODES = {
    "text": "TXT", "presentation": "PPT", "image": "IMG", "audio": "AUD", "video": "VID", "animation": "ANI",
    "simulation": "SIM", "other": "OTH",
}  # fmt: skip
FORBIDDEN = re.compile(r'[\\/:*?"<>|\s]+')
ROWS = """
    SELECT r.id, r.name, r.title, r.type, l.naming_template AS template, m.code AS major, c.code AS course,
           (SELECT p.key FROM resource_point rp JOIN point p ON p.id = rp.point_id
             WHERE rp.resource_id = r.id ORDER BY rp.seq, rp.point_id LIMIT 1) AS point
      FROM resource r JOIN library l ON l.id = r.library_id
      LEFT JOIN major m ON m.id = r.major_id LEFT JOIN course c ON c.id = r.course_id
"""


def _mark_names() -> None:
    connection = op.get_bind()
    wrong = [{"row": row.id} for row in connection.execute(sa.text(ROWS)) if not _follows(row)]
    mark = sa.text("UPDATE resource SET is_misnamed = :yes WHERE id = :row").bindparams(
        sa.bindparam("yes", True, sa.Boolean())
    )
    for start in range(0, len(wrong), AT_ONCE):
        connection.execute(mark, wrong[start : start + AT_ONCE])


def _follows(row: sa.Row) -> bool:
    filled = row.template.format_map(
        {
            "major": row.major or "", "course": row.course or "", "point": (row.point or "").upper(),
            "type": TYPE_CODES[row.type], "seq": "\0", "title": FORBIDDEN.sub("", row.title),
        }
    )  # fmt: skip
    return bool(re.fullmatch(re.escape(filled).replace(re.escape("\0"), "[0-9]{3,}"), row.name))
