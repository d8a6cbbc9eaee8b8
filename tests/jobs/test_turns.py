"""Steps that are remembered, turns that change hands: what a job keeps when its worker dies, gives way or is stopped."""

from __future__ import annotations

import os
import signal
import textwrap
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from courseware.accounts import services as accounts
from courseware.accounts.models import User
from courseware.core.database import db, session
from courseware.core.errors import Conflict, DomainError
from courseware.core.roles import Role
from courseware.core.unit_of_work import unit_of_work
from courseware.jobs import registry, services, worker
from courseware.jobs.models import Job
from courseware.jobs.registry import JobLost, JobRun
from courseware.jobs.runner import Run, claim, perform, run_here
from tests.conftest import need
from tests.jobs.test_jobs import ROOT, enqueue, state_after_release, until
from tests.servers import databases
from tests.servers.forked import Forked


@pytest.fixture(autouse=True)
def _handlers_of_this_test(monkeypatch):
    monkeypatch.setattr(registry, "handlers", dict(registry.handlers))
    monkeypatch.setattr(registry, "traits", dict(registry.traits))
    monkeypatch.setattr("courseware.jobs.runner.handlers", registry.handlers)


@pytest.fixture
def three_steps():
    """A handler of three steps, of which the second fails while `broken` holds a sentence; and what was done."""
    done: list[str] = []
    broken: list[str] = []
    ended: list[tuple[str, str]] = []

    def second() -> str:
        if broken:
            raise DomainError()
        done.append("second")
        return "2"

    @registry.handler("steps", keeps_steps=True, ended=lambda job: ended.append((job.state, job.reason_code)))
    def steps(run: JobRun) -> dict[str, str]:
        first = run.step("first", lambda: done.append("first") or "1", (0, 30))
        middle = run.step("second", second, (30, 60))
        return {"all": first + middle + run.step("third", lambda: done.append("third") or "3", (60, 99))}

    return done, broken, ended


def administrator() -> User:
    unit = accounts.create_unit("school", "海川职业技术学院", "school")
    return accounts.create_user("boss@example.org", "boss", unit=unit, roles=[Role.ADMINISTRATOR])


def test_a_failed_step_is_retried_and_those_before_it_are_not(app, three_steps):
    done, broken, ended = three_steps
    broken.append("for now")
    job = run_here(enqueue("steps"))
    assert (job.state, job.percent, ended) == ("failed", 30, [("failed", "refused")])
    assert [(s.name, s.state) for s in job.steps] == [("first", "done"), ("second", "failed")]
    broken.clear()
    job = run_here(enqueue("steps"))
    assert (job.state, job.result, done) == ("done", {"all": "123"}, ["first", "second", "third"])
    assert all(step.seconds is not None for step in job.steps)


def test_a_person_asks_on_the_page_for_one_step_of_a_finished_job_again(app, three_steps):
    done, _, _ = three_steps
    admin = administrator()
    job = run_here(enqueue("steps"))
    with pytest.raises(Conflict):
        services.retry(admin, job.uuid)
    browser, again = app.test_client().sign_in(admin), f"/admin/jobs/{job.uuid}/retry?step=second"
    assert again in browser.get("/admin/jobs").text
    assert browser.post(again).status_code == 302
    session().expire_all()
    assert run_here(job).state == "done"
    assert done == ["first", "second", "third", "second", "third"]


def test_a_finished_job_asked_for_anew_begins_a_new_life(app, three_steps):
    done, _, _ = three_steps
    job = run_here(enqueue("steps"))
    services.requeue(job)
    session().commit()
    assert (run_here(job).life, done) == (1, ["first", "second", "third"] * 2)


def test_what_may_pass_by_itself_is_tried_again_after_growing_pauses_and_then_told(app, clock):
    class Away(Exception):
        code, is_passing, params = "store_unreachable", True, {"detail": "socket"}

    heard: list[str] = []

    @registry.handler("away", ended=lambda job: heard.append(job.state))
    def away(_run: JobRun) -> None:
        raise Away("The store does not answer.")

    now = clock("2026-03-01 09:00")
    job = enqueue("away")
    pauses = []
    while run_here(job).state == "queued":
        pauses.append((job.run_after - now).total_seconds())
        assert heard == []
        assert job.reason == "The store does not answer."
    assert pauses == [10, 30, 90, 270, 810]
    assert (job.state, job.reason_code, job.reason_params, heard) == ("failed", "store_unreachable", {}, ["failed"])


def test_who_lost_a_job_writes_nothing_about_it_any_more(app, clock):
    clock("2026-03-01 09:00")
    job = enqueue("steps")
    assert claim(job.id, "stalled")
    db.session.refresh(job)
    old = Run(job)
    assert state_after_release(clock.advance(minutes=5), job) == "queued"
    db.session.rollback()
    assert claim(job.id, "second")
    with pytest.raises(JobLost):
        old.step_progress(50)
    with pytest.raises(JobLost):
        old.confirm()
    registry.handlers["steps"] = lambda run: {"from": "the old one"}
    db.session.rollback()
    perform(old)
    db.session.refresh(job)
    assert (job.state, job.worker, job.result, job.attempt) == ("running", "second", None, 1)


