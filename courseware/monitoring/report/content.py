"""What a yearly report says, before it becomes a file: titled tables of text, in one language or in both.

Every number is the one that the Monitor page draws: of a closed year the frozen one (closed.py), with today's count beside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask_babel import force_locale, format_datetime, get_locale
from flask_babel import gettext as _

from courseware.core.fractions import Ratio
from courseware.libraries.models import Library
from courseware.monitoring.closed import FrozenYear, Reported, reported
from courseware.monitoring.definitions import DEFINITIONS
from courseware.monitoring.queries.monitor import CourseName, Overview
from courseware.monitoring.results import IndicatorResult
from courseware.monitoring.sealed import Breakdown
from courseware.monitoring.words import reason_words, target_words, verdict_words
from courseware.web.i18n import show_date

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
    year: FrozenYear | None = None
    year_before: FrozenYear | None = None
    parts: Breakdown | None = None
    """Courses and units as frozen, where today's are others."""

    def figures(self, *, judged: bool) -> list[Reported]:
        """The figures that the year shows, with a target or without."""
        found = [reported(self.year, result) for result in self.view.results.values()]
        return [one for one in found if (one.result.definition.threshold is not None) == judged]

    def a_year_ago(self, key: str) -> IndicatorResult | None:
        """The figure that the year before shows."""
        found = self.before.results.get(key)
        return reported(self.year_before, found).result if found is not None else None

    def recounted(self) -> list[Reported]:
        """The figures that are counted otherwise today than they were frozen."""
        return (
            [reported(self.year, result) for result in self.year.changed(self.view.results.values())]
            if self.year
            else []
        )


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
        *_frozen_line(subject),
    )  # fmt: skip
    sections = [
        judged(subject), *filter(None, [recounted(subject)]), _others(subject), _excluded(subject), _courses(subject), _units(subject), _meanings(),
    ]  # fmt: skip
    return Report(_("%(library)s: yearly data %(year)s", library=library, year=period.year), lines, sections)


def _in(language: str, subject: Subject) -> Report:
    with force_locale(language):
        return in_one_language(subject)


def _frozen_line(subject: Subject) -> Row:
    """Of a closed year: since when its figures stand, and how many are counted otherwise today."""
    if subject.year is None:
        return ()
    day, changed = show_date(subject.year.taken_at), len(subject.recounted())
    if not changed:
        return (_("The year is closed: frozen on %(date)s. A recount today gives the same figures.", date=day),)
    return (
        _("The year is closed: all figures are those frozen on %(date)s. Counted today, %(n)s of them would be others: see “Frozen and counted today”.", date=day, n=changed),
    )  # fmt: skip


def judged(subject: Subject) -> Section:
    """The figures with a target, beside last year's."""
    rows = [_judged_row(one.result, subject.a_year_ago(one.result.id)) for one in subject.figures(judged=True)]
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


def recounted(subject: Subject) -> Section | None:
    """Frozen figures beside today's count, where the two differ; None where they do not."""
    rows = [
        (one.result.id, one.result.definition.local_name(), *_counted(one.result), *_counted(one.today))
        for one in subject.recounted()
    ]
    if not rows or subject.year is None:
        return None
    head = (
        _("Definition"), _("Figure"), _("Frozen on %(date)s", date=show_date(subject.year.taken_at)), _("Numerator / denominator"), _("Rules"),
        _("Counted today"), _("Numerator / denominator"), _("Rules"),
    )  # fmt: skip
    note = _(
        "Facts that came late, or rules that changed since, give another count. The frozen figure is the one reported."
    )
    return Section(_("Frozen and counted today"), head, rows, (8, 24, 12, 14, 8, 12, 14, 8), note)


def _counted(result: IndicatorResult) -> Row:
    return _value(result), _fraction(result), result.definition.version


def _others(subject: Subject) -> Section:
    rows = [
        (one.id, one.definition.local_name(), _fraction(one), _value(one), _value(subject.a_year_ago(one.id)))
        for one in (figure.result for figure in subject.figures(judged=False))
    ]  # fmt: skip
    head = (_("Definition"), _("Figure"), _("Numerator / denominator"), _("Value"), _("A year ago"))
    return Section(_("Figures without a limit"), head, rows, (14, 36, 20, 15, 15))


def _excluded(subject: Subject) -> Section:
    rows = [
        (result.id, result.definition.local_name(), reason_words(reason), f"{count:,}")
        for result in (reported(subject.year, one).result for one in subject.view.results.values())
        for reason, count in result.tally.exclusions().items()
    ]
    head = (_("Definition"), _("Figure"), _("Reason"), _("Number"))
    return Section(_("Excluded, with the reason"), head, rows, (12, 34, 42, 12))


def _courses(subject: Subject) -> Section:
    rows = []
    for row in (subject.parts or subject.view).map_rows:
        course = subject.courses[row.course_id]
        shares = (row.taught, row.asked, row.moving, row.posts, row.updated)
        rows.append((_local(course.name, course.name_en), f"{row.points}", *(_share(share) for share in shares)))
    head = (
        _("Core course"), _("Points"), _("With a resource"), _("With a question"), _("With video or animation"),
        _("Mapped to a post"), _("Yearly update rate"),
    )  # fmt: skip
    return Section(_("Core courses"), head, rows, (28, 9, 13, 12, 13, 12, 13), _of_today(subject))


def _units(subject: Subject) -> Section:
    units = {member.unit_id: member.unit for member in subject.library.members}
    rows = [
        (_local(units[key].name, units[key].name_en), _share(students), _share(teachers))
        for key, students, teachers in (subject.parts or subject.view).units
    ]
    head = (_("Unit"), _("Students covered / on the roster"), _("Teachers covered / on the roster"))
    return Section(_("Application coverage by unit"), head, rows, (44, 28, 28), _of_today(subject))


def _of_today(subject: Subject) -> str:
    """Under a table that the frozen facts cannot give any more."""
    return _("This table is counted today.") if subject.recounted() and subject.parts is None else ""


def _meanings() -> Section:
    rows = [(d.id, _local(d.text, d.text_en), d.version) for d in DEFINITIONS]
    head = (_("Definition"), _("What it counts"), _("Rules"))
    return Section(_("What the figures mean"), head, rows, (12, 76, 12))


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
