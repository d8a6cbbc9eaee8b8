"""Reading resources. The number of queries never grows with the rows.

`lists`: rows by name, of a point, the newest, what was live when. `page`: all that the page of one shows. `versions`: versions with their
evidence. `mine`: the table of an author. `uses`: who uses a resource, told by the subjects above. `pictures`: thumbnails. `loaded`: what
comes along in one query.
"""

from __future__ import annotations

from courseware.resources.queries.lists import (
    count_live,
    is_withdrawn,
    live_at,
    recently_updated,
    related_to,
    resource_by_external_id,
    resource_by_uuid,
    resources_by_uuid,
    resources_of_point,
)
from courseware.resources.queries.mine import PAGE, STATES, MyFilters, MyRow, count_mine, my_resources
from courseware.resources.queries.page import ResourcePage, notes_of, resource_page
from courseware.resources.queries.pictures import media_path, thumbnails_of
from courseware.resources.queries.uses import Counter, Provider, Use, count_uses, tell_uses, where_used
from courseware.resources.queries.versions import VersionLine, last_edit_of, version_before, versions_of

__all__ = [
    "PAGE",
    "STATES",
    "Counter",
    "MyFilters",
    "MyRow",
    "Provider",
    "ResourcePage",
    "Use",
    "VersionLine",
    "count_live",
    "count_mine",
    "count_uses",
    "is_withdrawn",
    "last_edit_of",
    "live_at",
    "media_path",
    "my_resources",
    "notes_of",
    "recently_updated",
    "related_to",
    "resource_by_external_id",
    "resource_by_uuid",
    "resource_page",
    "resources_by_uuid",
    "resources_of_point",
    "tell_uses",
    "thumbnails_of",
    "version_before",
    "versions_of",
    "where_used",
]  # fmt: skip
