"""Evidence of rights: for those who judge it, never public; and two editors of one draft."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from courseware.core.database import session
from courseware.core.errors import NotAllowed, NotFound
from courseware.resources import evidence, services, versions
from courseware.resources.errors import FileRefused, InReview
from courseware.resources.models import Resource, RightsEvidence
from tests.media.samples import sample_docx, sample_jpeg, sample_pdf
from tests.resources.conftest import World


@pytest.fixture
def draft(world: World) -> Resource:
    world.draft("别的资源")
    return world.draft()


def test_a_file_makes_a_claim_that_is_judged_anew(world: World, draft: Resource, tmp_path: Path) -> None:
    assert draft.draft_version is not None
    draft.draft_version.is_evidence_accepted = True
    kept = evidence.add_evidence(world.author, draft, sample_pdf(tmp_path / "a.pdf"), "C:\\合同\\授权书.pdf")
    assert (kept.filename, kept.media_type) == ("授权书.pdf", "application/pdf")
    assert (draft.draft_version.has_evidence, draft.draft_version.is_evidence_accepted) == (True, False)
    assert [e.uuid for e in evidence.evidence_of(draft)] == [kept.uuid]


def test_only_papers_and_pictures_of_a_sensible_size_are_kept(
    world: World, draft: Resource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = sample_jpeg(tmp_path / "a.jpg", 64, 48)
    evidence.add_evidence(world.author, draft, picture, "a.jpg")
    program = tmp_path / "x.pdf"
    program.write_bytes(b"MZ\x00\x00 program")
    empty = tmp_path / "empty.pdf"
    empty.write_bytes(b"")
    drawing = tmp_path / "a.svg"
    drawing.write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    for path in (sample_docx(tmp_path / "b.docx"), program, empty, drawing):
        with pytest.raises(FileRefused):
            evidence.add_evidence(world.author, draft, path, path.name)
    monkeypatch.setattr(evidence, "MAX_BYTES", 10)
    with pytest.raises(FileRefused):
        evidence.add_evidence(world.author, draft, picture, "a.jpg")
    monkeypatch.setattr(evidence, "MAX_BYTES", 1 << 20)
    monkeypatch.setattr(evidence, "MAX_FILES", 1)
    with pytest.raises(evidence.TooManyFiles):
        evidence.add_evidence(world.author, draft, picture, "a.jpg")
    assert session().query(RightsEvidence).count() == 1


def test_strangers_neither_add_nor_see_it(world: World, draft: Resource, tmp_path: Path, client: Any) -> None:
    kept = evidence.add_evidence(world.author, draft, sample_pdf(tmp_path / "a.pdf"), "a.pdf")
    versions.hand_in(draft.draft_version)  # type: ignore[arg-type]
    services.publish_version(draft.draft_version)  # type: ignore[arg-type]
    with pytest.raises(NotAllowed):
        evidence.add_evidence(world.stranger, draft, sample_pdf(tmp_path / "b.pdf"), "b.pdf")
    with pytest.raises(NotFound):
        evidence.evidence_by_uuid(None, draft, kept.uuid)
    session().commit()
    address = f"/resources/{draft.uuid}/evidence/{kept.uuid}"
    for person, status in ((None, 404), (world.student, 404), (world.stranger, 404), (world.author, 200),
                           (world.reviewer, 200), (world.librarian, 200)):  # fmt: skip
        client.sign_out()
        if person is not None:
            client.sign_in(person)
        answer = client.get(address)
        assert answer.status_code == status
    assert "no-store" in answer.headers["Cache-Control"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_what_a_reviewer_was_shown_stays(world: World, draft: Resource, tmp_path: Path) -> None:
    first = evidence.add_evidence(world.author, draft, sample_pdf(tmp_path / "a.pdf"), "a.pdf")
    gone = evidence.add_evidence(world.author, draft, sample_pdf(tmp_path / "b.pdf", "b"), "b.pdf")
    evidence.remove_evidence(world.author, gone)
    assert draft.draft_version is not None
    versions.hand_in(draft.draft_version)
    with pytest.raises(InReview):
        evidence.remove_evidence(world.author, first)
    assert [e.filename for e in evidence.evidence_of(draft)] == ["a.pdf"]


def test_the_editor_takes_a_file_and_shows_it(world: World, draft: Resource, tmp_path: Path, client: Any) -> None:
    session().commit()
    client.sign_in(world.author)
    address = f"/teach/resources/{draft.uuid}/evidence"
    pdf = sample_pdf(tmp_path / "a.pdf").read_bytes()
    assert client.post(address, data={"file": (io.BytesIO(pdf), "授权书.pdf")}).status_code == 302
    assert client.post(address, data={}).status_code == 302
    page = client.get(f"/teach/resources/{draft.uuid}/edit").text
    assert page.count("授权书.pdf") == 1
    client.sign_in(world.stranger)
    assert client.post(address, data={"file": (io.BytesIO(pdf), "x.pdf")}).status_code in (403, 404)


def test_the_second_of_two_editors_reads_who_saved_and_keeps_their_own_words(
    world: World, draft: Resource, client: Any
) -> None:
    session().commit()
    address = f"/teach/resources/{draft.uuid}/edit"
    opened = {"expected_version": str(draft.lock_version), "language": "zh-CN"}
    client.sign_in(world.librarian)
    assert client.post(address, data={**opened, "title": "馆员改的题目", "body": "馆员的正文"}).status_code == 302
    client.sign_in(world.author).set_cookie("kk_lang", "en")
    answer = client.post(address, data={**opened, "title": "我改的题目", "body": "我的正文"})
    assert answer.status_code == 409
    assert "librarian saved this at" in answer.text
    assert "Stored now" in answer.text
    for words in ("馆员改的题目", "我改的题目", "馆员的正文", "我的正文"):
        assert words in answer.text
    session().expire_all()
    assert draft.title == "馆员改的题目"
