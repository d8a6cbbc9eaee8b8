"""Whoever is half way through keeps the version they began, until they finish it or choose the newest."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy import func, select

from courseware.accounts.models import User
from courseware.core import clock as core_clock
from courseware.core.database import session
from courseware.progress import keeping, services
from courseware.progress.models import KeptVersion, LearningEvent
from courseware.progress.services import EventIn
from courseware.resources import services as resources
from courseware.resources.models import Resource
from tests.catalog.world import World


def watch(person: User, video: Resource, lesson: Any, start: float, to_s: float) -> None:
    event = EventIn(
        uuid.uuid4(), "watched", core_clock.now(), resource=video.uuid, lesson=lesson.uuid, from_s=start, to_s=to_s
    )
    assert services.record_events(person, [event])[0].status == "accepted"


def republish(world: World, resource: Resource, body: str, seconds: float, reason: str = "新规范") -> None:
    version = resources.start_revision(world.teacher, resource, body=body, duration_s=seconds, reason=reason)
    resources.publish_version(version, "substantive", note="换了大半")
    session().commit()


@pytest.fixture
def begun(world: World) -> tuple[Resource, Any]:
    """A video of 100 s: the student has seen 40 of it, the classmate all; nobody began the other one."""
    video, noise = world.video("枪角演示", 100.0), world.video("另一段", 50.0)
    lesson = world.lesson(video, noise)
    world.enrol()
    watch(world.student, video, lesson, 0, 40)
    watch(world.classmate, video, lesson, 0, 100)
    republish(world, video, "全新的讲解。", 300.0)
    republish(world, noise, "也换了。", 60.0)
    return video, lesson


def num_of(person: User, video: Resource) -> int:
    """The version that the person's newest event names."""
    query = select(LearningEvent).where(LearningEvent.user_id == person.id, LearningEvent.resource_id == video.id)
    newest = session().scalars(query.order_by(LearningEvent.id.desc()).limit(1)).one()
    return next(v.num for v in video.versions if v.id == newest.version_id)


def test_only_those_who_began_and_did_not_finish_keep_theirs(world: World, begun: tuple[Resource, Any]) -> None:
    video, _lesson = begun
    kept = keeping.kept_by(world.student.id, video.id)
    assert kept is not None
    assert (kept.num, kept.newest_num, kept.duration_s, kept.newest_reason) == (1, 2, 100.0, "新规范")
    assert keeping.kept_by(world.classmate.id, video.id) is None
    assert session().scalar(select(func.count()).select_from(KeptVersion)) == 1


def test_completion_is_counted_on_the_version_that_was_begun(world: World, begun: tuple[Resource, Any]) -> None:
    video, lesson = begun
    watch(world.student, video, lesson, 40, 79)
    assert num_of(world.student, video) == 1
    assert keeping.kept_by(world.student.id, video.id) is not None
    watch(world.student, video, lesson, 79, 81)
    assert keeping.kept_by(world.student.id, video.id) is None, "80 of 100 seconds: done, and the newest from now on"
    watch(world.student, video, lesson, 0, 5)
    assert num_of(world.student, video) == 2


def test_a_second_newer_version_changes_nothing_for_whoever_keeps_one(
    world: World, begun: tuple[Resource, Any]
) -> None:
    video, _lesson = begun
    republish(world, video, "又一版。", 200.0, "勘误")
    kept = keeping.kept_by(world.student.id, video.id)
    assert kept is not None
    assert (kept.num, kept.newest_num) == (1, 3)


def test_the_same_content_again_is_no_other_version(world: World) -> None:
    video = world.video("枪角演示", 100.0)
    lesson = world.lesson(video)
    world.enrol()
    watch(world.student, video, lesson, 0, 40)
    again = resources.start_revision(world.teacher, video, reason="改了许可")
    assert video.published_version is not None
    again.licence, again.content_hash = "CC0-1.0", video.published_version.content_hash
    keeping.keep_begun(video, again)
    assert session().scalar(select(func.count()).select_from(KeptVersion)) == 0


def test_the_page_says_so_and_one_button_takes_the_newest(
    world: World, begun: tuple[Resource, Any], client: Any
) -> None:
    video, lesson = begun
    key = lesson.published_version.activities[0].key
    client.sign_in(world.student).set_cookie("kk_lang", "en")
    page = client.get(f"/learn/{lesson.uuid}?at={key}").text
    assert "You began with version 1 and go on with it." in page
    assert "What is new: 新规范" in page
    assert "watch 40 more seconds" in page
    assert client.post(f"/learn/{lesson.uuid}/activities/{key}/newest").status_code == 302
    page = client.get(f"/learn/{lesson.uuid}?at={key}").text
    assert 'id="kept"' not in page
    assert "watch 200 more seconds" in page, "240 of 300 are needed, 40 were seen"
    watch(world.student, video, lesson, 40, 50)
    assert num_of(world.student, video) == 2
    client.sign_in(world.classmate)
    assert 'id="kept"' not in client.get(f"/learn/{lesson.uuid}?at={key}").text
