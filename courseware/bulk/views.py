"""Pages of bulk work: the table of a library, one act on many, and a sheet as many resources."""

from __future__ import annotations

import io
import uuid as uuidlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from openpyxl import Workbook
from werkzeug.wrappers import Response as BaseResponse

from courseware.accounts.models import User
from courseware.bulk import export, queries, services, sheets
from courseware.bulk.errors import NothingChosen
from courseware.bulk.models import BulkAction
from courseware.bulk.words import ACT_NAMES, FIGURES, REASONS
from courseware.core.database import session
from courseware.core.errors import Conflict, Invalid, NotFound
from courseware.core.roles import Role
from courseware.knowledge.models import Point
from courseware.libraries import policy
from courseware.libraries import queries as libraries
from courseware.libraries.models import Course, Library
from courseware.resources import queries as resources
from courseware.resources import table
from courseware.resources.models import RESOURCE_TYPES
from courseware.resources.words import (
    DIFFICULTY,
    FIELDS,
    LANGUAGE_NAMES,
    LICENCES,
    ORIGINALITIES,
    STATES,
    TAGS,
    TYPES,
)
from courseware.web.access import role_needed, signed_in
from courseware.web.navigation import teach_nav
from courseware.web.requests import number_arg, undo

blueprint = Blueprint("bulk", __name__)
KEEPERS = (Role.LIBRARIAN, Role.ADMINISTRATOR)
BUSY = ("checking", "running", "undoing")
FAULTS, WARNINGS = ("refused",), ("warning",)


# --- the table ---------------------------------------------------------------------------------------------------------


@blueprint.get("/teach/library")
@role_needed(*KEEPERS)
def first_library() -> BaseResponse:
    """The table of the library the person keeps; of the first where there are several."""
    kept = kept_libraries(signed_in())
    if not kept:
        raise NotFound()
    return redirect(url_for("bulk.library_resources", code=kept[0].code))


@blueprint.get("/teach/library/<code>/resources")
@role_needed(*KEEPERS)
def library_resources(code: str) -> str:
    """All resources of a library: narrowed, sorted, chosen for one act, or taken away as a list."""
    library, filters = _kept(code), table.read_filters(request.args)
    page = table.page(library, filters, request.args.get("after", "")[:2000])
    courses, units = table.courses_and_units(library)
    return render_template(
        "bulk/table.html", library=library, kept=kept_libraries(signed_in()), filters=filters, page=page,
        total=page.total, courses=courses, units=units, types=TYPES, originalities=ORIGINALITIES,
        state_words={state: STATES[state] for state in table.STATES}, tags=TAGS, names=FIELDS, acts=_acts(), sorts=_sorts(),
        gaps={"metadata": _("A mandatory field is missing"), "naming": _("Not named by the template")}, licences=LICENCES,
        thumbnails=resources.thumbnails_of([line.resource for line in page.items]), side_nav=teach_nav(),
        next_href=_table_href(library, filters, after=page.next) if page.next else None,
        first_href=_table_href(library, filters) if request.args.get("after") else None, kinds=RESOURCE_TYPES,
    )  # fmt: skip


@blueprint.get("/teach/library/<code>/resources.<any(csv, xlsx):kind>")
@role_needed(*KEEPERS)
def export_resources(code: str, kind: str) -> Response:
    """The rows of the table by its filter, as a sheet in which no cell begins a formula (SEC13)."""
    library = _kept(code)
    rows = table.export(library, table.read_filters(request.args))
    return _sheet(kind, f"{library.code}-resources", export.heads(), map(export.cells, rows))


# --- one act on many ---------------------------------------------------------------------------------------------------


