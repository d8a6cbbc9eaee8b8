"""Every page answers in both languages, and no text on a Chinese page stayed English for want of a translation."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import flask_babel
import pytest
from babel.support import NullTranslations
from flask import Flask
from flask_babel import get_locale

from courseware.accounts import services as accounts
from courseware.accounts.models import User
from courseware.core.database import session
from courseware.core.roles import Role
from courseware.libraries.models import CourseTeacher
from courseware.web import frame, i18n
from tests.servers.rewound import MadeOnce
from tests.web.site import Site, make_indexed_site

ROOT = Path(__file__).resolve().parent.parent.parent


class Noting(NullTranslations):
    """Answers from the Chinese catalogue and what waits to be merged into it, and notes what neither has."""

    def __init__(self, known: dict[Any, Any], missing: set[str]) -> None:
        super().__init__()
        self.known, self.missing = known, missing

    def _find(self, message: str, default: str) -> str:
        found = self.known.get(message)
        if found is None:
            self.missing.add(message)
        return found or default

    def ugettext(self, message: str) -> str:
        return self._find(message, message)

    def ungettext(self, singular: str, plural: str, num: int) -> str:
        return self._find(singular, singular if num == 1 else plural)

    def upgettext(self, context: str, message: str) -> str:
        return self._find(message, message)

    def unpgettext(self, context: str, singular: str, plural: str, num: int) -> str:
        return self._find(singular, singular if num == 1 else plural)


def chinese_texts() -> dict[str, str]:
    """What the catalogue and the pending files translate, by the English text."""
    sys.path.insert(0, str(ROOT / "tools"))
    from catalogues import PENDING, catalogue_path, read_catalogue

    texts: dict[str, str] = {}
    for path in (catalogue_path("zh_Hans"), *sorted(PENDING.glob("*.po"))):
        catalogue = read_catalogue(path, "zh_Hans")
        if str(catalogue.locale or "zh_Hans") != "zh_Hans":
            continue
        for message in catalogue:
            singular = message.id if isinstance(message.id, str) else message.id[0]
            string = message.string if isinstance(message.string, str) else next(iter(message.string), "")
            if singular and string:
                texts[singular] = string
    return texts


@pytest.fixture
def missing(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The English texts that Chinese pages had to show."""
    found: set[str] = set()
    noting, english = Noting(chinese_texts(), found), NullTranslations()
    monkeypatch.setattr(
        flask_babel.Domain, "get_translations", lambda _self: noting if get_locale().language == "zh" else english
    )
    monkeypatch.setattr(i18n, "_kept_texts", {})
    frame.forget()
    return found


@pytest.fixture
def site(made_once: MadeOnce) -> Site:
    """One of everything, found by search."""
    made: Site = made_once(make_indexed_site)
    return made


@pytest.fixture
def everybody(site: Site) -> User:
    """Somebody with every role, who teaches the course as well: sees every page."""
    unit = site.world.author.unit
    person = accounts.create_user("all@example.invalid", "全能", unit=unit, roles=list(Role))
    session().add(CourseTeacher(course_id=site.world.course.id, user_id=person.id, role="teacher", seq=9))
    session().commit()
    return person


def pages(app: Flask, site: Site) -> list[str]:
    """Every address that is read by people; files and answers to programs aside."""
    files = (
        "resources.run_simulation",
        "resources.simulation_file",
        "resources.evidence_file",
        "bulk.faults",
        "knowledge.export_graph",
    )
    leave_out = ("static", "health.", "api", "media_files.", "discovery.cover", *files)
    rules = [r for r in app.url_map.iter_rules() if "GET" in (r.methods or ()) and not r.endpoint.startswith(leave_out)]
    return sorted({site.address(app, rule) for rule in rules})


@pytest.mark.one_database  # what is translated is in the catalogues; the test below asks every address on both
def test_no_chinese_page_shows_a_text_that_waits_for_its_translation(
    app: Flask, client: Any, site: Site, everybody: User, missing: set[str]
) -> None:
    paths = [*pages(app, site), "/nowhere", "/search?q=焊枪", "/search?q=zzzz", "/libraries/NONE", "/courses?kind=core"]
    for person in (None, site.people["s"], site.people["t"], everybody):
        client.sign_out() if person is None else client.sign_in(person)
        for path in paths:
            client.get(path)
    assert missing == set()


@pytest.mark.one_database
@pytest.mark.parametrize(("language", "mark"), [("zh_Hans", 'lang="zh-Hans"'), ("en", 'lang="en"')])
def test_every_page_answers_in_both_languages(
    app: Flask, client: Any, site: Site, everybody: User, language: str, mark: str
) -> None:
    client.sign_in(everybody)
    client.set_cookie("kk_lang", language)
    # a link nobody made, a plan nobody published, a file nobody sent, a finding or a post nobody made, a merge into nothing,
    # the evidence of a person or a resource that no figure counts (tests/monitoring/test_evidence.py has those that do)
    gone = (
        "/setup/",
        "/plan",
        "/monitor/rosters/files/",
        "/monitor/unusual/",
        "/posts/",
        "/merge",
        "/my-classes/",
        "/packages/",
        "/my-learning/export/",
        "/search/moment/",
        "/monitor/people/",
        "/monitor/resources/",
    )
    wrong = []
    for path in pages(app, site):
        answer = client.get(path, follow_redirects=True)
        is_gone = answer.status_code == 404 and any(part in path for part in gone)
        is_for_members = answer.status_code == 403 and path.startswith("/my-classes/")
        if not (answer.status_code == 200 or is_gone or is_for_members):
            wrong.append(f"{answer.status_code} {path}")
        if answer.mimetype == "text/html" and "<html" in answer.text and mark not in answer.text:
            wrong.append(f"no {mark} {path}")
    assert not wrong, "\n".join(wrong)


def test_forms_and_errors_speak_chinese_too(app: Flask, client: Any, site: Site, missing: set[str]) -> None:
    """What is only said when something is wrong."""
    api = (
        "nowhere",
        "courses?limit=no",
        "courses?limit=0",
        "courses?kind=x",
        "courses?after=x",
        "libraries/ROBOT/metrics?period=x",
    )
    for path in api:
        client.get(f"/api/v1/{path}")
    client.get("/api/v1/courses", headers={"Authorization": "Bearer x"})
    client.post("/sign-in", data={})
    client.post("/sign-up", data={"email": "x", "name": "长" * 99, "password": "1"})
    client.post("/sign-up", data={"email": "x@example.org", "name": "新", "password": "1", "agreed": "y"})
    client.sign_in(site.people["s"])
    for path in ("/teach/resources", "/review", "/monitor", "/admin/users"):
        client.get(path)
    client.post("/account", data={"password": "1"})
    client.post("/account", data={"password": "Another-745!"})
    assert missing == set()
