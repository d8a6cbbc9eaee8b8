"""R5: a published training plan stands, old versions stay readable, and what it misses is said at once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from flask import Flask

from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.libraries import errors, queries, services
from courseware.libraries.plans import read_plan
from tests.libraries.builders import a_course, a_library, a_plan, an_admin, plan_content


def test_versions_are_published_once(app: Flask) -> None:
    library = a_library()
    a_plan(library, "1")
    a_plan(a_library(), "1")
    with pytest.raises(errors.PlanVersionExists):
        a_plan(library, "1")


def test_a_published_plan_does_not_change(app: Flask) -> None:
    plan = a_plan(a_library())
    plan.content = plan_content(graduation_zh=["别的要求"])
    with pytest.raises(errors.PublishedStands):
        session().flush()


def test_what_the_publisher_changes_later_does_not_reach_the_plan(app: Flask) -> None:
    content = plan_content()
    plan = services.publish_training_plan(a_library(), "1", dt.date(2026, 1, 1), content, an_admin())
    content["courses"].clear()
    session().commit()
    assert len(read_plan(plan.content).courses) == 1


def test_all_missing_parts_are_named_at_once(app: Flask) -> None:
    with pytest.raises(errors.PlanIncomplete) as refusal:
        services.publish_training_plan(a_library(), "1", dt.date(2026, 1, 1), {}, an_admin())
    assert set(refusal.value.problems) == {"objectives", "courses", "graduation"}


def test_the_plan_in_force_is_the_newest_valid_one_and_old_ones_stay_readable(app: Flask, clock: Any) -> None:
    clock("2026-03-01 09:00")
    library = a_library(code="P1")
    for version, day in (("2024", dt.date(2024, 9, 1)), ("2025", dt.date(2025, 9, 1)), ("2026", dt.date(2026, 9, 1))):
        a_plan(library, version, day)
    assert queries.library_page("P1", None).plan.version == "2025"  # type: ignore[union-attr]
    assert queries.library_page("P1", None, "2024").plan.version == "2024"  # type: ignore[union-attr]
    with pytest.raises(NotFound):
        queries.library_page("P1", None, "1999")


def test_core_courses_of_the_plan_that_are_not_built_are_gaps(app: Flask, clock: Any) -> None:
    clock("2026-03-01 09:00")
    library = a_library()
    rows = [{"course": code, "name": code, "kind": kind} for code, kind in (("A", "core"), ("B", "core"), ("C", "foundation"), ("D", "extension"))]  # fmt: skip
    a_plan(library, courses=rows)
    a_course(library, "A")
    a_course(library, "B", published=False)
    assert [(gap.code, gap.is_core, gap.is_registered) for gap in queries.plan_gaps(library)] == [
        ("B", True, True),
        ("C", False, False),
    ]


def test_terms_hold_their_courses_core_first_and_a_later_term_gets_its_column() -> None:
    plan = read_plan(plan_content(courses=[
        {"code": "X", "name": "基础", "kind": "foundation", "semester": 3},
        {"code": "Y", "name": "核心", "kind": "core", "semester": 3},
        {"code": "Z", "name": "晚", "kind": "core", "semester": 8},
        {"code": "N", "name": "未定", "kind": "core"},
    ]))  # fmt: skip
    terms = dict(plan.terms())
    assert [course.code for course in terms[3]] == ["Y", "X"]
    assert list(terms) == list(range(1, 9))
