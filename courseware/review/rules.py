"""How a library reviews: levels and who takes them, dimensions, flags, hints. Pure; `rulebook` reads and keeps them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _l

from courseware.core.errors import Invalid
from courseware.core.roles import Role
from courseware.review.models import DIMENSIONS, FLAGS

LEVELS_MOST, DAYS_MOST, NAME_CHARS, OWN_DIMENSIONS_MOST = 3, 90, 40, 6
DAYS, CONFIRM_HOURS = 7, 48
ROLES = (Role.REVIEWER.value, Role.LIBRARIAN.value, Role.ADMINISTRATOR.value)
OFFERED = ("orientation", "timeliness", "public_benefit")

NOT_SO = {
    "levels": _l("There are one to three levels."),
    "level_name": _l("A level has a name of at most 40 characters."),
    "days": _l("A level takes 1 to 90 days."),
    "role": _l("Choose who takes this level: a role, or people by name."),
    "people": _l("A level for named people needs at least one of them."),
    "dimension": _l("An own dimension has a name of at most 40 characters, and no other one has it."),
    "dimensions": _l("At most six own dimensions."),
    "reference": _l(
        "Write each reference as a title, or as title | address; addresses begin with https:// or http://."
    ),
    "confirm": _l("A take-down is confirmed within 1 to 168 hours."),
}


@dataclass(frozen=True, slots=True)
class Level:
    """One step of review: holders of `role` take it, or `people` (ids) where the role is empty.

    `flag` is set where the step is there only because the case carries that flag.
    """

    name: str = ""
    role: str = Role.REVIEWER.value
    people: tuple[int, ...] = ()
    days: int = DAYS
    flag: str = ""


@dataclass(frozen=True, slots=True)
class Dimension:
    """A dimension a library adds; `name` is empty for those whose name is known here."""

    key: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """A law or rule listed beside the form."""

    title: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """All of it. The defaults are one level by any reviewer, four dimensions, no named reviewer.

    `lessons`, `standards`: whether lessons are reviewed as well before learners see them, and course standards before they hold
    (R36). Off where nobody has chosen, so that libraries made before there was the choice go on as they did.
    """

    levels: tuple[Level, ...] = (Level(),)
    dimensions: tuple[Dimension, ...] = ()
    same_unit: bool = True
    experts: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    references: tuple[Reference, ...] = ()
    words: tuple[str, ...] = ()
    muted: tuple[str, ...] = ()
    confirm_hours: int = CONFIRM_HOURS
    lessons: bool = False
    standards: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """Every dimension a verdict is asked for, the mandatory four first (R34)."""
        return (*DIMENSIONS, *(d.key for d in self.dimensions))

    def steps(self, flags: Iterable[str] = ()) -> list[Level]:
        """The steps of a case: people named for a flag come just before the final decision (R35, R39)."""
        last, carried = self.levels[-1], set(flags)
        extra = [
            Level(role="", people=tuple(self.experts[flag]), days=last.days, flag=flag)
            for flag in FLAGS
            if flag in carried and self.experts.get(flag)
        ]
        return [*self.levels[:-1], *extra, last]


def default_rules(levels: int, references: Sequence[Reference] = ()) -> Rules:
    """What holds where a library has set nothing but its number of levels."""
    return Rules(levels=(Level(),) * min(max(levels, 1), LEVELS_MOST), references=tuple(references))


def as_json(rules: Rules) -> dict[str, Any]:
    """The rules as they are kept."""
    return asdict(rules)


def from_json(kept: Mapping[str, Any]) -> Rules:
    """The rules as they were kept; what is missing is as by default."""
    return Rules(
        levels=tuple(Level(**{**one, "people": tuple(one.get("people", ()))}) for one in kept.get("levels", ())) or (Level(),),
        dimensions=tuple(Dimension(**one) for one in kept.get("dimensions", ())), same_unit=kept.get("same_unit", True),
        experts={flag: tuple(people) for flag, people in kept.get("experts", {}).items()},
        references=tuple(Reference(**one) for one in kept.get("references", ())),
        words=tuple(kept.get("words", ())), muted=tuple(kept.get("muted", ())),
        confirm_hours=kept.get("confirm_hours", CONFIRM_HOURS), lessons=kept.get("lessons", False),
        standards=kept.get("standards", False),
    )  # fmt: skip


def check(rules: Rules) -> None:
    """Raises Invalid naming everything that cannot be, by the name of its field."""
    problems: dict[str, list[Any]] = {}
    if not 1 <= len(rules.levels) <= LEVELS_MOST:
        problems["levels"] = [NOT_SO["levels"]]
    for number, level in enumerate(rules.levels, start=1):
        if wrong := _wrong_with(level):
            problems[f"level-{number}"] = [NOT_SO[word] for word in wrong]
    if wrong_dimensions := _wrong_dimensions(rules.dimensions):
        problems["dimensions"] = [NOT_SO[wrong_dimensions]]
    if any(not ref.title or (ref.url and not re.match(r"https?://\S+$", ref.url)) for ref in rules.references):
        problems["references"] = [NOT_SO["reference"]]
    if not 1 <= rules.confirm_hours <= 168:
        problems["confirm_hours"] = [NOT_SO["confirm"]]
    if problems:
        raise Invalid(problems)


def _wrong_with(level: Level) -> list[str]:
    found = {
        "level_name": len(level.name) > NAME_CHARS,
        "days": not 1 <= level.days <= DAYS_MOST,
        "role": level.role not in ("", *ROLES),
        "people": not level.role and not level.people,
    }
    return [word for word, is_wrong in found.items() if is_wrong]


def _wrong_dimensions(dimensions: Sequence[Dimension]) -> str:
    own = [d for d in dimensions if d.key not in OFFERED]
    names = [d.name.strip().casefold() for d in own]
    if any(not name or len(name) > NAME_CHARS for name in names) or len(set(names)) < len(names):
        return "dimension"
    return "dimensions" if len(own) > OWN_DIMENSIONS_MOST else ""