@blueprint.post("/teach/library/<code>/bulk")
@role_needed(*KEEPERS)
def prepare(code: str) -> str | BaseResponse | tuple[str, int]:
    """What to do with the chosen resources: asks for the values an act needs, then leads to its preview."""
    library, act = _kept(code), request.form.get("act", "")
    filters = table.read_filters(request.form) if request.form.get("all") else None
    chosen = _uuids(request.form.getlist("resource"))
    if act not in ACT_NAMES or act == "import" or (filters is None and not chosen):
        flash(NothingChosen().sentence(), "error")
        return redirect(_table_href(library, table.read_filters(request.form)))
    if act == "name" or request.form.get("ready"):
        return _prepare(library, act, filters, chosen)
    return _ask(library, act, filters, chosen, {})


def _prepare(
    library: Library, act: str, filters: table.Filters | None, chosen: Sequence[uuidlib.UUID]
) -> str | BaseResponse | tuple[str, int]:
    given = {**request.form.to_dict(), "tags_add": request.form.getlist("tags_add")}
    given |= {name: request.form.get(f"set_{name}", "") for name in ("course", "language", "difficulty", "licence")}
    try:
        action = services.prepare(signed_in(), library, act, given, filters=filters, uuids=chosen)
    except Invalid as refusal:
        undo()
        return _ask(library, act, filters, chosen, refusal.problems or {"": [refusal.sentence()]}), 422
    return redirect(url_for("bulk.action", action_uuid=action.uuid))


def _ask(
    library: Library, act: str, filters: table.Filters | None, chosen: Sequence[uuidlib.UUID], problems: dict[str, Any]
) -> str:
    courses, _units = table.courses_and_units(library)
    number = table.count(library, filters) if filters is not None else len(chosen)
    return render_template(
        "bulk/ask.html", library=library, act=act, act_names=ACT_NAMES, filters=filters, chosen=chosen, number=number,
        courses=courses, licences=LICENCES, languages=LANGUAGE_NAMES, difficulties=DIFFICULTY, tags=TAGS, problems=problems,
        given=request.form, side_nav=teach_nav(), back=_table_href(library, table.read_filters(request.form)),
    )  # fmt: skip


@blueprint.get("/teach/bulk/<uuid:action_uuid>")
@role_needed(*KEEPERS)
def action(action_uuid: uuidlib.UUID) -> str | Response:
    """One action through its life: preview, progress, result, undo."""
    shown = services.action_of(action_uuid, signed_in())
    standing = queries.standing(shown)
    parts: dict[str, Any] = {"action": shown, "standing": standing, "act_names": ACT_NAMES, "reason_words": REASONS}
    parts |= {
        "figures": FIGURES,
        "names": FIELDS,
        "languages": LANGUAGE_NAMES,
        "licences": LICENCES,
        "difficulties": DIFFICULTY,
    }
    if request.headers.get("HX-Request"):
        return _progress(shown, parts)
    parts |= _previewed(shown) if shown.state == "prepared" and shown.act != "import" else _listed(shown)
    return render_template("bulk/action.html", side_nav=teach_nav(), values=_shown_values(shown), **parts)


def _progress(shown: BulkAction, parts: dict[str, Any]) -> str | Response:
    """The bar alone for a page that asks again; the whole page anew when there is nothing more to wait for."""
    stopped = parts["standing"].job is not None and parts["standing"].job.state in ("failed", "cancelled")
    if shown.state in BUSY and not stopped:
        return render_template("bulk/_progress.html", **parts)
    return Response(headers={"HX-Refresh": "true"})


def _previewed(shown: BulkAction) -> dict[str, Any]:
    code = request.args.get("code", "")
    rows = queries.previewed(shown, code, number_arg("after"))
    return {"preview": queries.preview(shown), "rows": rows, "code": code, "next_href": _page_href(shown, rows.next)}


