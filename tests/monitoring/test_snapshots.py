"""Frozen figures follow from the facts beside them, and nobody can change either without being found out."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import io
import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from courseware.accounts import queries as accounts
from courseware.accounts.models import RoleGrant, User
from courseware.core.database import session
from courseware.core.errors import NotAllowed
from courseware.libraries import queries as libraries
from courseware.libraries.models import Library
from courseware.monitoring import chain, freezing, verify
from courseware.monitoring.definitions import BY_ID, DEFINITIONS
from courseware.monitoring.facts import RosterFact, VersionFact
from courseware.monitoring.indicators import registry
from courseware.monitoring.indicators.satisfaction import in_counts
from courseware.monitoring.models import Snapshot, SurveyAnswer
from courseware.monitoring.periods import Period, parse_period
from courseware.monitoring.queries.facts import StoredFacts
from courseware.monitoring.queries.monitor import results_of
from courseware.monitoring.snapshots import document, signing
from courseware.monitoring.snapshots.checking import Report, check
from courseware.monitoring.snapshots.encoding import decode, encode, group_types
from courseware.progress.services import EventIn, record_events
from courseware.resources.models import Resource
from courseware.resources.storage import store
from tests.demo.stories import at, now, play, prelude, publish, revise, watch
from tests.servers.client import TestClient
from tests.servers.rewound import MadeOnce

OLD, MAY = at("2025-03-03"), at("2026-05-05")
Lines = list[dict[str, Any]]


@pytest.fixture
def library(made_once: MadeOnce) -> Library:
    made: Library = made_once(make_library)
    return made


def make_library() -> Library:
    """Two years with everything that a figure counts."""
    old = [publish(f"a{n}", OLD) for n in range(6)]
    use = [watch("a0", f"s{m}", at(f"2026-03-0{m}"), 200) for m in (1, 2, 3)]
    roster = {
        "at": MAY, "do": "roster", "library": "l", "unit": "u", "census": "2026-07-01",
        "students": ["s1", "查无此人"], "teachers": ["t1"],
    }  # fmt: skip
    assert not play(prelude(), [*old, *use, publish("n1", MAY), revise("a1", MAY, "neu"), roster], now()).refused
    found = libraries.find_library("LIB")
    assert found is not None
    return found


@pytest.fixture
def period(library: Library) -> Period:
    return parse_period("2026", library.period_start_month)


@pytest.fixture
def frozen(library: Library, period: Period) -> bytes:
    snapshot = freezing.freeze(library, period, None)
    return b"".join(store().get_range(snapshot.store_key))


def checked(file: bytes, key: str = "") -> Report:
    return check(io.BytesIO(file), [key] if key else ())


def changed(file: bytes, change: Callable[[Lines], object]) -> bytes:
    """The file with its lines changed and nothing else mended."""
    lines = [json.loads(line) for line in gzip.decompress(file).splitlines()]
    change(lines)
    return gzip.compress(b"".join(document._json(line) for line in lines))


def group(lines: Lines, name: str) -> list[Any]:
    found: list[Any] = next(line["items"] for line in lines if line.get("group") == name)
    return found


def test_a_snapshot_proves_every_figure_it_holds(frozen: bytes, library: Library, period: Period) -> None:
    report = checked(frozen)
    assert (report.ok, report.problem, report.differences) == (True, "", ())
    assert (report.library, report.period, report.figures) == ("LIB", "2026", len(DEFINITIONS))
    updates = next(f for f in document.read(io.BytesIO(frozen)).figures if f["id"] == "M4.A")
    assert (updates["numerator"], updates["denominator"]) == (2, 6)


def test_one_changed_fact_is_named(frozen: bytes) -> None:
    def play_once_more(lines: Lines) -> None:
        group(lines, "uses").append(group(lines, "uses")[0])

    report = checked(changed(frozen, play_once_more))
    assert not report.ok
    assert report.problem == "The facts were changed after sealing: uses."


def test_whichever_fact_is_changed_the_snapshot_is_refused_and_the_group_is_named(frozen: bytes) -> None:
    """One number or flag of one fact, for each kind of fact that the library has."""
    changes = [name for name in group_types() if _changed_in(frozen, name) is not None]
    assert len(changes) >= 10, changes
    for name in changes:
        file = _changed_in(frozen, name)
        report = checked(file or b"")
        assert (report.ok, report.problem) == (False, f"The facts were changed after sealing: {name}."), name


def test_a_figure_moved_by_a_changed_fact_is_named_with_what_the_facts_give(frozen: bytes) -> None:
    def one_user_less(lines: Lines) -> None:
        group(lines, "uses").pop()

    differences = {
        d.id: (d.stored, d.counted)
        for d in checked(changed(frozen, one_user_less)).differences
        if d.part == "numerator"
    }
    assert differences["M5.A"] == (1, 0), "three users make a resource active, two do not"


def _changed_in(file: bytes, name: str) -> bytes | None:
    """The file with the last number or flag of the first fact of a group changed; None where the library has none of that kind."""

    def change(lines: Lines) -> None:
        items = group(lines, name)
        fact = items[0] if isinstance(items[0], list) else items
        place = max(n for n, value in enumerate(fact) if isinstance(value, int | float))
        fact[place] = not fact[place] if isinstance(fact[place], bool) else fact[place] + 1

    try:
        return changed(file, change)
    except StopIteration:
        return None


def test_a_changed_figure_is_found_and_shown_beside_what_the_facts_give(frozen: bytes) -> None:
    def flatter(lines: Lines) -> None:
        next(f for f in lines[1]["figures"] if f["id"] == "M4.A")["numerator"] = 6

    report = checked(changed(frozen, flatter))
    assert report.problem == "The file was changed after sealing."
    assert [(d.id, d.part, d.stored, d.counted) for d in report.differences] == [("M4.A", "numerator", 6, 2)]


def test_a_forger_with_a_key_of_his_own_is_told_by_its_fingerprint(
    frozen: bytes, library: Library, app: Flask, tmp_path: Path
) -> None:
    found, forged = document.read(io.BytesIO(frozen)), io.BytesIO()
    document.write(forged, found.facts, [], {"library": {"code": "l"}, "previous": None}, signing.signing_key(tmp_path))
    published = signing.fingerprint(found.public_key)
    assert checked(frozen, published).ok
    assert "Another key" in checked(forged.getvalue(), published).problem


def test_facts_that_give_other_figures_are_no_proof_even_under_a_good_seal(frozen: bytes, tmp_path: Path) -> None:
    found, out = document.read(io.BytesIO(frozen)), io.BytesIO()
    document.write(out, found.facts, [], {"library": {"code": "l"}, "previous": None}, signing.signing_key(tmp_path))
    report = checked(out.getvalue())
    assert (report.ok, report.problem) == (False, f"{len(DEFINITIONS)} figures do not follow from the facts.")


@pytest.mark.parametrize(
    "broken",
    [b"", b"no gzip", gzip.compress(b""), gzip.compress(b"[1]\n"), gzip.compress(b'{"format": "other"}\n')],
    # Compressed bytes hold the second they were made in; as names they would differ between two test processes.
    ids=["empty", "no gzip", "gzip of nothing", "gzip of a list", "another format"],
)
def test_what_is_no_snapshot_is_refused_in_words(broken: bytes) -> None:
    report = checked(broken)
    assert (report.ok, report.library) == (False, "")
    assert report.problem


@pytest.mark.parametrize(
    "nonsense",
    [
        {"definitions": None}, {"definitions": [5]}, {"definitions": [{"id": "M4.A"}]}, {"library": {}}, {"library": "LIB"},
        {"period": {}}, {"as_of": "gestern"},
    ],
    ids=["no definitions", "a number", "no version", "no library", "a word", "no period", "no time"],
)  # fmt: skip
def test_a_head_edited_to_nonsense_is_refused_in_words(frozen: bytes, nonsense: dict[str, Any]) -> None:
    report = checked(changed(frozen, lambda lines: lines[0].update(nonsense)))
    assert (report.ok, report.figures) == (False, 0)
    assert report.problem.startswith("This snapshot cannot be read: ")


@pytest.mark.parametrize("figures", [5, [5], [{}]], ids=["a number", "a list of numbers", "no id"])
def test_figures_edited_to_nonsense_are_refused_in_words(frozen: bytes, figures: Any) -> None:
    report = checked(changed(frozen, lambda lines: lines[1].update(figures=figures)))
    assert (report.ok, report.figures) == (False, 0)
    assert report.problem.startswith("This snapshot cannot be read: ")


def test_a_target_edited_and_sealed_again_is_named(
    frozen: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Figures and facts agree, and the seal is whole: only the rule beside them is another one."""
    found, out = document.read(io.BytesIO(frozen)), io.BytesIO()
    results = registry.count_all(found.facts)
    with monkeypatch.context() as easier:
        easier.setattr(document, "BY_ID", BY_ID | {"M4.A": replace(BY_ID["M4.A"], threshold=1)})
        about = {"library": {"code": "l"}, "previous": None}
        document.write(out, found.facts, results, about, signing.signing_key(tmp_path))
    report = checked(out.getvalue())
    assert (report.ok, report.differences) == (False, ())
    assert report.problem == "The targets of M4.A in this file are not those of their version."


