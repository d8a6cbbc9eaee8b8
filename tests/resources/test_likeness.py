"""Copies are found whatever was done to them, the author answers, and until then they are not new (M4)."""

from __future__ import annotations

import io
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from courseware.core.database import session
from courseware.core.errors import Invalid, NotAllowed
from courseware.jobs.models import Job
from courseware.jobs.runner import run_here
from courseware.resources import assets, change, likeness, services
from courseware.resources.fingerprints import ContentFingerprint, FingerprintKey, Resemblance
from courseware.resources.jobs import marks as resource_jobs
from courseware.resources.models import Asset, Resource
from courseware.resources.storage import store
from media.comparing import fingerprints
from media.gate import inspect_media
from tests.counting import statements
from tests.media.comparing.pictures import photo
from tests.media.comparing.recordings import altered, slide_film, speech, write_wav
from tests.resources.conftest import World


def prose(seed: int, length: int = 1200) -> str:
    dice = random.Random(seed)
    return "".join("。" if n % 23 == 22 else chr(0x4E00 + dice.randrange(3000)) for n in range(length))


def work_off() -> None:
    """Runs every job that waits, as the worker would."""
    session().commit()
    while jobs := session().scalars(select(Job).where(Job.state == "queued").order_by(Job.priority, Job.id)).all():
        for job in jobs:
            assert run_here(job).state == "done", job.reason
    session().expire_all()


def found(resource: Resource) -> list[tuple[str, bool]]:
    return [(r.other.title, r.is_open) for r in likeness.found_for(resource)]


def taken_in(path: Path) -> Asset:
    asset = assets.store_file(path, path.name, None)
    session().commit()
    return asset


def marked(path: Path) -> Asset:
    """A recording with its marks, without the renditions that take most of the time."""
    asset = assets.store_file(path, path.name, None, process=False)
    asset.state = "ready"
    likeness.keep_fingerprints(asset.sha256, fingerprints.fingerprint_recording(path, inspect_media(path)))
    session().commit()
    return asset


def test_a_text_that_stands_in_an_earlier_one_is_a_question_and_a_distant_one_is_nothing(world: World) -> None:
    old = world.published("起弧", body=prose(1))
    for seed in (7, 8, 9):
        world.published(f"旁的{seed}", body=prose(seed))
    copy = world.draft("起弧要领", body=prose(1)[:1100] + "另加一句。")
    half = world.draft("起弧与收弧", body=prose(1)[:700] + prose(2)[:800])
    fresh = world.draft("收弧", body=prose(3))
    work_off()
    assert found(copy) == [(old.title, True)]
    assert found(half) == []
    assert found(fresh) == []


def test_a_longer_text_that_contains_an_earlier_one_is_a_question_too(world: World) -> None:
    old = world.published("起弧", body=prose(1))
    longer = world.draft("焊接全书", body=prose(4, 4000) + prose(1) + prose(5, 3000))
    work_off()
    assert found(longer) == [(old.title, True)]
    row = likeness.found_for(longer)[0]
    assert row.part < 0.3
    assert row.whole > 0.9


def test_withdrawn_items_are_found_drafts_of_others_and_other_libraries_are_not(world: World) -> None:
    gone = world.published("老课文", body=prose(1))
    services.withdraw(world.librarian, gone, "换新")
    world.draft("别人的草稿", body=prose(1)[:-30])
    again = world.draft("新课文", body=prose(1)[:-90])
    work_off()
    assert found(again) == [(gone.title, True)]


def test_the_author_answers_by_lineage_or_with_a_note_the_reviewer_reads(world: World) -> None:
    old = world.published("起弧", body=prose(1))
    copy = world.draft("起弧要领", body=prose(1)[:1150])
    work_off()
    with pytest.raises(Invalid):
        likeness.answer(world.author, copy, old, "independent", "  ")
    with pytest.raises(NotAllowed):
        likeness.answer(world.stranger, copy, old, "derived")
    likeness.answer(world.author, copy, old, "independent", "两份都出自同一国家标准")
    assert found(copy) == [(old.title, False)]
    likeness.answer(world.author, copy, old, "derived")
    assert copy.derived_from_id == old.id
    services.edit_draft(world.author, copy, {"body": prose(1)[:1100]}, copy.lock_version)
    work_off()
    assert found(copy) == [(old.title, False)], "an answer stays"


@pytest.mark.one_database
def test_a_picture_is_found_after_coding_it_anew(world: World, tmp_path: Path) -> None:
    photo(1).save(tmp_path / "a.png")
    photo(1).resize((480, 320)).save(tmp_path / "b.jpg", quality=60)
    photo(2).save(tmp_path / "c.png")
    old = world.published("焊枪", kind="image", asset=taken_in(tmp_path / "a.png"))
    world.published("坐标", kind="image", asset=taken_in(tmp_path / "c.png"))
    work_off()
    new = world.draft("焊枪照片", kind="image", asset=taken_in(tmp_path / "b.jpg"))
    work_off()
    assert found(new) == [(old.title, True)]


