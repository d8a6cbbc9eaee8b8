"""M8, M9, M15."""

from __future__ import annotations

from typing import Any

from courseware.monitoring.facts import CourseFact, PointFact, QuestionFact, StandardFact
from tests.monitoring.rows import LONG_BEFORE, YEAR, figure, on, resource, shown

PER_POINT = (3, 1, 0, 5, 2, 4, 1, 3, 6, 1, 2, 3)


def question(course: int, *points: int, n: int = 1, **fields: Any) -> list[QuestionFact]:
    fields = {"published_at": LONG_BEFORE} | fields
    question.last = getattr(question, "last", 0)  # type: ignore[attr-defined]
    made = []
    for _ in range(n):
        question.last += 1  # type: ignore[attr-defined]
        made.append(QuestionFact(question.last, course, "single", points, **fields))  # type: ignore[attr-defined]
    return made


def course(key: int, *units: tuple[int, ...], **fields: Any) -> CourseFact:
    fields = {"published_at": LONG_BEFORE, "runs": (LONG_BEFORE,)} | fields
    return CourseFact(key, standards=(StandardFact(LONG_BEFORE, units),) if units else (), **fields)


def test_m8_with_one_and_with_three_questions() -> None:
    bank = [q for point, n in enumerate(PER_POINT, 1) for q in question(1, point, n=n)]
    other_course = question(2, 3, n=4)
    gone = question(1, 3, withdrawn_at=on("2026-02-02"))
    facts = {
        "courses": [course(1, tuple(range(1, 13))), course(2, kind="extension")],
        "questions": bank + other_course + gone,
    }
    assert len(bank) == 31
    assert shown(figure("M8.A", **facts)) == (11, 12, "91.67 %", "fail")
    assert shown(figure("M8.B", **facts)) == (6, 12, "50.00 %", "fail")
    assert figure("M8.A", **facts).tally.rest == {(1, 3): "no_question"}


def test_objective_share_counts_each_question_once() -> None:
    bank = question(1, 1, n=22, is_objective=True) + question(1, 2, n=9)
    copies = question(1, 3, n=2, is_objective=True, content_hash="same")
    gone = question(1, 1, n=4, is_objective=True, withdrawn_at=on("2026-02-02"))
    assert shown(figure("M8.objective", questions=bank + gone)) == (22, 31, "70.97 %", None)
    assert shown(figure("M8.objective", questions=bank + copies)) == (23, 32, "71.88 %", None)


def test_a_course_without_a_bank_counts_as_0_not_as_n_a() -> None:
    assert shown(figure("M8.A", courses=[course(1, (1, 2))])) == (0, 2, "0.00 %", "fail")


def test_a_question_counts_for_each_point_it_names_and_equal_content_once() -> None:
    bank = question(1, 1, 2) + question(1, 3, content_hash="x", n=5)
    facts = {"courses": [course(1, (1, 2, 3))], "questions": bank}
    assert figure("M8.A", **facts).numerator == 3
    assert figure("M8.B", **facts).numerator == 0


def test_m9_seven_of_eight_core_courses_are_complete() -> None:
    courses = [course(key, (key * 10, key * 10 + 1), (key * 10 + 2,)) for key in range(1, 9)]
    taught = [resource(point_ids=(key * 10, key * 10 + 2)) for key in range(1, 9)]
    bank = [q for key in range(1, 9) for p in range(3) for q in question(key, key * 10 + p)]
    noise = [course(20, (5,), kind="foundation", published_at=None), course(21, (6,), is_in_plan=False)]
    facts = {"courses": courses + noise, "resources": taught, "questions": bank[:-1]}
    result = figure("M9.A", **facts)
    assert shown(result) == (7, 8, "87.50 %", "fail")
    assert result.tally.rest == {8: "point_without_question"}
    assert shown(figure("M9.B", **facts)) == (8, 8, "100.00 %", "pass")


def test_m9_names_what_a_course_lacks() -> None:
    courses = [course(1), course(2, (1,), (2,)), course(3, (1,), runs=())]
    facts = {
        "courses": courses,
        "resources": [resource(point_ids=(1,))],
        "questions": question(2, 1, 2) + question(3, 1),
    }
    assert figure("M9.A", **facts).tally.rest == {1: "no_standard", 2: "unit_without_resource", 3: "no_run"}


def test_m9_follows_the_standard_in_force_at_the_end() -> None:
    newer = StandardFact(YEAR.end, ((1,), (2,)))
    old = CourseFact(
        1, published_at=LONG_BEFORE, runs=(LONG_BEFORE,), standards=(StandardFact(LONG_BEFORE, ((1,),)), newer)
    )
    facts = {"courses": [old], "resources": [resource(point_ids=(1,))], "questions": question(1, 1)}
    assert figure("M9.A", **facts).numerator == 1


def test_m15_points_with_a_resource_and_with_a_post() -> None:
    points = [PointFact(key, LONG_BEFORE, has_post=key != 50) for key in range(1, 51)] + [PointFact(51, YEAR.end)]
    taught = [resource(point_ids=tuple(range(1, 30))), resource(point_ids=tuple(range(25, 48)))]
    gone = [resource(point_ids=(48, 49), withdrawn=on("2026-03-03"))]
    assert shown(figure("M15.A", points=points, resources=taught + gone)) == (47, 50, "94.00 %", None)
    assert shown(figure("M15.B", points=points)) == (49, 50, "98.00 %", None)
