"""Pictures of the main pages for docs/screenshots, taken of the demonstration: `make screenshots`.

KEKU_DEMO_DIR names a data folder where `flask demo` has run already; without it the demonstration is loaded here, which
takes minutes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from courseware.accounts.models import User
from courseware.catalog.models import Activity, CourseRun, Lesson
from courseware.certificates.models import Certificate
from courseware.classes.models import Poll
from courseware.core.database import session
from courseware.demo.accounts import KEYS, PASSWORD
from courseware.knowledge.models import Point
from courseware.libraries.models import Course
from courseware.resources.models import Resource
from tests.conftest import need
from tests.pages.conftest import sign_in
from tests.pages.steps import follow
from tests.servers import shared
from tests.servers.site import LiveSite

pytestmark = [
    pytest.mark.skipif(not os.environ.get("KEKU_SCREENSHOTS"), reason="pictures are taken by `make screenshots`"),
    pytest.mark.timeout(3600),
]

COURSE, LESSON, VIDEO = "RP", "les-rp-l01", "r153"
PAGES: dict[str, tuple[str | None, str]] = {
    "home": (None, "/"),
    "library": (None, "/libraries/{library}"),
    "catalogue": (None, "/courses"),
    "search": (None, "/search?q=工具座标"),
    "course": (None, "/courses/{course}"),
    "point": (None, "/points/{point}"),
    "knowledge-map": (None, "/map?library={library}"),
    "sign-in": (None, "/sign-in"),
    "resource": (None, "/resources/{video}"),
    "learn": ("student", "/learn/{lesson}?at={watched}"),
    "questions": ("student", "/learn/{lesson}/questions"),
    "my-learning": ("student", "/my-learning"),
    "certificate": ("student", "/my-learning/certificates/{certificate}"),
    "my-resources": ("teacher", "/teach/resources"),
    "my-courses": ("teacher", "/teach/courses"),
    "course-builder": ("teacher", "/teach/courses/{course}"),
    "lesson-board": ("teacher", "/teach/lessons/{lesson}"),
    "run": ("teacher", "/teach/runs/{run}"),
    "class-board": ("teacher", "/teach/classes/{class}"),
    "class-use": ("teacher", "/teach/classes/{class}/use"),
    "poll": ("teacher", "/teach/polls/{poll}/screen"),
    "review-queue": ("reviewer", "/review"),
    "review": ("reviewer", "/review first"),
    "monitor": ("administrator", "/monitor?library={library}"),
    "indicator": ("administrator", "/monitor/indicators/M4.A?library={library}"),
    "evidence": ("administrator", "/monitor/people/{student}?library={library}&figure=M12.A"),
    "coverage-map": ("administrator", "/monitor/map?library={library}"),
}
IN_ENGLISH = ("home", "course", "learn", "monitor")
BY_NIGHT = ("learn", "monitor")
TALLEST = {1440: 2400, 390: 3000}  # a picture that nobody can take in shows nothing


@pytest.fixture(scope="module")
def demo_site() -> Iterator[LiveSite]:
    """The site on the demonstration."""
    kept = os.environ.get("KEKU_DEMO_DIR")
    settings = {"KEKU_DATA_DIR": str(Path(kept).resolve())} if kept else {}
    site = LiveSite(shared.run_folder() / "demo", **settings)
    if not kept:
        (site.folder / "data").mkdir(parents=True)
        site.flask("db", "upgrade")
        site.flask("demo")
    try:
        need(site.__enter__)
        yield site
    finally:
        site.stop()


@pytest.fixture(scope="module")
def names(demo_site: LiveSite) -> dict[str, str]:
    """What the addresses of PAGES stand for."""
    with demo_site.app.app_context():
        lesson = session().scalars(select(Lesson).where(Lesson.key == LESSON)).one()
        video = session().scalars(select(Resource).where(Resource.external_id == VIDEO)).one()
        course = session().scalars(select(Course).where(Course.code == COURSE)).first()
        point = session().scalars(select(Point).where(Point.name.contains("工具坐标系"))).first()
        watched = (
            session()
            .scalars(
                select(Activity).where(
                    Activity.version_id == lesson.published_version_id, Activity.resource_id == video.id
                )
            )
            .first()
        )
        poll = session().scalars(select(Poll).order_by(Poll.id)).first()
        closed = session().scalars(select(CourseRun).where(CourseRun.kind == "spoc")).one()
        certificate = (
            session()
            .scalars(
                select(Certificate)
                .join(User, User.id == Certificate.user_id)
                .where(User.key == KEYS["student"])
                .order_by(Certificate.id)
            )
            .first()
        )
        assert course is not None
        assert point is not None
        assert poll is not None
        assert certificate is not None
        return {
            "library": course.library.code, "course": str(course.uuid), "lesson": str(lesson.uuid), "video": str(video.uuid),
            "point": str(point.uuid), "watched": str(watched.key) if watched else "", "run": str(closed.uuid), "poll": str(poll.uuid),
            "student": str(session().scalars(select(User.uuid).where(User.key == KEYS["student"])).one()),
            "class": str(poll.teaching_class.uuid), "certificate": str(certificate.uuid),
        }  # fmt: skip


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("name", list(PAGES))
def test_take_pictures(
    demo_site: LiveSite, names: dict[str, str], open_page: Callable[..., Page], screenshot: Callable[..., None],
    sessions: dict[str, Any], name: str, width: int,
) -> None:  # fmt: skip
    who, path = PAGES[name]
    ways = [("", "zh-CN", False)]
    ways += [("-en", "en", False)] if name in IN_ENGLISH else []
    ways += [("-dark", "zh-CN", True)] if name in BY_NIGHT and width == 1440 else []
    for tail, locale, is_dark in ways:
        page = open_page(
            width=width, locale=locale, dark=is_dark, base_url=demo_site.address, storage_state=sessions.get(who or "")
        )
        if who and who not in sessions:
            sign_in(page, f"{KEYS[who]}@demo.invalid", PASSWORD)
            kept = page.context.storage_state()
            sessions[who] = {**kept, "cookies": [c for c in kept.get("cookies", []) if c.get("name") == "session"]}
        show(page, path.format(**names))
        fit(page, width)
        screenshot(page, f"{name}-{width}{tail}", full_page=False)


@pytest.fixture(scope="module")
def sessions() -> dict[str, Any]:
    """The cookies of people who signed in."""
    return {}


def show(page: Page, path: str) -> None:
    """Goes there and waits until everything that is seen has come."""
    address, _, click = path.partition(" ")
    page.goto(address)
    if click:
        follow(page, "table.qt a.n")
    page.wait_for_load_state("networkidle")
    expect(page.locator("main h1").first).to_be_visible()
    page.evaluate(
        "() => Promise.all([...document.images].map((image) => { image.loading = 'eager'; return image.decode().catch(() => undefined); }))"
    )


def fit(page: Page, width: int) -> None:
    """A window as tall as the page, up to what one can take in."""
    height: int = page.evaluate("() => document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": max(700, min(height, TALLEST[width]))})
    page.wait_for_timeout(400)
