"""Saving a board that somebody else may have saved meanwhile: merged where the changes go together, asked where not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from courseware.accounts.models import User
from courseware.catalog import merging, services, steps
from courseware.catalog.board import revision_of
from courseware.catalog.errors import BothChanged, LessonChanged
from courseware.catalog.models import Activity, Lesson, LessonVersion

Items = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Saved:
    """A draft as it was saved; `merged_with` names whose changes are in it beside the actor's, empty for nobody's."""

    version: LessonVersion
    merged_with: str = ""


def save_together(
    actor: User, lesson: Lesson, items: Items, revision: int, base: Items | None = None, prefer: str = ""
) -> Saved:
    """Saves the actor's items. Where the draft has moved on since `revision`, what the actor changed from `base` goes into it.

    `prefer` says whose changes hold where both changed the same: mine or theirs. Raises BothChanged where it is not
    said, and LessonChanged for a stale revision without `base`.
    """
    draft = services.open_draft(lesson)
    if draft.revision == revision:
        return Saved(services.save_draft(actor, lesson, items, revision))
    if base is None:
        raise LessonChanged()
    name, theirs = last_editor(draft, actor), [plain(activity) for activity in draft.activities]
    merged = merging.merge(base, items, theirs, prefer_mine=prefer == "mine")
    if merged.clashes and prefer not in ("mine", "theirs"):
        raise BothChanged(_sentences(merged.clashes, draft), name=name)
    return Saved(services.save_draft(actor, lesson, merged.items, revision_of(lesson)), name)


def last_editor(draft: LessonVersion, reader: User) -> str:
    """Who changed the draft last; the reader in another window is called so."""
    step = steps.last_done(draft)
    if step is None:
        return str(_("Somebody"))
    return str(_("You, in another window,")) if step.user_id == reader.id else step.user.name


def plain(activity: Activity) -> dict[str, Any]:
    """An activity as a board sends it."""
    resource, pinned = activity.resource, activity.pinned_version
    return {
        "key": str(activity.key), "kind": activity.kind, "segment": activity.segment, "minutes": activity.minutes,
        "title": activity.title if activity.kind != "resource" else "", "text": activity.text, "url": activity.url,
        "resource": str(resource.uuid) if resource else None, "pinned": str(pinned.uuid) if pinned else None,
        "required": activity.is_required,
    }  # fmt: skip


def _sentences(clashes: Sequence[merging.Clash], draft: LessonVersion) -> list[str]:
    titles = {str(a.key): a.title or (a.resource.title if a.resource else "") for a in draft.activities}
    told = dict.fromkeys((titles.get(clash.key, ""), clash.field) for clash in clashes)
    return [_sentence(title, field) for title, field in told]


def _sentence(title: str, field: str) -> str:
    if field == merging.GONE:
        taken_out = _("“%(title)s”: one of you took it out, the other changed it.", title=title)
        return str(taken_out if title else _("You changed something that was taken out meanwhile."))
    words = {
        "segment": _("place"), "title": _("title"), "text": _("text"), "url": _("address"), "minutes": _("minutes"),
        "pinned": _("version"), "required": _("needed or not"),
    }  # fmt: skip
    return str(_("“%(title)s”: both changed the same (%(what)s).", title=title, what=words.get(field, field)))
