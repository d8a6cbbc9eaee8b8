"""The knowledge graph: points, aliases, edges, posts with their abilities, and the course standard (R10-R13)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, event, inspect
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courseware.accounts.models import User
from courseware.core.database import Identified, Model, Numbered, Stamped
from courseware.libraries.errors import PublishedStands
from courseware.libraries.models import Course, Library

POINT_KINDS = ("knowledge", "skill")


class Point(Identified, Stamped, Model):
    """One thing to know (knowledge) or to be able to do (skill).

    A retired point leaves maps, search and lists of choice; its key stays taken, and `merged_into` says which
    point took its place, where one did.
    """

    __tablename__ = "point"
    __table_args__ = (
        UniqueConstraint("library_id", "key"),
        CheckConstraint(f"kind IN {POINT_KINDS}", "kind"),
    )

    library_id: Mapped[int] = mapped_column(ForeignKey("library.id"), index=True)
    course_id: Mapped[int | None] = mapped_column(ForeignKey("course.id"), index=True)
    key: Mapped[str]
    kind: Mapped[str]
    name: Mapped[str] = mapped_column(index=True)
    name_en: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")
    is_mandatory: Mapped[bool] = mapped_column(default=True)
    retired_at: Mapped[dt.datetime | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("point.id"), index=True)

    library: Mapped[Library] = relationship()
    course: Mapped[Course | None] = relationship()
    merged_into: Mapped[Point | None] = relationship(remote_side="Point.id")
    aliases: Mapped[list[PointAlias]] = relationship(
        order_by="PointAlias.id", cascade="all, delete-orphan", lazy="selectin"
    )
    posts: Mapped[list[Post]] = relationship(secondary="point_post", order_by="Post.id", back_populates="points")
    abilities: Mapped[list[Ability]] = relationship(
        secondary="ability_point", order_by="Ability.id", back_populates="points"
    )
    prerequisites: Mapped[list[Point]] = relationship(
        secondary="point_prerequisite",
        primaryjoin="Point.id == PointPrerequisite.point_id",
        secondaryjoin="Point.id == PointPrerequisite.prerequisite_id",
        order_by="Point.id",
        back_populates="next_points",
    )
    next_points: Mapped[list[Point]] = relationship(
        secondary="point_prerequisite",
        primaryjoin="Point.id == PointPrerequisite.prerequisite_id",
        secondaryjoin="Point.id == PointPrerequisite.point_id",
        order_by="Point.id",
        back_populates="prerequisites",
    )


class PointAlias(Numbered, Model):
    """Another name people type: synonym, abbreviation, misspelling. One alias may serve two points."""

    __tablename__ = "point_alias"
    __table_args__ = (UniqueConstraint("point_id", "name"),)

    point_id: Mapped[int] = mapped_column(ForeignKey("point.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(index=True)


class PointPrerequisite(Model):
    """`point` needs `prerequisite` first. services.py refuses cycles (R13)."""

    __tablename__ = "point_prerequisite"
    __table_args__ = (CheckConstraint("point_id <> prerequisite_id", "not_itself"),)

    point_id: Mapped[int] = mapped_column(ForeignKey("point.id", ondelete="CASCADE"), primary_key=True)
    prerequisite_id: Mapped[int] = mapped_column(
        ForeignKey("point.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class PointRelation(Model):
    """Two points that help each other without an order (R11: related). Kept once, the lower number first."""

    __tablename__ = "point_relation"
    __table_args__ = (CheckConstraint("point_id < other_id", "once"),)

    point_id: Mapped[int] = mapped_column(ForeignKey("point.id", ondelete="CASCADE"), primary_key=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("point.id", ondelete="CASCADE"), primary_key=True, index=True)


class Post(Identified, Stamped, Model):
    """A job role (岗位)."""

    __tablename__ = "post"

    code: Mapped[str] = mapped_column(default="")
    name: Mapped[str] = mapped_column(unique=True)
    name_en: Mapped[str] = mapped_column(default="")
    abilities: Mapped[list[Ability]] = relationship(
        order_by="Ability.seq", cascade="all, delete-orphan", back_populates="post"
    )
    points: Mapped[list[Point]] = relationship(secondary="point_post", back_populates="posts")


class PointPost(Model):
    """A post that needs a point."""

    __tablename__ = "point_post"

    point_id: Mapped[int] = mapped_column(ForeignKey("point.id", ondelete="CASCADE"), primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), primary_key=True, index=True)


class Ability(Identified, Model):
    """What somebody in a post is able to do (能力), and the points it is made of (R11)."""

    __tablename__ = "ability"
    __table_args__ = (UniqueConstraint("post_id", "name"),)

    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"))
    seq: Mapped[int]
    name: Mapped[str]
    name_en: Mapped[str] = mapped_column(default="")

    post: Mapped[Post] = relationship(back_populates="abilities")
    points: Mapped[list[Point]] = relationship(
        secondary="ability_point", order_by="Point.id", back_populates="abilities"
    )


class AbilityPoint(Model):
    """A point that an ability is made of."""

    __tablename__ = "ability_point"

    ability_id: Mapped[int] = mapped_column(ForeignKey("ability.id", ondelete="CASCADE"), primary_key=True)
    point_id: Mapped[int] = mapped_column(ForeignKey("point.id", ondelete="CASCADE"), primary_key=True, index=True)


class CourseStandard(Identified, Stamped, Model):
    """One version of a course standard: modules, units, points; the reference of every coverage figure (R10)."""

    __tablename__ = "course_standard"
    __table_args__ = (
        UniqueConstraint("course_id", "version"),
        Index("ix_course_standard_published", "course_id", "published_at"),
    )

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    version: Mapped[str]
    published_at: Mapped[dt.datetime | None]
    units: Mapped[list[StandardUnit]] = relationship(
        order_by="StandardUnit.seq", cascade="all, delete-orphan", lazy="selectin"
    )


class StandardModule(Numbered, Model):
    """A module of a course standard: units that belong together. Standards of few units do without."""

    __tablename__ = "standard_module"
    __table_args__ = (UniqueConstraint("standard_id", "seq"),)

    standard_id: Mapped[int] = mapped_column(ForeignKey("course_standard.id", ondelete="CASCADE"))
    seq: Mapped[int]
    name: Mapped[str]
    name_en: Mapped[str] = mapped_column(default="")


class StandardUnit(Numbered, Model):
    """A unit of a course standard."""

    __tablename__ = "standard_unit"
    __table_args__ = (UniqueConstraint("standard_id", "seq"),)

    standard_id: Mapped[int] = mapped_column(ForeignKey("course_standard.id", ondelete="CASCADE"))
    module_id: Mapped[int | None] = mapped_column(ForeignKey("standard_module.id"))
    seq: Mapped[int]
    key: Mapped[str] = mapped_column(default="")
    name: Mapped[str]
    name_en: Mapped[str] = mapped_column(default="")
    module: Mapped[StandardModule | None] = relationship(lazy="joined")
    points: Mapped[list[Point]] = relationship(
        secondary="standard_unit_point", order_by="StandardUnitPoint.seq", lazy="selectin"
    )


class StandardUnitPoint(Model):
    """A point at its place in a standard."""

    __tablename__ = "standard_unit_point"

    unit_id: Mapped[int] = mapped_column(ForeignKey("standard_unit.id", ondelete="CASCADE"), primary_key=True)
    point_id: Mapped[int] = mapped_column(ForeignKey("point.id"), primary_key=True, index=True)
    seq: Mapped[int]


class StandardDraft(Identified, Stamped, Model):
    """The next version of a course standard while it is worked on: one a course, edited in place, `revision` against lost updates.

    `tree` is what the editor sends (standards.py); `writers` are the ids of those who changed it.
    """

    __tablename__ = "standard_draft"

    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"), unique=True)
    base_id: Mapped[int | None] = mapped_column(ForeignKey("course_standard.id"))
    revision: Mapped[int] = mapped_column(default=1)
    tree: Mapped[dict[str, Any]]
    writers: Mapped[list[Any]] = mapped_column(default=list)
    saved_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    saved_at: Mapped[dt.datetime]

    base: Mapped[CourseStandard | None] = relationship()
    saved_by: Mapped[User] = relationship()


@event.listens_for(CourseStandard, "before_update")
def _published_standard_stands(_mapper: Any, _connection: Any, standard: CourseStandard) -> None:
    """Coverage was counted against it; only a new version replaces it (R10)."""
    history = inspect(standard).attrs.published_at.history
    if standard.published_at is not None and (not history.added or any(history.deleted)):
        raise PublishedStands(version=standard.version)
