"""SEC1: which passwords are good enough."""

from __future__ import annotations

import runpy
from typing import Any

import pytest
from flask import Flask

from courseware.accounts import passwords, services
from courseware.accounts.models import RoleGrant, User
from courseware.accounts.passwords import hash_password, password_problems, verify_password
from courseware.core.database import session
from courseware.core.errors import Invalid
from courseware.core.roles import Role

LENGTH, MIX, COMMON, NAME = "characters", "three of", "common", "e-mail name"

# Who chooses it, the password, and what is said about it (nothing: it is good).
TABLE: list[tuple[Role, str, tuple[str, ...]]] = [
    (Role.STUDENT, "Welding-7", ()),
    (Role.STUDENT, "robot arm 6", ()),
    (Role.STUDENT, "示教器-Abc1", ()),
    (Role.STUDENT, "aB3$aB3$", ()),
    (Role.STUDENT, "Tr0ub4dor&3", ()),
    (Role.STUDENT, "aB3$aB3", (LENGTH,)),
    (Role.STUDENT, "", (LENGTH, MIX)),
    (Role.STUDENT, "short", (LENGTH, MIX)),
    (Role.STUDENT, "onlysmallletters", (MIX,)),
    (Role.STUDENT, "ONLYCAPITALS", (MIX,)),
    (Role.STUDENT, "73194826", (MIX,)),
    (Role.STUDENT, "Twoclasses", (MIX,)),
    (Role.STUDENT, "small1234", (MIX,)),
    (Role.STUDENT, "示教器坐标系干伸长", (MIX,)),
    (Role.STUDENT, "12345678", (MIX, COMMON)),
    (Role.STUDENT, "password", (MIX, COMMON)),
    (Role.STUDENT, "Password1", (COMMON,)),
    (Role.STUDENT, "PASSW0RD", (MIX, COMMON)),
    (Role.STUDENT, "Passw0rd!", (COMMON,)),
    (Role.STUDENT, "P.a.s.s.w.0.r.d", (COMMON,)),
    (Role.STUDENT, "Qwerty-123", (COMMON,)),
    (Role.STUDENT, "1qaz@WSX", ()),
    (Role.STUDENT, "Woaini1314", (COMMON,)),
    (Role.STUDENT, "Lin.Xia-2026", (NAME,)),
    (Role.STUDENT, "xxLIN.XIA9xx", (NAME,)),
    (Role.TEACHER, "Welding-7", (LENGTH,)),
    (Role.TEACHER, "Welding-745!", ()),
    (Role.TEACHER, "Admin@123456", (COMMON,)),
    (Role.REVIEWER, "Welding-745", (LENGTH,)),
    (Role.LIBRARIAN, "robot arm 6 axes", ()),
    (Role.ADMINISTRATOR, "Aa1!Aa1!Aa1", (LENGTH,)),
    (Role.ADMINISTRATOR, "keku-Lin.Xia-2026", (NAME,)),
    (Role.ADMINISTRATOR, "a-Long-enough-Phrase", ()),
]


def a_person(*roles: Role) -> User:
    return User(email="lin.xia@example.invalid", name="林夏", grants=[RoleGrant(role=role.value) for role in roles])


@pytest.mark.one_database
@pytest.mark.parametrize(("role", "password", "said"), TABLE)
def test_the_table_of_passwords(app: Flask, client: Any, role: Role, password: str, said: tuple[str, ...]) -> None:
    with app.test_request_context(headers={"Cookie": "kk_lang=en"}):
        problems = [str(problem) for problem in password_problems(a_person(role), password)]
    assert len(problems) == len(said), problems
    for word in said:
        assert any(word in problem for problem in problems), (word, problems)


@pytest.mark.one_database
def test_who_also_teaches_needs_the_longer_one(app: Flask) -> None:
    assert password_problems(a_person(Role.STUDENT, Role.TEACHER), "Welding-7")
    assert not password_problems(a_person(Role.STUDENT), "Welding-7")


def test_what_is_kept_is_no_password() -> None:
    kept = hash_password("Welding-7")
    assert kept.startswith("$argon2id$")
    assert "Welding" not in kept
    assert kept != hash_password("Welding-7"), "a salt of its own"
    assert verify_password(kept, "Welding-7")
    assert not verify_password(kept, "welding-7")
    assert not verify_password("", "Welding-7"), "no password is no empty password"


def test_a_refused_password_changes_nothing(app: Flask) -> None:
    user = services.create_user("a@example.invalid", "甲", unit=None, roles=[Role.STUDENT])
    services.set_password(user, "Welding-7")
    before = (user.password_hash, user.session_epoch)
    with pytest.raises(Invalid) as refused:
        services.set_password(user, "short")
    assert len(refused.value.problems["password"]) == 2, "every problem at once"
    session().refresh(user)
    assert (user.password_hash, user.session_epoch) == before


def test_an_address_without_an_account_takes_as_long_as_one_with_it() -> None:
    """The suite itself makes cheap passwords, so this asks the module as it is in production."""
    real = runpy.run_path(passwords.__file__)
    assert real["_hasher"].verify(real["_decoy"], "a password nobody has")
    assert not real["_hasher"].check_needs_rehash(real["_decoy"])
