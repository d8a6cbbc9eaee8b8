"""Makes an installation large: made-up libraries beside the demonstration, valid by every rule, in minutes.

Rows are written in bulk and not through services, which would take hours; tests hold them to what services promise.
The same seed gives the same content.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select, text

from courseware.auditlog import services as auditlog
from courseware.catalog.models import Lesson
from courseware.core.database import session
from courseware.core.unit_of_work import unit_of_work
from courseware.demo.bulk_courses import add_libraries, set_pointers
from courseware.demo.bulk_learning import add_learning
from courseware.demo.bulk_people import add_people
from courseware.demo.bulk_rows import Rows
from courseware.demo.bulk_world import World, read_templates
from courseware.monitoring.rollups.keeping import fold_all_due
from courseware.resources.models import Resource

SEED = 20241101


@dataclass(frozen=True, slots=True)
class Size:
    """How much is added. A course brings 30 resources, 9 lessons, 12 points and 12 questions."""

    libraries: int
    units: int
    courses: int
    people: int
    events: int


SIZES = {
    "tiny": Size(libraries=2, units=6, courses=4, people=220, events=1_500),
    "medium": Size(libraries=5, units=15, courses=95, people=1_910, events=100_000),
    "large": Size(libraries=20, units=60, courses=995, people=19_910, events=2_000_000),
}


def add(size: Size, *, until: dt.datetime, say: Callable[[str], None] = lambda _text: None) -> str:
    """Adds `size` in one transaction and says what came; learners learn until the moment `until`."""
    begun = time.monotonic()
    with unit_of_work() as db:
        world = World(Rows(db, SEED), until, {}, {})
        read_templates(world)
        first_resource, first_lesson = _next(Resource), _next(Lesson)
        units = add_people(world, size.units, size.people)
        add_libraries(world, size.libraries, size.courses, units)
        set_pointers(world, first_resource, first_lesson)
        say(f"  {size.courses} courses with {world.number} resources ({time.monotonic() - begun:.0f} s)")
        events = add_learning(world, size.events)
        world.rows.settle()
        auditlog.record("demo.bulk", None, details=dict(sorted(world.rows.counts.items())))
    _analyse()
    say(f"  {events} learning events ({time.monotonic() - begun:.0f} s)")
    fold_all_due()
    return f"{size.libraries} further libraries, {world.number} resources, {size.people} accounts, {events} learning events"


def _next(model: type[Resource] | type[Lesson]) -> int:
    return (session().scalar(select(func.max(model.id))) or 0) + 1


def _analyse() -> None:
    """The database looks at its new tables, so that it chooses indexes by what is in them."""
    with unit_of_work() as db:
        db.execute(text("ANALYZE"))
