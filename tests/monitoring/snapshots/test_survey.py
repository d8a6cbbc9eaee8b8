"""Of the survey a snapshot holds counts, and files that hold more still prove what they proved."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import io
import json
from pathlib import Path

import pytest
from sqlalchemy import select

from courseware.accounts.models import RoleGrant, User
from courseware.core.database import session
from courseware.libraries.models import Library
from courseware.monitoring import freezing
from courseware.monitoring.definitions import DEFINITIONS
from courseware.monitoring.indicators import registry
from courseware.monitoring.indicators.satisfaction import in_counts
from courseware.monitoring.models import SurveyAnswer
from courseware.monitoring.periods import parse_period
from courseware.monitoring.queries.facts import StoredFacts
from courseware.monitoring.queries.monitor import results_of
from courseware.monitoring.snapshots import document, signing
from courseware.monitoring.snapshots.encoding import encode, group_types
from courseware.resources.storage import store
from tests.demo.stories import at, now, play, prelude, publish, watch
from tests.monitoring.snapshots.files import changed, checked, group
from tests.monitoring.years import MAY, OLD, the_library
from tests.servers.rewound import MadeOnce

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
    return the_library()


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
