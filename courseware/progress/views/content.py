"""The thing in the middle of a lesson page: read once a content version, and kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from courseware.catalog.memory import memory
from courseware.catalog.queries import CourseContents, Item, PointFacts
from courseware.core.database import session
from courseware.resources.models import Asset, Resource, ResourceVersion
from courseware.resources.views.previews import Preview, preview_of, render_markdown
from courseware.web.i18n import language


@dataclass(frozen=True, slots=True)
class Content:
    """The thing in the middle of a lesson page: public, kept with the course's content version."""

    preview: Preview | None = None
    points: Sequence[PointFacts] = ()
    description: str = ""
    author: str = ""
    unit: str = ""
    html: str = ""
    transcript: str = ""


def content_of(contents: CourseContents, item: Item | None, is_preview: bool) -> Content:
    """What the item shows to everybody; from memory while nothing in the course changed, unless it is a preview."""
    if item is None:
        return Content()
    if is_preview:
        return _read_content(item)
    key = (contents.uuid, contents.version, item.key, item.version_id, language())
    kept = memory("lesson_items", 400)
    content = kept.get(key, lambda: _read_content(item))
    if content.preview is not None and content.preview.kind == "processing":
        kept.drop(key)
    return content


def _read_content(item: Item) -> Content:
    if item.kind != "resource":
        return Content(html=render_markdown(item.text))
    if item.is_gone or item.version_id is None:
        return Content()
    version = _version(item.version_id)
    resource, preview = version.resource, preview_of(version.resource, version, None)
    return Content(
        preview=preview, transcript=_transcript(preview), description=resource.description, author=resource.author.name,
        unit=resource.unit.name if resource.unit else "",
        points=[PointFacts(p.id, p.uuid, p.name, p.name_en, p.kind) for p in resource.points],
    )  # fmt: skip


def _transcript(preview: Preview) -> str:
    """The spoken words as a panel, drawn once: a lesson has hundreds of lines and everybody sees the same."""
    if not preview.lines:
        return ""
    return Markup(render_template("progress/_transcript.html", preview=preview))  # noqa: S704  our own template, which escapes


def _version(version_id: int) -> ResourceVersion:
    """A version with all that showing it needs."""
    resource = joinedload(ResourceVersion.resource)
    query = (
        select(ResourceVersion)
        .where(ResourceVersion.id == version_id)
        .options(
            joinedload(ResourceVersion.asset).selectinload(Asset.renditions),
            selectinload(ResourceVersion.captions),
            selectinload(ResourceVersion.ranges),
            resource.joinedload(Resource.author),
            resource.joinedload(Resource.unit),
            resource.selectinload(Resource.points),
        )
    )
    return session().scalars(query).one()
