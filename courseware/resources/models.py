"""Resources: identity, immutable versions, pointers; files by their hash; live spans.

Descriptive metadata lives on the resource and every edit of it is logged; what a reviewer answers for
(content, rights) lives on the version and never changes after submission.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    UniqueConstraint,
    false,
    select,
    text,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from courseware.accounts.models import Unit, User
from courseware.core.database import Identified, Model, Numbered, Stamped
from courseware.knowledge.models import Point
from courseware.libraries.models import Course, Library, Major

RESOURCE_TYPES = ("text", "presentation", "image", "audio", "video", "animation", "simulation", "other")
ORIGINALITY = ("original", "adapted", "third_party", "open", "ai", "unknown")
VERSION_STATES = ("draft", "in_review", "returned", "rejected", "published", "superseded")
CHANGE_CLASSES = ("new", "substantive", "minor")
LIBRARY_FOLDER = "assets/"
UPLOAD_STATES = ("open", "checking", "stored", "refused", "aborted")
MOVE_STATES = ("copying", "switching", "done", "stopped")


class Asset(Identified, Stamped, Model):
    """An original file, stored once under its SHA-256. `state` tells how far processing is; jobs keep it true.

    `gain_db` is what a player adds to bring a recording to the loudness of the others (None: not measured, or silent).
    """

    __tablename__ = "asset"
    __table_args__ = (CheckConstraint("state IN ('stored', 'processing', 'ready', 'failed')", "state"),)

    sha256: Mapped[str] = mapped_column(unique=True)
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str]
    kind: Mapped[str]
    filename: Mapped[str]
    store_key: Mapped[str]
    duration_s: Mapped[float | None]
    gain_db: Mapped[float | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    pages: Mapped[int | None]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    extracted_text: Mapped[str] = mapped_column(default="", deferred=True)
    state: Mapped[str] = mapped_column(default="stored")
    reason_code: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    reason_params: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")

    renditions: Mapped[list[Rendition]] = relationship(back_populates="asset", order_by="Rendition.id")

    def rendition(self, kind: str) -> Rendition | None:
        """The newest rendition of `kind`, or None."""
        return next((r for r in reversed(self.renditions) if r.kind == kind), None)


class Rendition(Identified, Stamped, Model):
    """A file derived from an asset: hls, poster, thumbnail, sprite, peaks, preview. Lives under a prefix of its own run."""

    __tablename__ = "rendition"
    __table_args__ = (UniqueConstraint("asset_id", "kind", "run"),)

    asset_id: Mapped[int] = mapped_column(ForeignKey("asset.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    run: Mapped[str]
    store_key: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    asset: Mapped[Asset] = relationship(back_populates="renditions")


class Leftover(Numbered, Model):
    """Objects of the store that nothing names any more: to be removed once nobody can still be reading them."""

    __tablename__ = "leftover"

    prefix: Mapped[str] = mapped_column(unique=True)
    remove_after: Mapped[dt.datetime]


class Upload(Identified, Stamped, Model):
    """A file on its way in: parts arrive in any order, survive a reload, and become an asset after the gate.

    `store_kind` is the store that holds the parts: a library may move while a file is on its way.
    """

    __tablename__ = "upload"
    __table_args__ = (CheckConstraint(f"state IN {UPLOAD_STATES}", "state"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    library_id: Mapped[int | None] = mapped_column(ForeignKey("library.id"))
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id"))
    filename: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(default="")
    content_type: Mapped[str] = mapped_column(default="")
    part_size: Mapped[int]
    store_key: Mapped[str]
    store_upload_id: Mapped[str]
    store_kind: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="open")
    reason_code: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    reason_params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    asset_id: Mapped[int | None] = mapped_column(ForeignKey("asset.id"))
    parts: Mapped[list[UploadPart]] = relationship(order_by="UploadPart.num", cascade="all, delete-orphan")

    @property
    def is_for_library(self) -> bool:
        """Whether it becomes a file of the library; others stay as they are, in the folder of the subject that takes them."""
        return self.store_key.startswith(LIBRARY_FOLDER)


class UploadPart(Numbered, Model):
    """A part the store has acknowledged, with its ETag; sending it again replaces it."""

    __tablename__ = "upload_part"
    __table_args__ = (UniqueConstraint("upload_id", "num"),)

    upload_id: Mapped[int] = mapped_column(ForeignKey("upload.id", ondelete="CASCADE"))
    num: Mapped[int]
    size: Mapped[int]
    etag: Mapped[str]


class StoreMove(Numbered, Model):
    """The library moves from one store to another; the newest row says where files are, whatever the settings say.

    `to_place` names bucket and service, so that settings which name another one are noticed.
    """

    __tablename__ = "store_move"
    __table_args__ = (CheckConstraint(f"state IN {MOVE_STATES}", "state"),)

    from_kind: Mapped[str]
    to_kind: Mapped[str]
    to_place: Mapped[str]
    state: Mapped[str] = mapped_column(default="copying")
    started_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    report: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Resource(Identified, Stamped, Model):
    """A granular resource (R16). What learners see is `published_version`; what authors work on is `draft_version`."""

    __tablename__ = "resource"
    __table_args__ = (
        CheckConstraint(f"type IN {RESOURCE_TYPES}", "type"),
        UniqueConstraint("library_id", "external_id"),
        Index("ix_resource_library_live", "library_id", "is_live", "id"),
        Index("ix_resource_library_title", "library_id", "title", "id"),
        Index(
            "ix_resource_misnamed",
            "library_id",
            "id",
            sqlite_where=text("is_misnamed"),
            postgresql_where=text("is_misnamed"),
        ),
        Index("ix_resource_author", "author_id", "id"),
        Index("ix_resource_course_live", "course_id", "is_live", "id"),
    )

    library_id: Mapped[int] = mapped_column(ForeignKey("library.id"))
    course_id: Mapped[int | None] = mapped_column(ForeignKey("course.id"))
    major_id: Mapped[int | None] = mapped_column(ForeignKey("major.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    external_id: Mapped[str | None]
    type: Mapped[str]
    title: Mapped[str]
    title_en: Mapped[str] = mapped_column(default="")
    name: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="zh-CN")
    keywords: Mapped[list[str]] = mapped_column(default=list)
    difficulty: Mapped[int | None]
    audience: Mapped[str] = mapped_column(default="")
    source: Mapped[str] = mapped_column(default="")
    derived_from_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id"))
    translation_of_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id"))
    draft_version_id: Mapped[int | None] = mapped_column(ForeignKey("resource_version.id", use_alter=True))
    published_version_id: Mapped[int | None] = mapped_column(ForeignKey("resource_version.id", use_alter=True))
    is_live: Mapped[bool] = mapped_column(default=False)
    is_imported: Mapped[bool] = mapped_column(default=False)
    first_published_at: Mapped[dt.datetime | None] = mapped_column(index=True)
    updated_at: Mapped[dt.datetime | None] = mapped_column(index=True)
    lock_version: Mapped[int] = mapped_column(default=1)
    is_misnamed: Mapped[bool] = mapped_column(default=False, server_default=false())  # kept by naming.mark

    __mapper_args__ = {"version_id_col": lock_version}

    library: Mapped[Library] = relationship()
    course: Mapped[Course | None] = relationship()
    major: Mapped[Major | None] = relationship()
    author: Mapped[User] = relationship()
    unit: Mapped[Unit | None] = relationship()
    points: Mapped[list[Point]] = relationship(secondary="resource_point", order_by="ResourcePoint.seq")
    versions: Mapped[list[ResourceVersion]] = relationship(
        back_populates="resource", order_by="ResourceVersion.num", foreign_keys="ResourceVersion.resource_id"
    )
    draft_version: Mapped[ResourceVersion | None] = relationship(foreign_keys=[draft_version_id], post_update=True)
    published_version: Mapped[ResourceVersion | None] = relationship(
        foreign_keys=[published_version_id], post_update=True
    )

    @hybrid_property
    def is_public(self) -> bool:
        """Live, in a library that is open to everybody (SEC8): what lists and counts for everybody hold."""
        return self.is_live and self.library.is_public

    @is_public.inplace.expression
    @classmethod
    def _is_public(cls) -> ColumnElement[bool]:
        return cls.is_live.is_(True) & cls.library_id.in_(select(Library.id).where(Library.is_public))


class LastEdit(Model):
    """Who saved the draft or the description last, for the person who comes second."""

    __tablename__ = "last_edit"

    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[dt.datetime]
    user: Mapped[User] = relationship()


class ResourcePoint(Model):
    """A point the resource teaches; at least one before submission (R16)."""

    __tablename__ = "resource_point"

    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True)
    point_id: Mapped[int] = mapped_column(ForeignKey("point.id"), primary_key=True, index=True)
    seq: Mapped[int] = mapped_column(default=0)


class ResourceVersion(Identified, Stamped, Model):
    """One immutable version. `content_hash` is the SHA-256 of the file, or of the normalised text.

    `measured` keeps the evidence of change against the version published before: share, seconds, what was seen.
    """

    __tablename__ = "resource_version"
    __table_args__ = (
        UniqueConstraint("resource_id", "num"),
        CheckConstraint(f"state IN {VERSION_STATES}", "state"),
        CheckConstraint(f"originality IN {ORIGINALITY}", "originality"),
        CheckConstraint(f"decided_class IS NULL OR decided_class IN {CHANGE_CLASSES}", "decided_class"),
        Index("ix_resource_version_content_hash", "content_hash"),
        Index("ix_resource_version_published_at", "published_at"),
    )

    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"))
    num: Mapped[int]
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    state: Mapped[str] = mapped_column(default="draft")
    body: Mapped[str] = mapped_column(default="")
    asset_id: Mapped[int | None] = mapped_column(ForeignKey("asset.id"), index=True)
    content_hash: Mapped[str] = mapped_column(default="")
    duration_s: Mapped[float | None]
    originality: Mapped[str] = mapped_column(default="unknown")
    has_evidence: Mapped[bool] = mapped_column(default=False)
    evidence_note: Mapped[str] = mapped_column(default="")
    is_evidence_accepted: Mapped[bool] = mapped_column(default=False)
    licence: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    summary: Mapped[str] = mapped_column(default="")
    tags: Mapped[list[str]] = mapped_column(default=list)
    measured: Mapped[dict[str, Any]] = mapped_column(default=dict)
    proposed_class: Mapped[str | None]
    decided_class: Mapped[str | None]
    submitted_at: Mapped[dt.datetime | None]
    published_at: Mapped[dt.datetime | None]

    resource: Mapped[Resource] = relationship(back_populates="versions", foreign_keys=[resource_id])
    author: Mapped[User] = relationship()
    asset: Mapped[Asset | None] = relationship()
    captions: Mapped[list[CaptionTrack]] = relationship(order_by="CaptionTrack.language", cascade="all, delete-orphan")
    ranges: Mapped[list[PointRange]] = relationship(order_by="PointRange.start_s", cascade="all, delete-orphan")


class RightsEvidence(Identified, Stamped, Model):
    """A file that shows who holds the rights (R20): a PDF or a picture, for authors, reviewers and stewards only.

    It belongs to the resource and names the version it was given for; later versions lean on it as well.
    """

    __tablename__ = "rights_evidence"

    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), index=True)
    version_id: Mapped[int | None] = mapped_column(ForeignKey("resource_version.id", ondelete="CASCADE"))
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    filename: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]
    store_key: Mapped[str]
    uploaded_by: Mapped[User] = relationship()
    version: Mapped[ResourceVersion | None] = relationship()


class PointRange(Numbered, Model):
    """The seconds of a version that teach a point: a moment that search returns."""

    __tablename__ = "point_range"
    __table_args__ = (CheckConstraint("start_s >= 0 AND end_s > start_s", "order"),)

    version_id: Mapped[int] = mapped_column(ForeignKey("resource_version.id", ondelete="CASCADE"), index=True)
    point_id: Mapped[int] = mapped_column(ForeignKey("point.id"), index=True)
    start_s: Mapped[float]
    end_s: Mapped[float]
    point: Mapped[Point] = relationship(lazy="joined")


class CaptionTrack(Identified, Stamped, Model):
    """Captions of a version in one language, as WebVTT."""

    __tablename__ = "caption_track"
    __table_args__ = (UniqueConstraint("version_id", "language"),)

    version_id: Mapped[int] = mapped_column(ForeignKey("resource_version.id", ondelete="CASCADE"))
    language: Mapped[str]
    webvtt: Mapped[str] = mapped_column(deferred=True)
    is_machine: Mapped[bool] = mapped_column(default=False)


class CaptionDraft(Numbered, Model):
    """Captions somebody is working on, kept while they type; the version has them once they are saved for good.

    One for all who may edit the version: `num` goes up with every save, and whoever sends an old one is told.
    `cues` holds [start, end, text] in seconds.
    """

    __tablename__ = "caption_draft"
    __table_args__ = (UniqueConstraint("version_id", "language"),)

    version_id: Mapped[int] = mapped_column(ForeignKey("resource_version.id", ondelete="CASCADE"))
    language: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[dt.datetime]
    num: Mapped[int] = mapped_column(default=0)
    cues: Mapped[list[Any]] = mapped_column(default=list, deferred=True)
    user: Mapped[User] = relationship()


class PlayerChoice(Model):
    """What a person chose in the player (R43): speed, language of the captions ("" undecided, "off"), volume 0 to 1."""

    __tablename__ = "player_choice"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    speed: Mapped[float] = mapped_column(default=1.0)
    captions: Mapped[str] = mapped_column(default="")
    volume: Mapped[float] = mapped_column(default=1.0)


class LiveSpan(Numbered, Model):
    """When a resource was published: [started_at, ended_at). A restore opens a new span; the first publication stays."""

    __tablename__ = "live_span"
    __table_args__ = (
        CheckConstraint("ended_at IS NULL OR ended_at >= started_at", "order"),
        Index("ix_live_span_times", "resource_id", "started_at"),
    )

    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"))
    started_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    reason: Mapped[str] = mapped_column(default="")


class ResourceNote(Numbered, Model):
    """The ledger of what was done to a resource and is no version: metadata, rename, re-encoding, refused re-upload.

    Excluded counts of M4 are read from here.
    """

    __tablename__ = "resource_note"
    __table_args__ = (Index("ix_resource_note_kind_at", "library_id", "kind", "at"),)

    library_id: Mapped[int] = mapped_column(ForeignKey("library.id"))
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]  # metadata, rename, transcode, reupload, duplicate
    at: Mapped[dt.datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
