"""The pages of resources as people use them: from a draft to the public page, and everything that can go wrong between."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, select

from courseware.accounts import services as accounts
from courseware.core.database import db, session
from courseware.core.roles import Role
from courseware.resources import change, services
from courseware.resources.models import Resource, ResourceNote
from courseware.resources.views.moments import read_clock, show_clock
from courseware.resources.views.previews import render_markdown
from courseware.review import services as review
from courseware.review.models import DIMENSIONS
from tests.resources.conftest import World

EVIL = "<script>alert('x')</script>"


def fields(resource: Resource, **changes: Any) -> dict[str, Any]:
    """What a browser sends when the editor of `resource` is saved, with `changes`."""
    draft = resource.draft_version
    sent = {
        "expected_version": str(resource.lock_version), "title": resource.title, "title_en": resource.title_en,
        "course": str(resource.course.uuid) if resource.course else "", "points": [str(p.uuid) for p in resource.points],
        "description": resource.description, "keywords": "", "difficulty": "", "language": resource.language,
        "audience": "", "source": "", "type": resource.type,
    }  # fmt: skip
    if draft is not None:
        sent |= {"body": draft.body, "originality": draft.originality, "licence": draft.licence}
        sent |= {"reason": draft.reason, "tags": draft.tags}
    return sent | changes


def editor(resource: Resource) -> str:
    return f"/teach/resources/{resource.uuid}/edit"


@contextmanager
def counted() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_a_text_goes_from_the_first_word_to_every_reader(client: Any, world: World) -> None:
    client.sign_in(world.author)
    made = client.post(
        "/teach/resources/new", data={"library": "ROBOT", "title": "枪角入门", "body": "# 枪角\n\n保持 **75°**。"}
    )
    assert made.status_code == 302
    resource = session().scalars(select(Resource).where(Resource.title == "枪角入门")).one()
    complete = fields(
        resource, course=str(world.course.uuid), points=[str(world.points[0].uuid)], originality="original",
        licence="CC-BY-4.0", action="submit", commitment="y", check=list(DIMENSIONS),
    )  # fmt: skip
    assert client.post(editor(resource), data=complete).status_code == 302
    waiting = review.open_submission(resource)
    assert waiting is not None
    assert client.sign_in(world.student).get(f"/resources/{resource.uuid}").status_code == 404
    passed = {f"verdict-{d}": "pass" for d in DIMENSIONS}
    client.sign_in(world.reviewer)
    sent_back = {**passed, "verdict-norms": "fail", "note-norms": "题名过短", "decision": "return"}
    assert client.post(f"/review/{waiting.uuid}", data=sent_back).status_code == 302
    client.sign_in(world.author)
    assert "题名过短" in client.get(editor(resource)).text
    session().refresh(resource)
    again = {**complete, "expected_version": str(resource.lock_version), "title": "立焊枪角入门"}
    assert client.post(editor(resource), data=again).status_code == 302
    second = review.open_submission(resource)
    assert second is not None
    client.sign_in(world.reviewer)
    assert client.post(f"/review/{second.uuid}", data={**passed, "decision": "approve"}).status_code == 302
    page = client.sign_out().get(f"/resources/{resource.uuid}")
    assert page.status_code == 200
    assert "<strong>75°</strong>" in page.text


def test_everything_missing_is_listed_at_once_and_saved_meanwhile(client: Any, world: World) -> None:
    resource = world.draft(course=None, points=(), originality="unknown", licence="")
    client.sign_in(world.author)
    answer = client.post(editor(resource), data=fields(resource, title="新题名", action="submit"))
    assert answer.status_code == 422
    for anchor in ("course", "points", "originality", "licence", "commitment"):
        assert f'href="#{anchor}"' in answer.text, anchor
    session().refresh(resource)
    assert resource.title == "新题名"
    assert resource.draft_version is not None
    assert resource.draft_version.state == "draft"


def test_second_editor_is_told_and_loses_nothing(client: Any, world: World) -> None:
    resource = world.draft(body="开头。")
    stale = fields(resource, title="我的题名", body="我写了很久的正文。")
    services.edit_draft(world.librarian, resource, {"title": "别人的题名"}, resource.lock_version)
    session().commit()
    client.sign_in(world.author)
    answer = client.post(editor(resource), data=stale)
    assert answer.status_code == 409
    for text in ("我的题名", "我写了很久的正文。", "别人的题名"):
        assert text in answer.text, text
    session().refresh(resource)
    assert resource.title == "别人的题名"
    number = re.search(r'name="expected_version"[^>]*value="(\d+)"', answer.text)
    assert number is not None
    assert client.post(editor(resource), data={**stale, "expected_version": number.group(1)}).status_code == 302


def test_a_text_typed_while_the_draft_was_handed_in_is_not_lost(client: Any, world: World) -> None:
    resource = world.draft()
    stale = fields(resource, body="还没保存的正文。")
    review.submit(world.author, resource, commitment="已自查")
    answer = client.sign_in(world.author).post(editor(resource), data=stale)
    assert answer.status_code == 409
    assert "还没保存的正文。" in answer.text


def test_content_of_another_resource_is_refused_with_its_name(client: Any, world: World) -> None:
    world.published("原有资源", body="同样的话。")
    resource = world.draft("抄来的", body="自己的话。")
    answer = client.sign_in(world.author).post(editor(resource), data=fields(resource, body="同样的话。"))
    assert answer.status_code == 422
    assert "原有资源" in answer.text
    assert session().scalars(select(ResourceNote).where(ResourceNote.kind == "duplicate")).all()


def test_a_revision_with_the_same_content_is_refused_and_one_with_new_content_shows_its_evidence(
    client: Any, world: World
) -> None:
    resource = world.published("枪角", body="行走角保持 70°。")
    client.sign_in(world.author)
    assert client.post(f"/teach/resources/{resource.uuid}/revise").status_code == 302
    session().refresh(resource)
    same = client.post(editor(resource), data=fields(resource, reason="想改", action="submit", commitment="y"))
    assert same.status_code == 422
    assert 'href="#content"' in same.text
    session().refresh(resource)
    changed = fields(resource, reason="新规范", tags=["新规范"], body="行走角保持 75°。另加一段说明。")
    assert client.post(editor(resource), data=changed).status_code == 302
    draft = resource.draft_version
    assert draft is not None
    session().refresh(draft)
    assert draft.tags == ["新规范"]
    text = client.get(editor(resource)).text
    assert all(sentence in text for sentence in change.evidence_sentences(draft.measured))


def test_what_authors_write_never_becomes_markup(client: Any, world: World) -> None:
    resource = world.published(
        f"题名{EVIL}", body=f"# 甲{EVIL}\n\n[x](javascript:alert(1)) <img src=x onerror=1>", keywords=[EVIL]
    )
    client.sign_in(world.author)
    for path in (f"/resources/{resource.uuid}", "/teach/resources", editor(resource)):
        text = client.get(path).text
        assert EVIL not in text, path
        assert 'href="javascript' not in text, path
        assert "<img src=x" not in text


def test_markdown_is_shown_as_written() -> None:
    html = render_markdown("# 一\n\n- a\n\n| a | b |\n|---|---|\n| 1 | 2 |\n")
    assert "<h2>一</h2>" in html
    assert "<td>1</td>" in html
    assert "onclick" not in render_markdown('<a onclick="x()">y</a>') or "&lt;a" in render_markdown(
        '<a onclick="x()">y</a>'
    )


def test_drafts_are_seen_by_authors_and_staff_only(client: Any, world: World) -> None:
    resource = world.draft()
    path = f"/resources/{resource.uuid}"
    assert client.get(path).status_code == 404
    for person, status in ((world.student, 404), (world.stranger, 404), (world.author, 200), (world.reviewer, 200)):
        assert client.sign_in(person).get(path).status_code == status, person.name
    assert client.sign_in(world.stranger).get(editor(resource)).status_code in (403, 404)


def test_withdrawing_needs_a_reason_and_can_be_undone(client: Any, world: World) -> None:
    resource = world.published()
    client.sign_in(world.author)
    client.post(f"/teach/resources/{resource.uuid}/withdraw", data={"reason": " "})
    session().refresh(resource)
    assert resource.is_live
    client.post(f"/teach/resources/{resource.uuid}/withdraw", data={"reason": "参数过期"})
    gone = client.sign_out().get(f"/resources/{resource.uuid}")
    assert (gone.status_code, "参数过期" in gone.text) == (410, True)
    client.sign_in(world.author)
    client.post(f"/teach/resources/{resource.uuid}/restore", data={"reason": "已核对"})
    assert client.sign_out().get(f"/resources/{resource.uuid}").status_code == 200


def test_the_description_of_what_is_published_is_changed_at_once(client: Any, world: World) -> None:
    resource = world.published()
    answer = client.sign_in(world.author).post(editor(resource), data=fields(resource, description="新的说明"))
    assert answer.status_code == 302
    assert "新的说明" in client.sign_out().get(f"/resources/{resource.uuid}").text


def test_moments_are_read_as_people_write_them(client: Any, world: World) -> None:
    resource = world.draft(kind="video", content_hash="a" * 64, duration_s=462)
    point = str(world.points[1].uuid)
    rows = {"range-point": [point, point], "range-start": ["0:00", "1:48"], "range-end": ["1:48", "7:42"]}
    client.sign_in(world.author)
    assert client.post(editor(resource), data=fields(resource, **rows)).status_code == 302
    draft = resource.draft_version
    assert draft is not None
    session().refresh(draft)
    assert [(r.start_s, r.end_s) for r in draft.ranges] == [(0, 108), (108, 462)]
    session().refresh(resource)
    bad = fields(resource, **{**rows, "range-end": ["1:48", "9:99:99"], "range-start": ["bald", "1:48"]})
    answer = client.post(editor(resource), data=bad)
    assert answer.status_code == 422
    assert 'value="bald"' in answer.text
    outside = fields(resource, title="不应保存", **{**rows, "range-end": ["1:48", "20:00"]})
    assert client.post(editor(resource), data=outside).status_code == 422
    session().refresh(resource)
    assert resource.title != "不应保存"


@pytest.mark.parametrize(
    ("text", "seconds"), [("1:48", 108), ("108.5", 108.5), ("1：02：03", 3723), ("", None), ("x", None), ("-1", None)]
)
def test_clock_texts(text: str, seconds: float | None) -> None:
    assert read_clock(text) == seconds
    assert seconds is None or read_clock(show_clock(seconds)) == seconds


def test_captions_come_in_as_srt_and_go_out_as_webvtt(client: Any, world: World) -> None:
    resource = world.draft(kind="video", content_hash="b" * 64, duration_s=60)
    client.sign_in(world.author)
    srt = "1\n00:00:01,000 --> 00:00:03,000\n枪角七十度\n".encode("gb18030")
    path = f"/teach/resources/{resource.uuid}/captions"
    client.post(path, data={"language": "zh", "file": (io.BytesIO(srt), "a.srt")})
    draft = resource.draft_version
    assert draft is not None
    session().refresh(draft)
    track = draft.captions[0]
    assert "枪角七十度" in client.get(f"/media/captions/{track.uuid}.vtt").text
    assert client.sign_out().get(f"/media/captions/{track.uuid}.vtt").status_code == 404
    client.sign_in(world.author).post(path, data={"language": "zh", "file": (io.BytesIO(b"nonsense"), "b.srt")})
    assert "b.srt" in client.get(editor(resource)).text


@pytest.mark.parametrize("language", ["zh_Hans", "en"])
def test_pages_answer_in_both_languages(client: Any, world: World, language: str) -> None:
    draft, live = world.draft("草稿一"), world.published("已发布一")
    waiting = review.submit(world.author, world.draft("待审一"), commitment="已自查")
    client.set_cookie("kk_lang", language)
    client.sign_in(world.author)
    for path in ("/teach/resources", "/teach/resources/new", editor(draft), editor(live), f"/resources/{live.uuid}"):
        assert client.get(path).status_code == 200, path
    client.sign_in(world.reviewer)
    for path in ("/review", "/review?show=all", "/review?show=decided", f"/review/{waiting.uuid}"):
        assert client.get(path).status_code == 200, path


def test_a_guest_finds_no_events_address_and_no_tools(client: Any, world: World) -> None:
    resource = world.published()
    text = client.get(f"/resources/{resource.uuid}").text
    assert "data-events-url" not in text
    assert f"/teach/resources/{resource.uuid}" not in text


@pytest.mark.one_database
def test_queries_do_not_grow_with_rows(client: Any, world: World) -> None:
    def measure(path: str) -> int:
        with counted() as statements:
            assert client.get(path).status_code == 200
        return len(statements)

    def grown(path: str, more: Callable[[], None]) -> tuple[int, int]:
        measure(path)
        before = measure(path)
        more()
        return before, measure(path)

    def add(name: str) -> None:
        for i in range(6):
            world.published(f"{name}{i}")
            review.submit(world.author, world.draft(f"{name}待审{i}"), commitment="已自查")

    add("甲")
    first = world.published("看这一个", points=world.points)
    client.sign_in(world.author)
    before, after = grown("/teach/resources", lambda: add("乙"))
    assert after <= before
    before, after = grown(f"/resources/{first.uuid}", lambda: add("丙"))
    assert after <= before <= 30
    client.sign_in(world.reviewer)
    before, after = grown("/review", lambda: add("丁"))
    assert after <= before <= 16


def test_readers_get_the_page_from_memory_with_their_own_form_token(client: Any, world: World) -> None:
    resource = world.published()
    path = f"/resources/{resource.uuid}"
    client.sign_in(world.student)
    first = client.get(path).text
    with counted() as statements:
        again = client.get(path).text
    assert "@form@" not in first + again
    assert not [s for s in statements if "resource_point" in s]
    assert f"/teach/resources/{resource.uuid}" not in again
    services.edit_metadata(world.author, resource, {"description": "刚改的说明"})
    assert "刚改的说明" in client.get(path).text


def test_the_page_costs_a_guest_sixteen_statements_and_a_learner_twenty(client: Any, world: World) -> None:
    """Asked for the first time: the budget of the architecture leaves no room for more."""
    first, second = (f"/resources/{_rich(world, title).uuid}" for title in ("带字幕的视频", "另一个视频"))
    client.get(first)
    with counted() as guest:
        client.get(second)
    assert len(guest) <= 16
    client.sign_in(world.student)
    client.get(first)
    with counted() as learner:
        client.get(second)
    assert len(learner) <= 20
    with counted() as again:
        client.get(second)
    assert len(again) <= 10


def _rich(world: World, title: str) -> Any:
    resource = world.published(
        title,
        kind="video",
        content_hash=hashlib.sha256(title.encode()).hexdigest(),
        duration_s=60.0,
        points=world.points,
    )
    version = resource.published_version
    services.set_captions(version, "zh-CN", "WEBVTT\n\n00:01.000 --> 00:02.000\n大家好\n")
    services.set_point_ranges(version, [(point, 1, 5) for point in world.points])
    session().commit()
    return resource


def test_what_a_learner_with_a_part_in_a_resource_is_shown_stays_theirs(client: Any, world: World) -> None:
    """A student who wrote it sees the tools of authors; the next student gets no page with them."""
    resource = world.published()
    resource.author_id = world.student.id
    other = accounts.create_user("other@example.org", "other", unit=world.student.unit, roles=[Role.STUDENT])
    session().commit()
    revise = f"/teach/resources/{resource.uuid}/revise"
    client.sign_in(world.student)
    assert revise in client.get(f"/resources/{resource.uuid}").text
    client.sign_out()
    client.sign_in(other)
    assert revise not in client.get(f"/resources/{resource.uuid}").text
