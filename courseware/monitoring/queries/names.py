"""Whose names a reader sees in lists of people: everybody's, or those of the own unit; of the others only that they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from flask_babel import gettext as _

from courseware.core.roles import Actor
from courseware.libraries.models import Library
from courseware.monitoring import policy
from courseware.monitoring.queries.homes import Homes
from courseware.monitoring.queries.ledger import Row

OF_PEOPLE = frozenset({"person", "roster", "enrolment", "pair", "watch"})
"""Subjects whose rows name somebody."""


@dataclass(frozen=True)
class Names:
    """What a reader may read in lists whose items live in `homes`. Rows stay as many as they are: only names go."""

    homes: Homes
    sees_all: bool
    unit_id: int | None

    def shows(self, subject: str, key: Any) -> bool:
        """Whether the row of this key names the person; rows that are not about people always do."""
        if self.sees_all or subject not in OF_PEOPLE:
            return True
        return self.unit_id is not None and self.unit_id in self.homes.units_of(subject, key)

    def shows_person(self, user_id: int) -> bool:
        """Whether the person may be named: by the unit of the account, or by that of a list the person stands on."""
        keys = (("person", user_id), *(("roster", (role, user_id)) for role in ("student", "teacher")))
        return any(self.shows(subject, key) for subject, key in keys)

    def without_others(self, subject: str, rows: Iterable[Row]) -> list[Row]:
        """The same rows; of people of other units nothing is left that tells who they are."""
        return [row if self.shows(subject, row.entry.key) else _unnamed(row) for row in rows]


def names_for(actor: Actor | None, library: Library, homes: Homes) -> Names:
    """What `actor` may read of the people of `library`."""
    return Names(homes, policy.sees_all_names(actor, library), actor.unit_id if actor else None)


def nameless() -> str:
    """What stands in place of a name."""
    return _("A person of another unit")


def _unnamed(row: Row) -> Row:
    """The note stays: of a person it is the unit, of other rows the course or resource."""
    return replace(row, title=nameless(), title_en="", at=None, uuid=None, person_uuid=None, evidence="")
