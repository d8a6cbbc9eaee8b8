"""What nobody came back for goes; what was begun, and what somebody may still want, stays."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest

from courseware.bulk import jobs, services, sweeping
from courseware.bulk.models import BulkAction, BulkItem
from courseware.core.database import session
from courseware.resources.storage import store
from courseware.resources.table import Filters
from tests.bulk.conftest import World
from tests.bulk.sheets import line, xlsx_of
from tests.bulk.test_sheets import checked, imported


def stored() -> int:
    return len(list(store().list("imports/")))


def sheet(number: int) -> bytes:
    return xlsx_of(line(number), line(number + 1, 标题=""))


def sweep() -> None:
    session().commit()
    jobs.sweep()
    session().expire_all()


@pytest.fixture(autouse=True)
def old_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files count as old at once: their time is the machine's, not the story's."""
    monkeypatch.setattr(sweeping, "FILE_COMES_FIRST", dt.timedelta(hours=-1))


def test_a_preview_waits_a_day_and_a_sheet_a_week(world: World, clock: Any) -> None:
    clock("2026-03-01 09:00")
    world.draft("一")
    session().flush()
    preview = services.prepare(world.librarian, world.library, "name", {}, filters=Filters())
    done = services.begin(
        world.librarian, services.prepare(world.librarian, world.library, "name", {}, filters=Filters())
    )
    sent, done_id, preview_id = checked(world, sheet(1)).id, done.id, preview.id
    clock("2026-03-02 08:59")
    sweep()
    assert session().get(BulkAction, preview_id) is not None
    clock("2026-03-02 09:01")
    sweep()
    assert session().get(BulkAction, preview_id) is None
    assert session().query(BulkItem).filter_by(action_id=preview_id).count() == 0
    assert session().query(BulkItem).filter_by(action_id=done_id).count() == 1, "what was done can be undone for ever"
    assert (session().get(BulkAction, sent) is not None, stored()) == (True, 1)
    clock("2026-03-08 09:01")
    sweep()
    assert (session().get(BulkAction, sent), stored()) == (None, 0)
    assert session().get(BulkAction, done_id) is not None


def test_the_file_of_an_import_stays_a_month_for_its_faulty_lines(world: World, client: Any, clock: Any) -> None:
    clock("2026-03-01 09:00")
    action = imported(world, sheet(1))
    unread = checked(world, sheet(5)).id
    path = f"/teach/bulk/{action.uuid}"
    client.sign_in(world.librarian)
    clock("2026-03-05 09:00")
    sweep()
    assert "/faults" in client.get(path).text
    assert stored() == 2
    clock("2026-04-01 09:00")
    sweep()
    assert (stored(), session().get(BulkAction, unread)) == (0, None)
    clock("2026-03-05 09:05")  # within the session of the person who looks
    page = client.get(path)
    assert (page.status_code, "/faults" in page.text) == (200, False)
    assert client.get(f"{path}/faults.csv").status_code == 404
    assert action.facts["rows"] == 2


def test_a_discarded_sheet_and_one_of_a_stopped_round_leave_no_file(world: World) -> None:
    action = checked(world, sheet(1))
    services.discard(world.librarian, action)
    sweep()
    assert stored() == 0


def test_a_file_whose_row_is_just_being_written_is_left_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    store().put("imports/new/sheet", io.BytesIO(b"x"), 1, "application/octet-stream")
    sweep()
    assert stored() == 1
