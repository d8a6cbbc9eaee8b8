"""Accounts, set-password links and API tokens: what is unique, what works once, what grows too old."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from courseware.accounts import queries, services
from courseware.accounts.errors import EmailTaken, LinkExpired, UnknownScope
from courseware.accounts.models import ApiToken, SetupLink, User
from courseware.auditlog.models import AuditEntry
from courseware.core import clock as product_clock
from courseware.core.database import session
from courseware.core.errors import Invalid
from courseware.core.roles import Role

GOOD = "Welding-745!"


@pytest.fixture
def teacher(app: Flask) -> User:
    services.create_user("noise@example.invalid", "别人", unit=None, roles=[Role.TEACHER])
    return services.create_user("Lin.Xia@Example.invalid", "林夏", unit=None, roles=[Role.TEACHER])


@pytest.mark.parametrize("again", ["lin.xia@example.invalid", "LIN.XIA@EXAMPLE.INVALID", "  Lin.xia@example.invalid "])
def test_e_mails_that_differ_in_case_are_one_account(teacher: User, again: str) -> None:
    with pytest.raises(EmailTaken):
        services.create_user(again, "另一个", unit=None, roles=[Role.STUDENT])
    assert queries.user_by_email(again) is teacher


def test_a_new_account_has_no_password_and_nobody_can_enter(teacher: User) -> None:
    from courseware.accounts.errors import SignInRefused

    assert teacher.password_hash == ""
    for guess in ("", "password", "林夏"):
        with pytest.raises(SignInRefused):
            services.authenticate(teacher.email, guess, "")


def test_signing_up_with_a_weak_password_leaves_no_account_behind(app: Flask) -> None:
    with pytest.raises(Invalid):
        services.sign_up("new@example.invalid", "新人", "12345678")
    assert queries.user_by_email("new@example.invalid") is None
    assert services.sign_up("new@example.invalid", "新人", GOOD).roles == {Role.STUDENT}


def test_a_link_works_once(teacher: User) -> None:
    token = services.issue_setup_link(teacher)
    assert services.user_of_setup_link(token) is teacher
    assert services.use_setup_link(token, GOOD) is teacher
    assert services.authenticate(teacher.email, GOOD, "") is teacher
    for use in (services.user_of_setup_link, lambda text: services.use_setup_link(text, "Another-745!")):
        with pytest.raises(LinkExpired):
            use(token)
    assert services.authenticate(teacher.email, GOOD, "") is teacher


def test_a_link_survives_a_password_that_was_refused(teacher: User) -> None:
    token = services.issue_setup_link(teacher)
    with pytest.raises(Invalid):
        services.use_setup_link(token, "short")
    assert services.use_setup_link(token, GOOD) is teacher


def test_a_link_ends_after_72_hours(teacher: User, clock: Callable[[Any], Any]) -> None:
    begun = clock("2026-03-01 09:00")
    token = services.issue_setup_link(teacher)
    clock(begun + dt.timedelta(hours=71, minutes=59))
    assert services.user_of_setup_link(token) is teacher
    clock(begun + dt.timedelta(hours=72))
    with pytest.raises(LinkExpired):
        services.use_setup_link(token, GOOD)


def test_a_newer_link_closes_the_older_one(teacher: User) -> None:
    older, newer = services.issue_setup_link(teacher), services.issue_setup_link(teacher)
    with pytest.raises(LinkExpired):
        services.user_of_setup_link(older)
    assert services.user_of_setup_link(newer) is teacher


@pytest.mark.parametrize("token", ["", "x", "无", "a" * 5000])
def test_a_link_nobody_issued_opens_nothing(teacher: User, token: str) -> None:
    services.issue_setup_link(teacher)
    with pytest.raises(LinkExpired):
        services.user_of_setup_link(token)


def test_a_closed_account_is_opened_neither_by_link_nor_by_token(teacher: User) -> None:
    link, token = services.issue_setup_link(teacher), services.issue_token(teacher, ["read"])
    teacher.closed_at = product_clock.now()
    session().flush()
    with pytest.raises(LinkExpired):
        services.use_setup_link(link, GOOD)
    assert services.user_of_token(token) is None


def test_neither_links_nor_tokens_are_kept_as_they_are(teacher: User) -> None:
    link, token = services.issue_setup_link(teacher), services.issue_token(teacher, ["read"])
    kept = [*session().scalars(select(SetupLink.token_hash)), *session().scalars(select(ApiToken.token_hash))]
    log = [str(entry.details) + entry.reason for entry in session().scalars(select(AuditEntry))]
    for secret in (link, token):
        assert not any(secret in text for text in [*kept, *log])


def test_a_token_names_its_person_and_scopes_until_it_is_90_days_old(
    teacher: User, clock: Callable[[Any], Any]
) -> None:
    begun = clock("2026-03-01 09:00")
    token = services.issue_token(teacher, ["read", "events"])
    assert services.user_of_token(token) == (teacher, ["read", "events"])
    assert services.user_of_token(token + "x") is None
    clock(begun + dt.timedelta(days=90))
    assert services.user_of_token(token) is None


def test_a_token_for_something_unknown_is_not_issued(teacher: User) -> None:
    with pytest.raises(UnknownScope):
        services.issue_token(teacher, ["read", "everything"])
    assert session().scalar(select(func.count()).select_from(ApiToken)) == 0


@pytest.mark.parametrize(
    ("held", "wanted", "may"),
    [(["read"], "metrics", True), (["metrics"], "read", False), (["write"], "events", True), (["events"], "write", False),
     (["read"], "events", False), ([], "read", False)],
)  # fmt: skip
def test_a_wide_scope_covers_the_narrow_one_and_never_the_other_way(held: list[str], wanted: str, may: bool) -> None:
    assert services.allows(held, wanted) is may


def test_the_list_of_people_goes_on_where_the_page_before_ended(app: Flask) -> None:
    for number in range(7):
        services.create_user(f"p{number}@example.invalid", f"示例{number}", unit=None, roles=[Role.STUDENT])
    first = queries.list_users(limit=4)
    rest = queries.list_users(after=int(first.next or 0), limit=4)
    assert [len(first.items), len(rest.items)] == [4, 3]
    assert rest.next is None
    assert not {u.id for u in first.items} & {u.id for u in rest.items}


@pytest.mark.parametrize("wildcard", ["%", "_", "p_@", "\\"])
def test_signs_of_like_are_searched_as_they_stand(teacher: User, wildcard: str) -> None:
    assert queries.list_users(wildcard).items == []


def test_commands_print_a_link_and_a_token_and_never_a_password(app: Flask) -> None:
    run = app.test_cli_runner()
    made = run.invoke(args=["users", "create", "--email", "x@example.invalid", "--name", "示例", "--role", "student"])
    assert made.exit_code == 0, made.output
    assert "/setup/" in made.output
    again = run.invoke(args=["users", "create", "--email", "X@example.invalid", "--name", "示例", "--role", "student"])
    assert again.exit_code == 2
    assert "Traceback" not in again.output
    token = run.invoke(args=["tokens", "create", "--email", "x@example.invalid", "--scope", "read"])
    assert token.exit_code == 0
    found = services.user_of_token(token.output.strip().splitlines()[-1])
    assert found is not None
    assert found[0].email == "x@example.invalid"
    nobody = run.invoke(args=["tokens", "create", "--email", "nobody@example.invalid", "--scope", "read"])
    assert nobody.exit_code == 2
    unknown = run.invoke(args=["tokens", "create", "--email", "x@example.invalid", "--scope", "all"])
    assert unknown.exit_code == 2
