"""Freezing the figures of a period, and holding frozen and running figures against a recount (R60)."""

from __future__ import annotations

import datetime as dt
import uuid as uuidlib
from collections.abc import Sequence
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import joinedload, undefer

from courseware.auditlog import services as auditlog
from courseware.core import clock
from courseware.core.database import session
from courseware.core.roles import Actor
from courseware.libraries.models import Library
from courseware.monitoring import policy, readings
from courseware.monitoring.indicators import registry
from courseware.monitoring.indicators.satisfaction import in_counts
from courseware.monitoring.models import Snapshot
from courseware.monitoring.periods import Period
from courseware.monitoring.queries import reporting_now
from courseware.monitoring.queries.facts import StoredFacts
from courseware.monitoring.queries.monitor import overview
from courseware.monitoring.snapshots import document, signing
from courseware.monitoring.snapshots.checking import Difference, differences_of
from courseware.resources.storage import passing_folder, store

CONTENT_TYPE = "application/gzip"
SURVEYED = ("M13.A", "M13.B")


def freeze(library: Library, period: Period, actor: Actor | None, now: dt.datetime | None = None) -> Snapshot:
    """Writes the facts and figures of `period` as known at `now` into the store, signed and chained to the one before.

    Earlier snapshots stay as they are. `actor` None is a command on the machine. Raises NotAllowed.
    """
    if actor is not None:
        policy.require_monitor(actor, library)
    facts = StoredFacts(library, period, now or reporting_now())
    results = registry.count_all(facts)
    before = newest_snapshot(_locked(library))
    taken_at = clock.now()
    about = {
        "library": {"code": library.code, "name": library.name, "name_en": library.name_en},
        "taken_at": taken_at.isoformat(), "previous": before.sha256 if before else None,
        "settings": {
            "period_start_month": library.period_start_month, "naming_template": library.naming_template,
            "judged": [definition.id for definition in readings.judged(library, period)],
        },
    }  # fmt: skip
    key = signing.signing_key(current_app.config["KEKU"].data_path)
    with passing_folder() as folder:
        path = folder / "snapshot.json.gz"
        with path.open("wb") as out:
            written = document.write(out, facts, results, about, key)
        store_key, size = f"snapshots/{library.code}/{written.sha256}.json.gz", path.stat().st_size
        with path.open("rb") as made:
            store().put(store_key, made, size, CONTENT_TYPE)
    snapshot = Snapshot(
        library_id=library.id, period_code=period.code, as_of=facts.now, taken_at=taken_at,
        taken_by_id=getattr(actor, "id", None), sha256=written.sha256, previous_sha256=about["previous"],
        public_key=written.public_key, store_key=store_key, size=size, figures=document.figures_of(results),
    )  # fmt: skip
    session().add(snapshot)
    session().flush()
    auditlog.record("metrics.freeze", actor, about=snapshot, details={"period": period.code, "sha256": written.sha256})
    return snapshot


def _locked(library: Library) -> Library:
    """Two who freeze at once would both follow the same snapshot: the second waits."""
    session().execute(select(Library.id).where(Library.id == library.id).with_for_update())
    return library


def newest_snapshot(library: Library, period_code: str | None = None) -> Snapshot | None:
    """The last one of the library, or of one of its periods."""
    query = select(Snapshot).where(Snapshot.library_id == library.id).order_by(Snapshot.id.desc()).limit(1)
    return session().scalar(query.where(Snapshot.period_code == period_code) if period_code else query)


def snapshot_by_uuid(uuid: uuidlib.UUID) -> Snapshot | None:
    """One by the uuid of its address."""
    return session().scalar(select(Snapshot).where(Snapshot.uuid == uuid))


def library_of(snapshot: Snapshot) -> Library:
    """Whose figures it holds."""
    return session().get_one(Library, snapshot.library_id)


def snapshots_of(library: Library) -> Sequence[Snapshot]:
    """All of the library, newest first, with their figures and who took them; one query."""
    query = select(Snapshot).where(Snapshot.library_id == library.id).order_by(Snapshot.id.desc())
    return session().scalars(query.options(undefer(Snapshot.figures), joinedload(Snapshot.taken_by))).all()


def recount(library: Library, period: Period, now: dt.datetime) -> Sequence[Difference]:
    """Where the figures that pages show are not what a recount from the facts gives. Empty is as it has to be."""
    shown = list(overview(library, period, now).results.values())
    return differences_of(_plain(shown), _plain(registry.count_all(StoredFacts(library, period, now))))


def late_changes(snapshot: Snapshot, library: Library, period: Period) -> Sequence[Difference]:
    """What facts that came after freezing changed in the frozen figures: counted as of the same moment, as known today."""
    found = differences_of(snapshot.figures, _plain(registry.count_all(StoredFacts(library, period, snapshot.as_of))))
    if not any(_is_of_survey(difference) for difference in found):
        return found
    changed = _changed_answers(snapshot, library, period)
    return tuple(d for d in found if not _is_of_survey(d) or (d.id, d.part) in changed)


def _changed_answers(snapshot: Snapshot, library: Library, period: Period) -> set[tuple[str, str]]:
    """What changed of the survey with every group told, as in the first format: that it is hidden today is no change."""
    facts = StoredFacts(library, period, snapshot.as_of)
    facts.surveys = (in_counts(facts, smallest=1),)
    frozen = [figure for figure in snapshot.figures if figure["id"] in SURVEYED]
    return {(d.id, d.part) for d in differences_of(frozen, _plain(registry.count_all(facts, SURVEYED)))}


def _is_of_survey(difference: Difference) -> bool:
    return difference.id in SURVEYED


def _plain(results: Sequence[Any]) -> list[dict[str, Any]]:
    return document.figures_of(results)
