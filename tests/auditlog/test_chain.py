"""SEC9-SEC12: what happened is written with the act itself, and nobody changes it unnoticed."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from courseware.accounts import services as accounts
from courseware.accounts.models import User
from courseware.auditlog import queries, services
from courseware.auditlog.models import AuditEntry
from courseware.core import context
from courseware.core.database import session
from courseware.core.errors import NotAllowed
from courseware.core.roles import Role


@pytest.fixture
def ids(app: Flask) -> list[int]:
    """Ten entries, committed."""
    made = [services.record("thing.done", None, details={"num": num, "名": "值", "half": 0.5}) for num in range(10)]
    session().commit()
    return [entry.id for entry in made]


def change(statement: str, **values: Any) -> None:
    session().execute(text(statement), values)
    session().commit()


def first_bad() -> int | None:
    return queries.verify_chain().first_bad_id


def test_an_untouched_log_is_in_order(ids: list[int]) -> None:
    report = queries.verify_chain()
    assert (report.entries, report.first_bad_id) == (10, None)


def test_an_empty_log_is_in_order(app: Flask) -> None:
    assert queries.verify_chain().first_bad_id is None


@pytest.mark.parametrize(
    ("column", "value"),
    [("action", "'thing.undone'"), ("actor_id", "7"), ("result", "'failed'"), ("address", "'203.0.113.1'"),
     ("object_id", "'x'"), ("reason", "'because'"), ("actor_roles", "'administrator'"), ("request_id", "'x'"),
     ("details", "'{\"num\": 99}'"), ("at", "'2001-01-01 00:00:00+00:00'"), ("digest", "'0'")],
)  # fmt: skip
def test_a_changed_value_is_found_at_its_entry(ids: list[int], column: str, value: str) -> None:
    if session().get_bind().dialect.name == "sqlite":
        value = value.replace("+00:00", ".000000")
    change(f"UPDATE audit_entry SET {column} = {value} WHERE id = :id", id=ids[4])  # noqa: S608
    assert first_bad() == ids[4]


def test_the_first_of_several_is_named(ids: list[int]) -> None:
    for place in (8, 3, 6):
        change("UPDATE audit_entry SET reason = 'x' WHERE id = :id", id=ids[place])
    assert first_bad() == ids[3]


def test_a_removed_entry_is_found_at_the_one_after_it(ids: list[int]) -> None:
    change("DELETE FROM audit_entry WHERE id = :id", id=ids[4])
    assert first_bad() == ids[5]


def test_the_very_first_entry_cannot_be_removed_either(ids: list[int]) -> None:
    change("DELETE FROM audit_entry WHERE id = :id", id=ids[0])
    assert first_bad() == ids[1]


@pytest.mark.parametrize("kept", [9, 5, 0])
def test_entries_cut_off_at_the_end_are_missed(ids: list[int], kept: int) -> None:
    change("DELETE FROM audit_entry WHERE id > :id", id=ids[kept - 1] if kept else 0)
    report = queries.verify_chain()
    assert report.first_bad_id == ids[-1]
    assert "missing" in report.problem


def test_the_mark_at_the_end_cannot_be_moved_back_with_them(ids: list[int]) -> None:
    change("DELETE FROM audit_entry WHERE id = :id", id=ids[9])
    digest = session().scalar(select(AuditEntry.digest).where(AuditEntry.id == ids[8]))
    change("UPDATE audit_head SET last_entry_id = :id, last_digest = :digest", id=ids[8], digest=digest)
    assert first_bad() == ids[8]
    change("DELETE FROM audit_head")
    assert first_bad() == ids[8]


def test_exchanged_entries_are_found(ids: list[int]) -> None:
    change("UPDATE audit_entry SET id = 100000 WHERE id = :id", id=ids[4])
    change("UPDATE audit_entry SET id = :to WHERE id = :id", to=ids[4], id=ids[5])
    change("UPDATE audit_entry SET id = :to WHERE id = 100000", to=ids[5])
    assert first_bad() == ids[4]


def test_an_inserted_entry_is_found(ids: list[int]) -> None:
    change(
        "INSERT INTO audit_entry (id, at, action, actor_roles, object_type, object_id, result, reason, address,"
        " request_id, details, previous_digest, digest) SELECT id + 1000, at, action, actor_roles, object_type, object_id,"
        " result, reason, address, request_id, details, digest, 'made up' FROM audit_entry WHERE id = :id",
        id=ids[-1],
    )
    assert first_bad() == ids[-1] + 1000


def test_the_chain_goes_on_after_the_check(ids: list[int]) -> None:
    assert first_bad() is None
    services.record("thing.done", None)
    session().commit()
    assert first_bad() is None


def test_details_come_back_as_they_were_chained(app: Flask) -> None:
    awkward = {
        10: "ten",
        9: "nine",
        "day": dt.date(2026, 3, 1),
        "set": ("a", "b"),
        "small": 1e-7,
        "big": 10**18,
        "emoji": "🤖",
    }
    services.record("thing.done", None, details=awkward)
    session().commit()
    assert first_bad() is None


def test_act_and_entry_are_kept_or_lost_together(app: Flask) -> None:
    accounts.create_user("a@example.invalid", "甲", unit=None, roles=[Role.STUDENT])
    session().rollback()
    for table in (User, AuditEntry):
        assert session().scalar(select(func.count()).select_from(table)) == 0
    accounts.create_user("a@example.invalid", "甲", unit=None, roles=[Role.STUDENT])
    session().commit()
    assert session().scalars(select(AuditEntry.action)).all() == ["account.create"]


def test_without_an_entry_there_is_no_act(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC12: when the log cannot be written, critical acts fail."""

    def broken(*_args: Any, **_more: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("courseware.auditlog.services.digest_of", broken)
    with pytest.raises(OSError, match="disk full"):
        accounts.create_user("a@example.invalid", "甲", unit=None, roles=[Role.STUDENT])
    session().rollback()
    assert session().scalar(select(func.count()).select_from(User)) == 0


def test_an_entry_says_who_what_when_and_from_where(app: Flask) -> None:
    actor = accounts.create_user("a@example.invalid", "甲", unit=None, roles=[Role.TEACHER, Role.REVIEWER])
    context.enter("203.0.113.5", "REQ1")
    entry = services.record("resource.submit", actor, about=actor, result="refused", reason="R18")
    assert (entry.actor_id, entry.actor_roles) == (actor.id, "reviewer,teacher")
    assert (entry.object_type, entry.object_id) == ("user", str(actor.uuid))
    assert (entry.result, entry.reason, entry.address, entry.request_id) == ("refused", "R18", "203.0.113.5", "REQ1")
    assert entry.at.utcoffset() == dt.timedelta()
    context.enter("", "")


def test_a_sign_in_leaves_no_secret_in_the_log(app: Flask, client: Any) -> None:
    user = accounts.create_user("a@example.invalid", "甲", unit=None, roles=[Role.STUDENT])
    accounts.set_password(user, "Planted-Secret-7")
    session().commit()
    for password in ("Planted-Secret-7", "Planted-Wrong-7"):
        client.post("/sign-in", data={"email": user.email, "password": password})
    entries = session().scalars(select(AuditEntry)).all()
    kept = json.dumps([[e.action, e.reason, e.details, e.object_id, e.request_id] for e in entries])
    assert "Planted" not in kept
    assert [(e.action, e.result) for e in entries[-2:]] == [("account.sign_in", "done"), ("account.sign_in", "failed")]
    assert entries[-1].request_id


def test_the_command_names_the_first_bad_entry_and_ends_with_1(app: Flask, ids: list[int]) -> None:
    run = app.test_cli_runner()
    good = run.invoke(args=["audit", "verify", "--json"])
    assert good.exit_code == 0
    assert json.loads(good.stdout)["ok"] is True
    change("UPDATE audit_entry SET reason = 'x' WHERE id = :id", id=ids[2])
    bad = run.invoke(args=["audit", "verify", "--json"])
    assert bad.exit_code == 1
    assert json.loads(bad.stdout)["first_bad_id"] == ids[2]
    assert str(ids[2]) in run.invoke(args=["audit", "verify"]).output


def test_administrators_read_the_log_page_by_page_and_others_do_not(app: Flask, client: Any, ids: list[int]) -> None:
    admin = accounts.create_user("admin@example.invalid", "管理员", unit=None, roles=[Role.ADMINISTRATOR])
    other = accounts.create_user("t@example.invalid", "教师", unit=None, roles=[Role.TEACHER])
    session().commit()
    client.sign_in(admin)
    assert "thing.done" in client.get("/admin/audit?action=thing.done").text
    first = queries.list_entries("thing.done", limit=4)
    then = queries.list_entries("thing.done", before=int(first.next or 0), limit=4)
    assert [line.entry.id for line in [*first.items, *then.items]] == list(reversed(ids))[:8]
    client.sign_in(other)
    assert client.get("/admin/audit").status_code == 403
    assert NotAllowed.status == 403
