"""What a definition is: the words of a figure, its rule, and how the rule is judged."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from flask_babel import get_locale

from courseware.core.fractions import Ratio
from courseware.monitoring.definitions.short import SHORT
from courseware.monitoring.dimensions import CONSTRUCTION

AT_LEAST, AT_MOST = ">=", "<="
RULES, RULES_2 = "2026-1", "2026-2"


@dataclass(frozen=True, slots=True)
class Definition:
    """One figure. `subject` says what its list holds, `dimension` under which of the five it stands (R57)."""

    id: str
    name: str
    name_en: str
    text: str
    text_en: str
    subject: str
    dimension: str = CONSTRUCTION
    threshold: int | None = None
    comparison: str | None = None
    is_count: bool = False
    is_seconds: bool = False
    is_official: bool = False
    version: str = RULES

    def __post_init__(self) -> None:
        """Raises ValueError for a definition that means nothing: the program does not start with one."""
        if not all(text.strip() for text in (self.id, self.name, self.name_en, self.text, self.text_en, self.version)):
            raise ValueError(f"The definition {self.id or '?'} lacks its words in one language, or its version.")
        if self.comparison is None and self.threshold is None:
            return
        if self.comparison not in (AT_LEAST, AT_MOST) or self.threshold not in range(1, 101) or self.is_count:
            rule = f"{self.comparison}{self.threshold}"
            raise ValueError(f"The rule of {self.id} can never be judged: {rule}. Write a share as >=10 or <=30.")

    @property
    def short(self) -> str:
        """What sets this reading apart from its neighbours."""
        return SHORT.get(self.id, ("", ""))[is_english()]

    @property
    def family(self) -> str:
        """M4 of M4.A."""
        return self.id.split(".")[0]

    @property
    def candidate(self) -> str:
        """A of M4.A; empty where there is one reading only."""
        return self.id.partition(".")[2]

    def local_name(self) -> str:
        """The name in the language of the reader."""
        return self.name_en if is_english() else self.name

    def local_text(self) -> str:
        """The definition in the language of the reader."""
        return self.text_en if is_english() else self.text

    def meets(self, ratio: Ratio) -> bool:
        """Compares integers; call only where a threshold is set."""
        assert self.threshold is not None
        return ratio.at_least(self.threshold) if self.comparison == AT_LEAST else ratio.at_most(self.threshold)

    def missing(self, ratio: Ratio) -> int | None:
        """Whole things missing: to add to the numerator (≥), or of other kinds to add to the denominator (≤)."""
        if self.threshold is None or ratio.denominator == 0:
            return None
        if self.comparison == AT_LEAST:
            return max(0, -(-self.threshold * ratio.denominator // 100) - ratio.numerator)
        return max(0, math.ceil(100 * ratio.numerator / self.threshold) - ratio.denominator)

    def show_count(self, count: int) -> str:
        """A plain count as text; seconds are shown as minutes, floored (M7, M14)."""
        return f"{count // 60} min" if self.is_seconds else str(count)


def is_english() -> bool:
    """Whether the reader's language is English; definitions carry both themselves, they are no catalogue texts."""
    locale = get_locale()
    return locale is not None and locale.language == "en"


def define(
    key: str, names: tuple[str, str], texts: tuple[str, str], subject: str, rule: str = "", **more: Any
) -> Definition:
    """A definition with (Chinese, English) names and texts; `rule` is ">=10", "<=30" or nothing. Raises ValueError."""
    comparison, threshold = (rule[:2], int(rule[2:]) if rule[2:].isdecimal() else None) if rule else (None, None)
    return Definition(key, *names, *texts, subject, comparison=comparison, threshold=threshold, **more)
