"""Versions of a resource: looking at an old one, two side by side, bringing one back as a new draft."""

from __future__ import annotations

import uuid as uuidlib
from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from courseware.accounts.models import User
from courseware.core.errors import Conflict, Invalid, NotFound
from courseware.resources import page_queries, policy, queries, services
from courseware.resources.models import Resource, ResourceVersion
from courseware.resources.queries import VersionLine
from courseware.resources.views import blueprint
from courseware.resources.views.moments import show_clock
from courseware.resources.views.page import words
from courseware.resources.views.previews import caption_label, preview_of
from courseware.resources.words import LICENCES, ORIGINALITIES
from courseware.review import queries as reviews
from courseware.review.differences import TextDifference, compare
from courseware.web.access import login_needed, signed_in
from courseware.web.actor import actor
from courseware.web.i18n import local_text
from courseware.web.requests import undo


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of two versions; `old` is empty where only one is shown."""

    name: str
    old: str
    new: str


@blueprint.get("/resources/<uuid:resource_uuid>/versions/<int:num>")
def version_page(resource_uuid: uuidlib.UUID, num: int) -> str:
    """One version as it was, for everybody who may see the resource: those published once; others for authors and staff."""
    person = actor()
    resource = queries.resource_by_uuid(resource_uuid, person)
    lines = queries.versions_of(resource, person)
    line = _line(lines, num)
    return render_template(
        "resources/version.html", resource=resource, line=line, version=line.version, facts=_facts(None, line.version),
        preview=preview_of(resource, line.version, person, is_study=False), others=[v for v in lines if v is not line],
        decision=reviews.decisions_of([line.version.id]).get(line.version.id),
        can_restore=_can_restore(resource, line, person), **words(),
    )  # fmt: skip


@blueprint.get("/resources/<uuid:resource_uuid>/compare")
def compare_versions(resource_uuid: uuidlib.UUID) -> str | Response:
    """Two versions side by side: content, text, facts. `old` and `new` are numbers; else the newest and the one before."""
    person = actor()
    resource = queries.resource_by_uuid(resource_uuid, person)
    lines = queries.versions_of(resource, person)
    if len(lines) < 2:  # nothing to compare with: where its one version stands
        return redirect(url_for("resources.resource", resource_uuid=resource_uuid, _anchor="versions"))
    new = _line(lines, request.args.get("new", lines[0].version.num, type=int))
    before = [line for line in lines if line.version.num < new.version.num] or [
        line for line in lines if line is not new
    ]
    old = _line(lines, request.args.get("old", before[0].version.num, type=int))
    return render_template(
        "resources/compare.html", resource=resource, lines=lines, old=old, new=new,
        previews=[preview_of(resource, line.version, person, is_study=False) for line in (old, new)],
        difference=_difference(old.version, new.version), facts=_facts(old.version, new.version), **words(),
    )  # fmt: skip


@blueprint.post("/teach/resources/<uuid:resource_uuid>/versions/<int:num>/restore")
@login_needed
def restore_version(resource_uuid: uuidlib.UUID, num: int) -> Response:
    """Brings the content of an old version back as a new draft, which goes through review like every other."""
    person = signed_in()
    resource = queries.resource_by_uuid(resource_uuid, person)
    old = _line(queries.versions_of(resource, person), num).version
    try:
        services.restore_version(person, resource, old, request.form.get("reason", "")[:2000])
    except (Invalid, Conflict) as refusal:
        undo()
        many = refusal.problems.values() if isinstance(refusal, Invalid) else [[refusal.sentence()]]
        flash(" ".join(str(sentence) for sentences in many for sentence in sentences), "error")
        return redirect(url_for("resources.version_page", resource_uuid=resource_uuid, num=num))
    flash(_("Version %(num)s is a draft again. Check it and hand it in for review.", num=num), "success")
    return redirect(url_for("resources.edit", resource_uuid=resource_uuid))


def _line(lines: Sequence[VersionLine], num: int) -> VersionLine:
    found = next((line for line in lines if line.version.num == num), None)
    if found is None:
        raise NotFound()
    return found


def _can_restore(resource: Resource, line: VersionLine, person: User | None) -> bool:
    is_old = line.version.published_at is not None and not line.is_current
    return is_old and resource.is_live and resource.draft_version_id is None and policy.can_revise(person, resource)


def _difference(old: ResourceVersion, new: ResourceVersion) -> TextDifference | None:
    before, after = (version.body or page_queries.text_of_file(version.asset) for version in (old, new))
    return compare(before, after) if before or after else None


def _facts(old: ResourceVersion | None, new: ResourceVersion) -> list[Fact]:
    """What is known of a version beside its content, in words."""
    before, after = _known(old) if old is not None else {}, _known(new)
    return [Fact(name, before.get(name, ""), value) for name, value in after.items() if value or before.get(name)]


def _known(version: ResourceVersion) -> dict[str, str]:
    asset = version.asset
    return {
        _("Length"): show_clock(version.duration_s) if version.duration_s else "",
        _("File"): asset.filename if asset else "",
        _("Pages"): str(asset.pages) if asset and asset.pages else "",
        _("Picture"): f"{asset.width}×{asset.height}" if asset and asset.width else "",
        _("Checksum"): version.content_hash[:12],
        _("Origin"): str(ORIGINALITIES[version.originality]),
        _("Licence"): str(LICENCES.get(version.licence, version.licence)),
        _("Captions"): "、".join(caption_label(t.language, is_machine=t.is_machine) for t in version.captions),
        _("Moments"): "；".join(
            f"{show_clock(r.start_s)}–{show_clock(r.end_s)} {local_text(r.point, 'name')}" for r in version.ranges
        ),
    }  # fmt: skip
