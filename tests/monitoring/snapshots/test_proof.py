"""Frozen figures follow from the facts beside them, and nobody can change either without being found out."""

from __future__ import annotations

import gzip
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from courseware.libraries.models import Library
from courseware.monitoring.definitions import BY_ID, DEFINITIONS
from courseware.monitoring.indicators import registry
from courseware.monitoring.periods import Period
from courseware.monitoring.snapshots import document, signing
from courseware.monitoring.snapshots.encoding import group_types
from tests.monitoring.snapshots.files import Lines, changed, checked, group


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
