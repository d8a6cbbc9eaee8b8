"""Questions and answers: who takes part, what is marked, what stays as a trace, who moderates and who decides appeals."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.catalog import services as catalog
from courseware.core import clock as product_clock
from courseware.core.database import session
from courseware.core.errors import NotAllowed, NotFound
from courseware.core.roles import Role
from courseware.discussion import moderating, moderation, policy, queries, services
from courseware.discussion.errors import (
    AlreadyGone,
    NotAmongThem,
    NothingSaid,
    NotYourOwnCase,
    ReasonNeeded,
    SaidTooMuch,
    UnderReview,
)
from courseware.discussion.models import Message, MessageEdit, Thread
from courseware.discussion.services import Spot
from courseware.discussion.words import as_html, tidy
from courseware.enrollment.models import ClassMember, TeachingClass
from tests.catalog.world import World
from tests.counting import statements


@pytest.fixture
def lesson(world: World) -> Any:
    """A lesson with a video; the student and the classmate are in the course."""
    made = world.lesson(world.video())
    world.enrol()
    world.enrol(world.classmate)
    return made


def ask(world: World, lesson: Any, words: str = "为什么焊缝会凸起？", **more: Any) -> Thread:
    return services.open_thread(world.student, world.course, words, Spot(lesson, None, 220), **more)


def question(thread: Thread) -> Message:
    return services.question_of(thread)


def test_a_teachers_answer_is_marked_and_makes_the_question_answered(world: World, lesson: Any) -> None:
    thread = ask(world, lesson)
    other = ask(world, lesson, "没有人回答的问题")
    services.reply(world.classmate, thread, "我猜是角度。")
    assert [view.uuid for view in moderating.questions_for(world.teacher).items] == [other.uuid, thread.uuid]
    services.reply(world.teacher, thread, "角度太小，熔池前淌。")
    assert [view.uuid for view in moderating.questions_for(world.teacher).items] == [other.uuid]
    services.open_thread(world.teacher, world.course, "本周五交实训报告")
    assert [view.uuid for view in moderating.questions_for(world.teacher).items] == [other.uuid], (
        "a teacher's own words wait for nobody"
    )
    view = queries.thread_view(thread, world.student)
    assert [(answer.author, answer.by_teacher) for answer in view.answers] == [("周同学", False), ("林知遥", True)]
    assert (view.at_s, view.replies, view.is_answered) == (220, 2, True)


def test_only_people_of_the_course_take_part(world: World, lesson: Any) -> None:
    thread = ask(world, lesson)
    stranger = world.person("外人", Role.STUDENT)
    with pytest.raises(NotAmongThem):
        services.open_thread(stranger, world.course, "我也想问", Spot(lesson))
    with pytest.raises(NotAmongThem):
        services.reply(stranger, thread, "我来答")
    with pytest.raises(NotFound):
        queries.thread_by_uuid(thread.uuid, stranger)
    with pytest.raises(NotAmongThem):  # teaches elsewhere
        services.reply(world.colleague, thread, "我来答")
    assert policy.can_take_part(world.person("馆员", Role.LIBRARIAN), world.course)
    assert not policy.can_take_part(None, world.course)


def test_a_lesson_of_another_course_is_no_place_for_a_question(world: World, lesson: Any) -> None:
    elsewhere = catalog.add_module(world.person("管理员", Role.ADMINISTRATOR), world.other_course, "别处")
    strange = world.lesson(world.video(), module=elsewhere, actor=world.person("馆员", Role.LIBRARIAN))
    with pytest.raises(NotFound):
        services.open_thread(world.student, world.course, "问", Spot(strange))


def test_words_are_needed_and_bounded(world: World, lesson: Any) -> None:
    with pytest.raises(NothingSaid):
        ask(world, lesson, "  \r\n ")
    with pytest.raises(SaidTooMuch, match=str(services.LONGEST)):
        ask(world, lesson, "长" * (services.LONGEST + 1))
    assert question(ask(world, lesson, "长" * services.LONGEST)).seq == 0


def test_a_question_of_a_class_stays_in_the_class(world: World, lesson: Any) -> None:
    place = _class_of(world, world.student)
    thread = ask(world, lesson, "只给我们班", class_=place)
    in_course = ask(world, lesson, "给全课程")
    assert [v.uuid for v in queries.threads_of_lesson(lesson.id, world.student).items] == [in_course.uuid]
    assert [v.uuid for v in queries.threads_of_class(place, world.student).items] == [thread.uuid]
    with pytest.raises(NotFound):  # in the course, not in the class
        queries.thread_by_uuid(thread.uuid, world.classmate)
    answer = services.reply(world.colleague, thread, "我是带班老师。")
    assert answer.by_teacher, "who holds the class teaches there"


def test_edits_are_kept_and_deleting_leaves_a_trace_without_words(world: World, lesson: Any) -> None:
    thread = ask(world, lesson)
    message = question(thread)
    services.edit(world.student, message, "改过的问题")
    services.edit(world.student, message, "改过的问题")  # nothing new
    assert [edit.body for edit in session().query(MessageEdit).all()] == ["为什么焊缝会凸起？"]
    with pytest.raises(NotAllowed):
        services.edit(world.classmate, message, "不是我的")
    services.remove(world.student, message)
    assert session().query(MessageEdit).count() == 0
    view = queries.thread_view(thread, world.classmate).question
    assert (view.state, view.body, view.author) == ("deleted", "", "苏听澜")
    with pytest.raises(AlreadyGone):
        services.reply(world.classmate, thread, "太晚了")
    assert moderating.questions_for(world.teacher).items == [], "nobody waits for an answer any more"


def test_a_mark_counts_once_a_person_and_can_be_taken_back(world: World, lesson: Any) -> None:
    message = question(ask(world, lesson))
    assert services.mark(world.classmate, message) == 1
    assert services.mark(world.classmate, message) == 1
    assert services.mark(world.teacher, message) == 2
    assert services.mark(world.classmate, message, wanted=False) == 1
    assert services.mark(world.classmate, message, wanted=False) == 1
    with pytest.raises(NotAllowed):
        services.mark(world.student, message)


def test_the_asker_says_which_answer_helped_and_it_comes_first(world: World, lesson: Any) -> None:
    thread = ask(world, lesson)
    services.reply(world.teacher, thread, "先答的")
    helped = services.reply(world.classmate, thread, "有用的")
    with pytest.raises(NotAllowed):
        services.accept(world.classmate, helped)
    with pytest.raises(NotFound):
        services.accept(world.student, question(thread))
    services.accept(world.student, helped)
    assert [a.body for a in queries.thread_view(thread, world.student).answers] == ["有用的", "先答的"]
    services.remove(world.classmate, helped)
    assert not any(a.is_accepted for a in queries.thread_view(thread, world.student).answers)


def test_news_are_for_the_asker_until_they_looked(world: World, lesson: Any, clock: Any) -> None:
    clock("2026-03-01 09:00")
    thread = ask(world, lesson)
    ask(world, lesson, "没有新回答的")
    clock.advance(minutes=5)
    services.reply(world.student, thread, "补充一下")
    assert queries.count_news(world.student) == 0, "one's own words are no news"
    services.reply(world.teacher, thread, "回答")
    assert (queries.count_news(world.student), queries.count_news(world.classmate)) == (1, 0)
    assert queries.beside_lesson(lesson.id, world.student) == queries.Beside(2, 1)
    clock.advance(minutes=1)
    services.note_read(world.student, thread)
    assert queries.count_news(world.student) == 0


def test_reported_hidden_appealed_shown_again(world: World, lesson: Any) -> None:
    librarian, helper = world.person("馆员", Role.LIBRARIAN), world.person("馆员二", Role.LIBRARIAN)
    thread = ask(world, lesson)
    answer = services.reply(world.classmate, thread, "广告：加我")
    with pytest.raises(ReasonNeeded):
        moderation.report(world.student, answer, " ")
    moderation.report(world.student, answer, "这是广告")
    with pytest.raises(UnderReview):
        services.remove(world.classmate, answer)
    assert [(c.message.id, c.reports) for c in moderating.cases_for(world.teacher, "reported")] == [
        (answer.id, ["这是广告"])
    ]
    assert moderating.cases_for(world.colleague, "reported") == []
    with pytest.raises(NotAllowed):
        moderation.hide(world.student, answer, "我不喜欢")
    moderation.hide(librarian, answer, "广告")
    assert moderating.counts_for(world.teacher) == {"open": 1, "reported": 0, "hidden": 1, "appeals": 0}
    assert _seen(thread, world.student) == ("hidden", "", "")
    assert _seen(thread, world.classmate) == ("hidden", "广告：加我", "广告")
    moderation.appeal(world.classmate, answer, "这是课程群")
    with pytest.raises(AlreadyGone):
        moderation.appeal(world.classmate, answer, "再来一次")
    for nobody in (librarian, world.teacher, world.classmate):
        with pytest.raises(NotYourOwnCase):
            moderation.decide_appeal(nobody, answer, "好", restore=True)
    moderation.decide_appeal(helper, answer, "确实是课程群", restore=True)
    assert _seen(thread, world.student)[:2] == ("shown", "广告：加我")


def test_a_report_that_is_nothing_is_settled_and_the_words_stay(world: World, lesson: Any) -> None:
    thread = ask(world, lesson)
    moderation.report(world.classmate, question(thread), "太难听")
    moderation.leave_standing(world.teacher, question(thread))
    assert moderating.cases_for(world.teacher, "reported") == []
    assert queries.thread_view(thread, world.classmate).question.state == "shown"


def test_a_list_asks_the_same_number_of_queries_however_much_was_said(world: World, lesson: Any) -> None:
    def measure() -> int:
        session().commit()
        session().expire_all()
        reader, number = session().get_one(type(world.student), world.student.id), lesson.id
        with statements() as asked:
            queries.threads_of_lesson(number, reader)
        return len(asked)

    services.reply(world.teacher, ask(world, lesson), "一")
    few = measure()
    for n in range(12):
        thread = ask(world, lesson, f"问题 {n}")
        for who in (world.classmate, world.teacher, world.student):
            services.reply(who, thread, f"回答 {n}")
    assert measure() == few <= 9


def test_long_threads_and_long_lists_are_shown_in_parts(world: World, lesson: Any) -> None:
    thread = ask(world, lesson)
    for n in range(queries.SHOWN_ANSWERS + 3):
        services.reply(world.classmate, thread, f"回答 {n}")
    for n in range(queries.PAGE):
        ask(world, lesson, f"问题 {n}")
    first = queries.threads_of_lesson(lesson.id, world.student)
    second = queries.threads_of_lesson(lesson.id, world.student, first.next)
    assert [v.uuid for v in second.items] == [thread.uuid]
    assert (len(second.items[0].answers), second.items[0].more) == (queries.SHOWN_ANSWERS, 3)
    assert len(queries.thread_view(thread, world.student).answers) == queries.SHOWN_ANSWERS + 3


@given(st.text(alphabet=st.sampled_from("<>&\"' a中http://x.y\n，）javascript:")))
def test_whatever_is_written_comes_out_without_markup_of_its_own(words: str) -> None:
    html = str(as_html(tidy(words)))
    left = html.replace("<br>", "")
    assert left.count("<") == left.count("</a>") + left.count('<a href="http')
    assert 'href="javascript' not in html


def test_links_end_where_chinese_punctuation_begins() -> None:
    assert 'href="https://a.cn/b?c=1"' in as_html("见（https://a.cn/b?c=1），谢谢")
    assert "<br>" in as_html("一\n二")


def _seen(thread: Thread, who: Any) -> tuple[str, str, str]:
    view = queries.thread_view(thread, who).answers[0]
    return view.state, view.body, view.reason


def _class_of(world: World, *members: Any) -> TeachingClass:
    run = catalog.open_run(world.course, "1", product_clock.now())
    place = TeachingClass(run_id=run.id, owner_id=world.colleague.id, name="焊接一班")
    session().add(place)
    session().flush()
    for person in members:
        session().add(ClassMember(class_id=place.id, user_id=person.id, joined_at=product_clock.now()))
    session().flush()
    return place
