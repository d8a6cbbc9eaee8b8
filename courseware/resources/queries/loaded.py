"""What comes along when resources are read, so that the number of queries never grows with the rows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import joinedload, selectinload

from courseware.accounts.models import User
from courseware.knowledge.models import Point
from courseware.resources.models import Asset, PointRange, Resource, ResourceVersion


def with_row_parts(query: Select[Resource]) -> Select[Resource]:
    """With what a row of a list shows."""
    shown = joinedload(Resource.published_version).joinedload(ResourceVersion.asset)
    return query.options(named(Resource.author), joinedload(Resource.course), joinedload(Resource.unit), shown)


def with_page_parts(query: Select[Resource]) -> Select[Resource]:
    """With what the page of one shows: points, files, captions, ranges, people."""
    taught = selectinload(Resource.points)
    options: list[Any] = [
        taught.selectinload(Point.posts), taught.lazyload(Point.aliases), joinedload(Resource.library), joinedload(Resource.major),
    ]  # fmt: skip
    for version in (joinedload(Resource.published_version), selectinload(Resource.draft_version)):
        options += [
            version.joinedload(ResourceVersion.asset).selectinload(Asset.renditions),
            version.selectinload(ResourceVersion.captions),
            version.selectinload(ResourceVersion.ranges).joinedload(PointRange.point).lazyload(Point.aliases),
            version.joinedload(ResourceVersion.author).lazyload(User.grants),
        ]
    return query.options(named(Resource.author), joinedload(Resource.course), joinedload(Resource.unit), *options)


def named(person: Any) -> Any:
    """A person for their name alone: what they may do is asked for only where it matters."""
    return joinedload(person).lazyload(User.grants)
