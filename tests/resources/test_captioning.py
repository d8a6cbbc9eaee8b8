"""Captions that people work on: kept, checked, saved into a new version; written by a machine; and what they propose."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courseware.core.database import session
from courseware.core.errors import Invalid, NotAllowed
from courseware.knowledge import services as knowledge
from courseware.resources import captioning, errors, machine_captions, moments, player_choices, services
from courseware.resources.jobs import captions as caption_jobs
from courseware.resources.models import Resource, ResourceVersion
from courseware.review import services as review
from media.captions import Cue, engines
from tests.resources.conftest import World

WORDS = [[1.0, 3.0, "先接通电源"], [3.5, 6.0, "再按下示教器"]]


def a_video(world: World, **fields: Any) -> Resource:
    return world.draft("片子", kind="video", content_hash="a" * 64, duration_s=60, **fields)


def draft_of(resource: Resource) -> ResourceVersion:
    assert resource.draft_version is not None
    return resource.draft_version


def test_a_second_person_is_told_and_overwrites_nothing(world: World) -> None:
    version = draft_of(a_video(world))
    first = captioning.keep_draft(world.author, version, "zh", WORDS, 0)
    assert captioning.keep_draft(world.author, version, "zh", WORDS[:1], first.num).num == 2
    with pytest.raises(errors.CaptionsChanged) as refused:
        captioning.keep_draft(world.librarian, version, "zh", [[1, 2, "别的"]], 1)
    assert refused.value.params["name"] == "author"
    assert [cue.text for cue in captioning.work_of(version, "zh").cues] == ["先接通电源"]
    assert captioning.work_of(version, "en").cues == []
    with pytest.raises(NotAllowed):
        captioning.keep_draft(world.stranger, version, "zh", WORDS, 2)


def test_saving_names_every_wrong_line_and_ends_the_work_in_progress(world: World) -> None:
    version = draft_of(a_video(world))
    kept = captioning.keep_draft(world.author, version, "zh", [[5, 4, "倒着"], [-1, 2, "太早"], *WORDS], 0)
    with pytest.raises(Invalid) as refused:
        captioning.save(world.author, version, "zh", [[5, 4, "倒着"], [-1, 2, "太早"], *WORDS], kept.num)
    assert len(refused.value.problems["captions"]) == 2
    captioning.save(world.author, version, "zh", [*reversed(WORDS), [7, 8, " "]], kept.num)
    work = captioning.work_of(version, "zh")
    assert (work.draft, [cue.text for cue in work.cues]) == (None, ["先接通电源", "再按下示教器"])
    for nonsense in (None, [[1]], [["a", 2, "x"]], [[1, float("nan"), "x"]], [[1, 2, 3]]):
        with pytest.raises(Invalid):
            captioning.save(world.author, version, "zh", nonsense, 0)  # type: ignore[arg-type]


def test_captions_of_what_is_published_come_with_a_new_version_that_is_no_update(client: Any, world: World) -> None:
    resource = a_video(world)
    services.set_captions(draft_of(resource), "zh", "WEBVTT\n\n00:01.000 --> 00:03.000\n先接通电源\n")
    services.publish_version(draft_of(resource))
    base = f"/teach/resources/{resource.uuid}/captions"
    client.sign_in(world.author)
    assert f"{base}/zh/open" in client.get(f"{base}/zh/edit").text
    assert client.put(f"{base}/zh/cues", json={"cues": WORDS, "num": 0}).status_code == 409
    client.post(base, data={"language": "zh", "file": (io.BytesIO(b"no times"), "a.srt")})
    session().refresh(resource)
    assert resource.draft_version is None, "a refused file opens no version"
    client.post(f"{base}/zh/open")
    assert client.put(f"{base}/zh/cues", json={"cues": WORDS, "num": 0}).json["num"] == 1
    assert client.get(f"{base}/zh/cues").json["cues"] == WORDS
    assert "/edit" in client.post(f"{base}/zh/save", json={"cues": WORDS, "num": 1}).json["url"]
    session().expire_all()
    draft, published = draft_of(resource), resource.published_version
    assert published is not None
    assert [len(captioning.work_of(version, "zh").cues) for version in (published, draft)] == [1, 2]
    assert [line["code"] for line in draft.measured["evidence"]] == ["captions_only", "captions_lines"]
    draft.reason = "补全字幕"
    services.publish_version(draft, "substantive", note="想算更新")
    assert draft.decided_class == "minor"


def test_a_revision_that_changes_nothing_at_all_is_still_refused(world: World) -> None:
    resource = a_video(world)
    services.publish_version(draft_of(resource))
    services.start_revision(world.author, resource)
    with pytest.raises(errors.SameContent):
        services.publish_version(draft_of(resource))


def test_what_is_in_review_cannot_be_captioned(client: Any, world: World) -> None:
    resource = world.draft("待审", body="正文")
    review.submit(world.author, resource, commitment="已自查")
    base = f"/teach/resources/{resource.uuid}/captions"
    client.sign_in(world.author)
    assert client.put(f"{base}/zh/cues", json={"cues": WORDS, "num": 0}).status_code == 409
    assert client.get(f"{base}/xx/edit").status_code == 404


def test_a_file_is_refused_with_all_its_lines_or_taken_without_them(client: Any, world: World) -> None:
    resource = a_video(world)
    text = "1\n00:00:04,000 --> 00:00:02,000\n倒着\n\n2\n00:00:01,000 --> 00:00:09,000\n先\n\n3\n00:00:05,000 --> 00:00:09,000\n后\n\n4\nx --> y\n坏\n"
    client.sign_in(world.author)
    base = f"/teach/resources/{resource.uuid}"

    def send(**more: str) -> str:
        client.post(
            f"{base}/captions", data={"language": "zh", "file": (io.BytesIO(text.encode("gb18030")), "b.ass"), **more}
        )
        return str(client.get(f"{base}/edit").text)

    refused = send()
    assert "倒着" in refused
    assert "坏" in refused
    assert captioning.work_of(draft_of(resource), "zh").cues == []
    send(rest="y")
    session().expire_all()
    assert captioning.work_of(draft_of(resource), "zh").cues == [Cue(1, 5, "先"), Cue(5, 9, "后")]
    track = draft_of(resource).captions[0]
    for ending, mark in (("srt", "00:00:01,000"), ("ttml", "<tt "), ("txt", "先"), ("vtt", "WEBVTT")):
        assert mark in client.get(f"/media/captions/{track.uuid}.{ending}").text
    assert client.sign_out().get(f"/media/captions/{track.uuid}.txt").status_code == 404


# --- a machine --------------------------------------------------------------------------------------------------------


class Parrot:
    """An engine of our own behind the same interface; a real model is not at hand."""

    name = "parrot"

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def check(self) -> None:
        if not self.folder:
            raise engines.EngineMissing("caption_engine_model", folder="")

    def write(self, _sound: Path, language: str, progress: Callable[[float], None]) -> list[Cue]:
        progress(30.0)
        return [Cue(0, 2, f"听到的话（{language}）")]


@pytest.fixture
def parrot(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import dataclasses

    monkeypatch.setitem(engines.ENGINES, "parrot", Parrot)
    monkeypatch.setitem(
        app.config, "KEKU", dataclasses.replace(app.config["KEKU"], caption_engine="parrot", caption_model="/m")
    )


def test_without_an_engine_a_sentence_says_so(world: World) -> None:
    version = draft_of(a_video(world))
    assert not machine_captions.state_of(version, "zh").is_on
    with pytest.raises(errors.NoCaptionEngine):
        machine_captions.ask(world.author, version, "zh")
    with pytest.raises(engines.EngineMissing) as missing:
        engines.make_engine("faster-whisper", "/nowhere")
    assert missing.value.code in ("caption_engine_package", "caption_engine_model")


def test_what_a_machine_wrote_is_marked_until_a_person_accepts(client: Any, world: World, parrot: None) -> None:
    resource = a_video(world)
    version = draft_of(resource)
    job = machine_captions.ask(world.author, version, "zh")
    assert job.kind == caption_jobs.KIND
    heard = engines.make_engine("parrot", "/m").write(Path("x"), "zh", lambda _s: None)
    session().commit()
    assert caption_jobs._keep(job.payload, heard)
    client.sign_in(world.author)
    page = client.get(f"/teach/resources/{resource.uuid}/captions/zh/edit").text
    assert f"/teach/resources/{resource.uuid}/captions/zh/accept" in page
    session().expire_all()
    assert draft_of(resource).captions[0].is_machine
    client.post(f"/teach/resources/{resource.uuid}/captions/zh/accept")
    session().expire_all()
    assert not draft_of(resource).captions[0].is_machine
    assert not caption_jobs._keep(job.payload, [Cue(0, 1, "不该覆盖")]), "what a person answers for stays"


# --- proposals --------------------------------------------------------------------------------------------------------


def test_names_and_other_names_are_found_across_lines_and_only_the_longest_counts(world: World) -> None:
    _teach, frame, _stick = world.points
    tool = knowledge.create_point(
        world.library, "tool", "工具坐标系", "knowledge", course=world.course, aliases=["TCP"]
    )
    said = [
        Cue(0, 4, "今天讲工具坐"), Cue(4, 8, "标 系，也叫 ＴＣＰ。"), Cue(8, 20, "还有 TCPIP 不算。"),
        Cue(100, 104, "坐标系是另一回事"), Cue(104, 106, "坐标系"),
    ]  # fmt: skip
    found = moments.propose_moments(said, [*world.points, tool], duration_s=110)
    assert [(m.point.name, m.start_s, m.end_s, m.count) for m in found] == [
        ("工具坐标系", 0, 20, 2), ("坐标系", 100, 106, 2),
    ]  # fmt: skip
    left = moments.propose_moments(said, [*world.points, tool], taken=[(frame.id, 99, 107)], duration_s=110)
    assert [m.point.name for m in left] == ["工具坐标系"]
    assert moments.propose_moments([], world.points) == []


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 500), st.integers(1, 9), st.sampled_from(["坐标", "系", "示教器", "干 伸长", "x", ""])
        ),
        max_size=25,
    )
)
def test_proposals_lie_in_the_recording_and_hold_the_name(lines: list[tuple[int, int, str]]) -> None:
    from types import SimpleNamespace

    points: Any = [
        SimpleNamespace(id=i, name=name, name_en="", aliases=[])
        for i, name in enumerate(("坐标系", "示教器", "干伸长"))
    ]
    said = [Cue(start, start + length, text) for start, length, text in lines]
    for moment in moments.propose_moments(said, points, duration_s=510):
        heard = "".join(
            moments.fold(c.text)
            for c in sorted(said, key=lambda c: c.start_s)
            if moment.start_s <= c.start_s <= moment.end_s
        )
        assert 0 <= moment.start_s < moment.end_s <= 510
        assert moment.point.name in heard


def test_the_player_remembers_what_a_person_chose(client: Any, world: World) -> None:
    client.sign_in(world.student)
    assert client.put("/player/choices", json={"speed": 1.5, "captions": "en"}).json == {
        "speed": 1.5, "captions": "en", "volume": 1.0,
    }  # fmt: skip
    assert client.put("/player/choices", json={"speed": 9}).status_code == 422
    assert player_choices.choices_of(world.student)["speed"] == 1.5
    assert player_choices.choices_of(world.author) == {}
