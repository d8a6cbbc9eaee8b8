"""What a yearly report says, before it becomes a file: titled tables of text, in one language or in both.

Every number is taken from the overview that the Monitor page draws, as it is shown there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask_babel import force_locale, format_datetime, get_locale
from flask_babel import gettext as _

from courseware.core.fractions import Ratio
from courseware.libraries.models import Library
from courseware.monitoring.definitions import DEFINITIONS
from courseware.monitoring.queries.monitor import CourseName, Overview
from courseware.monitoring.results import IndicatorResult
from courseware.monitoring.words import reason_words, target_words, verdict_words

LANGUAGES = ("zh_Hans", "en")
NOTHING = "—"

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A table under its title. `widths` are shares of the page; `note` stands below it."""

    title: str
    head: Row
    rows: Sequence[Row]
    widths: tuple[int, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """Title, the lines under it, the tables."""

    title: str
    lines: Row
    sections: Sequence[Section]


@dataclass(frozen=True)
class Subject:
    """What is reported: a library in a period, beside the period before."""

    library: Library
    view: Overview
    before: Overview
    courses: dict[int, CourseName]
    snapshot_sha256: str = ""


def bilingual(subject: Subject) -> Report:
    """The report with both languages in every cell where they differ, Chinese first."""
    chinese, english = (_in(language, subject) for language in LANGUAGES)
    sections = [_both(zh, en) for zh, en in zip(chinese.sections, english.sections, strict=True)]
    return Report(_join(chinese.title, english.title), _rows(chinese.lines, english.lines), sections)


def in_one_language(subject: Subject) -> Report:
    """The report in the language of the reader."""
    period = subject.view.period
    library = _local(subject.library.name, subject.library.name_en)
    lines = (
        _("Period: %(first)s to before %(last)s", first=period.first_day, last=period.end_day),
        _("State of %(moment)s (Beijing time)", moment=format_datetime(subject.view.now, "yyyy-MM-dd HH:mm")),
        _("Snapshot SHA-256: %(sha256)s", sha256=subject.snapshot_sha256) if subject.snapshot_sha256
        else _("No snapshot of this period was frozen yet; these figures may still change."),
    )  # fmt: skip
    sections = [_judged(subject), _others(subject), _excluded(subject), _courses(subject), _units(subject), _meanings()]
    return Report(_("%(library)s: yearly data %(year)s", library=library, year=period.year), lines, sections)


def _in(language: str, subject: Subject) -> Report:
    with force_locale(language):
        return in_one_language(subject)


def _judged(subject: Subject) -> Section:
    rows = [_judged_row(result, subject.before.results.get(result.id)) for result in _of(subject.view, judged=True)]
    head = (
        _("Definition"), _("Figure"), _("Numerator / denominator"), _("Value"), _("Target"), _("Verdict"), _("Claimed"),
        _("A year ago"), _("Difference"),
    )  # fmt: skip
    note = _("Targets are compared with whole numbers, never with the rounded value.")
    return Section(_("Judged figures"), head, rows, (8, 18, 14, 10, 10, 10, 10, 10, 10), note)


def _judged_row(result: IndicatorResult, before: IndicatorResult | None) -> Row:
    claimed = result.tally.claimed
    return (
        result.id, result.definition.local_name(), _fraction(result), _value(result), target_words(result.definition) or NOTHING,
        _verdict(result), claimed.display() if claimed else NOTHING, _value(before), _difference(result, before),
    )  # fmt: skip


def _others(subject: Subject) -> Section:
    rows = [
        (r.id, r.definition.local_name(), _fraction(r), _value(r), _value(subject.before.results.get(r.id)))
        for r in _of(subject.view, judged=False)
    ]  # fmt: skip
    head = (_("Definition"), _("Figure"), _("Numerator / denominator"), _("Value"), _("A year ago"))
    return Section(_("Figures without a limit"), head, rows, (14, 36, 20, 15, 15))


def _excluded(subject: Subject) -> Section:
    rows = [
        (result.id, result.definition.local_name(), reason_words(reason), f"{count:,}")
        for result in subject.view.results.values()
        for reason, count in result.tally.exclusions().items()
    ]
    head = (_("Definition"), _("Figure"), _("Reason"), _("Number"))
    return Section(_("Excluded, with the reason"), head, rows, (12, 34, 42, 12))


def _courses(subject: Subject) -> Section:
    rows = []
    for row in subject.view.map_rows:
        course = subject.courses[row.course_id]
        shares = (row.taught, row.asked, row.moving, row.posts, row.updated)
        rows.append((_local(course.name, course.name_en), f"{row.points}", *(_share(share) for share in shares)))
    head = (
        _("Core course"), _("Points"), _("With a resource"), _("With a question"), _("With video or animation"),
        _("Mapped to a post"), _("Yearly update rate"),
    )  # fmt: skip
    return Section(_("Core courses"), head, rows, (28, 9, 13, 12, 13, 12, 13))


def _units(subject: Subject) -> Section:
    units = {member.unit_id: member.unit for member in subject.library.members}
    rows = [
        (_local(units[key].name, units[key].name_en), _share(students), _share(teachers))
        for key, students, teachers in subject.view.units
    ]
    head = (_("Unit"), _("Students covered / on the roster"), _("Teachers covered / on the roster"))
    return Section(_("Application coverage by unit"), head, rows, (44, 28, 28))


def _meanings() -> Section:
    rows = [(d.id, _local(d.text, d.text_en), d.version) for d in DEFINITIONS]
    head = (_("Definition"), _("What it counts"), _("Rules"))
    return Section(_("What the figures mean"), head, rows, (12, 76, 12))


def _of(view: Overview, *, judged: bool) -> list[IndicatorResult]:
    return [r for r in view.results.values() if (r.definition.threshold is not None) == judged]


def _fraction(result: IndicatorResult) -> str:
    if result.numerator is None or result.denominator is None:
        return NOTHING
    return f"{result.numerator:,} / {result.denominator:,}"


def _value(result: IndicatorResult | None) -> str:
    if result is None or result.value is None:
        return NOTHING
    return result.display


def _share(share: Ratio) -> str:
    return f"{share.display()} ({share.numerator} / {share.denominator})" if share.denominator else NOTHING


def _difference(result: IndicatorResult, before: IndicatorResult | None) -> str:
    if before is None or result.value is None or before.value is None:
        return NOTHING
    change = result.value - before.value
    return f"{change:+}".replace("-", "−") if change else f"{change}"


def _verdict(result: IndicatorResult) -> str:
    return verdict_words(result.verdict) or NOTHING


def _local(chinese: str, english: str) -> str:
    locale = get_locale()
    return (english or chinese) if locale is not None and locale.language == "en" else (chinese or english)


def _both(chinese: Section, english: Section) -> Section:
    rows = [_rows(zh, en) for zh, en in zip(chinese.rows, english.rows, strict=True)]
    return replace(
        chinese, title=_join(chinese.title, english.title), head=_rows(chinese.head, english.head), rows=rows,
        note=_join(chinese.note, english.note),
    )  # fmt: skip


def _rows(chinese: Row, english: Row) -> Row:
    return tuple(_join(zh, en) for zh, en in zip(chinese, english, strict=True))


def _join(chinese: str, english: str) -> str:
    return chinese if chinese == english else f"{chinese}\n{english}"
