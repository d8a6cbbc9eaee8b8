"""What is missing, in whole numbers, ordered by how many judged figures it repairs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from courseware.core.fractions import Ratio
from courseware.monitoring.indicators.satisfaction import valid_answers
from courseware.monitoring.queries.monitor import CourseName, Overview
from courseware.monitoring.results import FAIL, INSUFFICIENT
from courseware.monitoring.views.cards import indicator_url
from courseware.monitoring.words import REASONS
from courseware.web.i18n import local_text


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to do: what is missing, what it brings, where to begin."""

    title: str
    text: str
    repairs: tuple[str, ...]
    href: str
    action: str
    size: int = 0


@dataclass(frozen=True)
class Desk:
    """What the rules below look at."""

    view: Overview
    code: str
    courses: Mapping[int, CourseName]

    def name(self, course_id: int) -> str:
        """The name of a course in the language of the page."""
        course = self.courses.get(course_id)
        return local_text(course, "name") if course else ""

    def fails(self, indicator_id: str) -> bool:
        """Whether a figure is not met."""
        return self.view.results[indicator_id].verdict == FAIL

    def url(self, indicator_id: str, **more: object) -> str:
        """The list behind a figure."""
        return indicator_url(self.code, self.view, indicator_id, **more)


def todos(view: Overview, code: str, courses: Mapping[int, CourseName]) -> list[Todo]:
    """Everything that keeps a figure from being met, what repairs most first, then what is smallest."""
    desk = Desk(view, code, courses)
    found = [todo for rule in RULES for todo in rule(desk)]
    return sorted(found, key=lambda todo: (-len(todo.repairs), todo.size))


def _questions(desk: Desk) -> Iterator[Todo]:
    bank, core = desk.view.results["M8.A"], desk.view.results["M9.A"]
    for course_id, n in desk.view.gaps.questions.items():
        is_last_gap = desk.view.gaps.courses.get(course_id) == ("point_without_question",)
        title = ngettext(
            "%(course)s: %(num)d point has no question", "%(course)s: %(num)d points have no question", n, course=desk.name(course_id)
        )  # fmt: skip
        gain = _(
            "Question bank coverage goes from %(now)s to %(then)s of %(of)s.",
            now=bank.numerator,
            then=(bank.numerator or 0) + n,
            of=bank.denominator,
        )
        if is_last_gap:
            gain += " " + _(
                "Core course coverage goes from %(now)s to %(then)s of %(of)s.",
                now=core.numerator,
                then=(core.numerator or 0) + 1,
                of=core.denominator,
            )
        href = desk.url("M8.A", group="rest", course=desk.courses[course_id].uuid)
        yield Todo(title, gain, ("M8.A", "M9.A") if is_last_gap else ("M8.A",), href, _("See the points"), n)


def _rights(desk: Desk) -> Iterator[Todo]:
    n, result = desk.view.gaps.unproven, desk.view.results["M3.A"]
    if not desk.fails("M3.A"):
        return
    short = result.missing or 0
    title = ngettext(
        "%(num)d resource is called original without evidence",
        "%(num)d resources are called original without evidence",
        n,
    )
    text = (
        _("Evidence accepted for %(n)s of them reaches 70 %%.", n=short) if n >= short
        else _("Even with all of them %(n)s more originals are needed.", n=short - n)
    )  # fmt: skip
    yield Todo(title, text, ("M3.A",), desk.url("M3.A", group="rest"), _("See the resources"), short)


def _updates(desk: Desk) -> Iterator[Todo]:
    if not desk.fails("M4.A"):
        return
    short, waiting = desk.view.results["M4.A"].missing or 0, desk.view.gaps.revisions_in_review
    text = ngettext("%(num)d version waits for review.", "%(num)d versions wait for review.", waiting)
    if desk.view.gaps.least_updated:
        course_id, share = desk.view.gaps.least_updated
        text += " " + _(
            "The least updated course is %(course)s (%(n)s / %(of)s).",
            course=desk.name(course_id),
            n=share.numerator,
            of=share.denominator,
        )
    title = ngettext("%(num)d substantive update is missing", "%(num)d substantive updates are missing", short)
    yield Todo(title, text, ("M4.A",), desk.url("M4.A"), _("See the update ledger"), short)


