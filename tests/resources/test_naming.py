"""The mark of a name that breaks the rule: true after every way to change a name, and after another template."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from courseware.core.database import session
from courseware.core.errors import NotAllowed
from courseware.jobs.models import Job
from courseware.jobs.runner import run_here
from courseware.libraries import services as libraries
from courseware.libraries.errors import BadTemplate
from courseware.libraries.naming import template_problem
from courseware.resources import naming, ranges, services, table
from courseware.resources.models import Resource
from courseware.resources.table import Filters
from tests.resources.conftest import World


def misnamed(world: World) -> set[str]:
    return {line.resource.title for line in table.page(world.library, Filters(gap="naming")).items}


def stays_true(resource: Resource) -> bool:
    """Whether the mark says what the rule says; returns the mark."""
    session().flush()
    session().expire_all()
    assert resource.is_misnamed == (not naming.follows_template(resource))
    return resource.is_misnamed


def test_every_service_that_changes_a_name_or_its_parts_keeps_the_mark(world: World) -> None:
    other = libraries.create_course(world.library, "PLC", "可编程控制", "core", world.library.core_major)
    one = world.draft("角度", points=[])
    assert not stays_true(one)

    def save(**changes: Any) -> bool:
        services.edit_draft(world.author, one, changes, one.lock_version)
        return stays_true(one)

    assert save(title="新的角度")
    assert not save(name=naming.propose_name(one))
    assert save(course=other)
    assert not save(course=world.course)
    assert save(type="video")
    assert not save(type="text")
    version = one.draft_version
    assert version is not None
    version.duration_s = 60.0
    ranges.set_point_ranges(version, [(world.points[1], 1, 2)], world.author)
    assert stays_true(one), "its first point is part of its name"
    assert not save(name=naming.propose_name(one))
    services.rename(world.author, one, "第三个角度")
    assert not stays_true(one), "a name that fitted follows the title"
    services.publish_version(version)
    services.edit_metadata(world.author, one, {"points": world.points[2:]})
    assert stays_true(one)


def test_another_template_has_every_name_of_that_library_looked_at_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(naming, "AT_ONCE", 2)
    for number in range(5):
        world.draft(f"第{number}份")
    world.draft("乱名", name="乱")
    elsewhere = services.create_resource(world.librarian, world.other_library, type="text", title="别库", body="别库")
    assert misnamed(world) == {"乱名"}
    libraries.set_naming_template(world.library, "{title}", world.librarian)
    session().commit()
    jobs = list(session().scalars(select(Job).where(Job.kind == "resources.names")))
    assert [run_here(job).state for job in jobs] == ["done"]
    assert misnamed(world) == {"乱名", *(f"第{number}份" for number in range(5))}
    assert not stays_true(elsewhere)
    libraries.set_naming_template(world.library, "{title}", world.librarian)
    assert session().query(Job).filter_by(kind="resources.names").count() == 1, "the same template is no change"
    libraries.set_naming_template(world.library, "{major}-{course}-{point}-{type}-{seq}-{title}", world.librarian)
    session().commit()
    run_here(session().scalars(select(Job).where(Job.state == "queued", Job.kind == "resources.names")).one())
    assert misnamed(world) == {"乱名"}


def test_what_is_saved_while_the_job_looks_is_left_to_that_save(world: World) -> None:
    one = world.draft("角度", name="乱")
    session().commit()
    session().connection().execute(
        Resource.__table__.update().where(Resource.__table__.c.id == one.id).values(is_misnamed=False)
    )
    changed = [{"row": one.id, "seen": one.lock_version - 1, "mark": True}]
    session().connection().execute(naming._set_mark(), changed)
    session().expire_all()
    assert one.is_misnamed is False
    naming.mark_library(world.library)
    assert one.is_misnamed is True


def test_a_number_that_stands_twice_is_the_same_number(world: World) -> None:
    world.library.naming_template = "{seq}-{title}-{seq}"
    one = world.draft("角度")
    assert naming.follows_template(one)
    one.name = "001-角度-002"
    assert not naming.follows_template(one)


@pytest.mark.parametrize(
    "template", ["{title", "{titel}", "{seq:04d}", "{title!r}", "{title.__class__}", "{0}", "名", "", "{title}" * 40]
)
def test_a_template_that_cannot_be_filled_is_refused_with_a_sentence(world: World, template: str) -> None:
    before = world.library.naming_template
    with pytest.raises(BadTemplate) as refused:
        libraries.set_naming_template(world.library, template, world.librarian)
    assert refused.value.problems["naming_template"]
    assert world.library.naming_template == before


@pytest.mark.parametrize(
    "template", ["{title}", "{seq}{seq}", "{{{title}}}", "{major}-{course}-{point}-{type}-{seq}-{title}"]
)
def test_what_is_accepted_can_be_filled(world: World, template: str) -> None:
    assert template_problem(template) is None
    world.library.naming_template = template
    assert naming.follows_template(world.draft("角度 1"))


def test_only_those_who_keep_the_library_set_its_template(world: World, client: Any) -> None:
    with pytest.raises(NotAllowed):
        libraries.set_naming_template(world.library, "{title}", world.author)
    session().commit()
    client.sign_in(world.librarian)
    said = client.post("/admin/libraries/ROBOT/naming", data={"naming_template": "{titel}"}, follow_redirects=True)
    assert "titel" in said.text
    client.post("/admin/libraries/ROBOT/naming", data={"naming_template": "{seq}-{title}"})
    session().expire_all()
    assert world.library.naming_template == "{seq}-{title}"
