"""Notes and bookmarks: private, one note however often it is sent, nothing overwritten, exported with links."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from courseware.core.errors import NotFound
from courseware.notes import queries, services
from courseware.notes.errors import ChangedElsewhere, EmptyNote, NoteTooLong
from courseware.notes.services import Place
from tests.catalog.world import World
from tests.counting import statements


@pytest.fixture
def lesson(world: World) -> Any:
    return world.lesson(world.video("枪角演示"), title="立向上角焊")


def key_of(lesson: Any) -> uuid.UUID:
    found: uuid.UUID = lesson.published_version.activities[0].key
    return found


def test_a_note_sent_twice_is_one_note(world: World, lesson: Any) -> None:
    name = uuid.uuid4()
    for _again in range(2):
        note = services.keep_note(world.student, lesson, name, " 行走角 70–80° ", Place(key_of(lesson), 220))
    assert (note.body, note.at_s, note.revision) == ("行走角 70–80°", 220, 1)
    assert len(queries.notes_in_lesson(world.student, lesson.id)) == 1
    assert queries.notes_in_lesson(world.classmate, lesson.id) == []


def test_two_devices_never_overwrite_each_other(world: World, lesson: Any) -> None:
    name = uuid.uuid4()
    services.keep_note(world.student, lesson, name, "一")
    assert services.keep_note(world.student, lesson, name, "手机上改的", revision=1).revision == 2
    with pytest.raises(ChangedElsewhere):
        services.keep_note(world.student, lesson, name, "电脑上改的", revision=1)
    assert queries.note_by_uuid(name, world.student).body == "手机上改的"


def test_nobody_touches_the_notes_of_others(world: World, lesson: Any) -> None:
    name = uuid.uuid4()
    services.keep_note(world.student, lesson, name, "我的")
    with pytest.raises(NotFound):
        services.keep_note(world.classmate, lesson, name, "不是我的", revision=1)
    services.delete_note(world.classmate, name)
    assert queries.note_by_uuid(name, world.student).body == "我的"
    services.delete_note(world.student, name)
    assert queries.notes_of(world.student).items == []


def test_words_are_needed_and_bounded(world: World, lesson: Any) -> None:
    with pytest.raises(EmptyNote):
        services.keep_note(world.student, lesson, uuid.uuid4(), " \n")
    with pytest.raises(NoteTooLong, match="10001"):
        services.keep_note(world.student, lesson, uuid.uuid4(), "字" * 10_001)


def test_a_place_is_marked_once_and_the_mark_taken_away(world: World, lesson: Any) -> None:
    places = (Place(key_of(lesson), 30), Place(key_of(lesson)), Place())
    for place in (*places, *places):
        services.set_bookmark(world.student, lesson, place)
    assert len(queries.bookmarks_of(world.student)) == 3
    services.set_bookmark(world.student, lesson, Place(key_of(lesson)), wanted=False)
    assert sorted((b.at_s or -1) for b in queries.bookmarks_in_lesson(world.student, lesson.id)) == [-1, 30]


def test_the_page_of_notes_leads_back_to_the_second(client: Any, world: World, lesson: Any) -> None:
    services.keep_note(world.student, lesson, uuid.uuid4(), "看这里 <b>", Place(key_of(lesson), 220))
    services.keep_note(world.classmate, lesson, uuid.uuid4(), "别人的笔记")
    page = client.sign_in(world.student).get("/my-learning/notes").text
    assert f"/learn/{lesson.uuid}?at={key_of(lesson)}&amp;t=220" in page
    assert "看这里 &lt;b&gt;" in page
    assert "别人的笔记" not in page


def test_notes_are_exported_as_markdown_by_lesson_by_course_and_all(client: Any, world: World, lesson: Any) -> None:
    other = world.lesson(world.video(), title="横焊")
    services.keep_note(world.student, lesson, uuid.uuid4(), "后面的", Place(key_of(lesson), 90))
    services.keep_note(world.student, lesson, uuid.uuid4(), "**前面的**", Place(key_of(lesson), 9))
    services.keep_note(world.student, other, uuid.uuid4(), "另一课的")
    client.sign_in(world.student)
    answer = client.get("/my-learning/notes.md")
    assert answer.mimetype == "text/markdown"
    assert "attachment" in answer.headers["Content-Disposition"]
    text = answer.text
    assert text.index("### 立向上角焊") < text.index("**前面的**") < text.index("后面的") < text.index("### 横焊")
    assert f"**[0:09](http://localhost/learn/{lesson.uuid}?at={key_of(lesson)}&t=9)**" in text
    assert "另一课的" not in client.get(f"/my-learning/notes.md?lesson={lesson.uuid}").text
    assert "另一课的" in client.get(f"/my-learning/notes.md?course={world.course.uuid}").text
    assert "另一课的" not in client.get(f"/my-learning/notes.md?course={world.other_course.uuid}").text


def test_a_browser_keeps_a_note_while_it_is_written(client: Any, world: World, lesson: Any) -> None:
    client.sign_in(world.student)
    path = f"/learn/{lesson.uuid}/notes/{uuid.uuid4()}"
    first = client.put(path, data={"words": "一半", "at": "12", "key": str(key_of(lesson)), "revision": "0"})
    assert first.json["revision"] == 1
    assert client.put(path, data={"words": "一半，写完", "revision": "1"}).json["revision"] == 2
    late = client.put(path, data={"words": "旧的", "revision": "1"}, headers={"Accept": "application/json"})
    assert (late.status_code, late.json["code"]) == (409, "note_changed_elsewhere")
    assert "一半，写完" in client.get(f"/learn/{lesson.uuid}/notes").text


def test_a_note_is_written_changed_and_deleted_without_any_script(client: Any, world: World, lesson: Any) -> None:
    client.sign_in(world.student)
    client.post(f"/learn/{lesson.uuid}/notes", data={"words": "手写的", "at": "五"})
    note = queries.notes_of(world.student).items[0]
    assert note.at_s is None
    path = f"/my-learning/notes/{note.uuid}"
    client.post(path, data={"words": "改过的", "revision": "1"})
    assert "改过的" in client.get("/my-learning/notes").text
    client.post(path, data={"words": "改过的", "delete": "1"})
    assert "改过的" not in client.get("/my-learning/notes").text


def test_the_page_of_notes_asks_the_same_number_of_queries_however_many_there_are(
    client: Any, world: World, lesson: Any
) -> None:
    def measure() -> int:
        with statements() as asked:
            assert client.get("/my-learning/notes").status_code == 200
        return len(asked)

    client.sign_in(world.student)
    services.keep_note(world.student, lesson, uuid.uuid4(), "一")
    services.set_bookmark(world.student, lesson, Place())
    measure()
    few = measure()
    for n in range(20):
        services.keep_note(world.student, world.lesson(world.video()), uuid.uuid4(), f"笔记 {n}")
        services.set_bookmark(world.student, lesson, Place(None, n))
    assert measure() == few


def test_one_finds_the_notes_that_hold_every_word_and_nobody_else_s(client: Any, world: World, lesson: Any) -> None:
    for person, words in (
        (world.student, "行走角 70–80°"), (world.student, "工作角与行走角"), (world.student, "100% 断电_上锁"), (world.classmate, "行走角"),
    ):  # fmt: skip
        services.keep_note(person, lesson, uuid.uuid4(), words)

    def found(words: str) -> list[str]:
        return [note.body for note in queries.notes_of(world.student, words=words).items]

    assert found("行走角") == ["工作角与行走角", "行走角 70–80°"]
    assert found("行走角 工作角") == ["工作角与行走角"]
    assert found("0%") == ["100% 断电_上锁"], "a per cent sign is a sign, not everything"
    assert found("电_上") == ["100% 断电_上锁"]
    assert found("没有") == []
    client.sign_in(world.student).set_cookie("kk_lang", "en")
    assert client.get("/my-learning/notes?q=行走角").text.count('class="kk-sheet nt"') == 2
    assert "No note holds “没有”" in client.get("/my-learning/notes?q=没有").text


def test_a_program_keeps_finds_changes_and_deletes_the_notes_of_its_person_alone(
    client: Any, world: World, lesson: Any
) -> None:
    client.sign_in(world.student)
    address, body = f"/api/v1/notes/{uuid.uuid4()}", {"lesson": str(lesson.uuid), "words": "行走角", "at_s": 12}
    for _again in range(2):
        kept = client.put(address, json=body)
        assert (kept.status_code, kept.json["revision"], kept.json["at_s"]) == (200, 1, 12)
    assert client.put(address, json={**body, "words": "改", "revision": 1}).json["revision"] == 2
    late = client.put(address, json={**body, "words": "又改", "revision": 1})
    assert (late.status_code, late.json["code"]) == (409, "note_changed_elsewhere")
    assert client.put(address, json={**body, "at_s": -1}).status_code == 422
    assert [note["words"] for note in client.get("/api/v1/notes?q=改").json["items"]] == ["改"]
    client.sign_in(world.classmate)
    assert client.get(address).status_code == 404
    assert client.get("/api/v1/notes").json["items"] == []
    assert client.put(address, json=body).status_code == 404, "a name that is taken is not told to strangers"
    client.delete(address)
    client.sign_in(world.student)
    assert client.get(address).json["words"] == "改", "what is not one's own is not deleted"
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404


def test_pages_of_notes_follow_each_other_in_the_api(client: Any, world: World, lesson: Any) -> None:
    for number in range(5):
        services.keep_note(world.student, lesson, uuid.uuid4(), f"第{number}条")
    client.sign_in(world.student)
    told, place = [], "/api/v1/notes?limit=2&q=条"
    while place:
        answer = client.get(place).json
        told += [note["words"] for note in answer["items"]]
        place = answer["next"]
    assert told == [f"第{number}条" for number in (4, 3, 2, 1, 0)]
