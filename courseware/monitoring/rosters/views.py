"""Pages of rosters: the lists sent, a file looked at before it is taken, the people of a list and who is in doubt."""

from __future__ import annotations

import datetime as dt
import io
import uuid as uuidlib
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from courseware.accounts import queries as accounts
from courseware.accounts.models import Unit, User
from courseware.bulk.export import as_csv
from courseware.core.errors import Conflict, DomainError, Invalid, NotFound
from courseware.core.roles import Role
from courseware.libraries.models import Library
from courseware.monitoring import disclosure, pages, policy
from courseware.monitoring.errors import RosterFormIncomplete, RosterShrinks
from courseware.monitoring.models import Roster
from courseware.monitoring.rosters import queries, services
from courseware.monitoring.rosters.matching import DOUBTS
from courseware.monitoring.rosters.people import STUDENT, TEACHER, Reading, day_of
from courseware.monitoring.rosters.reading import read_roster
from courseware.monitoring.rosters.words import MATCHES, ROLES
from courseware.web.access import role_needed, signed_in
from courseware.web.requests import number_arg, undo

blueprint = Blueprint("monitoring_rosters", __name__)
KEEPERS = (Role.LIBRARIAN, Role.ADMINISTRATOR)
HOME = "monitoring_rosters.rosters"


@blueprint.get("/monitor/rosters")
@role_needed(*KEEPERS)
def rosters() -> str:
    """The lists sent so far, and the form for the next one."""
    return _home("")


def _home(problem: str) -> str:
    place = pages.place()
    may_read = policy.names_of(signed_in(), place.library)
    schools = queries.schools_of(place.library)
    mine = [unit for unit in schools if may_read(unit.id)]
    sent = queries.sent_rosters(place.library)
    have = {one.unit.id for one in sent if place.period.contains_day(one.roster.census_on)}
    return render_template(
        "monitoring/rosters.html", place=place, side_nav=pages.side_nav(place.library, place.period, HOME), sent=sent,
        schools=mine, may_read=may_read, has_schools=bool(schools), hides_schools=len(mine) < len(schools), without=[unit for unit in schools if unit.id not in have], problem=problem, roles=ROLES,
        census=request.form.get("census") or _census(place).isoformat(), given=request.form,
    )  # fmt: skip


def _census(place: pages.Place) -> dt.date:
    """The last day of the year: 31 October for performance years (M12)."""
    return place.period.end_day - dt.timedelta(days=1)


@blueprint.post("/monitor/rosters/check")
@role_needed(*KEEPERS)
def check() -> BaseResponse | tuple[str, int]:
    """Reads a file and keeps what it says until the person has looked at it; nothing is imported yet."""
    library, person = pages.kept(request.form.get("library", "")), signed_in()
    try:
        draft_uuid = _check(library, person)
    except (Invalid, Conflict) as refusal:
        undo()
        return _home(refusal.sentence()), 422
    return redirect(url_for("monitoring_rosters.draft", draft_uuid=draft_uuid))


def _check(library: Library, person: User) -> uuidlib.UUID:
    unit, day = accounts.unit_by_key(request.form.get("unit", "")), day_of(request.form.get("census", ""))
    sent = request.files.get("file")
    if unit is None or day is None or sent is None or not sent.filename:
        raise RosterFormIncomplete()
    role = request.form.get("role", "")
    with pages.sent_file(sent) as path:
        reading = read_roster(path, role if role in ROLES else "", (unit.key, unit.name, unit.name_en), day)
        policy.require_names_of(person, library, unit.id)
        services.preview(library, unit, day, reading)  # refuses what belongs nowhere, and notes another census day
        return services.keep_draft(library, unit, day, path.name, reading, person).uuid


@blueprint.get("/monitor/rosters/files/<uuid:draft_uuid>")
@role_needed(*KEEPERS)
def draft(draft_uuid: uuidlib.UUID) -> str:
    """What taking a file would do: faulty lines, matches, what it replaces, who came and left."""
    kept = queries.draft_by_uuid(draft_uuid)
    policy.require_names_of(signed_in(), kept.library, kept.unit_id)
    shown = services.preview(kept.library, kept.unit, kept.census_on, Reading.from_dict(kept.content))
    people = [(p, m) for p, m in zip(shown.reading.people, shown.matches, strict=True) if m.how in DOUBTS][:8]
    html = render_template(
        "monitoring/roster_draft.html", draft=kept, shown=shown, doubtful=people, matches=MATCHES, roles=ROLES,
        side_nav=pages.side_nav(kept.library, None, HOME),
    )  # fmt: skip
    rows = len(people) + (shown.difference.named() if shown.difference else 0)
    disclosure.note(signed_in(), kept, "roster", rows, library=kept.library.code)
    return html