def _listed(shown: BulkAction) -> dict[str, Any]:
    """Faults of a sheet, or what was refused and what stayed; narrowed to a field and a reason."""
    if shown.act == "import" and shown.state in ("prepared", "failed") and request.args.get("kind") == "warning":
        outcomes: tuple[str, ...] = WARNINGS
    else:
        outcomes = (*FAULTS, "kept")
    name, code = request.args.get("field", "")[:40], request.args.get("code", "")[:40]
    rows = queries.items(shown, outcomes, number_arg("after"), name=name, code=code)
    return {
        "rows": rows, "reasons": queries.reasons(shown, outcomes), "code": code, "field": name, "kind": outcomes[0],
        "next_href": _page_href(shown, rows.next),
    }  # fmt: skip


def _page_href(shown: BulkAction, after: str | None) -> str | None:
    kept: dict[str, Any] = {name: request.args[name] for name in ("code", "field", "kind") if request.args.get(name)}
    return url_for("bulk.action", action_uuid=shown.uuid, after=after, **kept) if after else None


@blueprint.post("/teach/bulk/<uuid:action_uuid>/do")
@role_needed(*KEEPERS)
def begin(action_uuid: uuidlib.UUID) -> BaseResponse:
    """Does what the preview shows."""
    return _step(action_uuid, "begin")


@blueprint.post("/teach/bulk/<uuid:action_uuid>/undo")
@role_needed(*KEEPERS)
def take_back(action_uuid: uuidlib.UUID) -> BaseResponse:
    """Undoes the whole action."""
    return _step(action_uuid, "undo")


@blueprint.post("/teach/bulk/<uuid:action_uuid>/go-on")
@role_needed(*KEEPERS)
def go_on(action_uuid: uuidlib.UUID) -> BaseResponse:
    """Goes on with an action whose job failed."""
    return _step(action_uuid, "go_on")


@blueprint.post("/teach/bulk/<uuid:action_uuid>/discard")
@role_needed(*KEEPERS)
def discard(action_uuid: uuidlib.UUID) -> BaseResponse:
    """Drops an action that was only prepared."""
    person = signed_in()
    shown = services.action_of(action_uuid, person)
    code, is_import = shown.library.code, shown.act == "import"
    services.discard(person, shown)
    back = url_for("bulk.new_import") if is_import else url_for("bulk.library_resources", code=code)
    return redirect(back)


def _step(action_uuid: uuidlib.UUID, step: str) -> BaseResponse:
    person = signed_in()
    shown = services.action_of(action_uuid, person)
    try:
        {"begin": services.begin, "undo": services.undo, "go_on": services.go_on}[step](person, shown)
    except Conflict as refusal:
        undo()
        flash(refusal.sentence(), "error")
    return redirect(url_for("bulk.action", action_uuid=action_uuid))


@blueprint.get("/teach/library/<code>/bulk")
@role_needed(*KEEPERS)
def history(code: str) -> str:
    """What was done in bulk in a library, the latest first."""
    library = _kept(code)
    return render_template(
        "bulk/history.html", library=library, actions=queries.recent(library, 50), act_names=ACT_NAMES,
        side_nav=teach_nav(),
    )  # fmt: skip


# --- a sheet as many resources -----------------------------------------------------------------------------------------


@blueprint.route("/teach/import", methods=["GET", "POST"])
@role_needed(*KEEPERS)
def new_import() -> str | BaseResponse | tuple[str, int]:
    """Takes a sheet, or a zip of a sheet and its files; the dry run comes first."""
    person = signed_in()
    kept = kept_libraries(person)
    problem = ""
    if request.method == "POST":
        library = next((one for one in kept if one.code == request.form.get("library")), None)
        sent = request.files.get("file")
        if library is None or sent is None or not sent.filename:
            problem = _("Choose a library and a file.")
        else:
            try:
                made = sheets.take_in(person, library, sent.filename, sent.stream)  # type: ignore[arg-type]
                return redirect(url_for("bulk.action", action_uuid=made.uuid))
            except Conflict as refusal:
                undo()
                problem = refusal.sentence()
    recent = [one for library in kept[:3] for one in queries.recent(library, 10) if one.act == "import"]
    body = render_template(
        "bulk/import.html", kept=kept, problem=problem, recent=recent, columns=export.columns(), side_nav=teach_nav(),
        wanted=request.args.get("library", ""), act_names=ACT_NAMES,
    )  # fmt: skip
    return (body, 422) if problem else body


