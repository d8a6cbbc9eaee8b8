"""Who is in a class: the code, a list that was sent, single people, groups."""

from __future__ import annotations

import io
import uuid as uuidlib
from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, redirect, request, send_file, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from courseware.accounts.models import User
from courseware.bulk.export import as_csv
from courseware.classes.models import TeachingClass
from courseware.classes.queries import people as queries
from courseware.classes.queries.news import group_sizes
from courseware.classes.services import roster
from courseware.classes.views import blueprint
from courseware.classes.views.frame import STAFF, attempt, draw, group_label, sentences, taught, uuid_or_none, whole
from courseware.core.errors import DomainError, Invalid
from courseware.monitoring import pages
from courseware.monitoring.rosters import matching
from courseware.monitoring.rosters.people import STUDENT, TEACHER, Listed, Reading
from courseware.monitoring.rosters.queries import directory
from courseware.monitoring.rosters.reading import read_roster
from courseware.monitoring.rosters.words import MATCHES
from courseware.web.access import login_needed, role_needed, signed_in
from courseware.web.requests import number_arg, undo


@dataclass(frozen=True, slots=True)
class Found:
    """A line of a list: the account it means, whether that is sure, and whether the person is in the class already."""

    listed: Listed
    account: User | None
    is_sure: bool
    is_in: bool
    how: str


@blueprint.get("/teach/classes/<uuid:class_uuid>/people")
@login_needed
def people(class_uuid: uuidlib.UUID) -> str:
    """The people of the class with their groups, and the ways in."""
    klass = taught(class_uuid)
    page = queries.people_of(klass, number_arg("after"))
    following = url_for("classes.people", class_uuid=class_uuid, after=page.next) if page.next else None
    return draw(
        "people", klass, "people", page=page, next_href=following, groups=group_sizes(klass), count=queries.count_people(klass),
        group_label=group_label, state=roster.state_of(roster.members_of(klass)), join_address=url_for("classes.join", _external=True),
    )  # fmt: skip


@blueprint.post("/teach/classes/<uuid:class_uuid>/code")
@login_needed
def change_code(class_uuid: uuidlib.UUID) -> Response:
    """A new code, or none until further notice."""
    klass = taught(class_uuid)
    if request.form.get("act") == "close":
        attempt(lambda: roster.close_code(signed_in(), klass), _("Nobody joins by code now."))
    else:
        attempt(
            lambda: roster.renew_code(signed_in(), klass),
            _("This is the new code. The one before opens nothing any more."),
        )
    return _back(class_uuid)


@blueprint.post("/teach/classes/<uuid:class_uuid>/people")
@login_needed
def add_person(class_uuid: uuidlib.UUID) -> Response:
    """One person by number or e-mail."""
    klass, who = taught(class_uuid), request.form.get("who", "")
    person = queries.account_by_text(who)
    if person is None:
        flash(
            _(
                "No account has the number or e-mail “%(who)s”. Give the person the code of the class instead.",
                who=who.strip(),
            ),
            "error",
        )
    else:
        attempt(
            lambda: roster.add_people(signed_in(), klass, [person]), _("%(name)s is in the class.", name=person.name)
        )
    return _back(class_uuid)


@blueprint.post("/teach/classes/<uuid:class_uuid>/people/<uuid:person_uuid>")
@login_needed
def change_person(class_uuid: uuidlib.UUID, person_uuid: uuidlib.UUID) -> Response:
    """Puts somebody into a group, or takes them out of the class."""
    klass = taught(class_uuid)
    person = queries.person_of(klass, person_uuid)
    if request.form.get("act") == "remove":
        said = _("%(name)s is out of the class. What was done is kept.", name=person.name)
        attempt(lambda: roster.remove(signed_in(), klass, person), said)
    else:
        group, seen = request.form.get("group", ""), request.form.get("seen", "")
        attempt(lambda: roster.set_group(signed_in(), klass, person, group, seen), _("Saved."))
    return _back(class_uuid, f"p-{person_uuid}")


