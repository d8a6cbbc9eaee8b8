"""Every main page, for the people who use it: in two languages, on a phone and a desk, by day and by night."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.pages.axe import grave_findings, sticks_out
from tests.pages.steps import follow
from tests.pages.world import World

Opener = Callable[..., Page]
WIDTHS = (1440, 390)
# What axe judges depends on the width, hardly on the language: each page is judged once at each.
JUDGED = {"zh-CN": (390,), "en": (1440,)}
PAGES: dict[str | None, tuple[str, ...]] = {
    None: (
        "/", "/sign-in", "/sign-up", "/libraries", "/libraries/{library}/figures", "/libraries/{library}", "/libraries/{library}/plan", "/courses", "/courses/{robot}",
        "/search?q=工具坐标系", "/search?q=天文学史", "/points/{tool}", "/map?library={library}", "/map?course={robot}", "/map?library={library}&show=points", "/resources/{video}",
        "/resources/{text}", "/learn/{lesson}", "/about/definitions", "/about/accessibility", "/about/privacy", "/about/feedback", "/no-such-page",
        "/offline", "/learn/{lesson}/questions", "/verify",
    ),
    "student": (
        "/", "/courses/{robot}", "/learn/{lesson}", "/learn/{second}", "/my-learning", "/my-learning/notes", "/my-learning/questions",
        "/learn/{lesson}/notes", "/learn/{lesson}/questions", "/my-learning/choices", "/my-learning/certificates", "/account", "/resources/{paper}",
    ),
    "teacher": (
        "/teach/resources", "/teach/questions", "/teach/questions?state=reported", "/teach/courses", "/teach/courses/{robot}",
        "/teach/lessons/{second}", "/resources/{video}", "/resources/{video}/edit", "/search?q=标定&kind=question",
        "/teach/courses/{robot}/standard", "/teach/courses/{robot}/team", "/teach/courses/{robot}/terms", "/teach/courses/{robot}/runs",
        "/teach/courses/{robot}/withdraw", "/teach/classes", "/teach/classes/new", "/teach/resources/{video}/watching",
        "/teach/course-import", "/courses/{robot}/packages",
    ),
    "reviewer": ("/review", "/review first", "/review/take-downs", "/teach/resources/{video}/withdrawal"),
    "librarian": ("/admin/libraries/{library}/graph", "/admin/libraries/{library}/graph/check", "/admin/libraries/{library}/graph/import",
        "/monitor/certificates", "/admin/libraries/{library}/posts", "/admin/points/{tool}", "/admin/libraries/{library}/review", "/review/rechecks", "/review/workload"),
    "administrator": ("/monitor", "/monitor/indicators/M4.A", "/monitor/indicators/M12.A", "/monitor/indicators/M1.A", "/monitor/indicators/M19.A?q=2025", "/monitor/compare", "/monitor/compare?indicator=M12.A&by=units", "/monitor/map", "/monitor/functions", "/monitor/plan", "/monitor/radar",
        "/monitor/radar/links", "/monitor/radar/standards", "/monitor/unusual", "/monitor/rosters", "/monitor/survey", "/monitor/yearly", "/monitor/snapshots", "/monitor/hand-over", "/monitor/hand-over/new?rows=figures",
        "/admin/users", "/admin/jobs", "/admin/audit"),
}  # fmt: skip
BY_NIGHT: dict[str | None, tuple[str, ...]] = {
    None: ("/", "/courses/{robot}", "/search?q=工具坐标系", "/resources/{video}", "/libraries/{library}", "/map?library={library}"),
    "student": ("/learn/{lesson}", "/my-learning", "/my-learning/notes"),
    "teacher": ("/teach/resources", "/teach/lessons/{second}"),
    "reviewer": ("/review first",),
    "administrator": ("/monitor", "/monitor/indicators/M4.A", "/monitor/compare", "/monitor/map", "/monitor/radar", "/monitor/yearly"),
}  # fmt: skip


@pytest.mark.parametrize("who", list(PAGES), ids=str)
@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_pages_can_be_used_by_everybody_and_never_scroll_sideways(
    open_as: Opener, world: World, who: str | None, locale: str
) -> None:
    """In Chinese, those of BY_NIGHT are opened by night, read, and looked at by day after it."""
    page = open_as(who, locale=locale)
    nights = BY_NIGHT.get(who, ()) if locale == "zh-CN" else ()
    found = [
        f"{path} {told}"
        for path in PAGES[who]
        for told in look(page, world, path, judged=JUDGED[locale], by_night=path in nights)
    ]
    assert not found, "\n".join(found)


def test_every_page_to_be_read_by_night_is_opened() -> None:
    assert all(set(paths) <= set(PAGES[who]) for who, paths in BY_NIGHT.items())


def look(page: Page, world: World, path: str, *, judged: tuple[int, ...], by_night: bool) -> list[str]:
    """Opens a page and tells what sticks out at each of WIDTHS, and what axe finds at those `judged`; where it is opened
    `by_night`, also what axe finds before it is day."""
    page.emulate_media(color_scheme="dark" if by_night else "light")
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    status = visit(page, world, path)
    problems = [] if status in (200, 404 if "no-such" in path else 200) else [f"answers {status}"]
    if by_night:
        problems += [f"by night: {told}" for told in grave_findings(page)]
        page.emulate_media(color_scheme="light")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        grave = grave_findings(page) if width in judged else []
        problems += [f"at {width}: {told}" for told in (*grave, *sticks_out(page))]
    return problems


def visit(page: Page, world: World, path: str) -> int:
    """Goes there as a person does; "/review first" is the first case of the queue."""
    address, _, click = path.partition(" ")
    names = {name: str(uuid) for name, uuid in world.uuids.items()}
    address = address.replace("/resources/{video}/edit", "/teach/resources/{video}/edit").format(
        library=world.library, **names
    )
    answer = page.goto(address)
    if click:
        follow(page, "table.qt a.n")
    return answer.status if answer is not None else 0
