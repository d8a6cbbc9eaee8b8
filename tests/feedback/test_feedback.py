"""Stars after real use, reports that are answered, records that their owners open or not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

from courseware.accounts import services as accounts
from courseware.accounts.models import User
from courseware.catalog.models import Activity, Lesson, LessonVersion, Module
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import Invalid, NotAllowed, NotFound
from courseware.core.roles import Role
from courseware.feedback import queries, services
from courseware.feedback.errors import HandledMeanwhile, NotUsedYet, OwnWork
from courseware.feedback.models import ProblemReport, Rating
from courseware.resources import services as resources
from courseware.resources.models import Resource
from courseware.web.security import limiter
from tests.counting import statements
from tests.feedback.conftest import Use, World


def learners(world: World, count: int) -> list[User]:
    return [
        accounts.create_user(f"l{n}@example.org", f"学习者{n}", unit=world.student.unit, roles=[Role.STUDENT])
        for n in range(count)
    ]


def test_only_people_who_really_used_it_rate_it(world: World, use: Use) -> None:
    shown, noise = world.published(), world.published("另一份")
    with pytest.raises(NotUsedYet):
        services.rate(world.student, shown, 5)
    use(world.student, noise)
    use(world.student, shown, seconds=3)
    with pytest.raises(NotUsedYet):
        services.rate(world.student, shown, 5)
    use(world.student, shown)
    assert services.rate(world.student, shown, 4, " 讲得清楚 ").words == "讲得清楚"
    use(world.author, shown)
    with pytest.raises(OwnWork):
        services.rate(world.author, shown, 5)


def test_previews_and_test_accounts_are_no_use(world: World, use: Use) -> None:
    shown = world.published()
    use(world.student, shown, context="preview")
    tester = accounts.create_user("t@example.org", "测试", unit=world.student.unit, roles=[Role.STUDENT], is_test=True)
    use(tester, shown)
    for person in (world.student, tester):
        with pytest.raises(NotUsedYet):
            services.rate(person, shown, 5)


def test_one_rating_a_person_changeable_and_taken_back(world: World, use: Use) -> None:
    shown, noise = world.published(), world.published("另一份")
    for resource in (shown, noise):
        use(world.student, resource)
        services.rate(world.student, resource, 2)
    services.rate(world.student, shown, 5, "第二版好多了")
    assert dict(queries.feedback_on(shown, None).stars.by_stars) == {5: 1}
    services.take_back_rating(world.student, shown)
    services.take_back_rating(world.student, shown)
    assert queries.feedback_on(shown, world.student).own is None
    assert session().scalar(select(func.count()).select_from(Rating)) == 1


def test_an_average_is_shown_from_five_ratings_on_and_words_only_to_owner_and_librarians(
    world: World, use: Use
) -> None:
    shown = world.published()
    for n, person in enumerate(learners(world, 5)):
        use(person, shown)
        assert not queries.feedback_on(shown, None).stars.is_shown
        services.rate(person, shown, (5, 4, 4, 3, 5)[n], "写得好" if n == 1 else "")
    stars = queries.feedback_on(shown, None).stars
    assert (stars.is_shown, stars.count, stars.average, stars.share(4)) == (True, 5, 4.2, 40.0)
    for reader, sees in ((world.author, 1), (world.librarian, 1), (world.student, 0), (world.stranger, 0)):
        assert len(queries.feedback_on(shown, reader).words) == sees, reader.name


@pytest.mark.parametrize(("stars", "words"), [(0, ""), (6, ""), (3, "长" * 1001)])
def test_what_cannot_stand_is_said_and_not_stored(world: World, use: Use, stars: int, words: str) -> None:
    shown = world.published()
    use(world.student, shown)
    with pytest.raises(Invalid):
        services.rate(world.student, shown, stars, words)
    assert queries.feedback_on(shown, None).stars.count == 0


def test_a_report_is_handled_and_its_reporter_reads_the_answer(world: World) -> None:
    shown, noise = world.published(), world.published("另一份", actor=world.stranger)
    services.report(world.student, noise, "other", "别处的问题")
    found = services.report(world.student, shown, "wrong", "第 3 页的角度写反了")
    assert [r.words for r in queries.reports_for(world.author).items] == ["第 3 页的角度写反了"]
    assert len(queries.reports_for(world.librarian).items) == 2
    assert queries.reports_for(world.colleague).items == []
    with pytest.raises(Invalid):
        services.handle(world.author, found, "rejected", "  ")
    services.handle(world.author, found, "answered", "已核对，以第二版为准。", seen_state="open")
    assert queries.my_reports(world.student)[0].answer == "已核对，以第二版为准。"
    assert queries.count_reports(world.author) == {"open": 0, "answered": 1, "fixed": 0, "rejected": 0}
    with pytest.raises(HandledMeanwhile):
        services.handle(world.librarian, found, "rejected", "没看到", seen_state="open")
    with pytest.raises(NotAllowed):
        services.handle(world.stranger, found, "fixed", "")
    with pytest.raises(NotFound):
        queries.report_by_uuid(found.uuid, world.stranger)


def test_nobody_reports_on_what_they_may_not_see(world: World) -> None:
    with pytest.raises(NotFound):
        services.report(None, world.draft(), "wrong", "看不到的")


def test_the_report_form_takes_guests_and_lets_programs_fall_into_the_pot(world: World, client: Any) -> None:
    shown = world.published()
    session().commit()
    address, form = f"/resources/{shown.uuid}/report", {"kind": "broken", "words": "视频放不出来"}
    assert client.get(address).status_code == 200
    assert client.post(address, data={**form, "words": ""}).status_code == 422
    assert client.post(address, data={**form, "website": "https://spam.example"}).status_code == 302
    assert client.post(address, data=form).status_code == 302
    kept = session().scalars(select(ProblemReport)).one()
    assert (kept.words, kept.reporter_id, kept.state) == ("视频放不出来", None, "open")


@pytest.fixture
def limits() -> Iterator[None]:
    """The limiter is one for the process: it goes back to what it was."""
    was = limiter.enabled
    yield
    limiter.reset()
    limiter.enabled = was


def test_reports_are_limited_in_number(make_app: Any, limits: None) -> None:
    client = make_app(rate_limits="on", testing=False).test_client()
    address = "/resources/00000000-0000-0000-0000-000000000000/report"
    answers = [client.post(address, data={"kind": "other", "words": "x"}).status_code for _n in range(7)]
    assert answers == [404] * 6 + [429]


def test_stars_are_given_on_the_page_and_by_a_program(world: World, use: Use, client: Any) -> None:
    shown = world.published()
    use(world.student, shown)
    session().commit()
    client.sign_in(world.student)
    assert client.post(f"/resources/{shown.uuid}/rating", data={"stars": "4", "words": "好"}).status_code == 302
    page = client.get(f"/resources/{shown.uuid}").text
    assert 'value="4" required checked' in page
    answer = client.post(f"/api/v1/resources/{shown.uuid}/rating", json={"stars": 2})
    assert answer.json == {"stars": 2, "words": "", "count": 1, "average": None}
    assert client.post(f"/api/v1/resources/{shown.uuid}/rating", json={"stars": 9}).status_code == 422
    assert client.post(f"/resources/{shown.uuid}/rating", data={"remove": "1"}).status_code == 302
    assert queries.feedback_on(shown, None).stars.count == 0


def lesson_with(world: World, owner: User, resource: Resource) -> Lesson:
    module = Module(course_id=world.course.id, seq=1, title="模块")
    session().add(module)
    session().flush()
    lesson = Lesson(
        course_id=world.course.id, module_id=module.id, owner_id=owner.id, seq=1, title="课时", is_live=True
    )
    session().add(lesson)
    session().flush()
    version = LessonVersion(lesson_id=lesson.id, num=1, state="published", published_at=clock.now())
    version.activities = [Activity(seq=n, kind="resource", resource_id=resource.id) for n in range(2)]
    session().add(version)
    session().flush()
    lesson.published_version_id = version.id
    session().flush()
    return lesson


def test_the_record_counts_what_somebody_gave(world: World) -> None:
    shown = world.published()
    world.draft("没发布的")
    world.published("别人的", actor=world.stranger)
    revision = resources.start_revision(world.author, shown, body="换了一个说法的正文。", reason="勘误")
    resources.publish_version(revision, "minor")
    lesson_with(world, world.author, shown)
    lesson_with(world, world.colleague, shown)
    page = queries.contributions_of(world.author.uuid, world.author)
    assert dict(page.figures) == {"created": 1, "substantive": 0, "minor": 1, "reviewed": 0, "reused": 1}
    assert ([r.title for r in page.created], [v.num for v in page.revised]) == (["焊枪角度"], [2])
    assert {lesson.owner_id for lesson, _course, _resource in page.reused} == {world.colleague.id}


def test_the_record_is_open_only_where_its_owner_says_so(world: World, client: Any) -> None:
    world.published()
    for reader in (None, world.student, world.colleague, world.reviewer):
        with pytest.raises(NotFound):
            queries.contributions_of(world.author.uuid, reader)
    assert queries.contributions_of(world.author.uuid, world.librarian).sees_all
    services.share_contributions(world.author, is_public=True)
    shown = queries.contributions_of(world.author.uuid, None)
    assert (shown.figures["created"], shown.sees_all, list(shown.created)) == (1, False, [])
    session().commit()
    address = f"/people/{world.author.uuid}/contributions"
    assert "焊枪角度" not in client.get(address).text
    client.sign_in(world.colleague)
    assert client.post(address, data={"public": "no"}).status_code == 403
    client.sign_in(world.author)
    assert "焊枪角度" in client.get(address).text
    assert client.post(address, data={"public": "no"}).status_code == 302
    client.sign_out()
    assert client.get(address).status_code == 404


def test_lists_ask_as_often_for_many_rows_as_for_few(world: World) -> None:
    shown = [world.published(f"资源{n}") for n in range(6)]

    def asked() -> int:
        session().flush()
        session().expire_all()
        with statements() as counted:
            page = queries.reports_for(world.librarian)
            assert [(r.resource.title, r.resource.author.name, r.reporter and r.reporter.name) for r in page.items]
            queries.contributions_of(world.author.uuid, world.author)
        return len(counted)

    services.report(world.student, shown[0], "wrong", "一")
    few = asked()
    for resource in shown:
        services.report(world.student, resource, "wrong", "更多")
    assert asked() == few