def _media(desk: Desk) -> Iterator[Todo]:
    if desk.fails("M2.A"):
        short = desk.view.results["M2.A"].missing or 0
        title = ngettext(
            "%(num)d resource of another type is missing", "%(num)d resources of other types are missing", short
        )
        text = (
            _(
                "Text, slides and images are more than 30 %%. Video, audio, animation or simulation bring the share down."
            )
            % {}
        )
        yield Todo(title, text, ("M2.A",), desk.url("M2.A"), _("See the mix"), short)


def _courses(desk: Desk) -> Iterator[Todo]:
    for course_id, lacks in desk.view.gaps.courses.items():
        others = [reason for reason in lacks if reason != "point_without_question"]
        if others:
            title = _("%(course)s is not complete", course=desk.name(course_id))
            text = "; ".join(str(REASONS[reason]) for reason in others)
            course = desk.courses[course_id]
            yield Todo(
                title, text, ("M9.A",), url_for("catalog.builder", uuid=course.uuid), _("Open the course"), len(others)
            )


def _coverage(desk: Desk) -> Iterator[Todo]:
    missing = len(desk.view.gaps.units_without_roster)
    if missing:
        title = ngettext("%(num)d school has sent no roster", "%(num)d schools have sent no roster", missing)
        text = _("Until then application coverage is not applicable; 100 %% never stands in for it.") % {}
        yield Todo(title, text, ("M12.A",), desk.url("M12.A"), _("See the units"), missing)
    elif desk.fails("M12.A"):
        yield from (_group(desk, name) for name in ("students", "teachers") if _short(desk, name))


def _group(desk: Desk, name: str) -> Todo:
    short, result = _short(desk, name), desk.view.results["M12.A"]
    share = Ratio(*result.tally.parts[name])  # type: ignore[misc]
    if name == "students":
        title = ngettext("%(num)d more student has to be reached", "%(num)d more students have to be reached", short)
    else:
        title = ngettext("%(num)d more teacher has to be reached", "%(num)d more teachers have to be reached", short)
    text = _(
        "Now %(n)s of %(of)s, %(share)s; 80 %% is needed.",
        n=share.numerator,
        of=share.denominator,
        share=share.display(),
    )
    return Todo(title, text, ("M12.A",), desk.url("M12.A", group="rest"), _("See who is not covered"), short)


def _short(desk: Desk, name: str) -> int:
    covered, roster = desk.view.results["M12.A"].tally.parts[name]  # type: ignore[misc]
    return max(0, -(-80 * roster // 100) - covered)


def _survey(desk: Desk) -> Iterator[Todo]:
    result = desk.view.results["M13.A"]
    if result.verdict == INSUFFICIENT:
        valid = valid_answers(result)
        short = max(0, 30 - valid)
        title = ngettext("%(num)d more valid answer is needed", "%(num)d more valid answers are needed", short)
        yield Todo(
            title,
            _("Satisfaction is published from 30 answers and 20 %% response.") % {},
            ("M13.A",),
            desk.url("M13.A"),
            _("See the answers"),
            short,
        )
    elif desk.fails("M13.A"):
        title = _("Satisfaction is %(value)s", value=result.display)
        yield Todo(
            title,
            _("90 %% is needed. Look at who answered 3 and less, and where.") % {},
            ("M13.A",),
            desk.url("M13.A", group="rest"),
            _("See the answers"),
            result.missing or 0,
        )


def _reviews(desk: Desk) -> Iterator[Todo]:
    if desk.fails("M17"):
        n = len(desk.view.results["M17"].tally.rest)
        title = ngettext(
            "%(num)d version was published without full review",
            "%(num)d versions were published without full review",
            n,
        )
        yield Todo(
            title,
            _("This is a defect: look at each of them."),
            ("M17",),
            desk.url("M17", group="rest"),
            _("See the versions"),
            n,
        )


RULES: tuple[Callable[[Desk], Iterator[Todo]], ...] = (
    _questions, _rights, _updates, _media, _courses, _coverage, _survey, _reviews,
)  # fmt: skip
