"""Processing of the files a first visitor meets, in this process; the worker does the others once the site is up.

Every file has its drawn picture before it is processed, so that no list is empty meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from sqlalchemy import select

from courseware.catalog.models import Activity, Lesson
from courseware.core.database import session
from courseware.jobs.models import Job
from courseware.jobs.runner import run_here
from courseware.libraries.models import Course
from courseware.resources.models import Asset, Resource, ResourceVersion

KIND = "media.process"


def process_files(app: Flask, workers: int, tell: Callable[[int, int], None]) -> int:
    """Does the queued jobs of the first course's files, several at a time; returns how many ended badly."""
    waiting = _first_jobs()
    session().rollback()
    failed = 0
    with ThreadPoolExecutor(workers) as pool:
        for number, state in enumerate(pool.map(lambda job_id: _process(app, job_id), waiting), start=1):
            failed += state != "done"
            tell(number, len(waiting))
    return failed


def _first_jobs() -> list[int]:
    """Jobs for what the lessons of the first course hold, in their order."""
    course = select(Course.id).where(Course.published_at.is_not(None)).order_by(Course.seq, Course.id).limit(1)
    held = (
        select(Asset.uuid)
        .join(ResourceVersion, ResourceVersion.asset_id == Asset.id)
        .join(Resource, Resource.published_version_id == ResourceVersion.id)
        .join(Activity, Activity.resource_id == Resource.id)
        .join(Lesson, Lesson.published_version_id == Activity.version_id)
        .where(Lesson.course_id == course.scalar_subquery())
        .order_by(Lesson.id, Activity.seq)
    )
    first = {str(uuid) for uuid in session().scalars(held)}
    queued = session().execute(select(Job.id, Job.key).where(Job.kind == KIND, Job.state == "queued").order_by(Job.id))
    return [job_id for job_id, key in queued if key.split(":")[1] in first]


def _process(app: Flask, job_id: int) -> str:
    with app.app_context():
        job = session().get_one(Job, job_id)
        return run_here(job).state
