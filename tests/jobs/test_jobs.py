"""Work after commit: asked for once, done once, and true about how it ended."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import signal
import textwrap
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from courseware.core.database import db, session
from courseware.core.errors import DomainError
from courseware.core.unit_of_work import unit_of_work
from courseware.jobs import registry, services, worker
from courseware.jobs.models import Job, OutboxEntry
from courseware.jobs.registry import JobCancelled, JobRun
from courseware.jobs.runner import claim, run_here
from tests.conftest import need
from tests.servers import databases
from tests.servers.forked import Forked

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _handlers_of_this_test(monkeypatch):
    monkeypatch.setattr(registry, "handlers", dict(registry.handlers))
    monkeypatch.setattr("courseware.jobs.runner.handlers", registry.handlers)
    monkeypatch.setattr(worker, "followers", {})


def enqueue(kind: str, key: str = "one", **payload: object) -> Job:
    with unit_of_work():
        return services.enqueue(kind, key, dict(payload))


def test_the_same_work_asked_for_twice_is_one_job(app):
    assert enqueue("count", "a").id == enqueue("count", "a").id
    assert enqueue("count", "b").id != enqueue("count", "a").id


def test_a_job_reports_its_steps_and_its_result(app):
    seen = []

    @registry.handler("count")
    def count(run: JobRun) -> dict[str, int]:
        total = run.step("add", lambda: sum(run.payload["numbers"]))
        run.progress(50, "half way")
        seen.append(session().scalar(select(Job.percent)))
        return {"total": total}

    job = run_here(enqueue("count", numbers=[1, 2, 3]))
    assert (job.state, job.percent, job.result, seen) == ("done", 100, {"total": 6}, [50])


def test_a_job_that_the_rules_refuse_fails_with_its_sentence(app):
    class TooBig(DomainError):
        code, message = "too_big", "The file is %(size)d MB; 4 GB is the limit."

    @registry.handler("refuse")
    def refuse(_run: JobRun) -> None:
        raise TooBig(size=9000)

    job = run_here(enqueue("refuse"))
    assert (job.state, job.reason_code, job.reason) == ("failed", "too_big", "The file is 9000 MB; 4 GB is the limit.")


def test_an_unexpected_error_is_tried_three_times_and_then_told(app):
    @registry.handler("break")
    def broken(_run: JobRun) -> None:
        raise OSError("disk")

    job = enqueue("break")
    states = [run_here(job).state for _ in range(3)]
    assert states == ["queued", "queued", "failed"]
    assert job.reason_code == "unexpected"


def test_a_failed_job_asked_for_again_is_queued_anew(app):
    @registry.handler("refuse")
    def refuse(_run: JobRun) -> None:
        raise DomainError()

    run_here(enqueue("refuse"))
    assert enqueue("refuse").state == "queued"


def test_a_job_asked_to_stop_ends_as_cancelled(app):
    @registry.handler("long")
    def long(run: JobRun) -> None:
        with unit_of_work() as own:
            own.scalar(select(Job)).cancel_requested = True
        if run.cancelled():
            raise JobCancelled

    assert run_here(enqueue("long")).state == "cancelled"


def test_outbox_entries_reach_their_follower_once_and_in_order(app):
    got: list[str] = []
    worker.followers["search"] = lambda entries: got.extend(e.key for e in entries)
    with unit_of_work():
        for key in ("a", "b", "c"):
            services.tell("search", "resource", key)
        services.tell("mail", "user", "not for the index")
    assert worker.carry_outbox() == 3
    assert worker.carry_outbox() == 0
    assert got == ["a", "b", "c"]
    assert session().scalar(select(OutboxEntry.key).where(OutboxEntry.done_at.is_(None))) == "not for the index"


def test_entries_stay_open_when_their_follower_breaks(app):
    def broken(_entries: object) -> None:
        raise OSError("index is away")

    worker.followers["search"] = broken
    with unit_of_work():
        services.tell("search", "resource", "a")
    with pytest.raises(OSError, match="away"):
        worker.carry_outbox()
    db.session.rollback()
    worker.followers["search"] = lambda _entries: None
    assert worker.carry_outbox() == 1


def test_work_of_a_silent_worker_is_given_back(app, clock):
    clock("2026-03-01 09:00")
    job = enqueue("count")
    assert claim(job.id, "dead-worker")
    assert not claim(job.id, "second-worker")
    assert state_after_release(clock.advance(minutes=1), job) == "running"
    assert state_after_release(clock.advance(minutes=5), job) == "queued"


def state_after_release(_now: object, job: Job) -> str:
    db.session.rollback()
    worker.release_stale_jobs()
    db.session.refresh(job)
    return job.state


WORKER = """
import os, sys, time
from app import create_app
from courseware.jobs import registry
from courseware.jobs.worker import Worker, end_now

