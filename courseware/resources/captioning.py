"""Work on captions: kept while somebody types, checked, and given to the draft version when it is saved for good.

Captions of what is published never change under its readers: they come with a new version, through review.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select
from sqlalchemy.orm import undefer

from courseware.auditlog import services as auditlog
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import Invalid, NotAllowed
from courseware.core.roles import Actor
from courseware.resources import change, policy, ranges, versions
from courseware.resources.errors import CaptionsChanged
from courseware.resources.models import CaptionDraft, CaptionTrack, Resource, ResourceVersion
from courseware.resources.reasons import sentence_of, sentence_of_caption
from media.captions import MAX_CUES, Cue, Problem, check_cues, parse_captions, read_captions, repair_cues, to_webvtt
from media.captions.cues import CaptionFile
from media.errors import CaptionError

MAX_TEXT = 2000  # letters of one caption


@dataclass(frozen=True, slots=True)
class Work:
    """What the editor shows: cues, the number to save with (0 where nobody has begun), and who saved last, when."""

    cues: list[Cue]
    num: int
    draft: CaptionDraft | None
    is_machine: bool


def version_to_edit(actor: Actor, resource: Resource) -> ResourceVersion | None:
    """The draft whose captions may be changed now; None where a new version has to be opened first. Raises NotAllowed."""
    if not policy.can_edit(actor, resource):
        raise NotAllowed()
    draft = resource.draft_version
    return draft if draft is not None and draft.state in versions.EDITABLE else None


def open_version(actor: Actor, resource: Resource) -> ResourceVersion:
    """The draft to change; opens the next version of what is published. Raises InReview, Withdrawn, NotAllowed."""
    found = version_to_edit(actor, resource)
    if found is not None:
        return found
    if resource.draft_version is not None:
        return versions.require_draft(resource)
    return versions.start_revision(actor, resource)


def work_of(version: ResourceVersion, language: str) -> Work:
    """The captions in `language` as they are being worked on, else as the version has them."""
    track = track_of(version, language)
    draft = session().scalar(_drafts(version, language).options(undefer(CaptionDraft.cues)))
    if draft is not None:
        return Work(_cues(draft.cues), draft.num, draft, bool(track and track.is_machine))
    return Work(cues_of(track), 0, None, bool(track and track.is_machine))


def track_of(version: ResourceVersion, language: str) -> CaptionTrack | None:
    """The track of a version in `language`."""
    return next((track for track in version.captions if track.language == language), None)


def keep_draft(
    actor: Actor, version: ResourceVersion, language: str, cues: Sequence[Any], expected: int
) -> CaptionDraft:
    """Keeps what is typed, complete or not. `expected` is the number that was read.

    Raises CaptionsChanged where somebody saved since, Invalid for what are no cues, InReview, NotAllowed.
    """
    _require(actor, version)
    kept = [[cue.start_s, cue.end_s, cue.text] for cue in _cues(cues)]
    draft = session().scalar(_drafts(version, language).with_for_update())
    if draft is None:
        draft = CaptionDraft(version_id=version.id, language=language, num=0)
        session().add(draft)
    elif draft.num != expected:
        raise _changed(draft)
    draft.user_id, draft.at, draft.num, draft.cues = actor.id, clock.now(), max(draft.num, expected) + 1, kept
    session().flush()
    return draft


def save(actor: Actor, version: ResourceVersion, language: str, cues: Sequence[Any], expected: int) -> CaptionTrack:
    """Gives the cues to the draft version, in order of time, as written by a person; work in progress is over.

    Raises Invalid naming every cue that has no usable times, CaptionsChanged, InReview, NotAllowed.
    """
    _require(actor, version)
    draft = session().scalar(_drafts(version, language).with_for_update())
    if draft is not None and draft.num != expected:
        raise _changed(draft)
    given = _cues(cues)
    refuse_lost([problem for problem in check_cues(given) if problem.is_lost])
    ordered = sorted((cue for cue in given if cue.text.strip()), key=lambda cue: (cue.start_s, cue.end_s))
    if draft is not None:
        session().delete(draft)
    return _give(actor, version, language, to_webvtt(ordered))


def take_file(
    actor: Actor, version: ResourceVersion, language: str, data: bytes, *, is_lenient: bool = False
) -> tuple[CaptionTrack, list[Problem]]:
    """Captions from a file of any kind; the problems a person should look at.

    Captions without usable times refuse the file, all listed at once; with `is_lenient` the rest is taken without them
    and overlaps are shortened. Of several languages in a file the one that fits `language` is taken.
    Raises Invalid, InReview, NotAllowed.
    """
    _require(actor, version)
    found = check_file(data, is_lenient=is_lenient)
    cues = _fitting(found, language)
    track = _give(actor, version, language, to_webvtt(repair_cues(cues) if is_lenient else cues))
    session().execute(delete(CaptionDraft).where(*_same(version, language)))
    return track, found.problems


def check_file(data: bytes, *, is_lenient: bool = False) -> CaptionFile:
    """A caption file that can be taken. Raises Invalid with all lines that stand against it, or that it holds nothing."""
    try:
        found = read_captions(data)
    except CaptionError as problem:
        raise Invalid({"captions": [sentence_of(problem)]}) from problem
    if not is_lenient or not found.cues:
        refuse_lost(found.lost)
    if not found.cues:
        raise Invalid({"captions": [sentence_of(CaptionError("caption_empty"))]})
    return found


def refuse_lost(lost: Sequence[Problem]) -> None:
    """Raises Invalid with a sentence for every caption that cannot be taken."""
    if lost:
        raise Invalid({"captions": [sentence_of_caption(problem) for problem in lost]})


def accept(actor: Actor, version: ResourceVersion, language: str) -> None:
    """A person has read what a machine wrote and answers for it. Raises InReview, NotAllowed."""
    _require(actor, version)
    track = track_of(version, language)
    if track is not None and track.is_machine:
        track.is_machine = False
        _note(actor, version, "captions.accept", language)


def remove(actor: Actor, version: ResourceVersion, language: str) -> None:
    """Takes the captions in `language` off the draft version. Raises InReview, NotAllowed."""
    _require(actor, version)
    version.captions = [track for track in version.captions if track.language != language]
    session().execute(delete(CaptionDraft).where(*_same(version, language)))
    _note(actor, version, "captions.remove", language)


def _give(actor: Actor, version: ResourceVersion, language: str, webvtt: str) -> CaptionTrack:
    track = ranges.set_captions(version, language, webvtt, actor=actor)
    _note(actor, version, "captions.save", language)
    return track


def _note(actor: Actor, version: ResourceVersion, act: str, language: str) -> None:
    versions.touch(version.resource)
    session().flush()
    auditlog.record(act, actor, about=version.resource, details={"num": version.num, "language": language})
    measure_description(version)


def measure_description(version: ResourceVersion) -> None:
    """Notes on a revision with the published recording how much of the captions changed; it never counts as an update."""
    published = version.resource.published_version
    if published is None or published is version or published.content_hash != version.content_hash:
        return
    languages = sorted({track.language for track in (*published.captions, *version.captions)})
    version.measured = change.measure_captions([(name, *_new_lines(published, version, name)) for name in languages])
    version.proposed_class = change.MINOR
    session().flush()


def _new_lines(old: ResourceVersion, new: ResourceVersion, language: str) -> tuple[int, int]:
    before = {cue.text for cue in cues_of(track_of(old, language))}
    after = [cue.text for cue in cues_of(track_of(new, language))]
    return sum(text not in before for text in after), len(after)


def cues_of(track: CaptionTrack | None) -> list[Cue]:
    """The cues of a track; none where there is no track, or it cannot be read."""
    try:
        return parse_captions(track.webvtt.encode()) if track is not None else []
    except CaptionError:
        return []


def _cues(given: Sequence[Any]) -> list[Cue]:
    """Cues of [start, end, text]. Raises Invalid for what are none."""
    if not isinstance(given, list) or len(given) > MAX_CUES:
        raise _no_cues()
    return [_cue(entry) for entry in given]


def _cue(entry: Any) -> Cue:
    try:
        start, end, text = entry
        times = (float(start), float(end))
    except (TypeError, ValueError, OverflowError) as problem:
        raise _no_cues() from problem
    if not all(math.isfinite(at) for at in times) or not isinstance(text, str) or len(text) > MAX_TEXT:
        raise _no_cues()
    return Cue(round(times[0], 3), round(times[1], 3), text.replace("\0", "").strip())


def _no_cues() -> Invalid:
    return Invalid({"captions": [_l("These are no captions: each needs a beginning, an end and a text.")]})


def _fitting(found: CaptionFile, language: str) -> list[Cue]:
    fitting = [cues for name, cues in found.tracks.items() if name[:2].lower() == language[:2].lower()]
    return fitting[0] if fitting else found.cues


def _require(actor: Actor, version: ResourceVersion) -> None:
    if not policy.can_edit(actor, version.resource):
        raise NotAllowed()
    if versions.require_draft(version.resource).id != version.id:
        raise NotAllowed()


def _drafts(version: ResourceVersion, language: str) -> Any:
    return select(CaptionDraft).where(*_same(version, language))


def _same(version: ResourceVersion, language: str) -> tuple[Any, Any]:
    return CaptionDraft.version_id == version.id, CaptionDraft.language == language


def _changed(draft: CaptionDraft) -> CaptionsChanged:
    local = draft.at.astimezone(clock.REPORTING_ZONE)
    return CaptionsChanged(name=draft.user.name, at=f"{local:%H:%M}", num=draft.num)
