"""What describes a resource, for other systems: LOM in XML, LRMI as JSON-LD."""

from __future__ import annotations

import json
import uuid as uuidlib

from flask import Response, request, url_for

from courseware.core.errors import NotFound
from courseware.resources import interop, queries
from courseware.resources.models import Resource, ResourceVersion
from courseware.resources.views import blueprint
from courseware.web.actor import actor


@blueprint.get("/resources/<uuid:resource_uuid>/lom.xml")
def lom(resource_uuid: uuidlib.UUID) -> Response:
    """The LOM record (IEEE 1484.12.3, GB/T 21365), for whoever may see the resource."""
    shown, version, address = _shown(resource_uuid)
    return Response(interop.lom_xml(shown, version, address), mimetype="application/xml")


@blueprint.get("/resources/<uuid:resource_uuid>/lrmi.json")
def lrmi(resource_uuid: uuidlib.UUID) -> Response:
    """The LRMI record (schema.org JSON-LD), for whoever may see the resource."""
    shown, version, address = _shown(resource_uuid)
    found = interop.lrmi(shown, version, address, request.url_root.rstrip("/"))
    return Response(json.dumps(found, ensure_ascii=False, indent=2), mimetype="application/ld+json")


def _shown(resource_uuid: uuidlib.UUID) -> tuple[Resource, ResourceVersion, str]:
    shown = queries.resource_by_uuid(resource_uuid, actor())
    version = shown.published_version or shown.draft_version
    if version is None:
        raise NotFound()
    return shown, version, url_for("resources.resource", resource_uuid=shown.uuid, _external=True)
