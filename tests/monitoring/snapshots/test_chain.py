"""What only the site can say: a file is one of its snapshots, none is missing, none was replaced."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete

from courseware.core.database import session
from courseware.libraries.models import Library
from courseware.monitoring import chain, freezing, verify
from courseware.monitoring.models import Snapshot
from courseware.monitoring.periods import Period
from courseware.monitoring.snapshots import document, signing
from courseware.resources.storage import store
from tests.monitoring.snapshots.files import changed, forged, group


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
