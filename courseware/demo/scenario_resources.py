"""Publishing, revising and describing resources in a scenario: author, review, decision in one line."""

from __future__ import annotations

import hashlib
from typing import Any

from flask_babel import lazy_gettext as _l

from courseware.accounts.models import User
from courseware.demo.scenario_errors import BadLine
from courseware.demo.scenario_story import Line, Story
from courseware.knowledge.models import Point
from courseware.libraries.models import Course, Library
from courseware.resources import assets, change
from courseware.resources import services as resources
from courseware.resources.metadata import TIMED_TYPES
from courseware.resources.models import Resource, ResourceVersion
from courseware.review import services as review

COMMITMENT = "scenario"
LICENCE = "CC-BY-4.0"
EVIDENCE = "scenario"
MADE_UP_LENGTH_S = 60.0


def publish_resource(story: Story, line: Line) -> None:
    """The author writes it, hands it in; the reviewer approves."""
    key = story.claim(Resource, line)
    author = story.named(User, line, "author")
    kind, has_evidence = line.text("type"), bool(line.get("evidence", False))
    content = _content(story, line, kind, author)
    made = resources.create_resource(
        author, story.named(Library, line, "library"), type=kind, title=line.text("title"),
        course=story.named(Course, line, "course"), points=story.all_named(Point, line.items("points")),
        originality=line.text("originality", "unknown"), has_evidence=has_evidence,
        evidence_note=EVIDENCE if has_evidence else "", licence=LICENCE, tags=line.items("tags"),
        derived_from_id=_id(story.perhaps(Resource, line, "derived_from")),
        translation_of_id=_id(story.perhaps(Resource, line, "translation_of")), **content,
    )  # fmt: skip
    version, is_length_known = made.draft_version, bool(_known_length(line))
    _dress(story, line, version)
    _review(story, line, author, made, decided_class="new", is_evidence_accepted=has_evidence)
    if not is_length_known and made.type in TIMED_TYPES and line.get("file") is None:
        _forget_length(version)
    story.keep(made, key)


def revise_resource(story: Story, line: Line) -> None:
    """A new version: handed in with the author's proposal, published with the reviewer's decision."""
    resource, author = story.named(Resource, line, "key"), story.named(User, line, "author")
    is_length_known = bool(_known_length(line, resource))
    version = resources.start_revision(
        author, resource, reason=line.text("reason"), tags=line.items("tags"), measured=_measured(line, resource.type),
        **_content(story, line, resource.type, author, resource),
    )  # fmt: skip
    _dress(story, line, version)
    proposed, decided = line.text("proposed", "minor"), line.text("decided")
    _review(story, line, author, resource, proposed_class=proposed, decided_class=decided, note=line.text("note", ""))
    if not is_length_known and resource.type in TIMED_TYPES and line.get("file") is None:
        _forget_length(version)


def edit_metadata(story: Story, line: Line) -> None:
    """Changes what describes the resource; a field that Keku does not have is kept as a keyword."""
    resource, fields = story.named(Resource, line, "key"), line["fields"]
    if not isinstance(fields, dict):
        raise BadLine(reason=_l("“%(name)s” is no object", name="fields"))
    known = {
        name: _described(story, name, value)
        for name, value in fields.items()
        if name in (*resources.METADATA, "licence")
    }
    extra = [f"{name}: {value}" for name, value in fields.items() if name not in known]
    if extra:
        known["keywords"] = [*known.get("keywords", resource.keywords), *extra]
    resources.edit_metadata(story.named(User, line, "author"), resource, known)


def _described(story: Story, name: str, value: Any) -> Any:
    if name == "points":
        return story.all_named(Point, value)
    return story.find(Course, value) if name == "course" else value


def _review(
    story: Story, line: Line, author: User, resource: Resource, *, proposed_class: str | None = None, **decision: Any
) -> None:
    submission = review.submit(author, resource, commitment=COMMITMENT, proposed_class=proposed_class)
    review.decide(story.named(User, line, "reviewer"), submission, "approve", review.ALL_PASSED, **decision)


def _content(story: Story, line: Line, kind: str, author: User, revised: Resource | None = None) -> dict[str, Any]:
    """The text itself, a file beside the scenario, or a fingerprint that stands for one."""
    length = line.optional_number("duration_s")
    if line.get("file") is not None:
        return {"asset": assets.store_file(_beside(story, line), line.text("file"), author), "duration_s": length}
    if kind == "text":
        return {"body": line.text("content")}
    stands_for, length = _fingerprint(line.text("content")), _known_length(line, revised) or _made_up_length(kind)
    asset = story.props.file_of(line, author) if story.props is not None else None
    return {"asset": asset, "duration_s": length} if asset else {"content_hash": stands_for, "duration_s": length}


def _dress(story: Story, line: Line, version: ResourceVersion | None) -> None:
    if story.props is not None and version is not None:
        story.props.dress(line, version)


def _known_length(line: Line, revised: Resource | None = None) -> float | None:
    """The length the line gives, or the one of the version before."""
    before = revised.published_version if revised is not None else None
    return line.optional_number("duration_s") or (before.duration_s if before is not None else None)


def _made_up_length(kind: str) -> float | None:
    return MADE_UP_LENGTH_S if kind in TIMED_TYPES else None


def _beside(story: Story, line: Line) -> Any:
    path = (story.base / line.text("file")).resolve() if story.base else None
    if path is None or story.base not in path.parents or not path.is_file():
        raise BadLine(reason=_l("there is no file “%(name)s” beside the scenario", name=line.text("file")))
    return path


def _fingerprint(content: str) -> str:
    """Equal strings are equal bytes; no text has the fingerprint of a file."""
    return hashlib.sha256(b"file\0" + content.encode("utf-8", "surrogatepass")).hexdigest()


def _measured(line: Line, kind: str) -> change.Measurement | None:
    """What the machine would have measured between two files that are not here."""
    given = line.get("change")
    if not isinstance(given, dict):
        return None
    return change.measure_stated(kind, float(given.get("share", 0)), float(given.get("seconds", 0)))


def _forget_length(version: ResourceVersion | None) -> None:
    # Review asks for the length of a recording; a scenario may leave it open. Figures must not count a made-up one.
    if version is not None:
        version.duration_s = None


def _id(resource: Resource | None) -> int | None:
    return resource.id if resource is not None else None
