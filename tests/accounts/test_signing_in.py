"""SEC2, SEC3, SEC6 and safe redirects, through the pages as people use them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from courseware.accounts import services
from courseware.accounts.errors import AccountLocked, SignInRefused
from courseware.accounts.models import User
from courseware.accounts.views import local_path
from courseware.auditlog.models import AuditEntry
from courseware.core.database import session
from courseware.core.roles import Role
from courseware.progress.models import LearningEvent

GOOD = "Welding-745!"
Clock = Callable[[Any], dt.datetime]


def a_user(*roles: Role, email: str = "lin@example.invalid") -> User:
    user = services.create_user(email, "林夏", unit=None, roles=roles or [Role.STUDENT])
    services.set_password(user, GOOD)
    session().commit()
    return user


@pytest.fixture
def user(app: Flask) -> User:
    a_user(email="noise@example.invalid")
    return a_user()


def enter(client: Any, email: str = "lin@example.invalid", password: str = GOOD, **more: Any) -> Any:
    return client.post("/sign-in", data={"email": email, "password": password, **more})


def is_in(client: Any) -> bool:
    return client.get("/account").status_code == 200


def attempt(email: str, password: str, address: str = "") -> str:
    try:
        services.authenticate(email, password, address)
    except (SignInRefused, AccountLocked) as refusal:
        return refusal.code
    return "in"


# --- SEC2 -------------------------------------------------------------------------------------------------------------


def test_who_came_in_by_password_or_by_link_has_signed_in_for_the_figures(client: Any, user: User) -> None:
    """M11.B: noted by the site, once each time; who was refused did not sign in."""

    def noted() -> list[int]:
        return list(session().scalars(select(LearningEvent.user_id).where(LearningEvent.verb == "signed_in")))

    enter(client, password="wrong")
    assert noted() == []
    enter(client)
    link = services.issue_setup_link(user)
    session().commit()
    client.post(f"/setup/{link}", data={"password": GOOD})
    assert noted() == [user.id, user.id]
    client.post("/sign-up", data={"email": "new@example.invalid", "name": "新同学", "password": GOOD, "agreed": "y"})
    assert len(noted()) == 3


def test_five_failures_in_15_minutes_lock_the_account_though_the_password_is_right(user: User, clock: Clock) -> None:
    begun = clock("2026-03-01 09:00")
    for minute in (0, 3, 6, 9):
        clock(begun + dt.timedelta(minutes=minute))
        assert attempt(user.email, "wrong") == "sign_in_refused"
    clock(begun + dt.timedelta(minutes=15))
    assert attempt(user.email, "wrong") == "sign_in_refused"
    assert attempt(user.email, GOOD) == "account_locked"
    assert attempt(user.email, GOOD, "203.0.113.9") == "account_locked", "from another address too"


def test_it_opens_30_minutes_after_the_last_failure(user: User, clock: Clock) -> None:
    begun = clock("2026-03-01 09:00")
    for _time in range(5):
        attempt(user.email, "wrong")
    clock(begun + dt.timedelta(minutes=29, seconds=59))
    assert attempt(user.email, GOOD) == "account_locked"
    clock(begun + dt.timedelta(minutes=30))
    assert attempt(user.email, GOOD) == "in"


def test_trying_on_does_not_make_the_lock_longer(user: User, clock: Clock) -> None:
    begun = clock("2026-03-01 09:00")
    for _time in range(5):
        attempt(user.email, "wrong")
    clock(begun + dt.timedelta(minutes=20))
    assert attempt(user.email, "wrong") == "account_locked"
    clock(begun + dt.timedelta(minutes=30))
    assert attempt(user.email, GOOD) == "in"


def test_failures_far_apart_do_not_lock(user: User, clock: Clock) -> None:
    begun = clock("2026-03-01 09:00")
    for minute in range(0, 60, 10):
        clock(begun + dt.timedelta(minutes=minute))
        assert attempt(user.email, "wrong") == "sign_in_refused"
    assert attempt(user.email, GOOD) == "in"


def test_a_success_forgets_the_failures_before_it(user: User) -> None:
    for _round in range(3):
        for _time in range(4):
            attempt(user.email, "wrong")
        assert attempt(user.email, GOOD) == "in"


def test_other_accounts_stay_open(user: User) -> None:
    for _time in range(6):
        attempt(user.email, "wrong")
    assert attempt("noise@example.invalid", GOOD) == "in"


def test_known_and_unknown_accounts_hear_the_same_sentences(user: User, client: Any) -> None:
    def sentences(email: str) -> list[str]:
        texts = [enter(client, email, "wrong").text for _time in range(6)]
        return [text.replace(email, "…") for text in texts]

    known, unknown = sentences(user.email), sentences("nobody@example.invalid")
    for one, other in zip(known, unknown, strict=True):
        assert _errors(one) == _errors(other)
    assert _errors(known[0]) != _errors(known[5]), "the sixth is told of the lock"


def _errors(page: str) -> list[str]:
    return [line.strip() for line in page.splitlines() if "kk-ferr" in line]


def test_failures_are_counted_although_the_page_answers_with_a_refusal(user: User, client: Any) -> None:
    for _time in range(5):
        enter(client, password="wrong")
    enter(client)
    assert not is_in(client)


def test_an_administrator_opens_the_account_earlier_and_the_log_says_who(user: User, client: Any) -> None:
    admin = a_user(Role.ADMINISTRATOR, email="admin@example.invalid")
    for _time in range(5):
        attempt(user.email, "wrong")
    session().commit()
    client.sign_in(admin)
    assert client.post(f"/admin/users/{user.uuid}/unlock").status_code == 302
    assert attempt(user.email, GOOD) == "in"
    unlocked = session().scalars(select(AuditEntry).where(AuditEntry.action == "account.unlock")).one()
    assert unlocked.actor_id == admin.id
    assert unlocked.object_id == str(user.uuid)


def test_the_lock_itself_is_written_down_once(user: User) -> None:
    for _time in range(8):
        attempt(user.email, "wrong")
    locks = select(func.count()).where(AuditEntry.action == "account.lock")
    assert session().scalar(locks) == 1


# --- SEC3 -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "minutes"), [(Role.STUDENT, 30), (Role.TEACHER, 30), (Role.ADMINISTRATOR, 15)])
def test_a_session_ends_when_nobody_uses_it(app: Flask, client: Any, clock: Clock, role: Role, minutes: int) -> None:
    begun = clock("2026-03-01 09:00")
    a_user(role)
    enter(client)
    clock(begun + dt.timedelta(minutes=minutes))
    assert is_in(client)
    clock(begun + dt.timedelta(minutes=2 * minutes, seconds=1))
    assert not is_in(client)


def test_a_session_nobody_ever_used_ends_too(user: User, client: Any, clock: Clock) -> None:
    begun = clock("2026-03-01 09:00")
    enter(client)
    clock(begun + dt.timedelta(hours=13))
    assert not is_in(client)


def test_a_session_ends_after_12_hours_however_busy(user: User, client: Any, clock: Clock) -> None:
    begun = clock("2026-03-01 09:00")
    enter(client)
    for quarter in range(1, 49):
        clock(begun + dt.timedelta(minutes=15 * quarter))
        assert is_in(client)
    clock(begun + dt.timedelta(hours=12, seconds=1))
    assert not is_in(client)


def test_programs_get_401_and_people_the_sign_in_page(user: User, client: Any, clock: Clock) -> None:
    begun = clock("2026-03-01 09:00")
    enter(client)
    clock(begun + dt.timedelta(hours=1))
    assert client.get("/account", headers={"Accept": "application/json"}).status_code == 401
    answer = client.get("/account")
    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in?next=/account")


# --- SEC6 -------------------------------------------------------------------------------------------------------------


def test_signing_in_begins_a_session_of_its_own(user: User, client: Any) -> None:
    with client.session_transaction() as kept:
        kept["planted"] = "by somebody else"
    enter(client)
    with client.session_transaction() as kept:
        assert "planted" not in kept
        first = kept["sid"]
    enter(client)
    with client.session_transaction() as kept:
        assert kept["sid"] != first


def test_a_copied_cookie_opens_nothing_after_signing_out(app: Flask, user: User, client: Any) -> None:
    enter(client)
    copy = client.get_cookie("session").value
    other = app.test_client()
    enter(other)
    client.post("/sign-out")
    client.set_cookie("session", copy)
    assert not is_in(client)
    assert is_in(other), "another device stays signed in"


def test_a_new_password_ends_the_other_sessions_and_not_this_one(app: Flask, user: User, client: Any) -> None:
    other = app.test_client()
    enter(client)
    enter(other)
    answer = client.post("/account", data={"password": "Another-745!"})
    assert answer.status_code == 302
    assert is_in(client)
    assert not is_in(other)
    assert attempt(user.email, GOOD) == "sign_in_refused"


def test_a_link_ends_sessions_as_well(user: User, client: Any) -> None:
    enter(client)
    services.use_setup_link(services.issue_setup_link(user), "Another-745!")
    session().commit()
    assert not is_in(client)


def test_a_closed_account_is_out_at_once(user: User, client: Any, clock: Clock) -> None:
    enter(client)
    user.closed_at = clock("2026-03-01 09:00")
    session().commit()
    assert not is_in(client)


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(user: User, client: Any) -> None:
    cookie = next(c for c in enter(client).headers.getlist("Set-Cookie") if c.startswith("session="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_forms_without_the_token_are_refused_and_nothing_happens(user: User, client: Any) -> None:
    enter(client)
    client.sends_token = False
    assert client.post("/account", data={"password": "Another-745!"}).status_code == 400
    assert client.post("/sign-out").status_code == 400
    assert client.post("/preferences/language", data={"language": "en"}).status_code == 400
    client.sends_token = True
    assert is_in(client)
    assert attempt(user.email, GOOD) == "in"


# --- pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.one_database
@pytest.mark.parametrize(
    "target",
    ["//evil.example", "/\\evil.example", "https://evil.example/", "http:evil.example", "javascript:alert(1)", "evil",
     "\\\\evil.example", "/\t/evil.example", "/\n/evil.example", "///evil.example", "//[", "", " /courses",
     "/a\r\nSet-Cookie: x=1"],
)  # fmt: skip
def test_a_way_on_to_another_site_leads_home(target: str) -> None:
    assert local_path(target) == "/"


@pytest.mark.one_database
@pytest.mark.parametrize("target", ["/", "/courses?kind=core", "/points/1#a", "/search?q=//x", "/.//x"])
def test_a_way_on_within_the_site_is_taken(target: str) -> None:
    assert local_path(target) == target


def test_signing_in_leads_to_where_the_person_wanted_to_go_and_never_away(user: User, client: Any) -> None:
    assert enter(client, next="/libraries").location == "/libraries"
    assert enter(client, next="//evil.example").location == "/"
    client.post("/sign-out")
    answer = client.post("/preferences/language", data={"language": "en", "next": "/\\evil.example"})
    assert answer.location == "/"


@pytest.mark.parametrize(
    ("role", "path"),
    [(Role.STUDENT, "/my-learning"), (Role.TEACHER, "/teach/resources"), (Role.REVIEWER, "/review"),
     (Role.LIBRARIAN, "/teach/resources"), (Role.ADMINISTRATOR, "/monitor")],
)  # fmt: skip
def test_everybody_begins_where_their_work_is(app: Flask, client: Any, role: Role, path: str) -> None:
    a_user(role)
    assert enter(client).location == path


def test_signing_up_makes_a_learner_and_signs_in(app: Flask, client: Any) -> None:
    given = {"name": "新人", "email": "New@example.invalid", "password": GOOD, "agreed": "y"}
    assert client.post("/sign-up", data=given).status_code == 302
    assert is_in(client)
    again = client.post("/sign-up", data=given)
    assert again.status_code == 200
    assert session().scalar(select(func.count()).select_from(User)) == 1


@pytest.mark.parametrize(
    "change", [{"email": "no address"}, {"password": "12345678"}, {"agreed": ""}, {"name": ""}, {"name": "长" * 61}]
)
def test_signing_up_says_what_is_wrong_and_makes_no_account(app: Flask, client: Any, change: dict[str, str]) -> None:
    given = {"name": "新人", "email": "new@example.invalid", "password": GOOD, "agreed": "y", **change}
    answer = client.post("/sign-up", data={name: value for name, value in given.items() if value})
    assert answer.status_code == 200
    assert "kk-ferr" in answer.text
    assert session().scalar(select(func.count()).select_from(User)) == 0


def test_a_link_page_lets_the_person_choose_and_enter(app: Flask, client: Any) -> None:
    user = services.create_user("new@example.invalid", "新人", unit=None, roles=[Role.STUDENT])
    path = f"/setup/{services.issue_setup_link(user)}"
    session().commit()
    assert "新人" in client.get(path).text
    assert client.post(path, data={"password": "short"}).status_code == 200
    assert client.post(path, data={"password": GOOD}).status_code == 302
    assert is_in(client)
    assert client.get(path).status_code == 404


def test_an_administrator_makes_an_account_and_sees_its_link_once(app: Flask, client: Any) -> None:
    client.sign_in(a_user(Role.ADMINISTRATOR, email="admin@example.invalid"))
    made = client.post("/admin/users", data={"name": "新人", "email": "new@example.invalid", "roles": ["teacher"]})
    assert "/setup/" in made.text
    assert "/setup/" not in client.get("/admin/users").text
    taken = client.post("/admin/users", data={"name": "新人", "email": "NEW@example.invalid", "roles": ["teacher"]})
    assert "/setup/" not in taken.text


def test_the_language_is_remembered_on_the_device_and_in_the_account(app: Flask, user: User, client: Any) -> None:
    assert 'lang="zh-Hans"' in client.get("/sign-in").text
    client.post("/preferences/language", data={"language": "en", "next": "/sign-in"})
    assert 'lang="en"' in client.get("/sign-in").text
    enter(client)
    client.post("/preferences/language", data={"language": "en"})
    elsewhere = app.test_client()
    enter(elsewhere)
    assert 'lang="en"' in elsewhere.get("/account").text
    client.post("/preferences/language", data={"language": "tlh"})
    assert 'lang="en"' in client.get("/account").text
