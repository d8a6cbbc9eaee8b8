"""When a use counts, and when a unit is done (metrics.md, common rules; R43, R47). Pure functions of plain values."""

from __future__ import annotations

import re

COMPLETE_PERCENT = 80
CREDITED_SPEED = 2.0
TIMED_TYPES = ("video", "audio", "animation")

ATTENTION_S = {"text": 15.0, "presentation": 15.0, "other": 15.0, "image": 5.0, "simulation": 60.0}
WATCHED_S, WATCHED_PERCENT = 30.0, 20
ALWAYS_ENOUGH_S = max(WATCHED_S, *ATTENTION_S.values())  # no use of anything needs more


def needed_attention(resource_type: str, duration_s: float | None) -> float:
    """Seconds that make a qualified use: 30 s or 20 % of length for media, whichever is less."""
    if resource_type in TIMED_TYPES:
        return min(WATCHED_S, (duration_s or 0) * WATCHED_PERCENT / 100 or WATCHED_S)
    return ATTENTION_S.get(resource_type, 15.0)


def needed_watching(duration_s: float) -> float:
    """Seconds of a medium that must be watched before it is done."""
    return duration_s * COMPLETE_PERCENT / 100


def is_done(resource_type: str, duration_s: float | None, watched_s: float, attention_s: float) -> bool:
    """Whether a resource is done: most of a medium watched, or enough attention given to anything else."""
    if resource_type in TIMED_TYPES and duration_s:
        return watched_s + 0.5 >= needed_watching(duration_s)
    return attention_s >= needed_attention(resource_type, duration_s)


def first_exclusion(
    *, is_test: bool, is_own: bool, context: str, speed: float, attention_s: float, needed_s: float, is_robot: bool = False,
    is_ahead: bool = False,
) -> str:  # fmt: skip
    """The first reason, in the order of the definitions, why a use does not count; empty when it does.

    `is_ahead`: it tells of more time than has passed since it began, which no speed of playing allows.
    """
    reasons = (
        ("test_account", is_test),
        ("own_use", is_own),
        ("review", context == "review"),
        ("preview", context == "preview"),
        ("robot", is_robot),
        ("speed", speed > CREDITED_SPEED or is_ahead),
        ("too_short", attention_s < needed_s),
    )
    return next((reason for reason, applies in reasons if applies), "")


ROBOTS = re.compile(r"bot\b|crawl|spider|slurp|scrap(y|er)|monitoring|uptime|preview|fetcher", re.IGNORECASE)


def is_robot(user_agent: str) -> bool:
    """Whether a program that visits pages says so in its name. Programs that send events for people name themselves."""
    return bool(ROBOTS.search(user_agent))
