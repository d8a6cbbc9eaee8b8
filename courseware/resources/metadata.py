"""Mandatory metadata (R18): everything that still blocks submission, all at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from courseware.resources.models import Resource, ResourceVersion

# What every resource has to say before it may be handed in; the other problems are about its file or its revision.
MANDATORY = ("title", "major", "course", "points", "originality", "author", "unit", "language", "licence", "content")
TIMED_TYPES = ("video", "audio", "animation")

MISSING = {
    "title": _l("Give the resource a title."),
    "major": _l("Name the major it belongs to."),
    "course": _l("Name the course it belongs to."),
    "points": _l("Tag at least one knowledge or skill point that it teaches."),
    "originality": _l("Say whether it is original. What is unknown cannot be published."),
    "author": _l("Name the author."),
    "unit": _l("The author's account names no unit. Ask an administrator to add it."),
    "language": _l("Name the language."),
    "licence": _l("Choose a licence, or name the permission."),
    "content": _l("Add the file or the text."),
    "duration_s": _l("The length is not known yet: the file is still being processed, or processing failed."),
    "reason": _l("Say why you revise it."),
    "file_failed": _l("The file could not be processed. Replace it or start processing again."),
    "unchanged": _l("The content is the same as in the published version."),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that blocks submission: the field and a lazily translated sentence."""

    field: str
    sentence: Any


def list_problems(resource: Resource) -> list[Problem]:
    """What the draft of `resource` still lacks, in the order of the form; empty when it may be handed in."""
    version = resource.draft_version or resource.published_version
    if version is None:
        return [Problem("content", MISSING["content"])]
    return [
        *_about_resource(resource),
        *_about_rights(version),
        *_about_content(resource, version),
        *_about_revision(resource, version),
    ]


def as_form_errors(problems: list[Problem]) -> dict[str, list[Any]]:
    """The problems by field, as `Invalid` carries them."""
    by_field: dict[str, list[Any]] = {}
    for problem in problems:
        by_field.setdefault(problem.field, []).append(problem.sentence)
    return by_field


def _about_resource(resource: Resource) -> Iterator[Problem]:
    has = {
        "title": bool(resource.title.strip()), "major": resource.major_id is not None or resource.major is not None,
        "course": resource.course_id is not None or resource.course is not None, "points": bool(resource.points),
        "author": resource.author_id is not None, "unit": resource.unit_id is not None, "language": bool(resource.language.strip()),
    }  # fmt: skip
    yield from (Problem(field, MISSING[field]) for field, is_there in has.items() if not is_there)


def _about_rights(version: ResourceVersion) -> Iterator[Problem]:
    if version.originality == "unknown":
        yield Problem("originality", MISSING["originality"])
    if not version.licence.strip():
        yield Problem("licence", MISSING["licence"])


def _about_content(resource: Resource, version: ResourceVersion) -> Iterator[Problem]:
    if not version.content_hash:
        yield Problem("content", MISSING["content"])
    elif version.asset is not None and version.asset.state == "failed":
        yield Problem("content", MISSING["file_failed"])
    elif resource.type in TIMED_TYPES and not version.duration_s and _is_recording(version):
        yield Problem("duration_s", MISSING["duration_s"])


def _is_recording(version: ResourceVersion) -> bool:
    # An animation may be a GIF or a package, and an imported one may stand elsewhere: those have no length of ours.
    return version.asset is not None and version.asset.kind in ("video", "audio")


def _about_revision(resource: Resource, version: ResourceVersion) -> Iterator[Problem]:
    published = resource.published_version
    if published is None or published.id == version.id:
        return
    if not version.reason.strip():
        yield Problem("reason", MISSING["reason"])
    if version.content_hash == published.content_hash:
        yield Problem("content", MISSING["unchanged"])
