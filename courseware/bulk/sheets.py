"""A sheet becomes resources: taken in, checked as a dry run, then written line by line, in the worker.

The file stays in the store for as long as its action: a stopped import reads it again and goes on with the lines that
are open, and the lines with faults can be taken away with what is wrong with them.
"""

from __future__ import annotations

import hashlib
import shutil
import uuid as uuidlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from flask_babel import format_date
from flask_babel import gettext as _
from sqlalchemy import insert, select

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.bulk import acts, services
from courseware.bulk.errors import ImportedBefore
from courseware.bulk.models import BulkAction, BulkItem
from courseware.core.database import session
from courseware.core.errors import DomainError
from courseware.core.tables import Row, RowProblem, text_of
from courseware.core.unit_of_work import unit_of_work
from courseware.jobs.registry import JobCancelled, JobRun
from courseware.libraries import policy as libraries
from courseware.libraries.models import Library
from courseware.resources import assets, bundles, importing
from courseware.resources.models import Resource
from courseware.resources.storage import passing_folder, store
from media.stores import pull_object

AT_ONCE = 100
CHECK, WRITE = "bulk.check", "bulk.run"


def take_in(actor: User, library: Library, filename: str, stream: BinaryIO) -> BulkAction:
    """Keeps a sheet or zip and asks for its dry run. Raises NotAllowed, and ImportedBefore for a file sent twice."""
    libraries.require_manager(actor, library)
    name = Path(filename.replace("\\", "/")).name[:200] or "sheet"
    digest, size = _measure(stream)
    _refuse_repeated(library, digest)
    key = f"imports/{uuidlib.uuid4().hex}/{digest[:16]}"
    store().put(key, stream, size, "application/octet-stream")
    facts = {"file": name, "size": size, "sha256": digest, "key": key}
    action = BulkAction(
        library_id=library.id, actor_id=actor.id, act="import", state="checking", values={}, facts=facts
    )
    action.library, action.actor = library, actor
    session().add(action)
    session().flush()
    services.ask_for_job(action, CHECK)
    auditlog.record("bulk.upload", actor, about=action, details={"file": name, "sha256": digest})
    return action


def check_sheet(run: JobRun) -> dict[str, Any]:
    """The dry run: each good line becomes an open item, each fault an item with its line, field and reason."""
    with _opened(run) as bundle:
        total, told = len(bundle.sheet.rows), _telling(run, len(bundle.sheet.rows))
        with _looking():
            action = _action(run)
            reading = importing.check_rows(action.library, bundle.sheet.rows, beside=bundle.beside, told=told)
            reading.warn_of_authors()
            rows, found = list(_item_rows(action.id, reading)), _outlook(reading)
    with unit_of_work():
        action = _action(run)
        action.facts = {**action.facts, "rows": total, "unknown": bundle.sheet.unknown[:40], **found}
        session().query(BulkItem).filter_by(action_id=action.id).delete()
        for at in range(0, len(rows), 1000):
            session().execute(insert(BulkItem), rows[at : at + 1000])
        action.total, action.state = found["created"] + found["updated"] + found["unchanged"], "prepared"
    return {"rows": total}


def tell_unreadable(run: JobRun, refused: DomainError) -> None:
    """The file as a whole cannot be used: the action says why."""
    with unit_of_work():
        action = _action(run)
        action.state, action.facts = "failed", {**action.facts, "reason": acts.sentence_of(refused)}


def import_rows(run: JobRun) -> dict[str, Any]:
    """Writes the open lines, a few and a commit at a time; a line is written whole or not at all."""
    with _opened(run) as bundle:
        while True:
            if run.cancelled():
                raise JobCancelled()
            left = _write_some(run, bundle)
            if not left:
                break
    with unit_of_work():
        services.finish(_action(run))
    return {}


def faulty_lines(action: BulkAction) -> Iterator[Mapping[str, Any]]:
    """The lines with faults as they were sent, with what is wrong in a column of its own."""
    query = select(BulkItem.seq, BulkItem.field, BulkItem.sentence).where(
        BulkItem.action_id == action.id, BulkItem.outcome == "refused"
    )
    faults: dict[int, list[str]] = {}
    for line, name, sentence in session().execute(query.order_by(BulkItem.seq, BulkItem.id)):
        faults.setdefault(line, []).append(f"{name}: {sentence}" if name else sentence)
    with _file(action.facts) as path, bundles.opened(path, is_alone=True) as bundle:
        for row in bundle.sheet.rows:
            if row.number in faults:
                yield {**row.values, "problem": " ".join(faults[row.number])}


# --- steps -------------------------------------------------------------------------------------------------------------


def _write_some(run: JobRun, bundle: bundles.Bundle) -> int:
    """Writes the next open lines; returns how many are open still."""
    with _looking():
        total = _action(run).total
        lines = set(session().scalars(_open_lines(_action(run)).limit(AT_ONCE)))
    rows = [row for row in bundle.sheet.rows if row.number in lines]
    brought = _bring(rows, bundle)
    with unit_of_work():
        action = _action(run)
        reading = importing.check_rows(action.library, rows, beside=bundle.beside)
        writing = importing.Writing(action.library, reading, actor=action.actor)
        writing.brought = brought
        _write(action, reading, writing, lines)
        left = len(list(session().scalars(_open_lines(action))))
    run.progress(100 * (total - left) / max(total, 1), _("%(done)s of %(total)s", done=total - left, total=total))
    return left


