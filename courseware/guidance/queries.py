"""Reading what a person kept and turned down."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, select

from courseware.accounts.models import User
from courseware.certificates.queries import IN_FORCE
from courseware.core.database import session
from courseware.guidance.models import DeclinedSuggestion, Favourite, GuidanceChoice
from courseware.guidance.suggestions import CARDS
from courseware.progress.statements import PERSON, rows, table_of
from courseware.resources.models import Resource
from courseware.resources.queries import media_path

SHOWN = 100
_favourites = table_of(Favourite)
FAVOURITES = select(func.count()).where(_favourites.c.user_id == PERSON)
_CHOSEN = ("plan_days", "plan_minutes", "shows_weeks", "takes_suggestions", "age")
_people, _choices = table_of(User), table_of(GuidanceChoice)
OWN = (
    select(
        IN_FORCE.scalar_subquery(), FAVOURITES.scalar_subquery(), _choices.c.user_id, *(_choices.c[name] for name in _CHOSEN)
    )
    .select_from(_people.outerjoin(_choices, _choices.c.user_id == _people.c.id))
    .where(_people.c.id == PERSON)
)  # fmt: skip
IS_FAVOURITE = select(_favourites.c.at).where(
    _favourites.c.user_id == PERSON, _favourites.c.resource_id == bindparam("resource")
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A resource that a person kept, newest first. `is_live`: it can still be looked at."""

    uuid: uuidlib.UUID
    title: str
    title_en: str
    type: str
    picture: str
    is_live: bool
    at: dt.datetime


def favourites_of(user: User) -> list[Kept]:
    """The favourites, the newest 100; what was withdrawn stays, and says so; two queries."""
    query = select(Favourite.resource_id, Favourite.at).where(Favourite.user_id == user.id)
    found = session().execute(query.order_by(Favourite.at.desc()).limit(SHOWN)).all()
    cards: dict[int, Any] = {row.id: row for row in rows(CARDS, ids=[number for number, _at in found])} if found else {}
    return [_kept(cards[number], at) for number, at in found]


@dataclass(frozen=True, slots=True)
class Own:
    """What "my learning" shows beside the learning itself. `choice`: to be read, not to be changed."""

    certificates: int
    favourites: int
    choice: GuidanceChoice


def own_of(user: User) -> Own:
    """Certificates in force, favourites, and how the person wants to be guided; one query."""
    certificates, favourites, chosen, *choices = rows(OWN, person=user.id)[0]
    choice = GuidanceChoice(user_id=chosen, **dict(zip(_CHOSEN, choices, strict=True))) if chosen else None
    return Own(certificates, favourites, choice or GuidanceChoice.usual(user.id))


def is_favourite(user: User, resource_id: int) -> bool:
    """Whether the person kept it; one query."""
    return bool(rows(IS_FAVOURITE, person=user.id, resource=resource_id))


def declined_by(user: User) -> Sequence[Resource]:
    """What the person does not want suggested, newest first."""
    query = select(Resource).join(DeclinedSuggestion, DeclinedSuggestion.resource_id == Resource.id)
    query = query.where(DeclinedSuggestion.user_id == user.id).order_by(DeclinedSuggestion.at.desc())
    return session().scalars(query.limit(SHOWN)).all()


def _kept(card: Any, at: dt.datetime) -> Kept:
    picture = media_path(card.picture, card.facts) if card.picture else ""
    return Kept(card.uuid, card.title, card.title_en, card.type, picture, card.is_live, at)