def note(word):
    with open(os.path.join(os.environ["KEKU_DATA_DIR"], "steps.txt"), "a") as file:
        file.write(word + "\\n")
    return word

@registry.handler("two_steps")
def two_steps(run):
    first = run.step("first", lambda: note("first"))
    run.step("second", lambda: (note("begun"), time.sleep(float(os.environ["PAUSE"])), note("second"))[-1])
    return {"first": first}

registry.handlers["no_steps"] = lambda run: {}

app = create_app()
with app.app_context():
    Worker(app, app.config["KEKU"], "worker-t").run()
end_now()
"""


def test_rounds_are_gone_when_due_and_one_that_fails_stops_no_other(app, go_rounds):
    gone: list[str] = []

    def broken() -> None:
        gone.append("broken")
        raise OSError("disk")

    go_rounds(broken, lambda: gone.append("tidy"))
    assert gone == ["broken", "tidy"]


@pytest.fixture
def go_rounds(monkeypatch):
    """Goes the given rounds, an hour apart, for a few turns of the loop."""

    def go(*work):
        monkeypatch.setattr(worker, "rounds", [(each, dt.timedelta(hours=1)) for each in work])
        looped = worker.Rounds()
        for _turn in range(4):
            with contextlib.suppress(OSError):
                looped.go()

    return go


def test_work_that_takes_its_worker_down_again_and_again_fails(app, clock):
    clock("2026-03-01 09:00")
    job = enqueue("crash")
    for _attempt in range(worker.MAX_LOSSES):
        assert claim(job.id, "worker-9")
        assert state_after_release(clock.advance(minutes=2), job) == "queued"
        db.session.rollback()
    assert claim(job.id, "worker-9")
    state_after_release(clock.advance(minutes=2), job)
    assert (job.state, job.reason_code) == ("failed", "worker_lost")


def test_asking_in_the_same_moment_is_one_job_too(app):
    first = enqueue("count", "a")
    with unit_of_work():
        twin = Job(kind="count", key="a", payload={})
        assert services._insert(twin).id == first.id


@pytest.fixture
def begin_worker(database_kind, worker_name, tmp_path):
    """A worker process on a database of its own, in which this test looks; steps are noted in steps.txt."""
    url = need(databases.migrated_database, database_kind, f"keku_jobs_{worker_name}")
    env = {**os.environ, "KEKU_DATA_DIR": str(tmp_path), "KEKU_DATABASE_URL": url}
    script = tmp_path / "worker.py"
    script.write_text(textwrap.dedent(WORKER))
    from tests.conftest import create_test_app

    def begin(pause_s: int) -> Forked:
        db.session.rollback()  # an open transaction would make the engine wait with its own tables
        return Forked(script, environment={**env, "PAUSE": str(pause_s)}, folder=ROOT)

    with create_test_app(url, tmp_path).app_context():
        yield begin
        db.session.remove()
        db.engine.dispose()


@pytest.mark.timeout(300)
def test_a_worker_killed_in_the_middle_goes_on_at_the_unfinished_step(begin_worker, tmp_path):
    job_id, never_begun = enqueue("two_steps").id, enqueue("no_steps").id
    assert claim(never_begun, "worker-t")  # and the worker ended before it told the engine
    killed = begin_worker(60)
    wait_for_line(tmp_path / "steps.txt", "begun")
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    second = begin_worker(0)
    try:
        wait_for_line(tmp_path / "steps.txt", "second")
        wait_for_state(job_id, "done")
        wait_for_state(never_begun, "done")
    finally:
        second.terminate()
        second.wait(20)
    assert (tmp_path / "steps.txt").read_text().split() == ["first", "begun", "begun", "second"]


@pytest.mark.timeout(300)
def test_a_worker_stopped_politely_in_the_middle_costs_its_job_no_attempt(begin_worker, tmp_path):
    job_id = enqueue("two_steps").id
    stopped = begin_worker(60)
    wait_for_line(tmp_path / "steps.txt", "begun")
    stopped.terminate()
    assert stopped.wait(30) == 0
    job = session().get(Job, job_id, populate_existing=True)
    assert (job.state, job.attempt) == ("running", 0)


def wait_for_line(path: Path, line: str) -> None:
    until(lambda: path.exists() and line in path.read_text().split())


def wait_for_state(job_id: int, state: str) -> None:
    def reached() -> bool:
        db.session.rollback()
        return session().get(Job, job_id, populate_existing=True).state == state

    until(reached)


def until(condition, within_s: float = 100) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)
