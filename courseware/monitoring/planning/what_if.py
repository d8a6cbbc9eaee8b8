"""What would become of the figures if so much more were done: the same integers, judged by the same rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from courseware.core.fractions import Ratio
from courseware.monitoring.definitions import Definition
from courseware.monitoring.results import IndicatorResult, verdict_of

MOST = 100_000


@dataclass(frozen=True, slots=True)
class Wishes:
    """Whole things done until the end of the period, beside what is counted now."""

    updates: int = 0
    media: int = 0
    texts: int = 0
    evidence: int = 0
    questions: int = 0

    @classmethod
    def of(cls, asked: Mapping[str, object]) -> Wishes:
        """From what a form sends; what is no number, negative or absurd counts as nothing or as the most."""
        return cls(**{f.name: _whole(asked.get(f.name)) for f in fields(cls)})


@dataclass(frozen=True, slots=True)
class Outcome:
    """A figure now and then."""

    result: IndicatorResult
    ratio: Ratio
    verdict: str | None
    missing: int

    @property
    def definition(self) -> Definition:
        """What is counted."""
        return self.result.definition


def outcomes(results: Mapping[str, IndicatorResult], wishes: Wishes) -> list[Outcome]:
    """The figures that such wishes move: M2.A, M3.A, M4.A, M8.A."""
    return [
        _outcome(results[key], _moved(key, results[key], wishes)) for key in ("M2.A", "M3.A", "M4.A", "M8.A")
    ]  # fmt: skip


def _moved(key: str, result: IndicatorResult, wishes: Wishes) -> Ratio:
    """New media and texts are originals whose evidence is accepted; whoever plans otherwise wishes fewer."""
    fresh = wishes.media + wishes.texts
    unproven = sum(reason == "no_evidence" for reason in result.tally.rest.values())
    add = {
        "M2.A": (wishes.texts, fresh),
        "M3.A": (fresh + min(wishes.evidence, unproven), fresh),
        "M4.A": (fresh + wishes.updates, 0),
        "M8.A": (min(wishes.questions, len(result.tally.rest)), 0),
    }[key]
    return Ratio((result.numerator or 0) + add[0], (result.denominator or 0) + add[1])


def _outcome(result: IndicatorResult, ratio: Ratio) -> Outcome:
    verdict = verdict_of(result.definition, ratio)
    return Outcome(result, ratio, verdict, result.definition.missing(ratio) or 0)


def _whole(text: object) -> int:
    try:
        return max(0, min(MOST, int(str(text))))
    except ValueError:
        return 0
