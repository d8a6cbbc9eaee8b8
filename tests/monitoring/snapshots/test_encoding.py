"""Facts come back from the file as they went in."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from courseware.monitoring.facts import RosterFact, VersionFact
from courseware.monitoring.snapshots.encoding import decode, encode, group_types

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
