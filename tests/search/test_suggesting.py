"""Suggestions while typing."""

from __future__ import annotations

import pytest

from search.documents import Batch
from search.suggesting import MOST_ROWS
from search.whoosh_engine import WhooshEngine
from search.whoosh_engine.snapshot import Snapshot
from tests.search.samples import make_document


@pytest.mark.parametrize("typed", ["谐波", "諧波", "xiebo", "xie bo", "xbj", "谐波减速"])
def test_letters_pinyin_and_initials_lead_to_the_name(library: WhooshEngine, typed: str) -> None:
    assert "谐波减速器" in [offer.name for offer in library.suggest(typed)]


def test_an_alias_is_offered_with_the_name_behind_it(library: WhooshEngine) -> None:
    offer = library.suggest("死人")[0]
    assert (offer.text, offer.name, offer.kind) == ("死人开关", "急停与三位置使能装置", "point")


def test_no_name_is_offered_twice_and_no_more_than_asked(library: WhooshEngine) -> None:
    offers = library.suggest("机器人", limit=5)
    assert len({offer.name for offer in offers}) == len(offers) <= 5


def test_hidden_names_are_not_offered(engine: WhooshEngine) -> None:
    engine.apply(Batch((make_document(1, title="保密课题", visibility="library:7"),)))
    assert engine.suggest("保密") == ()
    assert engine.suggest("保密", scopes=("public", "library:7")) != ()


def test_what_one_letter_begins_is_bounded_however_many_names_begin_so(
    engine: WhooshEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.rebuild(make_document(n, title=f"工具{n}") for n in range(10 * MOST_ROWS))
    read: list[int] = []
    row = Snapshot.row
    monkeypatch.setattr(Snapshot, "row", lambda *found: (read.append(1), row(*found))[1])
    assert engine.suggest("工")
    assert 0 < len(read) <= MOST_ROWS