def test_a_snapshot_that_was_cut_off_is_refused(frozen: bytes) -> None:
    assert checked(frozen[: len(frozen) // 2]).problem == "This is no snapshot, or it was cut off."
    assert not checked(changed(frozen, lambda lines: lines.pop())).ok


def test_names_of_a_roster_without_an_account_are_not_in_the_file(frozen: bytes) -> None:
    text = gzip.decompress(frozen).decode()
    assert "查无此人" not in text
    assert "name:" in text


SCORES = {"s1": 5, "s2": 1, "s3": 4, "s4": 5, "s5": 2, "s6": 3}


def make_surveyed() -> Library:
    """Six people used a resource and answered; their school sent them in the order of its list."""
    use = [watch("a0", name, at(f"2026-03-0{n}"), 200) for n, name in enumerate(SCORES, 1)]
    answers = [
        {"at": at(f"2026-09-0{n}"), "do": "satisfaction", "library": "l", "user": name, "score": score, "took_s": 20}
        for n, (name, score) in enumerate(SCORES.items(), 1)
    ]
    roster = {
        "at": MAY, "do": "roster", "library": "l", "unit": "u", "census": "2026-07-01",
        "students": ["s6", "s1", "s5", "s2", "s4", "s3"], "teachers": ["t1"],
    }  # fmt: skip
    story = play(prelude(), [publish("a0", OLD), *use, roster, *answers], now())
    assert not story.refused
    found = libraries.find_library("LIB")
    assert found is not None
    return found


@pytest.fixture
def surveyed(made_once: MadeOnce) -> Library:
    made: Library = made_once(make_surveyed)
    return made


def sealed(library: Library) -> bytes:
    snapshot = freezing.freeze(library, parse_period("2026", library.period_start_month), None)
    return b"".join(store().get_range(snapshot.store_key))


def test_nothing_in_the_file_tells_who_gave_which_score(surveyed: Library) -> None:
    """No answer, no list of who was asked, no order of a roster: six scores, each with how often it was given."""
    lines = [json.loads(line) for line in gzip.decompress(sealed(surveyed)).splitlines()]
    groups = {line["group"]: line["items"] for line in lines if "group" in line}
    assert groups.keys() & {"answers", "invited"} == set()
    assert groups["surveys"] == [[6, 6, [[1, 1], [2, 1], [3, 1], [4, 1], [5, 2]], [], [["students", 3, 6]]]]
    (roster,) = groups["rosters"]
    students = roster[2]
    assert len(students) == 6
    assert students == sorted(students, key=str)


def test_the_survey_follows_from_the_file_as_it_does_on_the_page_and_in_a_recount(surveyed: Library) -> None:
    period = parse_period("2026", surveyed.period_start_month)
    file = sealed(surveyed)
    assert checked(file).ok
    of_file = {figure["id"]: figure for figure in document.read(io.BytesIO(file)).figures}
    assert (of_file["M13.A"]["numerator"], of_file["M13.A"]["denominator"]) == (3, 6)
    assert (of_file["M13.B"]["numerator"], of_file["M13.B"]["denominator"]) == (20, 30)
    moment = dt.datetime.fromisoformat(now()["at"])
    assert freezing.recount(surveyed, period, moment) == ()
    (shown,) = results_of(surveyed, period, moment, ["M13.A"])
    assert (shown.numerator, shown.denominator) == (3, 6)


def first_format(library: Library, folder: Path) -> bytes:
    """A file as the first release wrote it: with each answer, who was asked, and every group however small."""
    facts = StoredFacts(
        library, parse_period("2026", library.period_start_month), dt.datetime.fromisoformat(now()["at"])
    )
    facts.surveys = (in_counts(facts, smallest=1),)
    figures = document.figures_of(registry.count_all(facts))
    groups = {name: encode(getattr(facts, name)) for name in group_types() if name != "surveys"}
    head = document._head(facts, groups, {"library": {"code": library.code}, "previous": None})
    lines = list(document._lines(head | {"format": "keku-snapshot/1"}, figures, groups))
    key, digest = signing.signing_key(folder), hashlib.sha256(b"".join(lines))
    seal = {
        "sha256": digest.hexdigest(),
        "public_key": signing.public_key(key),
        "signature": signing.sign(key, digest.digest()),
    }
    return gzip.compress(b"".join([*lines, document._json({"seal": seal})]))


def test_files_of_the_first_format_still_prove_their_figures(surveyed: Library, tmp_path: Path) -> None:
    file = first_format(surveyed, tmp_path)
    report = checked(file)
    assert (report.ok, report.problem, report.figures) == (True, "", len(DEFINITIONS))
    report = checked(changed(file, lambda lines: group(lines, "answers").pop()))
    assert report.problem == "The facts were changed after sealing: answers."


def test_snapshots_are_chained_and_the_earlier_one_stays(library: Library, period: Period, frozen: bytes) -> None:
    first = freezing.newest_snapshot(library)
    second = freezing.freeze(library, period, None)
    assert first is not None
    assert second.previous_sha256 == first.sha256
    assert checked(b"".join(store().get_range(second.store_key))).previous == first.sha256
    assert session().scalar(select(func.count(Snapshot.id))) == 2


def test_a_change_that_comes_late_is_seen_beside_the_frozen_figure(library: Library, period: Period) -> None:
    snapshot = freezing.freeze(library, period, None)
    assert freezing.late_changes(snapshot, library, period) == ()
    third = session().scalars(select(Resource).order_by(Resource.id)).all()[3]
    for number in (1, 2, 3):  # telephones that were offline until now
        seen = dt.datetime(2026, 2, number, tzinfo=dt.UTC)
        event = EventIn(uuid.uuid4(), "watched", seen, resource=third.uuid, from_s=0, to_s=200, seconds=200)
        who = accounts.user_by_key(f"s{number}")
        assert who is not None
        assert [outcome.status for outcome in record_events(who, [event])] == ["accepted"]
    assert "M5.A" in {difference.id for difference in freezing.late_changes(snapshot, library, period)}


def test_that_small_groups_are_hidden_today_is_no_late_change_of_a_snapshot_that_tells_them(surveyed: Library) -> None:
    period = parse_period("2026", surveyed.period_start_month)
    snapshot = freezing.freeze(surveyed, period, None)
    told = {"answers of teachers": [1, 1], "answers of students": [2, 5], "invited": 6}
    teacher = session().scalars(select(RoleGrant).join(User).where(User.name == "s1")).one()
    teacher.role = "teacher"
    session().flush()
    snapshot.figures = [f | ({"parts": told} if f["id"] == "M13.A" else {}) for f in snapshot.figures]
    session().flush()
    assert freezing.late_changes(snapshot, surveyed, period) == ()
    answer = session().scalars(select(SurveyAnswer).where(SurveyAnswer.score == 1)).one()
    answer.score = 5
    session().flush()
    assert {d.id for d in freezing.late_changes(snapshot, surveyed, period)} == {"M13.A", "M13.B"}


def test_shown_figures_equal_a_recount(library: Library, period: Period) -> None:
    assert freezing.recount(library, period, dt.datetime.fromisoformat(now()["at"])) == ()


def test_only_those_who_keep_the_library_freeze_its_figures(library: Library, period: Period) -> None:
    with pytest.raises(NotAllowed):
        freezing.freeze(library, period, accounts.user_by_key("s1"))


def test_the_page_freezes_lists_and_hands_out_the_file(library: Library, client: TestClient) -> None:
    who = accounts.user_by_key("lib1")
    assert who is not None
    client.sign_in(who)
    address = "/monitor/snapshots?library=LIB&period=2026"
    assert "还没有快照" in client.get(address).text
    client.post("/monitor/snapshots", data={"library": "LIB", "period": "2026"})
    page = client.get(address).text
    snapshot = freezing.newest_snapshot(library)
    assert snapshot is not None
    assert snapshot.sha256 in page
    assert "重新计算，结果一致" in page
    assert checked(client.get(f"/monitor/snapshots/{snapshot.uuid}").data).ok


def test_the_commands_freeze_verify_and_refuse(app: Flask, library: Library, tmp_path: Path) -> None:
    session().commit()
    run, file = app.test_cli_runner(), tmp_path / "snapshot.gz"
    made = run.invoke(args=["metrics", "freeze", "--library", "LIB", "--period", "2026", "--out", str(file), "--json"])
    told = json.loads(made.stdout)
    assert run.invoke(args=["metrics", "verify", str(file)]).exit_code == 0
    assert run.invoke(args=["metrics", "verify", "--json"]).exit_code == 0
    assert verify.main([str(file), "--key", told["signed_by"]]) == 0
    file.write_bytes(changed(file.read_bytes(), lambda lines: group(lines, "uses").pop()))
    assert run.invoke(args=["metrics", "verify", str(file)]).exit_code == 1
    file.write_bytes(b"something else")
    assert run.invoke(args=["metrics", "verify", str(file)]).exit_code == 2
    assert verify.main([str(tmp_path / "nothing.gz")]) == 2


def test_without_a_key_the_module_says_loudly_that_nobody_named_the_signer(
    frozen: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "snapshot.gz"
    file.write_bytes(frozen)
    signer = signing.fingerprint(document.read(io.BytesIO(frozen)).public_key)
    assert verify.main([str(file)]) == 3
    assert f"NOT KNOWN WHOSE: the file was signed by {signer}" in capsys.readouterr().out
    assert verify.main([str(file), "--key", signer.upper().replace(" ", "")]) == 0
    assert "NOT KNOWN" not in capsys.readouterr().out
    assert verify.main([str(file), "--key", "0000 1111"]) == 1


def forged(frozen: bytes, folder: Path) -> bytes:
    """One use less, counted anew, and signed by a key of the forger's own: all in it agrees."""
    found, out = document.read(io.BytesIO(frozen)), io.BytesIO()
    facts = replace(found.facts, uses=found.facts.uses[1:])
    about = {"library": found.head["library"], "previous": found.head["previous"]}
    document.write(out, facts, registry.count_all(facts), about, signing.signing_key(folder))
    return out.getvalue()


def test_an_installation_refuses_a_forged_file_by_its_signer(
    app: Flask, library: Library, frozen: bytes, tmp_path: Path
) -> None:
    session().commit()
    run, file = app.test_cli_runner(), tmp_path / "forged.gz"
    file.write_bytes(forged(frozen, tmp_path))
    assert verify.main([str(file)]) == 3, "its figures follow; only the key gives it away"
    answer = run.invoke(args=["metrics", "verify", str(file)])
    assert answer.exit_code == 1
    theirs = signing.own_fingerprint(tmp_path)
    assert (
        f"Another key than the one of the library signed this file: {theirs} instead of {chain.own_key()}."
        in answer.output
    )
    assert run.invoke(args=["metrics", "verify", str(file), "--key", theirs]).exit_code == 0, "who trusts it says so"


def test_a_file_of_the_own_key_that_no_snapshot_knows_is_refused(
    app: Flask, library: Library, frozen: bytes, tmp_path: Path
) -> None:
    file = tmp_path / "snapshot.gz"
    file.write_bytes(frozen)
    session().execute(delete(Snapshot))
    session().commit()
    answer = app.test_cli_runner().invoke(args=["metrics", "verify", str(file)])
    assert answer.exit_code == 1
    assert "no snapshot of this site has its SHA-256" in answer.output


@pytest.fixture
def three(library: Library, period: Period) -> list[Snapshot]:
    """Three snapshots in a row."""
    return [freezing.freeze(library, period, None) for _ in range(3)]


def chain_of(library: Library) -> chain.Chain:
    return next(one for one in chain.chains(chain.trusted_keys()) if one.library == library.code)


def test_a_whole_chain_is_whole(library: Library, three: list[Snapshot]) -> None:
    assert chain_of(library) == chain.Chain("LIB", 3)
    assert chain.taken_out() == []


def test_a_snapshot_taken_out_breaks_the_chain_at_the_next_and_is_named(
    library: Library, three: list[Snapshot]
) -> None:
    first, second, third = (one.sha256 for one in three)
    session().delete(three[1])
    session().flush()
    problem = chain_of(library).problem
    assert problem.startswith(f"broken at {third} of ")
    assert problem.endswith(f"It follows {second}, and before it stands {first}: one was taken out or put in.")
    assert [sentence for sentence in chain.taken_out() if second in sentence]


def test_the_last_snapshot_taken_out_is_missed_by_the_security_log(
    app: Flask, library: Library, three: list[Snapshot]
) -> None:
    last = three[2].sha256
    session().delete(three[2])
    session().commit()
    assert chain_of(library).problem == ""
    answer = app.test_cli_runner().invoke(args=["metrics", "verify"])
    assert answer.exit_code == 1
    assert f"the snapshot {last} of 2026, frozen " in answer.output


@pytest.mark.parametrize("harm", ["gone", "forged", "cut off", "changed", "another"])
def test_whatever_happens_to_a_stored_file_the_chain_names_it(
    library: Library, three: list[Snapshot], frozen: bytes, tmp_path: Path, harm: str
) -> None:
    place = three[1].store_key
    whole = b"".join(store().get_range(place))
    new, sentence = {
        "gone": (None, "Its file is not in the store."),
        "forged": (forged(whole, tmp_path), "Its file is another one than the list of snapshots names."),
        "cut off": (whole[: len(whole) // 2], "This is no snapshot, or it was cut off."),
        "changed": (changed(whole, lambda lines: group(lines, "uses").pop()), "The file was changed after sealing."),
        "another": (frozen, "Its file is another one than the list of snapshots names."),
    }[harm]
    store().delete(place)
    if new is not None:
        store().put(place, io.BytesIO(new), len(new), "application/gzip")
    problem = chain_of(library).problem
    assert problem.startswith(f"broken at {three[1].sha256} of ")
    assert problem.endswith(sentence)


def test_figures_changed_in_the_list_alone_break_the_chain(library: Library, three: list[Snapshot]) -> None:
    """Pages of a closed year show those of the list."""
    three[1].figures = [one | ({"numerator": 6} if one["id"] == "M4.A" else {}) for one in three[1].figures]
    session().flush()
    assert chain_of(library).problem.endswith("The pages show other figures for it than its file holds.")


def test_a_snapshot_that_a_strange_key_signed_breaks_the_chain(
    library: Library, three: list[Snapshot], tmp_path: Path
) -> None:
    """Even where row and file were both replaced."""
    file = forged(b"".join(store().get_range(three[2].store_key)), tmp_path)
    found = document.read(io.BytesIO(file))
    three[2].sha256, three[2].figures = found.sha256, list(found.figures)
    store().put(three[2].store_key, io.BytesIO(file), len(file), "application/gzip")
    session().flush()
    theirs = signing.own_fingerprint(tmp_path)
    assert chain_of(library).problem.endswith(f"It is signed by {theirs}, which is no key of this site.")


moments = st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2100, 1, 1), timezones=st.just(dt.UTC))
st.register_type_strategy(dt.datetime, moments)
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(group_types())).flatmap(
        lambda name: st.tuples(st.just(name), st.from_type(group_types()[name]))
    )
)
def test_facts_come_back_from_json_as_they_went_in(named: tuple[str, Any]) -> None:
    name, facts = named
    kind = group_types()[name]
    again = decode(json.loads(json.dumps(encode(facts))), kind)
    assert encode(again) == encode(facts)
    assert again == (list(facts) if isinstance(again, list) else facts)


@given(st.from_type(VersionFact) | st.from_type(RosterFact))
def test_a_record_with_a_field_too_many_is_refused(fact: VersionFact | RosterFact) -> None:
    with pytest.raises((ValueError, TypeError)):
        decode([*encode(fact), 1], type(fact))