@contextmanager
def _looking() -> Iterator[None]:
    """Reads one state of the library and holds nobody up: what takes long writes nothing."""
    session().rollback()
    try:
        yield
    finally:
        session().rollback()


def _bring(rows: Sequence[Row], bundle: bundles.Bundle) -> dict[Path, assets.Checked]:
    """Stores the files before the transaction; one that is refused is refused again, with its line, when it is written."""
    if bundle.beside is None:
        return {}
    beside, brought = importing.FilesBeside(bundle.beside), {}
    for row in rows:
        path = beside.find(text_of(row.values, "file")) if text_of(row.values, "file") else None
        with suppress(DomainError):
            if path is not None:
                brought[path] = assets.bring(path, path.name)
    return brought


def _write(action: BulkAction, reading: importing.Reading, writing: importing.Writing, lines: set[int]) -> None:
    items = {
        item.seq: item
        for item in session().scalars(
            select(BulkItem).where(BulkItem.action_id == action.id, BulkItem.outcome == "open", BulkItem.seq.in_(lines))
        )
    }
    for draft in reading.drafts:
        _write_line(items[draft.row], draft, reading, writing)
    session().flush()
    faults = {problem.row: problem for problem in reversed(reading.problems)}
    for item in items.values():
        if item.outcome == "open":
            _refuse(item, faults.get(item.seq))


def _write_line(item: BulkItem, draft: importing.Draft, reading: importing.Reading, writing: importing.Writing) -> None:
    before: dict[str, Any] = {}
    if draft.known is not None:
        before = acts.snapshot(draft.known, list(importing.changes(draft, draft.known)))
    outcome = writing.write(draft)
    if not outcome:
        _refuse(item, reading.problems[-1])
        return
    resource: Resource | None = draft.known
    session().flush()
    item.outcome, item.before, item.resource = outcome, before, resource
    item.after_version = resource.lock_version if resource is not None else None


def _refuse(item: BulkItem, problem: RowProblem | None) -> None:
    item.outcome = "refused"
    if problem is not None:
        item.field, item.code, item.sentence = problem.field, problem.reason, str(problem.sentence)


def _item_rows(action_id: int, reading: importing.Reading) -> Iterator[dict[str, Any]]:
    plain: dict[str, Any] = {
        "action_id": action_id, "resource_id": None, "label": "", "field": "", "code": "", "sentence": "", "before": {},
        "after_version": None,
    }  # fmt: skip
    for draft in reading.drafts:
        yield {**plain, "seq": draft.row, "outcome": "open", "label": str(draft.fields["title"])}
    for outcome, problems in (("refused", reading.problems), ("warning", reading.warnings)):
        for one in problems:
            words = {"field": one.field, "code": one.reason, "sentence": str(one.sentence)}
            yield {**plain, "seq": one.row, "outcome": outcome, **words}


def _outlook(reading: importing.Reading) -> dict[str, int]:
    found = dict.fromkeys(("created", "updated", "unchanged"), 0)
    for draft in reading.drafts:
        found[importing.would(draft)] += 1
    return {**found, "bad": len({problem.row for problem in reading.problems})}


def _telling(run: JobRun, total: int) -> Any:
    return lambda done: run.progress(
        100 * done / max(total, 1), _("Checked %(done)s of %(total)s lines", done=done, total=total)
    )


def _open_lines(action: BulkAction) -> Any:
    of_action = (BulkItem.action_id == action.id, BulkItem.outcome == "open")
    return select(BulkItem.seq).where(*of_action).order_by(BulkItem.seq)


def _action(run: JobRun) -> BulkAction:
    wanted = uuidlib.UUID(run.payload["action"])
    return session().scalars(select(BulkAction).where(BulkAction.uuid == wanted)).one()


@contextmanager
def _opened(run: JobRun) -> Iterator[bundles.Bundle]:
    with unit_of_work():
        facts = dict(_action(run).facts)
    with _file(facts) as path, bundles.opened(path, is_alone=True) as bundle:
        yield bundle


@contextmanager
def _file(facts: Mapping[str, Any]) -> Iterator[Path]:
    with passing_folder() as folder:
        fetched = pull_object(store(), facts["key"], folder / "sent")
        path = folder / str(facts["file"])
        shutil.copyfile(fetched, path) if fetched.parent != folder else fetched.rename(path)
        yield path


def _measure(stream: BinaryIO) -> tuple[str, int]:
    digest = hashlib.sha256()
    while chunk := stream.read(1 << 20):
        digest.update(chunk)
    size = stream.tell()
    stream.seek(0)
    return digest.hexdigest(), size


def _refuse_repeated(library: Library, digest: str) -> None:
    query = select(BulkAction).where(BulkAction.library_id == library.id, BulkAction.act == "import")
    done = query.where(BulkAction.state.in_(("running", "done", "undoing"))).order_by(BulkAction.id.desc())
    for action in session().scalars(done):
        if action.facts.get("sha256") == digest:
            raise ImportedBefore(name=action.facts["file"], date=format_date(action.created_at, "yyyy-MM-dd"))