@blueprint.get("/teach/import/template.xlsx")
@role_needed(*KEEPERS)
def template() -> Response:
    """An empty sheet with the columns, and one line as an example."""
    return _sheet("xlsx", "template", export.template_heads(), [export.example()])


@blueprint.get("/teach/bulk/<uuid:action_uuid>/faults.csv")
@role_needed(*KEEPERS)
def faults(action_uuid: uuidlib.UUID) -> Response:
    """The lines with faults as they were sent, and what is wrong: to correct and send again."""
    shown = services.action_of(action_uuid, signed_in())
    if shown.act != "import" or not shown.facts.get("key"):
        raise NotFound()
    rows = list(sheets.faulty_lines(shown))
    names = [name for name in export.template_columns() if any(name in row for row in rows)]
    lines = ([*(export.plain(row.get(name)) for name in names), row["problem"]] for row in rows)
    name = f"{Path(str(shown.facts['file'])).stem}-{_('to correct')}"
    return _sheet("csv", name, [*(export.head(one) for one in names), _("Problem")], lines)


# --- what these pages share --------------------------------------------------------------------------------------------


def kept_libraries(person: User) -> list[Library]:
    """The libraries a person keeps."""
    rows = [row.library for row in libraries.list_libraries(person)]
    return [library for library in rows if policy.can_manage(person, library)]


def _kept(code: str) -> Library:
    library = libraries.library_by_code(code, signed_in())
    policy.require_manager(signed_in(), library)
    return library


def _uuids(given: Iterable[str]) -> list[uuidlib.UUID]:
    found = []
    for text in given:
        try:
            found.append(uuidlib.UUID(text))
        except ValueError:
            continue
    return found


def _acts() -> list[dict[str, str]]:
    icons = {"edit": "pencil", "submit": "send", "name": "tag", "withdraw": "archive"}
    return [{"act": act, "label": str(ACT_NAMES[act]), "glyph": icons[act]} for act in icons]


def _sorts() -> dict[str, str]:
    return {
        "changed": _("Changed last"), "oldest": _("Not changed for longest"), "title": _("By title"),
        "newest": _("Newest first"),
    }  # fmt: skip


def _table_href(library: Library, filters: table.Filters, **more: Any) -> str:
    narrowed: dict[str, Any] = {**filters.as_dict(), **more}
    return url_for("bulk.library_resources", code=library.code, **narrowed)


def _shown_values(shown: BulkAction) -> list[tuple[str, str]]:
    """What an edit sets, in words: (field, value)."""
    db, found = session(), []
    for name, value in shown.values.items():
        match name:
            case "course":
                course = db.get(Course, value)
                text = course.name if course else ""
            case "points_add" | "points_remove":
                points = (db.get(Point, one) for one in value)
                text = _(", ").join(point.name for point in points if point)
            case "difficulty":
                text = str(DIFFICULTY.get(value, value))
            case "language":
                text = str(LANGUAGE_NAMES.get(value, value))
            case "licence":
                text = str(LICENCES.get(value, value))
            case _:
                text = _(", ").join(value) if isinstance(value, list) else str(value)
        found.append((name, text))
    return found


def _sheet(kind: str, name: str, heads: Sequence[str], lines: Iterable[Sequence[Any]]) -> Response:
    if kind == "csv":
        content = export.as_csv(heads, lines)
        return send_file(io.BytesIO(content), mimetype="text/csv", as_attachment=True, download_name=f"{name}.csv")
    book = Workbook(write_only=True)
    page = book.create_sheet(_("Resources"))
    page.append(list(heads))
    for line in lines:
        page.append([export.safe(value) for value in line])
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return send_file(out, mimetype=kind, as_attachment=True, download_name=f"{name}.xlsx")
