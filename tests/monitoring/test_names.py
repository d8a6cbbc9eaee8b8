"""Names by unit: a partner's librarian reads the own people by name and counts the others; lists may not shrink unsaid."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from courseware.accounts import queries as accounts
from courseware.accounts.models import Unit, User
from courseware.core.errors import NotAllowed
from courseware.libraries import queries as libraries
from courseware.libraries.models import Library
from courseware.monitoring import policy
from courseware.monitoring import queries as figures
from courseware.monitoring.alerts import queries as findings
from courseware.monitoring.alerts import services as alerts
from courseware.monitoring.errors import RosterShrinks
from courseware.monitoring.periods import parse_period
from courseware.monitoring.rosters import queries, services
from courseware.monitoring.rosters.reading import read_roster
from courseware.monitoring.rosters.shrinking import ListSize, great_loss, losses
from tests.demo.stories import at, now, play, prelude, publish, watch
from tests.servers.client import TestClient

CENSUS, YEAR = dt.date(2026, 10, 31), "2026"
OURS, THEIRS = [f"s{n}" for n in range(1, 4)], ["p1", "p2"]
KEEPERS = ("adm", "lib1", "libp")


def story() -> list[dict[str, Any]]:
    """A host with three students and a partner with two, one of each at work; lib1 keeps the host's, libp the partner's."""
    old = at("2025-01-03")
    users = [
        ("libp", "v", ["librarian"]),
        ("adm", "v", ["administrator"]),
        *((key, "v", ["student"]) for key in THEIRS),
    ]
    made = [
        {"at": old, "do": "user", "key": k, "name": f"名字{k}", "unit": unit, "roles": roles}
        for k, unit, roles in users
    ]
    rosters = [
        {"at": at("2026-10-31"), "do": "roster", "library": "l", "unit": unit, "census": "2026-10-31", "students": [*people, f"生{unit}"], "teachers": teachers}
        for unit, people, teachers in (("u", OURS, ["t1"]), ("v", THEIRS, []))
    ]  # fmt: skip
    return [
*made, publish("a0", old, duration_s=6000),
        *(watch("a0", who, at(f"2026-03-0{day}"), 1500) for who in ("s1", "p1") for day in (1, 2, 3)),
        {"at": at("2026-05-05"), "do": "enrol", "course": "c", "user": "s2"}, *rosters,
    ]  # fmt: skip


def setup() -> list[dict[str, Any]]:
    """The prelude, with a second school that takes part."""
    partner = {"at": at("2025-01-02"), "do": "unit", "key": "v", "name": "乙校", "kind": "school"}
    return [partner, *(line | {"participants": ["v"]} if line["do"] == "library" else line for line in prelude(3))]


@pytest.fixture
def library(app: Flask) -> Library:
    assert not play(setup(), story(), now()).refused
    found = libraries.find_library("LIB")
    assert found is not None
    return found


def who(key: str) -> User:
    found = accounts.user_by_key(key)
    assert found is not None
    return found


def unit(key: str) -> Unit:
    found = accounts.unit_by_key(key)
    assert found is not None
    return found


def ledger(client: TestClient, key: str, indicator: str = "M12.A", **more: str) -> list[dict[str, str]]:
    client.set_cookie("kk_lang", "en")
    client.sign_in(who(key))
    answer = client.get(f"/monitor/indicators/{indicator}.csv", query_string={"library": "LIB", "period": YEAR} | more)
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


@pytest.mark.parametrize(
    ("key", "sees"),
    [("adm", {"u": True, "v": True, None: True}), ("lib1", {"u": True, "v": True, None: True}),
     ("libp", {"u": False, "v": True, None: False}), ("t1", {"u": False, "v": False, None: False}),
     ("p1", {"u": False, "v": False, None: False})],
)  # fmt: skip
def test_whom_each_role_sees_by_name(library: Library, key: str, sees: dict[str | None, bool]) -> None:
    ids = {"u": unit("u").id, "v": unit("v").id, None: None}
    assert {one: policy.sees_names_of(who(key), library, ids[one]) for one in sees} == sees
    assert not policy.sees_names_of(None, library, ids["u"])


def test_a_partner_reads_its_own_people_by_name_and_as_many_rows_as_everybody(client: TestClient, library: Library) -> None:  # fmt: skip
    shown = {key: ledger(client, key) for key in KEEPERS}
    assert {len(rows) for rows in shown.values()} == {8}
    assert shown["adm"] == shown["lib1"]
    ours = [row for row in shown["libp"] if row["Title"] != "A person of another unit"]
    assert {row["Title"] for row in ours} == {"名字p1", "名字p2", "生v"}
    hidden = [row for row in shown["libp"] if row not in ours]
    assert len(hidden) == 5
    assert all(not row["Link"] and not row["Evidence"] for row in hidden)
    assert shown["libp"] == [*ours, *hidden], "the own people first"
    results = {key: sorted((row["Result"], row["Reason"]) for row in rows) for key, rows in shown.items()}
    assert results["libp"] == results["adm"]


@pytest.mark.parametrize("indicator", ["M10.B", "M11.A", "M14.enrolments"])
def test_no_other_list_of_people_names_them_either(client: TestClient, library: Library, indicator: str) -> None:
    mine, whole = ledger(client, "libp", indicator), ledger(client, "lib1", indicator)
    assert len(mine) == len(whole) > 0
    assert not {"s1", "s2", "s3", "t1"} & {row["Title"] for row in mine}
    assert {"s1", "s2"} & {row["Title"] for row in whole}


def test_searching_does_not_tell_who_is_in_a_list(client: TestClient, library: Library) -> None:
    assert len(ledger(client, "lib1", q="s1")) == 1
    assert ledger(client, "libp", q="s1") == []
    assert len(ledger(client, "libp", q="名字p1")) == 1


def test_evidence_about_a_person_opens_for_those_who_see_the_name(client: TestClient, library: Library) -> None:
    where = {"library": "LIB", "period": YEAR}
    for key, person, status in (("libp", "s1", 403), ("libp", "p1", 200), ("lib1", "p1", 200), ("adm", "s1", 200)):
        client.sign_in(who(key))
        for address in (f"/monitor/people/{who(person).uuid}", f"/monitor/people/{who(person).uuid}/uses.csv"):
            assert client.get(address, query_string=where).status_code == status, (key, person)


def test_who_used_a_resource_is_named_by_unit_and_counted_whole(client: TestClient, library: Library) -> None:
    link = next(row["Link"] for row in ledger(client, "libp", "M1.A"))
    address = link.split("localhost", 1)[-1].replace("?", "/users.csv?")
    names = {}
    for key in ("libp", "lib1"):
        client.sign_in(who(key))
        rows = list(csv.DictReader(io.StringIO(client.get(address).data.decode("utf-8-sig"))))
        names[key] = sorted(row["Person"] for row in rows)
    assert names == {"libp": ["A person of another unit", "名字p1"], "lib1": ["s1", "名字p1"]}


# --- rosters -----------------------------------------------------------------------------------------------------------


def written(tmp_path: Path, students: int, teachers: int = 1, unit_key: str = "v") -> Path:
    path = tmp_path / "名册.csv"
    lines = [f"生{n},{unit_key}{n},学生" for n in range(students)] + [
        f"师{n},{unit_key}t{n},教师" for n in range(teachers)
    ]
    path.write_text("\n".join(["姓名,学号,身份", *lines]), encoding="utf-8")
    return path


def take(library: Library, path: Path, actor: User | None, unit_key: str = "v", *, meant: bool = False) -> Any:
    shown = services.preview(library, unit(unit_key), CENSUS, read_roster(path))
    return services.take(library, unit(unit_key), CENSUS, path.name, shown, actor, is_loss_meant=meant)


def test_a_list_is_sent_by_the_unit_itself_the_first_host_or_an_administrator(library: Library, tmp_path: Path) -> None:  # fmt: skip
    for key in KEEPERS:
        take(library, written(tmp_path, 9), who(key))
    big = written(tmp_path, 9, 2, "u")
    for key in ("libp", "t1", "p1"):
        with pytest.raises(NotAllowed):
            take(library, big, who(key), "u")
    take(library, big, who("lib1"), "u")


def test_the_pages_of_a_list_are_for_those_who_see_its_names(client: TestClient, library: Library) -> None:
    lists = {
        queries.roster_by_uuid(sent.roster.uuid)[2].key: sent.roster.uuid for sent in queries.sent_rosters(library)
    }
    client.sign_in(who("libp"))
    assert client.get(f"/monitor/rosters/{lists['v']}").status_code == 200
    assert client.get(f"/monitor/rosters/{lists['u']}").status_code == 403
    page = client.get("/monitor/rosters?library=LIB&period=2026").text
    assert (str(lists["v"]) in page, str(lists["u"]) in page) == (True, False)
    assert ('value="v"' in page, 'value="u"' in page) == (True, False)
    form = {
        "library": "LIB",
        "unit": "u",
        "census": "2026-10-31",
        "file": (io.BytesIO("姓名,身份\n甲,学生\n".encode()), "x.csv"),
    }
    assert client.post("/monitor/rosters/check", data=form).status_code == 403


def test_a_list_that_lost_many_is_taken_only_when_somebody_says_it_is_whole(
    client: TestClient, library: Library, tmp_path: Path
) -> None:
    take(library, written(tmp_path, 10, 2), who("libp"))
    client.set_cookie("kk_lang", "en")
    client.sign_in(who("libp"))
    form = {
        "library": "LIB",
        "unit": "v",
        "census": "2026-10-31",
        "file": (io.BytesIO(written(tmp_path, 9, 0).read_bytes()), "kurz.csv"),
    }
    checked = client.post("/monitor/rosters/check", data=form).location
    page = client.get(checked).text
    assert "This list is much shorter than an earlier one" in page
    before = len(queries.sent_rosters(library))
    refused = client.post(checked + "/take", follow_redirects=True).text
    assert "An earlier list of this school has 12 people, this one 9." in refused
    assert len(queries.sent_rosters(library)) == before
    assert client.post(checked + "/take", data={"complete": "yes"}).status_code == 302
    assert len(queries.sent_rosters(library)) == before + 1


def test_a_list_that_lost_many_stands_among_the_unusual_with_both_lists(client: TestClient, library: Library, tmp_path: Path) -> None:  # fmt: skip
    take(library, written(tmp_path, 10, 2), None)
    with pytest.raises(RosterShrinks):
        take(library, written(tmp_path, 4, 0), None)
    take(library, written(tmp_path, 4, 0), None, meant=True)
    period = parse_period(YEAR)
    alerts.keep(library, period, alerts.find(library, period, figures.reporting_now()))
    (one,) = [found for found in findings.findings(library, period) if found.rule == "rosters"]
    assert one.facts["measures"] == {"before": 12, "now": 4, "no_teacher": 1}
    assert [line.value for line in findings.lines(one, lambda _unit: True)] == [12, 4]
    client.set_cookie("kk_lang", "en")
    client.sign_in(who("lib1"))
    page = client.get(f"/monitor/unusual/{one.uuid}").text
    assert "乙校: the list has 4 people, an earlier one 12. No teachers stand on it any more." in page


def listed(key: int, day: dt.date, students: int, teachers: int, school: int = 1) -> ListSize:
    received = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    return ListSize(key, school, day, received, {"student": students, "teacher": teachers})


@pytest.mark.parametrize(
    ("now_", "is_great"),
    [((80, 20), False), ((79, 20), False), ((61, 19), False), ((60, 20), False), ((60, 19), True), ((100, 0), True),
     ((0, 100), True), ((200, 1), False)],
)  # fmt: skip
def test_twenty_of_a_hundred_may_leave_and_no_group_may_vanish(now_: tuple[int, int], is_great: bool) -> None:
    earlier = [listed(1, CENSUS, 80, 20)]
    assert (great_loss(dict(zip(("student", "teacher"), now_, strict=True)), earlier) is not None) == is_great


def test_many_small_losses_in_files_of_one_day_are_a_great_one() -> None:
    files = [listed(n, CENSUS, 100 - 15 * n, 5) for n in range(4)]
    other_school = listed(9, CENSUS, 3, 1, school=2)
    ((newest, loss),) = losses([*files, other_school])
    assert (newest.roster_id, loss.before.roster_id, loss.people) == (3, 0, 45)


def test_a_list_is_held_against_the_census_before_not_against_years_ago() -> None:
    years = [listed(n, dt.date(2022 + n, 10, 31), 1000 - 150 * n, 50) for n in range(4)]
    assert losses(years) == []


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 9)), max_size=6))
def test_a_first_list_and_a_growing_one_lose_nothing(grown: list[tuple[int, int]]) -> None:
    sizes = [(sum(s for s, _ in grown[: n + 1]), sum(t for _, t in grown[: n + 1])) for n in range(len(grown))]
    assert losses(listed(n, CENSUS, *size) for n, size in enumerate(sizes)) == []
