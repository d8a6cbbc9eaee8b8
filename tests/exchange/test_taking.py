"""A course leaves: who may, what comes along, what stays and why, one package for one state."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from flask_babel import force_locale
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from courseware.accounts.models import User
from courseware.assessment import services as assessment
from courseware.catalog import services as catalog
from courseware.core.database import session
from courseware.core.errors import NotAllowed
from courseware.core.roles import Role
from courseware.exchange import jobs, services
from courseware.exchange.errors import NothingToPack
from courseware.exchange.models import CoursePackage
from courseware.exchange.plan import plan_of
from courseware.jobs.models import Job
from courseware.resources import assets, ranges
from courseware.resources import services as resources
from courseware.resources.models import Asset
from courseware.resources.storage import store
from tests.catalog.world import World
from tests.counting import statements
from tests.exchange.packages import index_of, made, opened, process
from tests.media.samples import sample_mp4

CAPTIONS = "WEBVTT\n\n00:00.000 --> 00:02.000\n看焊枪角度\n"


def ask(world: World, form: str = "offline", who: User | None = None) -> CoursePackage:
    return services.ask_for_package(who or world.student, world.course, form)


def film(world: World, folder: Path, title: str = "枪角演示") -> Any:
    asset = assets.store_file(sample_mp4(folder / "weld.mp4", seconds=3), "weld.mp4", None)
    process(asset)
    made_of = resources.create_resource(
        world.teacher, world.library, type="video", title=title, course=world.course, points=world.points[:1], asset=asset,
        originality="original", licence="CC-BY-4.0",
    )  # fmt: skip
    ranges.set_captions(made_of.draft_version, "zh", CAPTIONS)
    resources.publish_version(made_of.draft_version)
    return made_of


def test_an_offline_folder_holds_pages_in_both_languages_recordings_captions_and_credits(
    world: World, tmp_path: Path
) -> None:
    world.lesson(film(world, tmp_path), {"kind": "text", "title": "要点", "text": "先看**枪尖**。"}, title="立向上角焊")
    world.lesson({"kind": "link", "title": "标准", "url": "https://openstd.samr.gov.cn/"}, title="第二课")
    archive = opened(made(ask(world)))
    names = archive.namelist()
    assert {
        "WELD-offline/index.html",
        "WELD-offline/en/index.html",
        "WELD-offline/lesson-002.html",
        "WELD-offline/files/001-01.mp4",
    } <= set(names)
    page = archive.read("WELD-offline/lesson-001.html").decode()
    assert 'src="files/001-01.mp4"' in page
    assert "data:text/vtt;base64," in page, "a page from a disk may load no file of captions"
    assert "看焊枪角度" in page
    assert "<strong>枪尖</strong>" in page
    assert "CC BY 4.0" in page
    assert 'href="lesson-002.html"' in page
    assert 'src="../files/001-01.mp4"' in archive.read("WELD-offline/en/lesson-001.html").decode()
    assert any("看焊枪角度" in one["s"] for one in index_of(archive, "WELD-offline/search-index.js"))
    assert archive.read("WELD-offline/files/001-01.mp4")[4:8] == b"ftyp"


def test_nothing_in_the_folder_asks_the_net_by_itself(world: World) -> None:
    world.lesson(
        {"kind": "link", "title": "标准", "url": "https://openstd.samr.gov.cn/"},
        {"kind": "text", "text": "![图](https://a.example/x.png)"},
    )
    archive = opened(made(ask(world)))
    page = archive.read("WELD-offline/lesson-001.html").decode()
    assert [part for part in page.split('src="')[1:] if part.startswith(("http", "//"))] == []
    assert 'href="https://openstd.samr.gov.cn/"' in page, "a link of the lesson stays a link"


def test_what_may_not_leave_stays_with_its_reason(world: World) -> None:
    free, permitted = world.resource("自由的"), world.resource("授权的")
    permitted.published_version.licence = "授权使用（示例授权书）"
    unseen = world.video("还在处理的")
    unseen.published_version.asset = Asset(
        sha256="1" * 64, size=9, media_type="video/mp4", kind="video", filename="a.mp4", store_key="x"
    )
    gone = world.resource("下架的")
    world.lesson(free, permitted, unseen, gone, title="混合")
    resources.withdraw(world.teacher, gone, "过时")
    catalog.touch_course(world.course)
    left = {one.title: one.reason for one in plan_of(world.course).left_out}
    assert left == {"授权的": "licence", "还在处理的": "not_ready", "下架的": "withdrawn"}
    package = made(ask(world))
    assert [one["title"] for one in package.report["left_out"]] == ["授权的", "还在处理的", "下架的"]
    page = opened(package).read("WELD-offline/lesson-001.html").decode()
    assert "自由的" in page
    assert "授权的：第" not in page, "its text stays as well"


def test_a_file_the_store_lost_is_named_and_the_package_is_made_all_the_same(world: World, tmp_path: Path) -> None:
    resource = film(world, tmp_path)
    world.lesson(resource, world.resource("文字"))
    for one in list(store().list(resource.published_version.asset.rendition("hls").store_key)):
        store().delete(one.key)
    package = made(ask(world))
    assert package.state == "ready"
    assert [(one["title"], one["reason"]) for one in package.report["left_out"]] == [("枪角演示", "file_missing")]
    assert "WELD-offline/files/001-01.mp4" not in opened(package).namelist()


def test_the_same_state_is_packed_once_and_a_changed_course_anew(world: World, db_session: Session) -> None:
    world.lesson(world.resource("一"))
    first = ask(world)
    assert ask(world, who=world.classmate).uuid == first.uuid
    made(first)
    assert ask(world, who=world.classmate).uuid == first.uuid
    assert db_session.scalar(select(func.count()).select_from(Job).where(Job.kind == services.PACK)) == 1
    world.lesson(world.resource("二"), title="新的一课")
    assert ask(world).uuid != first.uuid


def test_only_the_team_gets_questions_with_answers(world: World) -> None:
    reviewer = world.person("方允之", Role.REVIEWER)
    assessment.publish_question(
        world.course, "q1", "single", world.points[:1], world.teacher, reviewer, stem="焊枪工作角是多少？",
        content={"options": [{"id": "A", "text": "90°"}, {"id": "B", "text": "45°"}], "answer": "B"},
    )  # fmt: skip
    world.lesson(world.resource("一"))
    of_team, of_all = made(ask(world, "cc", world.teacher)), made(ask(world, "cc", world.student))
    assert (of_team.audience, of_all.audience) == ("team", "open")
    assert b"45" in opened(of_team).read("questions/bank.xml")
    assert "questions/bank.xml" not in opened(of_all).namelist()


def test_who_may_take_a_course_along(world: World) -> None:
    world.lesson(world.resource("一"))
    assert ask(world, who=world.student).state == "making"
    world.course.is_open = False
    with pytest.raises(NotAllowed):
        ask(world, who=world.student)
    assert ask(world, who=world.teacher).state == "making"
    world.course.is_open, world.course.licence = True, "all-rights-reserved"
    with pytest.raises(NotAllowed):
        ask(world, who=world.student)


def test_a_course_without_a_lesson_says_what_to_do(world: World) -> None:
    with force_locale("en"), pytest.raises(NothingToPack, match="Publish one first"):
        ask(world)


def test_a_package_is_fetched_in_ranges_and_only_by_those_who_may(world: World, client: Any) -> None:
    world.lesson(world.resource("一"))
    package = made(ask(world, "cc", world.teacher))
    address = f"/packages/{package.uuid}/download"
    assert client.get(address).status_code == 302, "guests sign in first"
    assert client.sign_in(world.student).get(address).status_code == 404, "it is the team's"
    whole = client.sign_in(world.teacher).get(address)
    assert whole.data[:2] == b"PK"
    assert "imscc" in whole.headers["Content-Disposition"]
    part = client.get(address, headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.data) == (206, whole.data[:4])


def test_the_page_tells_size_and_reasons_before_and_the_file_after(world: World, client: Any) -> None:
    hers = world.resource("授权的")
    hers.published_version.licence = "仅限本库"
    world.lesson(world.resource("一"), hers)
    client.sign_in(world.student)
    address = f"/courses/{world.course.uuid}/packages"
    before = client.get(address).text
    assert "授权的" in before
    assert "仅限本库" in before
    client.post(address, data={"format": "offline"})
    package = world_package(world)
    assert f"/packages/{package.uuid}/cancel" in client.get(address).text
    made(package)
    assert f"/packages/{package.uuid}/download" in client.get(address).text
    assert f"{address}" in client.get(f"/courses/{world.course.uuid}").text


def world_package(world: World) -> CoursePackage:
    return session().scalars(select(CoursePackage).where(CoursePackage.course_id == world.course.id)).one()


def test_a_stopped_package_can_be_asked_for_again(world: World, client: Any) -> None:
    world.lesson(world.resource("一"))
    package = ask(world)
    client.sign_in(world.classmate).post(f"/packages/{package.uuid}/cancel")
    assert package.state == "making", "another student does not stop what somebody waits for"
    client.sign_in(world.student).post(f"/packages/{package.uuid}/cancel")
    assert package.state == "cancelled"
    assert ask(world).uuid == package.uuid
    assert made(package).state == "ready"


def test_old_packages_go_with_their_files(world: World, clock: Any) -> None:
    clock("2026-03-01 09:00")
    world.lesson(world.resource("一"))
    package = made(ask(world))
    key = package.store_key
    clock.advance(days=6)
    jobs.sweep()
    assert [one.key for one in store().list("packages/")] == [key]
    clock.advance(days=2)
    jobs.sweep()
    assert list(store().list("packages/")) == []


def test_a_stranger_asks_in_vain(world: World, client: Any) -> None:
    world.course.published_at = None
    client.sign_in(world.student)
    assert client.get(f"/courses/{world.course.uuid}/packages").status_code == 404
    assert client.get(f"/packages/{uuid.uuid4()}/download").status_code == 404


def test_a_plan_costs_the_same_for_one_lesson_and_for_twenty(world: World) -> None:
    world.lesson(world.resource("一"))
    with statements() as few:
        plan_of(world.course)
    for number in range(20):
        world.lesson(world.resource(f"资源{number}"), title=f"课{number}")
    with statements() as many:
        plan_of(world.course)
    assert len(many) <= len(few) + 1
