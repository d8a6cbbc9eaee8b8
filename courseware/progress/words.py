"""What is said to learners about how far they are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from courseware.progress import rules
from courseware.progress.following import LessonState, Seen, Step
from courseware.web.i18n import local_text
from courseware.web.i18n import say as _
from courseware.web.i18n import say_count as ngettext


def step_sentence(step: Step) -> str:
    """What is left to do with one thing, in one sentence."""
    title, type_ = local_text(step.item, "title"), step.item.type
    if step.seconds is None and step.item.kind == "text":
        return _("“%(title)s”: read it, then mark it as read", title=title)
    if step.seconds is None:
        return _("“%(title)s”: do it, then mark it as done", title=title)
    seconds = math.ceil(step.seconds)
    if step.item.is_timed and step.item.duration_s:
        words: dict[str, Any] = {
            "seconds": ngettext("%(num)s more second", "%(num)s more seconds", seconds), "title": title,
            "percent": f"{step.percent:.2f}", "needed": rules.COMPLETE_PERCENT,
        }  # fmt: skip
        if type_ == "audio":
            return _("“%(title)s”: listen for %(seconds)s (%(percent)s %% heard, %(needed)s %% needed)", **words)
        return _("“%(title)s”: watch %(seconds)s (%(percent)s %% seen, %(needed)s %% needed)", **words)
    words = {"title": title, "seconds": ngettext("%(num)s more second", "%(num)s more seconds", seconds)}
    if type_ == "image":
        return _("“%(title)s”: look at it for %(seconds)s", **words)
    if type_ == "simulation":
        return _("“%(title)s”: work with it for %(seconds)s, or mark it as done", **words)
    return _("“%(title)s”: read for %(seconds)s, or mark it as read", **words)


def heading(state: LessonState) -> str:
    """Whether the lesson is complete, and how many steps are left."""
    left = len(state.steps())
    if state.required == 0:
        return _("Nothing in this lesson has to be done; look at what you need.")
    if left == 0:
        return _("This lesson is complete")
    return ngettext("Not complete yet: %(num)s step left", "Not complete yet: %(num)s steps left", left)


def seen_as_json(seen: Seen) -> dict[str, Any]:
    """What was seen of a resource, for scripts and programs."""
    return {
        "ranges": [list(part) for part in seen.ranges], "watched_s": seen.watched_s, "percent": seen.percent,
        "attention_s": round(seen.attention_s, 1), "is_complete": seen.is_complete,
    }  # fmt: skip


def state_as_json(state: LessonState) -> dict[str, Any]:
    """How far somebody is in a lesson, for scripts and programs; `why` says what is left."""
    steps: Sequence[Step] = state.steps()
    return {
        "uuid": str(state.lesson.uuid), "done": state.done, "required": state.required, "is_complete": state.is_complete,
        "heading": heading(state),
        "why": [
            {"key": str(s.item.key), "text": step_sentence(s), "seconds": None if s.seconds is None else math.ceil(s.seconds)}
            for s in steps
        ],
    }  # fmt: skip


def credit_reason(reason: str) -> str:
    """Why time is not credited, in a few words."""
    return {
        "speed": _("Faster than twice, or faster than the clock allows"), "parallel": _("Two things played at the same time"),
        "scripted": _("A pattern that only a program makes"), "double_click": _("The same click twice"),
        "robot": _("Sent by a program"), "own_use": _("Your own resource"), "review": _("Seen while reviewing"),
        "preview": _("Seen in a preview"), "test_account": _("A test account"),
    }.get(reason, reason)  # fmt: skip


def credit_rule(reason: str) -> str:
    """The rule behind a reason, in one sentence."""
    return {
        "speed": _("Up to 2× counts. More than a minute of a recording cannot be watched in half a minute."),
        "parallel": _("When two recordings play at once, the one that began first counts."),
        "scripted": _("Forty messages in a row at equal distances to the millisecond, or more than 18 hours on one day."),
        "double_click": _("The same download or attempt within ten seconds counts once."),
        "robot": _("The program named itself as one that visits pages by itself."),
        "own_use": _("Authors do not count as users of their own resources."),
        "review": _("Reviewing is work, not learning."), "preview": _("Previews count for nothing."),
        "test_account": _("Test accounts count for nothing."),
    }.get(reason, "")  # fmt: skip


def appeal_states() -> dict[str, str]:
    """What became of appeals, by the state."""
    return {"open": _("Open"), "accepted": _("Given back"), "declined": _("Not given back")}