@blueprint.post("/teach/classes/<uuid:class_uuid>/groups")
@login_needed
def split_groups(class_uuid: uuidlib.UUID) -> Response:
    """Groups by lot."""
    klass = taught(class_uuid)
    groups, seed = whole(request.form.get("groups", ""), 0), whole(request.form.get("seed", ""), 1)
    attempt(
        lambda: roster.split(signed_in(), klass, groups, seed, request.form.get("state", "")),
        ngettext("%(num)s group was made by lot.", "%(num)s groups were made by lot.", groups),
    )
    return _back(class_uuid, "groups")


@blueprint.get("/teach/classes/list.csv")
@role_needed(*STAFF)
def list_template() -> Response:
    """An empty list with its columns and an example."""
    content = as_csv(["姓名", "学号", "邮箱"], [["王小明", "2026010001", ""], ["陈雨", "", "chenyu@example.org"]])
    return send_file(io.BytesIO(content), mimetype="text/csv", as_attachment=True, download_name="class.csv")


@blueprint.post("/teach/classes/<uuid:class_uuid>/list")
@login_needed
def check_list(class_uuid: uuidlib.UUID) -> str | Response | tuple[str, int]:
    """Reads a list and shows what taking it would do; nothing is written."""
    klass, sent = taught(class_uuid), request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise Invalid({"file": [_("Choose a file.")]})
        with pages.sent_file(sent) as path:
            reading = read_roster(path, STUDENT)
    except DomainError as refusal:
        undo()
        flash(sentences(refusal), "error")
        return _back(class_uuid, "list")
    lines = _found(klass, reading)
    return draw(
        "list", klass, "people", reading=reading, lines=lines, matches=MATCHES, filename=sent.filename,
        teachers=sum(person.role == TEACHER for person in reading.people),
    )  # fmt: skip


@blueprint.post("/teach/classes/<uuid:class_uuid>/list/take")
@login_needed
def take_list(class_uuid: uuidlib.UUID) -> Response:
    """Puts those into the class whom the teacher left chosen."""
    klass = taught(class_uuid)
    uuids = [found for text in request.form.getlist("person") if (found := uuid_or_none(text))]
    persons = queries.accounts_by_uuid(uuids)
    if not persons:
        flash(_("Nobody was chosen, so nobody was added."), "info")
        return _back(class_uuid, "list")
    added: list[int] = []
    if attempt(lambda: added.append(roster.add_people(signed_in(), klass, persons))):
        flash(ngettext("%(num)s person was added.", "%(num)s people were added.", added[0]), "success")
    return _back(class_uuid)


def _found(klass: TeachingClass, reading: Reading) -> list[Found]:
    """Who of the list has which account; a name alone is proposed and never taken by itself."""
    students = [person for person in reading.people if person.role == STUDENT]
    unit_id = signed_in().unit_id or 0
    matches = matching.match(students, directory(unit_id, students), {})
    ids = [m.user_id or m.candidates[0] for m in matches if m.user_id or len(m.candidates) == 1]
    accounts, inside = queries.accounts_by_id(ids), queries.ids_in(klass)
    return [_line(person, m, accounts, inside) for person, m in zip(students, matches, strict=True)]


def _line(person: Listed, m: matching.Match, accounts: dict[int, User], inside: set[int]) -> Found:
    candidate: Sequence[int] = (m.user_id,) if m.user_id else m.candidates if len(m.candidates) == 1 else ()
    account = accounts.get(candidate[0]) if candidate else None
    return Found(person, account, m.user_id is not None, account is not None and account.id in inside, m.how)


def _back(class_uuid: uuidlib.UUID, anchor: str | None = None) -> Response:
    return redirect(url_for("classes.people", class_uuid=class_uuid, _anchor=anchor))
