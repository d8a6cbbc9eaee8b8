"""How content is shown in a page: what a template needs to know of a version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import nh3
from flask import url_for
from flask_babel import gettext as _
from markdown_it import MarkdownIt
from markupsafe import Markup

from courseware.core.roles import Actor
from courseware.knowledge.models import Point
from courseware.resources import assets, page_queries, policy
from courseware.resources.models import Asset, Rendition, Resource, ResourceVersion
from courseware.resources.page_queries import Line, Progress
from courseware.resources.queries import media_path
from courseware.resources.reasons import reason_of
from courseware.resources.serving import INLINE_TYPES
from courseware.web.i18n import is_english, local_text

LANGUAGES = {"zh": "中文", "en": "English"}
TEXT_CHARS = 6000
EVENTS = "/api/v1/events"
READ_KINDS = ("text", "image", "pdf", "file", "simulation")

Common = dict[str, Any]

_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
_KEPT = {"a", "blockquote", "br", "code", "del", "em", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s",
         "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Preview:
    """`kind` says which part of the template draws it; the rest is what that part needs."""

    kind: str
    title: str
    resource: str
    version: str
    src: str = ""
    full: str = ""
    poster: str = ""
    thumbs: str = ""
    peaks: str = ""
    gain_db: float = 0.0
    duration_s: float | None = None
    captions: Sequence[dict[str, Any]] = ()
    points: Sequence[dict[str, Any]] = ()
    lines: Sequence[Line] = ()
    html: Markup | None = None
    text: str = ""
    progress: Progress | None = None
    reason: str = ""
    events_url: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)


def preview_of(resource: Resource, version: ResourceVersion, actor: Actor | None, *, is_study: bool = True) -> Preview:
    """The preview of one version. `is_study` tells whether watching here counts as learning (never for one's own work)."""
    found = _preview_of(resource, version, actor if is_study else None)
    # On pages of lessons attention is counted by the lesson; here it is counted for the resource alone.
    return (
        replace(found, events_url=EVENTS) if found.kind in READ_KINDS and _counts(resource, actor, is_study) else found
    )


def _counts(resource: Resource, actor: Actor | None, is_study: bool) -> bool:
    return is_study and actor is not None and resource.is_live and not policy.is_author(actor, resource)


def _preview_of(resource: Resource, version: ResourceVersion, actor: Actor | None) -> Preview:
    asset = version.asset
    common: Common = {
        "title": local_text(resource, "title"),
        "resource": str(resource.uuid),
        "version": str(version.uuid),
    }
    if asset is None:
        return (
            Preview("text", **common, html=render_markdown(version.body)) if version.body else Preview("none", **common)
        )
    if asset.kind in ("video", "audio"):
        return _recording(resource, version, asset, common, actor)
    return _document(resource, version, asset, common)


def _recording(
    resource: Resource, version: ResourceVersion, asset: Asset, common: Common, actor: Actor | None
) -> Preview:
    playable = asset.rendition("hls")
    if playable is None:
        return _not_ready(asset, common)
    return Preview(
        asset.kind, **common, src=_path(playable), poster=_path(asset.rendition("poster")),
        thumbs=_path(asset.rendition("sprite")), peaks=_path(asset.rendition("peaks")), gain_db=_gain(asset),
        duration_s=version.duration_s or asset.duration_s, captions=_captions(version), points=moments_of(version),
        lines=page_queries.transcript_of(version.captions, "en" if is_english() else "zh"),
        events_url=EVENTS if _counts(resource, actor, is_study=True) else None,
    )  # fmt: skip


def _gain(asset: Asset) -> float:
    """Decibels by which the recording is made louder or quieter; 0 where nothing was measured."""
    gain = asset.gain_db
    return float(gain) if isinstance(gain, int | float) else 0.0


def _document(resource: Resource, version: ResourceVersion, asset: Asset, common: Common) -> Preview:
    if asset.kind == "image":
        large = asset.rendition("preview") if asset.media_type != "image/gif" else None
        full = file_path(resource, version)
        return Preview("image", **common, src=_path(large) or full, full=full)
    if asset.media_type == "application/pdf" and asset.media_type in INLINE_TYPES:
        facts = {"pages": asset.pages, "slides": resource.type == "presentation"}
        return Preview("pdf", **common, src=file_path(resource, version), facts=facts)
    if asset.state == "processing":
        return _not_ready(asset, common)
    if asset.state == "failed":
        return _not_ready(asset, common)
    if resource.type == "simulation":
        return Preview(
            "simulation", **common, src=_run_path(resource, version) if asset.rendition("simulation") else ""
        )
    drawn = asset.rendition("preview")
    if drawn is not None:
        facts = {"pages": drawn.facts.get("pages"), "slides": resource.type == "presentation", "converted": True}
        return Preview("pdf", **common, src=_path(drawn), facts=facts)
    words = page_queries.text_of_file(asset)
    picture = _path(asset.rendition("thumbnail"))
    return Preview("file", **common, poster=picture, text=words[:TEXT_CHARS], facts={"cut": len(words) > TEXT_CHARS})


def _not_ready(asset: Asset, common: Common) -> Preview:
    if asset.state == "failed":
        return Preview("failed", **common, reason=reason_of(asset))
    assets.hurry(asset)
    return Preview("processing", **common, progress=page_queries.progress_of([asset]).get(asset.id))


def file_path(resource: Resource, version: ResourceVersion) -> str:
    """Where the original is shown in the page (PDF and pictures)."""
    named = None if version.id == resource.published_version_id else version.uuid
    return url_for("media_files.original", resource_uuid=resource.uuid, version=named)


def _run_path(resource: Resource, version: ResourceVersion) -> str:
    named = None if version.id == resource.published_version_id else version.uuid
    return url_for("resources.run_simulation", resource_uuid=resource.uuid, version=named)


def moments_of(version: ResourceVersion) -> list[dict[str, Any]]:
    """The time ranges of a version as the player takes them."""
    return [
        {"start": r.start_s, "end": r.end_s, "title": local_text(r.point, "name"), "point": _plain(r.point)}
        for r in version.ranges
    ]


def _plain(point: Point) -> dict[str, Any]:
    return {"href": url_for("knowledge.point", uuid=point.uuid), "skill": point.kind == "skill"}


def _captions(version: ResourceVersion) -> list[dict[str, Any]]:
    wanted = "en" if is_english() else "zh"
    chosen = page_queries.pick_track(version.captions, wanted)
    return [
        {
            "src": url_for("resources.captions", track_uuid=track.uuid, ending="vtt"), "lang": track.language,
            "label": caption_label(track.language, is_machine=track.is_machine), "default": track is chosen,
        }
        for track in version.captions
    ]  # fmt: skip


def caption_label(language: str, *, is_machine: bool = False) -> str:
    """The language of a track in its own name."""
    name = LANGUAGES.get(language[:2].lower(), language)
    return _("%(language)s (by machine)", language=name) if is_machine else name


def _path(rendition: Rendition | None) -> str:
    return media_path(rendition.uuid, rendition.facts) if rendition is not None else ""


@lru_cache(maxsize=256)
def render_markdown(body: str) -> Markup:
    """Authored Markdown as safe HTML; headings begin at the second level, HTML in it stays text."""
    tokens = _markdown.parse(body)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + 1)}"
    html = _markdown.renderer.render(tokens, _markdown.options, {})
    return Markup(nh3.clean(html, tags=_KEPT, link_rel="noopener nofollow", url_schemes={"http", "https", "mailto"}))  # noqa: S704
