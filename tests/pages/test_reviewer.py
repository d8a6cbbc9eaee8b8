"""The reviewer's journey: a case by the keys alone, a note that is asked for, the next case."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from courseware.accounts import queries as accounts
from courseware.core.database import session
from courseware.core.unit_of_work import unit_of_work
from courseware.resources import assets
from courseware.resources import services as resources
from courseware.resources.models import Resource
from courseware.review import services as review
from tests.media.samples import sample_audio
from tests.pages.world import World, wait_for_files
from tests.servers.site import LiveSite


def submitted(site: LiveSite, world: World, count: int, name: str = "按键审核") -> list[uuid.UUID]:
    """Cases by a teacher; the words of one say 绝对安全."""
    with site.app.app_context(), unit_of_work():
        teacher = accounts.user_by_email(world.emails["teacher"])
        pattern = session().scalars(select(Resource).where(Resource.uuid == world.uuids["video"])).one()
        assert teacher is not None
        made = [
            resources.create_resource(
                teacher, pattern.library, type="text", title=f"{name}{n}", course=pattern.course, points=pattern.points[:1],
                body=f"{name}第{n}份：该工艺绝对安全。", originality="original", licence="CC-BY-4.0", language="zh-CN",
            )
            for n in range(count)
        ]  # fmt: skip
        return [review.submit(teacher, one, commitment="我已检查，并对此负责。").uuid for one in made]


@pytest.mark.timeout(120)
def test_a_case_is_decided_by_keys_and_several_on_one_page(
    open_as: Callable[..., Page], live_site: LiveSite, world: World
) -> None:
    cases = submitted(live_site, world, 3)
    page = open_as("reviewer")
    page.goto(f"/review/{cases[0]}")
    expect(page.locator(".hints")).to_contain_text("绝对安全")
    expect(page.locator("button.yes")).to_be_hidden()
    page.keyboard.press("1")
    for key in ("p", "p", "p"):
        page.keyboard.press(key)
    page.keyboard.press("4")
    page.keyboard.press("r")
    page.keyboard.type("请改掉绝对化用语")  # R leads into the note, where letters are letters again
    expect(page.locator("textarea[name=note-norms]")).to_have_value("请改掉绝对化用语")
    expect(page.locator("button.back")).to_be_visible()
    page.click("button.back")
    expect(page.locator(".kk-flashes .ok")).to_contain_text("按键审核0")

    page.goto("/review?q=按键审核")
    for box in page.locator("table.qt input[name=case]").all():
        box.check()
    page.click("form[action$='/review/batch'] button")
    expect(page.locator(".one-case")).to_have_count(2)
    first = page.locator(".one-case").first
    for choice in first.locator("label.p").all():
        choice.click()
    page.click("form.several button.btn-primary")
    expect(page.locator(".kk-flashes .ok")).to_be_visible()
    expect(page.locator(".one-case")).to_have_count(1)


def test_an_opinion_keeps_itself_and_stands_there_again_after_a_reload(
    open_as: Callable[..., Page], live_site: LiveSite, world: World
) -> None:
    case = submitted(live_site, world, 1, "意见留存")[0]
    page = open_as("reviewer")
    page.goto(f"/review/{case}")
    page.locator("input[name=verdict-political][value=pass]").check(force=True)
    page.locator("input[name=verdict-norms][value=fail]").check(force=True)
    with page.expect_response(
        lambda answer: "/opinion" in answer.url and "断电" in unquote(str(answer.request.post_data))
    ) as kept:
        page.fill("textarea[name=note-norms]", "第三步缺少断电确认")
    assert kept.value.ok
    expect(page.locator("[data-autosave-said]")).not_to_be_empty()
    page.reload()
    elsewhere = open_as("reviewer")  # what the browser itself remembers of a form is not there
    elsewhere.goto(f"/review/{case}")
    for each in (page, elsewhere):
        expect(each.locator("textarea[name=note-norms]")).to_have_value("第三步缺少断电确认")
        expect(each.locator("input[name=verdict-political][value=pass]")).to_be_checked()
        expect(each.locator("input[name=verdict-norms][value=fail]")).to_be_checked()
        expect(each.locator("input[name=verdict-scientific]:checked")).to_have_count(0)
        expect(each.locator(".kept")).to_be_visible()


@pytest.mark.timeout(120)
def test_two_recordings_run_under_one_control(
    open_as: Callable[..., Page], live_site: LiveSite, world: World, tmp_path: Path
) -> None:
    page = open_as("reviewer")
    page.goto(f"/review/{revised_recording(live_site, world, tmp_path)}")
    bar, films = page.locator("[data-films]"), page.locator(".duo audio, .duo video")
    expect(bar).to_be_visible()
    expect(films).to_have_count(2)
    page.wait_for_function(f"() => {EACH}.every((film) => film.readyState >= 1)")
    assert films.evaluate_all("all => all.map((film) => film.muted)") == [True, False], "the new one is heard"
    bar.locator("[data-step='5']").click()
    assert films.evaluate_all("all => all.map((film) => film.currentTime)") == pytest.approx([5, 5], abs=0.3)
    page.keyboard.press("b")
    page.wait_for_function(f"() => {EACH}.every((film) => !film.paused && film.currentTime > 5.3) && {IN_STEP}")
    page.keyboard.press("b")
    page.wait_for_function(f"() => {EACH}.every((film) => film.paused)")
    bar.locator("[data-sound]").click()
    assert films.evaluate_all("all => all.map((film) => film.muted)") == [False, True]


EACH = "[...document.querySelectorAll('.duo audio, .duo video')]"
IN_STEP = f"Math.abs({EACH}[0].currentTime - {EACH}[1].currentTime) < 0.6"


def revised_recording(site: LiveSite, world: World, folder: Path) -> uuid.UUID:
    """The case of a recording whose second version waits, twelve and nine seconds long."""
    with site.app.app_context():
        with unit_of_work():
            old, new = (
                assets.store_file(sample_audio(folder / f"{name}.m4a", seconds), f"{name}.m4a", None)
                for name, seconds in (("first", 12), ("second", 9))
            )
        wait_for_files([old, new])
        with unit_of_work():
            teacher = accounts.user_by_email(world.emails["teacher"])
            pattern = session().scalars(select(Resource).where(Resource.uuid == world.uuids["video"])).one()
            assert teacher is not None
            made = resources.create_resource(
                teacher, pattern.library, type="audio", title="讲解录音", course=pattern.course, points=pattern.points[:1],
                asset=old, duration_s=12, originality="original", licence="CC-BY-4.0", language="zh-CN",
            )  # fmt: skip
            assert made.draft_version is not None
            resources.publish_version(made.draft_version)
            resources.start_revision(teacher, made, asset=new, duration_s=9, reason="重录了第二段")
            return review.submit(teacher, made, commitment="我已检查，并对此负责。").uuid
