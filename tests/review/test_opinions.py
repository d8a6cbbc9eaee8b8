"""Unfinished opinions: kept for their writer alone, restored, and gone with the decision."""

from __future__ import annotations

from typing import Any

import pytest

from courseware.accounts import services as accounts
from courseware.core.database import session
from courseware.core.errors import NotAllowed
from courseware.core.roles import Role
from courseware.resources import services as resources
from courseware.review import opinions, services
from courseware.review.errors import AlreadyDecided
from courseware.review.models import DIMENSIONS, Submission, UnfinishedOpinion

HALF = {
    "verdict-political": "pass",
    "verdict-norms": "fail",
    "note-norms": "缺图片授权",
    "note": "明天再看",
    "level": "1",
}
PASS = dict.fromkeys(DIMENSIONS, (True, ""))


@pytest.fixture
def waiting(world: Any) -> Submission:
    services.submit(world.author, world.draft("别的"), commitment="已自查")
    submission = services.submit(world.author, world.draft(), commitment="已自查")
    session().commit()
    return submission


def kept() -> int:
    return session().query(UnfinishedOpinion).count()


def test_what_was_written_is_there_again_and_only_for_its_writer(client: Any, world: Any, waiting: Submission) -> None:
    other = accounts.create_user("other@example.org", "other", unit=world.author.unit, roles=[Role.REVIEWER])
    session().commit()
    client.sign_in(world.reviewer)
    path = f"/review/{waiting.uuid}"
    told = client.post(f"{path}/opinion", data=HALF, headers={"X-Keku-Autosave": "1"})
    assert (told.status_code, kept()) == (200, 1)
    client.post(f"{path}/opinion", data={**HALF, "note": "明天上午再看"}, headers={"X-Keku-Autosave": "1"})
    assert kept() == 1, "the last save counts"
    assert client.post(f"{path}/opinion", data={**HALF, "note": "后天再看"}).location.endswith("/review")
    page = client.get(path).text
    assert "后天再看" in page
    assert "缺图片授权" in page
    assert 'name="verdict-norms" value="fail" required checked' in page
    assert 'name="verdict-scientific" value="pass" required checked' not in page
    client.sign_in(other)
    assert "后天再看" not in client.get(path).text
    client.sign_in(world.reviewer)
    client.post(f"{path}/opinion", data={"forget": "1"})
    assert kept() == 0
    assert "后天再看" not in client.get(path).text


def test_it_goes_with_the_decision_of_anybody_and_when_the_author_takes_the_case_back(
    world: Any, waiting: Submission
) -> None:
    opinions.keep(world.reviewer, waiting, {"note": "半"}, 1)
    services.take_back(world.author, waiting)
    assert kept() == 0
    again = services.submit(world.author, waiting.version.resource, commitment="已自查")
    other = accounts.create_user("other@example.org", "other", unit=world.author.unit, roles=[Role.REVIEWER])
    opinions.keep(other, again, {"note": "半"}, 1)
    services.decide(world.reviewer, again, "approve", PASS)
    assert kept() == 0
    with pytest.raises(AlreadyDecided):
        opinions.keep(other, again, {"note": "迟到"}, 1)


def test_a_case_that_somebody_else_took_still_keeps_what_is_typed(world: Any, waiting: Submission) -> None:
    other = accounts.create_user("other@example.org", "other", unit=world.author.unit, roles=[Role.REVIEWER])
    services.claim(other, waiting)
    opinions.keep(world.reviewer, waiting, {"note": "我先写的"}, 1)
    found = opinions.opinion_of(world.reviewer, waiting)
    assert found is not None
    assert found.content == {"note": "我先写的"}


def test_who_does_not_review_keeps_nothing(client: Any, world: Any, waiting: Submission) -> None:
    with pytest.raises(NotAllowed):
        opinions.keep(world.author, waiting, {}, 1)
    client.sign_in(world.author)
    assert client.post(f"/review/{waiting.uuid}/opinion", data=HALF).status_code in (302, 403)
    assert kept() == 0


def test_a_change_since_then_is_said(client: Any, world: Any, waiting: Submission) -> None:
    client.sign_in(world.reviewer)
    seen = str(waiting.version.resource.lock_version)
    client.post(f"/review/{waiting.uuid}/opinion", data={**HALF, "seen": seen})
    marked = 'class="sm mut kept"'
    before = client.get(f"/review/{waiting.uuid}").text
    resources.edit_metadata(world.librarian, waiting.version.resource, {"description": "补了说明"})
    session().commit()
    after = client.get(f"/review/{waiting.uuid}").text
    assert marked in before
    assert before.split(marked)[1].split("</div>")[0].count("<b>") == 0
    assert after.split(marked)[1].split("</div>")[0].count("<b>") == 1
