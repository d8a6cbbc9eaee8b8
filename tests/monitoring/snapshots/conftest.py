"""A library with two years, and the second one frozen."""

from __future__ import annotations

import pytest

from courseware.libraries.models import Library
from courseware.monitoring import freezing
from courseware.monitoring.periods import Period, parse_period
from courseware.resources.storage import store
from tests.demo.stories import publish
from tests.monitoring.years import MAY, make_year
from tests.servers.rewound import MadeOnce


def make_frozen_year() -> Library:
    """Two years with everything that a figure counts: 2 of 6 are updated in 2026."""
    roster = {
        "at": MAY, "do": "roster", "library": "l", "unit": "u", "census": "2026-07-01",
        "students": ["s1", "查无此人"], "teachers": ["t1"],
    }  # fmt: skip
    return make_year(publish("n1", MAY), roster)


@pytest.fixture
def library(made_once: MadeOnce) -> Library:
    made: Library = made_once(make_frozen_year)
    return made


@pytest.fixture
def period(library: Library) -> Period:
    return parse_period("2026", library.period_start_month)


@pytest.fixture
def frozen(library: Library, period: Period) -> bytes:
    snapshot = freezing.freeze(library, period, None)
    return b"".join(store().get_range(snapshot.store_key))
