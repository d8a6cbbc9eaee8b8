"""Which accounts no figure counts."""

from __future__ import annotations

from courseware.monitoring.facts import Facts
from courseware.monitoring.indicators.once import once, whole_of


def is_test(facts: Facts, person: int) -> bool:
    """Whether the account is one for tests; an unknown one is none."""
    return person in test_accounts(facts)


def test_accounts(facts: Facts) -> frozenset[int]:
    """All accounts for tests, whatever the moment."""
    return _test_accounts(whole_of(facts))


@once
def _test_accounts(facts: Facts) -> frozenset[int]:
    return frozenset(key for key, person in facts.people.items() if person.is_test)