@pytest.mark.one_database
def test_films_are_found_after_coding_cropping_or_dubbing_them_and_not_by_their_template(
    world: World, tmp_path: Path
) -> None:
    def film(name: str, slides: tuple[int, ...], words: int) -> Path:
        spoken = write_wav(tmp_path / f"{name}.wav", speech(words, 40))
        return slide_film(tmp_path / f"{name}.mp4", slides, 40 / len(slides), spoken, fps=2)

    def changed(name: str, *arguments: str) -> Path:
        return altered(original, tmp_path / f"{name}.mp4", *arguments, "-preset", "ultrafast")

    ten, wall = tuple(range(1, 11)), (30,)
    original = film("a", ten, 3)
    old = world.published("起弧录像", kind="video", asset=marked(original))
    world.published("主讲人", kind="video", asset=marked(film("f", wall, 6)))
    looked_for = {
        "小": changed("b", "-vf", "scale=320:180", "-b:a", "32k"),
        "裁": changed("c", "-vf", "crop=560:315", "-c:a", "copy"),
        "配音": film("d", ten, 4),
        "同模板": film("e", tuple(range(11, 21)), 5),
        "同一面墙": film("g", wall, 7),
    }
    drafts = {name: world.draft(name, kind="video", asset=marked(path)) for name, path in looked_for.items()}
    work_off()
    copy = [(old.title, True)]
    expected = {"小": copy, "裁": copy, "配音": copy, "同模板": [], "同一面墙": []}
    assert {name: found(draft) for name, draft in drafts.items()} == expected


@pytest.mark.one_database
def test_a_jingle_said_again_and_again_counts_once(tmp_path: Path) -> None:
    def marks(name: str, *parts: Any) -> list[fingerprints.Fingerprint]:
        path = write_wav(tmp_path / name, np.concatenate(parts))
        return fingerprints.fingerprint_recording(path, inspect_media(path))

    jingle = speech(40, 12)
    one = marks("a.wav", *(part for n in range(5) for part in (jingle, speech(41 + n, 9))))
    other = marks("b.wav", *(part for n in range(5) for part in (jingle, speech(51 + n, 9))))
    assert max(fingerprints.resemblance(one, other)) < 0.5
    assert fingerprints.resemblance(one, one) == (1.0, 1.0)


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=40), st.integers(0, 20), st.integers(1, 12))
@settings(max_examples=60, deadline=None)
def test_a_part_cut_out_of_a_whole_stands_in_it(marks: list[int], start: int, run: int) -> None:
    whole = np.array(marks, dtype=np.uint64)[:, None]
    part = whole[min(start, len(whole) - 1) :]
    assert fingerprints.in_order(part, whole, run, 0).all()
    assert not fingerprints.in_order(part, ~whole, run, 0).any()


def test_older_contents_get_their_marks_a_few_a_round_and_each_is_tried_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [world.published(f"文{n}", body=prose(n)) for n in range(3)]
    short = world.published("短", body="起弧前检查气路。")
    world.draft("草稿", body=prose(9))
    session().commit()
    for row in [*session().scalars(select(Job)), *session().scalars(select(ContentFingerprint))]:
        session().delete(row)
    session().commit()
    monkeypatch.setattr(resource_jobs, "MARKED_A_ROUND", 3)
    asked = []
    for _ in range(4):
        resource_jobs.mark_older_contents()
        resource_jobs.mark_older_contents()
        asked.append(len(session().scalars(select(Job).where(Job.state == "queued")).all()))
        work_off()
    assert asked == [3, 1, 0, 0]
    rows = {row.content_hash: row for row in session().scalars(select(ContentFingerprint))}
    published = [r.published_version for r in (*texts, short)]
    assert set(rows) == {v.content_hash for v in published if v is not None}, (
        "drafts are marked when they are looked at"
    )
    copy = world.draft("抄", body=prose(1)[:1100])
    work_off()
    assert found(copy) == [("文1", True)]