@blueprint.post("/monitor/rosters/files/<uuid:draft_uuid>/take")
@role_needed(*KEEPERS)
def take(draft_uuid: uuidlib.UUID) -> BaseResponse:
    """Takes the list; one that lost many people only when the person said that it is complete."""
    kept, is_meant = queries.draft_by_uuid(draft_uuid), request.form.get("complete") == "yes"
    try:
        roster = services.take_draft(kept, signed_in(), is_loss_meant=is_meant)
    except RosterShrinks as refusal:
        undo()
        flash(refusal.sentence(), "error")
        return redirect(url_for("monitoring_rosters.draft", draft_uuid=draft_uuid))
    flash(_("The list is in."), "success")
    return redirect(url_for("monitoring_rosters.roster", roster_uuid=roster.uuid))


@blueprint.post("/monitor/rosters/files/<uuid:draft_uuid>/drop")
@role_needed(*KEEPERS)
def drop(draft_uuid: uuidlib.UUID) -> BaseResponse:
    """Forgets the file."""
    kept = queries.draft_by_uuid(draft_uuid)
    code = kept.library.code
    services.drop_draft(kept, signed_in())
    return redirect(url_for(HOME, library=code))


@blueprint.get("/monitor/rosters/<uuid:roster_uuid>")
@role_needed(*KEEPERS)
def roster(roster_uuid: uuidlib.UUID) -> str:
    """The people of a list, those in doubt first to be decided, and the difference from the census before."""
    shown, library, unit = _kept(roster_uuid)
    before = queries.latest_before(library.id, unit.id, shown.census_on)
    only, search = request.args.get("only", ""), request.args.get("q", "").strip()[:60]
    page = queries.page_of(shown, only, search, number_arg("after"))
    newest = queries.latest_of(library.id, unit.id, shown.census_on)
    difference = queries.difference(before, queries.who_is_on(shown)) if before else None
    html = render_template(
        "monitoring/roster.html", roster=shown, library=library, unit=unit, page=page, only=only, search=search,
        difference=difference, matches=MATCHES, roles=ROLES,
        doubts=DOUBTS, is_newest=newest is not None and newest.id == shown.id, groups=(STUDENT, TEACHER),
        side_nav=pages.side_nav(library, None, HOME),
    )  # fmt: skip
    rows = len(page.lines) + (difference.named() if difference else 0)
    disclosure.note(
        signed_in(), shown, "roster", rows, library=library.code, census=shown.census_on, searched=bool(search)
    )
    return html


@blueprint.post("/monitor/rosters/people/<int:entry_id>")
@role_needed(*KEEPERS)
def decide(entry_id: int) -> BaseResponse:
    """Says who a person of a list is: an account proposed, another one, or nobody."""
    entry = queries.entry_by_id(entry_id)
    back = url_for("monitoring_rosters.roster", roster_uuid=queries.roster_uuid(entry.roster_id), **_filters())
    try:
        _decide(entry)
    except DomainError as refusal:
        if refusal.status in (403, 404):
            raise
        undo()
        flash(refusal.sentence(), "error")
    return redirect(back)


def _decide(entry: Any) -> None:
    chosen, other = request.form.get("is", ""), request.form.get("other", "").strip()
    if chosen == "other":
        services.decide_by_text(entry, other, signed_in())
    elif chosen == "nobody":
        services.decide(entry, None, signed_in())
    else:
        services.decide(entry, accounts.user_by_uuid(_as_uuid(chosen)), signed_in())


@blueprint.post("/monitor/rosters/<uuid:roster_uuid>/accept")
@role_needed(*KEEPERS)
def accept(roster_uuid: uuidlib.UUID) -> BaseResponse:
    """Says yes to every name that one person and one account have."""
    return _made_known(roster_uuid, services.accept_names)


@blueprint.post("/monitor/rosters/<uuid:roster_uuid>/again")
@role_needed(*KEEPERS)
def again(roster_uuid: uuidlib.UUID) -> BaseResponse:
    """Looks for accounts made since the list came."""
    return _made_known(roster_uuid, services.match_again)


def _made_known(roster_uuid: uuidlib.UUID, make: Callable[[Roster, Library, User], int]) -> BaseResponse:
    shown, library, _unit = _kept(roster_uuid)
    count = make(shown, library, signed_in())
    flash(ngettext("%(num)d person is known now.", "%(num)d people are known now.", count), "success")
    return redirect(url_for("monitoring_rosters.roster", roster_uuid=roster_uuid))


@blueprint.get("/monitor/rosters/template.csv")
@role_needed(*KEEPERS)
def template() -> Response:
    """An empty list with its columns and an example."""
    lines = [["王小明", "2023010001", "", "学生", "2026-10-31"], ["李老师", "T0001", "", "教师", "2026-10-31"]]
    content = as_csv(["姓名", "学号/工号", "邮箱", "身份", "普查日"], lines)
    return send_file(io.BytesIO(content), mimetype="text/csv", as_attachment=True, download_name="roster.csv")


def _kept(roster_uuid: uuidlib.UUID) -> tuple[Roster, Library, Unit]:
    found = queries.roster_by_uuid(roster_uuid)
    policy.require_names_of(signed_in(), found[1], found[2].id)
    return found


def _filters() -> dict[str, Any]:
    return {name: value for name in ("only", "q", "after") if (value := request.form.get(name, ""))}


def _as_uuid(text: str) -> uuidlib.UUID:
    try:
        return uuidlib.UUID(text)
    except ValueError as error:
        raise NotFound() from error
