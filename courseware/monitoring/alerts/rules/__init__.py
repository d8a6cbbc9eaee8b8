"""What looks unusual (metrics.md, every "Anti-gaming"): pure functions of facts. Each finding brings its evidence.

A rule decides nothing. What a definition leaves out by itself is shown as "excluded", with its reason; everything else
is "flagged": the figure stays, and beside it stands what it would be without those rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from courseware.monitoring.alerts.rules.media import dumps, fragments, slides
from courseware.monitoring.alerts.rules.model import (
    ANSWER,
    EXCLUDED,
    FLAGGED,
    LESSON,
    PERSON,
    RESOURCE,
    ROSTER,
    CopyFact,
    Found,
    MovieFact,
    RatingFact,
    RefusedUseFact,
    Row,
    Traces,
)
from courseware.monitoring.alerts.rules.people import ORDINARY, answers, crowd, ratings, rosters, scripted
from courseware.monitoring.alerts.rules.updates import reupload, rush, split
from courseware.monitoring.facts import Facts

__all__ = [
    "ANSWER",
    "EXCLUDED",
    "FLAGGED",
    "LESSON",
    "ORDINARY",
    "PERSON",
    "RESOURCE",
    "ROSTER",
    "RULES",
    "CopyFact",
    "Found",
    "MovieFact",
    "RatingFact",
    "RefusedUseFact",
    "Row",
    "Rule",
    "Traces",
    "all_findings",
]

Rule = Callable[[Facts, Traces], Iterator[Found]]

RULES: dict[str, Rule] = {
    "reupload": reupload, "split": split, "rush": rush, "fragments": fragments, "slides": slides, "crowd": crowd,
    "scripted": scripted, "ratings": ratings, "answers": answers, "dumps": dumps, "rosters": rosters,
}  # fmt: skip


def all_findings(facts: Facts, traces: Traces) -> list[Found]:
    """Everything all rules find in the period of `facts`."""
    return [found for rule in RULES.values() for found in rule(facts, traces)]