@pytest.mark.one_database
def test_an_older_file_gets_its_marks_and_one_that_is_broken_is_left_alone(world: World, tmp_path: Path) -> None:
    photo(1).save(tmp_path / "a.png")
    photo(2).save(tmp_path / "b.png")
    for name in ("a", "b"):
        world.published(name, kind="image", asset=taken_in(tmp_path / f"{name}.png"))
    work_off()
    session().execute(delete(ContentFingerprint))
    broken = session().scalars(select(Asset).where(Asset.filename == "b.png")).one()
    store().put(broken.store_key, io.BytesIO(b"\x89PNG"), 4, "image/png")
    session().commit()
    resource_jobs.mark_older_contents()
    work_off()
    made = {row.content_hash: row.track for row in session().scalars(select(ContentFingerprint))}
    assert sorted(made.values()) == ["picture", "text"]
    assert made[broken.sha256] == "text", "an empty row says that nobody has to look again"


def test_looking_takes_the_same_queries_however_much_is_there(world: World) -> None:
    def look(title: str, seed: int) -> int:
        draft = world.draft(title, body=prose(seed) + prose(1)[:300])
        session().flush()
        assert draft.draft_version is not None
        with statements() as counted:
            likeness.find_resemblances(draft.draft_version)
        return len(counted)

    world.published("一", body=prose(1))
    work_off()
    few = look("甲", 50)
    for seed in range(20, 30):
        world.published(f"文{seed}", body=prose(seed))
    work_off()
    assert look("乙", 51) <= few + 1


def test_marks_are_kept_once_a_content(world: World) -> None:
    resource = world.published("起弧", body=prose(1))
    work_off()
    version = resource.published_version
    assert version is not None
    for _ in range(2):
        likeness.find_resemblances(version)
    rows = (
        session()
        .scalars(select(ContentFingerprint).where(ContentFingerprint.content_hash == version.content_hash))
        .all()
    )
    assert len(rows) == 1
    keys = session().scalars(select(FingerprintKey.key).where(FingerprintKey.fingerprint_id == rows[0].id)).all()
    assert 20 <= len(keys) <= 192
    assert session().scalars(select(Resemblance)).all() == []


@pytest.mark.one_database
def test_a_revision_with_a_new_file_gets_its_evidence_from_a_job(world: World, tmp_path: Path) -> None:
    photo(1).save(tmp_path / "a.png")
    photo(1).save(tmp_path / "b.jpg", quality=40)
    photo(5).save(tmp_path / "c.png")
    resource = world.published("焊枪", kind="image", asset=taken_in(tmp_path / "a.png"))
    draft = services.start_revision(world.author, resource, asset=taken_in(tmp_path / "b.jpg"), reason="重新导出")
    assert [line["code"] for line in draft.measured["evidence"]] == ["comparing"]
    work_off()
    assert (draft.measured["class"], draft.measured["share"], draft.proposed_class) == ("re-encoded", 0.0, "minor")
    assert change.is_unchanged(draft.measured)
    services.attach_asset(world.author, resource, taken_in(tmp_path / "c.png"))
    work_off()
    assert (draft.measured["class"], draft.proposed_class) == ("substantive", "substantive")


@pytest.mark.one_database
def test_a_file_that_cannot_be_read_is_said_and_no_class_is_guessed(world: World, tmp_path: Path) -> None:
    from tests.media.comparing.documents import pdf

    resource = world.published("讲义", kind="text", asset=taken_in(pdf(tmp_path / "a.pdf", "焊接" * 40)))
    locked = tmp_path / "b.pdf"
    pdf(locked, "装配" * 40, password="geheim")
    asset = taken_in(locked)
    draft = services.start_revision(world.author, resource, asset=asset, reason="改")
    session().commit()
    job = session().scalars(select(Job).where(Job.kind == "resources.compare")).one()
    assert run_here(job).state == "done"
    session().expire_all()
    assert (draft.measured["class"], draft.measured["share"]) == (None, None)
    assert draft.measured["evidence"][0]["reason_code"] == "document_encrypted"
    assert change.evidence_sentences(draft.measured)


def test_editor_and_case_show_what_is_here_already(world: World, client: Any) -> None:
    from courseware.review import services as review

    old = world.published("起弧", body=prose(1))
    copy = world.draft("起弧要领", body=prose(1)[:1150])
    work_off()
    row = likeness.found_for(copy)[0]
    client.sign_in(world.author)
    editor = client.get(f"/teach/resources/{copy.uuid}/edit")
    assert 'id="copies"' in editor.text
    assert f"/resources/{old.uuid}" in editor.text
    address = f"/teach/resources/{copy.uuid}/likeness"
    client.post(address, data={"resemblance": row.id, "answer": "independent", "note": ""})
    assert likeness.found_for(copy)[0].is_open, "a note is needed"
    client.post(address, data={"resemblance": row.id, "answer": "independent", "note": "出自同一国家标准"})
    submission = review.submit(world.author, copy, commitment="原创")
    session().commit()
    client.sign_out()
    client.sign_in(world.reviewer)
    assert "出自同一国家标准" in client.get(f"/review/{submission.uuid}").text