def test_a_job_cancelled_while_it_waits_and_one_that_lost_its_workers_are_told_to_their_subject(
    app, clock, three_steps
):
    _, _, ended = three_steps
    clock("2026-03-01 09:00")
    admin = administrator()
    services.cancel(admin, enqueue("steps", "waiting").uuid)
    crashing = enqueue("steps", "crashing")
    crashing.losses = worker.MAX_LOSSES
    session().commit()
    assert claim(crashing.id, "w")
    assert state_after_release(clock.advance(minutes=5), crashing) == "failed"
    assert ended == [("cancelled", ""), ("failed", "worker_lost")]


def test_what_somebody_looks_at_goes_first_and_a_worker_takes_one_recording_at_a_time(app):
    @registry.handler("film", alone=True)
    def film(_run: JobRun) -> None:
        pass

    with unit_of_work():
        films = [services.enqueue("film", f"film {n}", {}, priority=9) for n in range(3)]
        act = services.enqueue("act", "act", {}, priority=9)
    assert services.hurry("film 2")
    assert not services.hurry("film 2"), "it is at the front already"
    session().commit()
    assert worker.waiting_job() == (films[2].id, 0)
    assert claim(films[2].id, "worker-1")
    db.session.rollback()
    assert worker.running_kinds("worker-1") == ["film"]
    assert worker.waiting_job({"film"}) == (act.id, 0)


SCRIPT = """
import datetime as dt, os, sys, time
from app import create_app
from courseware.jobs import registry, worker

worker.STALE_AFTER = dt.timedelta(seconds=4)
NAME = sys.argv[1]

def note(word):
    with open(os.path.join(os.environ["KEKU_DATA_DIR"], "steps.txt"), "a") as file:
        file.write(f"{NAME}:{word}\\n")
    return word

@registry.handler("film", keeps_steps=True, alone=True)
def film(run):
    for number in range(3):
        run.step(f"piece {number}", lambda: (note(f"{run.payload['film']}{number}"), time.sleep(1.0))[0])
        run.give_way(9)
    return {}

app = create_app()
with app.app_context():
    worker.Worker(app, app.config["KEKU"], NAME).run()
worker.end_now()
"""


@pytest.fixture
def workers(database_kind, worker_name, tmp_path):
    """`workers("a")` starts a worker process of that name on a database that this test looks into."""
    url = need(databases.migrated_database, database_kind, f"keku_jobs_{worker_name}")
    env = {**os.environ, "KEKU_DATA_DIR": str(tmp_path), "KEKU_DATABASE_URL": url}
    script = tmp_path / "worker.py"
    script.write_text(textwrap.dedent(SCRIPT))
    started: list[Forked] = []
    from tests.conftest import create_test_app

    def begin(name: str) -> Forked:
        db.session.rollback()
        started.append(Forked(script, name, environment=env, folder=ROOT))
        return started[-1]

    with create_test_app(url, tmp_path).app_context():
        yield begin
        for process in started:
            process.kill()
            process.wait()
        db.session.remove()
        db.engine.dispose()


def lines(folder: Path) -> list[str]:
    path = folder / "steps.txt"
    return path.read_text().split() if path.exists() else []


def states() -> dict[str, str]:
    db.session.rollback()
    return {job.key: job.state for job in session().scalars(select(Job))}


@pytest.mark.timeout(240)
def test_a_killed_workers_film_goes_on_elsewhere_at_the_piece_that_was_cut_off(workers, tmp_path, database_kind):
    """On PostgreSQL two workers share the work; on SQLite, which has one, the second begins when the first is dead."""
    with unit_of_work():
        for name in ("x", "y"):
            services.enqueue("film", name, {"film": name}, priority=9)
    first = workers("a")
    if database_kind == "postgres":
        workers("b")
        until(lambda: {line.split(":")[0] for line in lines(tmp_path)} == {"a", "b"})
    until(lambda: any(line.startswith("a:") and line[-1] == "1" for line in lines(tmp_path)))
    first.send_signal(signal.SIGKILL)
    first.wait()
    killed_at = time.monotonic()
    if database_kind != "postgres":
        workers("b")
    until(lambda: set(states().values()) == {"done"})
    assert time.monotonic() - killed_at < 90
    done = [line.split(":")[1] for line in lines(tmp_path)]
    assert set(done) == {f"{film}{number}" for film in "xy" for number in range(3)}
    assert len(done) <= 7, f"more than the piece that was cut off was done again: {lines(tmp_path)}"
    again = workers("a")
    time.sleep(4)  # its engine remembers turns that are no longer its own
    again.send_signal(signal.SIGTERM)
    again.wait(30)
    assert len(lines(tmp_path)) == len(done)


@pytest.mark.timeout(240)
def test_a_film_somebody_waits_for_goes_between_the_pieces_of_another(workers, tmp_path):
    with unit_of_work():
        services.enqueue("film", "long", {"film": "long"}, priority=9)
    workers("a")
    until(lambda: "a:long0" in lines(tmp_path))
    with unit_of_work():
        services.enqueue("film", "new", {"film": "new"}, priority=1)
    until(lambda: set(states().values()) == {"done"})
    order = [line.split(":")[1] for line in lines(tmp_path)]
    assert order.index("new0") < order.index("long2")
    assert sorted(order) == sorted([f"{film}{number}" for film in ("long", "new") for number in range(3)])
