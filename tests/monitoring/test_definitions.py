"""A definition that means nothing is refused where it is written, with a sentence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from courseware.monitoring.definitions import BY_ID, DEFINITIONS
from courseware.monitoring.definitions.model import define
from courseware.monitoring.indicators.registry import COUNTS

WORDS = ("年更新率", "Yearly update rate"), ("含义", "What it means")


@pytest.mark.parametrize("rule", ["=>10", ">=", ">=ten", "<=-30", ">=0", ">=101", ">=9.5", "10"])
def test_a_rule_that_can_never_be_judged_is_refused(rule: str) -> None:
    with pytest.raises(ValueError, match=r"The rule of M4\.A can never be judged"):
        define("M4.A", *WORDS, "resource", rule)


def test_a_count_has_no_target_in_per_cent() -> None:
    with pytest.raises(ValueError, match="can never be judged"):
        define("M1.A", *WORDS, "resource", ">=10", is_count=True)


@pytest.mark.parametrize(
    "edited",
    [{"text": ""}, {"text_en": "  "}, {"name": ""}, {"version": ""}, {"id": ""}],
    ids=lambda given: next(iter(given)),
)
def test_a_definition_without_words_or_version_is_refused(edited: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="lacks its words in one language, or its version"):
        replace(BY_ID["M4.A"], **edited)


def test_every_definition_is_there_once_and_has_its_own_count() -> None:
    assert [d.id for d in DEFINITIONS] == list(dict.fromkeys(d.id for d in DEFINITIONS))
    assert {d.id for d in DEFINITIONS} == COUNTS.keys()
