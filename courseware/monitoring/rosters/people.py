"""What a roster says of people, as plain values: read from whatever file, before anybody is matched."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _l

from courseware.core.errors import Invalid
from courseware.core.tables import RowProblem

STUDENT, TEACHER = "student", "teacher"
LIMIT = 50_000
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
WORDS = {
    "student": STUDENT, "students": STUDENT, "learner": STUDENT, "学生": STUDENT, "学员": STUDENT, "在校生": STUDENT,
    "teacher": TEACHER, "teachers": TEACHER, "instructor": TEACHER, "faculty": TEACHER, "教师": TEACHER, "老师": TEACHER,
    "教员": TEACHER, "任课教师": TEACHER, "专任教师": TEACHER, "兼职教师": TEACHER, "教职工": TEACHER,
}  # fmt: skip


class RosterUnreadable(Invalid):
    """A file that holds no roster."""

    code = "roster_unreadable"
    message = _l("%(name)s is no roster: %(reason)s")


class TwoCensusDays(Invalid):
    """One file names several census days: which list it is cannot be told."""

    code = "two_census_days"
    message = _l("The file names several census days: %(days)s. Divide it: one file for each day.")


@dataclass(frozen=True, slots=True)
class Listed:
    """One person as a roster lists them; `row` is the line in the file."""

    row: int
    role: str
    name: str = ""
    number: str = ""
    email: str = ""

    @property
    def label(self) -> str:
        """What tells the person from the others on the list: number, else e-mail, else name."""
        return self.number or self.email or self.name

    @property
    def keys(self) -> tuple[str, ...]:
        """The names under which a decision about the person is kept, the surest first."""
        given = (("number", self.number), ("email", self.email), ("name", folded(self.name)))
        return tuple(f"{kind}:{value}" for kind, value in given if value)


@dataclass(slots=True)
class Reading:
    """What a file says. `problems` keep it from being taken, `remarks` do not."""

    file_format: str
    people: list[Listed] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    remarks: list[RowProblem] = field(default_factory=list)
    days: dict[dt.date, int] = field(default_factory=dict)  # census days named in the file, by the first line
    left_out: int = 0
    sha256: str = ""

    def refuse(self, row: int, name: str, reason: str, sentence: Any) -> None:
        """Notes what keeps the file from being taken."""
        self.problems.append(RowProblem(row, name, reason, sentence))

    def remark(self, row: int, name: str, reason: str, sentence: Any) -> None:
        """Notes what a person should know and what keeps nothing from being taken."""
        self.remarks.append(RowProblem(row, name, reason, sentence))

    def as_dict(self) -> dict[str, Any]:
        """Plain values, sentences in the language of the reader."""
        return {
            "format": self.file_format, "left_out": self.left_out, "sha256": self.sha256,
            "people": [asdict(person) for person in self.people],
            "problems": [problem.as_dict() for problem in self.problems],
            "remarks": [remark.as_dict() for remark in self.remarks],
        }  # fmt: skip

    @classmethod
    def from_dict(cls, kept: dict[str, Any]) -> Reading:
        """What `as_dict` gave."""
        made = cls(kept["format"], [Listed(**person) for person in kept["people"]])
        made.left_out, made.sha256 = kept["left_out"], kept["sha256"]
        made.problems = [_problem(one) for one in kept["problems"]]
        made.remarks = [_problem(one) for one in kept["remarks"]]
        return made


def _problem(kept: dict[str, Any]) -> RowProblem:
    return RowProblem(kept["row"], kept["field"], kept["reason"], kept["message"])


def folded(name: str) -> str:
    """A name without what does not tell people apart: width, case, blanks, dots between parts."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


def role_of(word: str) -> str:
    """student or teacher, by the words that schools write; empty where none fits."""
    return WORDS.get("".join(unicodedata.normalize("NFKC", word).casefold().split()), "")


def day_of(value: Any) -> dt.date | None:
    """A census day from a cell: 2026-10-31, 2026/10/31, 2026年10月31日, 20261031 or a date of Excel. None for others."""
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    match = re.fullmatch(r"(\d{4})\D{0,2}(\d{1,2})\D{0,2}(\d{1,2})日?(?:[ T]00:00(?::00)?)?", str(value).strip())
    try:
        return dt.date(*(int(part) for part in match.groups())) if match else None
    except ValueError:
        return None


def tidy(reading: Reading) -> Reading:
    """Looks at the people together: nobody stands there twice, and somebody stands there at all."""
    kept: dict[tuple[str, str], Listed] = {}
    for person in reading.people:
        before = kept.setdefault((person.role, person.label.casefold()), person)
        if before is not person:
            _note_twice(reading, before, person)
    reading.people = list(kept.values())
    if not reading.people and not reading.problems:
        reading.refuse(0, "", "empty", _l("The file lists nobody."))
    return reading


def _note_twice(reading: Reading, before: Listed, person: Listed) -> None:
    about = {"row": before.row, "who": person.label}
    if (folded(before.name), before.email) == (folded(person.name), person.email) and (person.number or person.email):
        sentence = _l("%(who)s stands on line %(row)s already; the person is listed once.", **about)
        reading.remark(person.row, "name", "twice", sentence)
        return
    if person.number or person.email:
        sentence = _l("%(who)s stands on line %(row)s already, with another name or address.", **about)
    else:
        sentence = _l(
            "%(who)s stands on line %(row)s already. Are they two people? Add a number or an e-mail.", **about
        )
    reading.refuse(person.row, "number" if person.number else "name", "same_person_twice", sentence)


def settle_day(reading: Reading, census_on: dt.date) -> None:
    """Holds the census days of the file against the one asked for. Raises TwoCensusDays."""
    if len(reading.days) > 1:
        raise TwoCensusDays(days=", ".join(f"{day} (#{row})" for day, row in sorted(reading.days.items())))
    for day, row in reading.days.items():
        if day != census_on:
            sentence = _l("The file is of %(day)s, you chose %(chosen)s.", day=day, chosen=census_on)
            reading.refuse(row, "census", "another_census", sentence)


def counted(people: Iterable[Listed]) -> dict[str, int]:
    """How many students and teachers."""
    sizes = {STUDENT: 0, TEACHER: 0}
    for person in people:
        sizes[person.role] += 1
    return sizes
