"""Searching a ledger, the rows beneath M19, and the trace that reading about people leaves."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from sqlalchemy import select

from courseware.accounts import queries as accounts
from courseware.accounts.models import Unit
from courseware.auditlog import queries as auditlog
from courseware.auditlog.models import AuditEntry
from courseware.core.database import session
from courseware.libraries import queries as libraries
from courseware.monitoring import queries
from courseware.monitoring.periods import parse_period
from courseware.monitoring.queries import ledger as ledgers
from courseware.monitoring.results import IndicatorResult
from tests.counting import statements
from tests.demo.stories import at, now, play, prelude, publish, revise, watch, withdraw
from tests.servers.client import TestClient
from tests.servers.rewound import MadeOnce

OLD, MAY = at("2023-03-03"), at("2026-05-05")


def story() -> list[dict[str, Any]]:
    """Simulations over three years among videos; s1 and s2 learn, s3 does not; nobody has no account."""
    simulations = [publish(f"sim{n}", OLD, "simulation", title=f"仿真 {n} 号") for n in range(4)]
    videos = [
        publish("weld", OLD, title="立向上角焊"),
        publish("tcp", OLD, title="TCP 六点标定"),
        publish("odd", OLD, title="100%_纯铜"),
    ]
    changes = [
        revise("sim0", at("2024-05-05"), "neu 24"), revise("sim0", at("2025-05-05"), "neu 25"), revise("sim1", MAY, "neu 26"),
        revise("sim2", at("2025-06-06"), "klein", decided="minor"), withdraw("sim3", at("2025-07-07")),
        publish("late", MAY, "simulation", title="仿真 新"), revise("weld", MAY, "neu video"),
    ]  # fmt: skip
    use = [watch("weld", who, at(f"2026-03-0{day}"), 1500) for who in ("s1", "s2") for day in (1, 2, 3)]
    rosters = {"at": MAY, "do": "roster", "library": "l", "unit": "u", "census": "2026-05-01", "students": ["s1", "s3", "nobody"], "teachers": ["t1"]}  # fmt: skip
    return [*simulations, *videos, *changes, *use, rosters, {"at": MAY, "do": "enrol", "course": "c", "user": "s1"}]


def make_keeper() -> Any:
    user = {"at": at("2022-01-02"), "do": "user", "key": "adm", "name": "冯", "unit": "u", "roles": ["administrator"]}
    early = [{**event, "at": at("2022-01-02")} if "at" in event else event for event in prelude()]
    refused = play(early, user, story(), now()).refused
    assert not refused, refused
    return accounts.user_by_key("adm")


@pytest.fixture
def keeper(made_once: MadeOnce, client: TestClient) -> TestClient:
    client.set_cookie("kk_lang", "en")
    return client.sign_in(made_once(make_keeper))


def result_of(key: str) -> IndicatorResult:
    library = libraries.find_library("LIB")
    assert library is not None
    return queries.compute(library, parse_period("2026"), ids=[key])[0]


def rows(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.status_code
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def ledger(client: TestClient, key: str, more: str = "") -> list[dict[str, str]]:
    return rows(client.get(f"/monitor/indicators/{key}.csv?library=LIB&period=2026{more}"))


# --- M19 ---------------------------------------------------------------------------------------------------------------


def test_the_rows_of_m19_are_as_many_as_its_years_say(keeper: TestClient) -> None:
    years = result_of("M19.A").tally.lists
    assert years == ((1, 4), (1, 4), (2, 3))
    for key in ("M19.A", "M19.B", "M19.C"):
        for year, (updated, start) in zip((2024, 2025, 2026), years, strict=True):
            listed = ledger(keeper, key, f"&year={year}")
            assert {row["Year"] for row in listed} == {str(year)}
            counted = [row for row in listed if row["Result"] == "Counted"]
            at_start = [row for row in listed if row["Result"] == "Not counted"]
            assert len(counted) == updated
            assert len(at_start) + sum("First" not in row["Reason"] for row in counted) == start
    assert result_of("M19.B").numerator == len(ledger(keeper, "M19.B", "&group=counted")) == 4


def test_a_year_of_m19_opens_its_simulations_and_each_its_evidence(keeper: TestClient) -> None:
    page = keeper.get("/monitor/indicators/M19.A?library=LIB&period=2026").text
    assert page.count("year=2025#ledger") == 1
    assert "立向上角焊" not in page
    year = keeper.get("/monitor/indicators/M19.A?library=LIB&period=2026&year=2025").text
    assert "Decided as minor at review" in year
    assert "Revised, then withdrawn" not in year
    proofs = re.findall(r'href="(/monitor/resources/[^"]+)"', year)
    assert len(proofs) == 4
    for address in proofs:
        evidence = keeper.get(address.replace("&amp;", "&"))
        assert evidence.status_code == 200
        assert "2025: " in evidence.text
        assert "/monitor/indicators/M19.A" in evidence.text


# --- searching ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "words", "expected"),
    [("M1.A", "角焊", ["立向上角焊"]), ("M1.A", "tcp 标定", ["TCP 六点标定"]), ("M1.A", "tcp 角焊", []), ("M1.A", "100%_", ["100%_纯铜"]),
     ("M1.A", "1%0", []), ("M19.A", "仿真 2024", ["仿真 0 号", "仿真 1 号", "仿真 2 号", "仿真 3 号"]), ("M12.A", "NOBODY", ["nobody"])],
)  # fmt: skip
def test_a_search_finds_the_rows_that_hold_every_word(
    keeper: TestClient, key: str, words: str, expected: list[str]
) -> None:
    listed = rows(
        keeper.get(f"/monitor/indicators/{key}.csv", query_string={"library": "LIB", "period": "2026", "q": words})
    )
    assert [row["Title"] for row in listed] == expected


def test_every_ledger_but_that_of_answers_finds_its_rows_by_the_titles_it_shows(keeper: TestClient) -> None:
    seen = set()
    library = libraries.find_library("LIB")
    assert library is not None
    for result in queries.compute(library, parse_period("2026")):
        subject, everything = result.definition.subject, ledger(keeper, result.id)
        if subject in seen or not everything:
            continue
        seen.add(subject)
        title = everything[0]["Title"].lstrip("'")
        found = rows(
            keeper.get(
                f"/monitor/indicators/{result.id}.csv", query_string={"library": "LIB", "period": "2026", "q": title}
            )
        )
        assert title in {row["Title"].lstrip("'") for row in found}, (result.id, subject)
        assert not ledger(keeper, result.id, "&q=wortdasesnichtgibt"), result.id
    assert {"resource", "year", "person", "roster", "enrolment", "watch", "version", "course"} <= seen


def test_units_are_found_by_name_key_and_province(keeper: TestClient) -> None:
    unit = session().scalars(select(Unit).where(Unit.key == "u")).one()
    assert [ledgers.matching("unit", words)(unit.id) for words in ("甲", "甲校 u", "", "乙")] == [
        True,
        True,
        True,
        False,
    ]


def test_the_page_says_how_many_of_how_many_and_keeps_the_search(keeper: TestClient) -> None:
    page = keeper.get("/monitor/indicators/M19.A?library=LIB&period=2026&year=2025&q=%E4%BB%BF%E7%9C%9F").text
    whole = sum(len(group) for group in (result_of("M19.A").tally.counted, result_of("M19.A").tally.rest, result_of("M19.A").tally.excluded))  # fmt: skip
    assert f"4 of {whole} rows" in page
    assert 'name="q" value="仿真"' in page
    for name, value in (("period", "2026"), ("library", "LIB"), ("year", "2025")):
        assert f'<input type="hidden" name="{name}" value="{value}">' in page
    assert "Export these 4" in page
    exports = re.findall(r'href="(/monitor/indicators/M19.A.csv[^"]+)"', page)
    answer = keeper.get(exports[0].replace("&amp;", "&"))
    assert len(rows(answer)) == 4
    assert f"4-of-{whole}.csv" in answer.headers["Content-Disposition"]


def test_a_search_that_finds_nothing_leads_back_to_all_rows(keeper: TestClient) -> None:
    page = keeper.get("/monitor/indicators/M1.A?library=LIB&period=2026&q=%3Cb%3Enichts").text
    assert "No row holds “&lt;b&gt;nichts”" in page
    assert "0 of 7 rows" in page


def test_answers_are_not_searched(keeper: TestClient) -> None:
    assert 'aria-label="Search this ledger"' not in keeper.get("/monitor/indicators/M13.A?library=LIB&period=2026").text


def test_a_search_costs_the_same_however_many_rows_there_are(keeper: TestClient) -> None:
    path = "/monitor/indicators/M1.A?library=LIB&period=2026&q="
    keeper.get(path + "none")
    with statements() as one:
        keeper.get(path + "%E8%A7%92%E7%84%8A")
    with statements() as many:
        keeper.get(path + "%E4%BB%BF%E7%9C%9F")
    assert len(one) == len(many)


# --- the trace ---------------------------------------------------------------------------------------------------------


def traces() -> list[AuditEntry]:
    session().rollback()
    query = select(AuditEntry).where(AuditEntry.action.in_(["people.read", "people.export"]))
    return list(session().scalars(query.order_by(AuditEntry.id)))


def test_each_page_and_file_that_names_people_leaves_one_trace_and_no_other_does(keeper: TestClient) -> None:
    about = "?library=LIB&period=2026"
    for path in ("/monitor", "/monitor/indicators/M4.A", "/monitor/indicators/M13.A", "/monitor/indicators/M8.A.csv",
                 "/monitor/unusual", "/monitor/lists/unusual.csv", "/monitor/rosters", "/monitor/indicators/M12.A?q=gibtesnicht"):  # fmt: skip
        keeper.get(path + about.replace("?", "&" if "?" in path else "?"))
    assert traces() == []
    person = accounts.user_by_key("s1")
    assert person is not None
    uncovered = keeper.get(f"/monitor/indicators/M12.A{about}&group=rest")
    keeper.get(f"/monitor/indicators/M12.A.xlsx{about}&group=rest&q=nobody")
    keeper.get(f"/monitor/people/{person.uuid}{about}&figure=M12.A")
    keeper.get(f"/monitor/people/{person.uuid}/days.csv{about}&figure=M99")
    shown = [(e.action, e.object_type, e.reason, e.details["list"], e.details["rows"]) for e in traces()]
    assert shown[0] == ("people.read", "library", "M12.A", "M12.A", 3)
    assert shown[1] == ("people.export", "library", "M12.A", "M12.A", 1)
    assert shown[2][:4] == ("people.read", "user", "M12.A", "evidence")
    assert shown[3] == ("people.export", "user", "", "days", 3)
    assert "stands in the security log" in uncovered.text
    assert {e.object_id for e in traces()[2:]} == {str(person.uuid)}
    assert {e.actor_id for e in traces()} == {accounts.user_by_key("adm").id}  # type: ignore[union-attr]
    assert not any("nobody" in str(e.details) for e in traces())
    assert auditlog.verify_chain().first_bad_id is None


def test_a_page_about_a_resource_leaves_a_trace_where_it_names_people(keeper: TestClient) -> None:
    used, unused = (
        re.findall(r'href="(/monitor/resources/[^"]+)"', keeper.get(f"/monitor/indicators/M1.A?library=LIB&period=2026&q={words}").text)[0].replace("&amp;", "&")
        for words in ("角焊", "TCP")
    )  # fmt: skip
    keeper.get(unused)
    assert traces() == []
    keeper.get(used)
    (entry,) = traces()
    assert (entry.object_type, entry.details["rows"], entry.reason) == ("resource", 2, "M1.A")


def test_a_list_of_a_roster_leaves_a_trace(keeper: TestClient) -> None:
    (address,) = re.findall(r'href="(/monitor/rosters/[0-9a-f-]{36})', keeper.get("/monitor/rosters?library=LIB&period=2026").text)  # fmt: skip
    keeper.get(f"{address}?q=s1")
    (entry,) = traces()
    assert (entry.object_type, entry.details["list"], entry.details["searched"]) == ("roster", "roster", True)


def test_whoever_may_not_read_leaves_no_trace_of_reading(keeper: TestClient) -> None:
    person = accounts.user_by_key("s1")
    assert person is not None
    path = f"/monitor/people/{person.uuid}?library=LIB"
    keeper.sign_in(accounts.user_by_key("t1"))
    assert keeper.get(path).status_code == 403
    assert traces() == []


def test_administrators_read_who_read_about_whom(keeper: TestClient) -> None:
    person = accounts.user_by_key("s1")
    assert person is not None
    keeper.get(f"/monitor/people/{person.uuid}?library=LIB&period=2026&figure=M12.A")
    keeper.get("/monitor/indicators/M12.A?library=LIB&period=2026")
    log = keeper.get(f"/admin/audit?about={person.uuid}").text
    main = log[log.index("<main") :]
    assert "people.read" in main
    assert f"{person.name} " in main
    assert "list: evidence" in main
    assert "list: M12.A" not in main
    assert "list: M12.A" in keeper.get("/admin/audit?action=people.read").text
