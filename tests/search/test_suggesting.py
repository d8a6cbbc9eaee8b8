"""Suggestions while typing."""

from __future__ import annotations

import time

import pytest

from search.documents import Batch
from search.whoosh_engine import WhooshEngine
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


def test_suggestions_come_while_typing(library: WhooshEngine) -> None:
    library.suggest("工")
    began = time.process_time()
    library.suggest("工具")
    assert time.process_time() - began < 0.03
