"""Reading: everybody sees their own, the cost stays the same, and the past can be asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from courseware.core import clock as clocks
from courseware.core.database import db, session
from courseware.core.errors import NotFound
from courseware.resources import policy, queries, services
from courseware.resources.queries import MyFilters, Use
from tests.resources.conftest import World


@contextmanager
def counted() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    session().flush()
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_the_page_shows_the_published_version_and_its_evidence(world: World) -> None:
    resource = world.published(body="旧的正文。")
    draft = services.start_revision(world.author, resource, body="新的正文讲自动运行与安全。", reason="新工艺")
    guest, author = queries.resource_page(resource.uuid, None), queries.resource_page(resource.uuid, world.author)
    assert guest.version is resource.published_version
    assert [line.version.num for line in guest.versions] == [1]
    assert [line.version for line in author.versions] == [draft, resource.published_version]
    assert author.versions[0].evidence
    assert (guest.can["edit"], author.can["edit"], author.can["submit"]) == (False, True, True)


def test_drafts_and_withdrawn_resources_are_not_there_for_others(world: World) -> None:
    draft, gone = world.draft("草稿"), world.published("下架的")
    services.withdraw(world.author, gone, "过时")
    for resource in (draft, gone):
        for person in (None, world.student, world.stranger):
            with pytest.raises(NotFound):
                queries.resource_page(resource.uuid, person)
        for person in (world.author, world.reviewer, world.librarian):
            assert queries.resource_page(resource.uuid, person).resource is resource


def test_related_resources_share_points_and_are_live(world: World) -> None:
    one = world.published("一", points=world.points[:2])
    both, first = world.published("二", points=world.points[:2]), world.published("三", points=world.points[:1])
    world.draft("草稿", points=world.points[:2])
    world.published("无关", points=world.points[2:])
    assert list(queries.related_to(one)) == [both, first]


def test_my_resources_are_mine_by_state_and_page(world: World) -> None:
    drafts = [world.draft(f"草稿{i}") for i in range(3)]
    live = world.published("已发布")
    world.published("别人的", actor=world.colleague)
    page = queries.my_resources(world.author, limit=3)
    assert [row.resource for row in page.items] == [live, drafts[2], drafts[1]]
    rest = queries.my_resources(world.author, after=page.next, limit=3)
    assert [row.resource for row in rest.items] == [drafts[0]]
    assert rest.next is None
    assert [r.state for r in queries.my_resources(world.author, MyFilters(state="published")).items] == ["published"]
    assert len(queries.my_resources(world.author, MyFilters(text="草稿1")).items) == 1
    assert len(queries.my_resources(world.author, MyFilters(text="100%_")).items) == 0
    assert queries.count_mine(world.author)["draft"] == 3


def test_whoever_revised_a_resource_has_it_among_theirs(world: World) -> None:
    resource = world.published()
    services.start_revision(world.colleague, resource, body="别的正文。", reason="r")
    assert [row.state for row in queries.my_resources(world.colleague).items] == ["draft"]


def test_the_table_costs_the_same_for_two_rows_and_for_twenty(world: World) -> None:
    def cost(rows: int) -> int:
        while len(queries.my_resources(world.author, limit=50).items) < rows:
            world.draft(f"第{len(queries.my_resources(world.author, limit=50).items)}份")
        session().flush()
        session().expunge_all()
        author = session().merge(world.author)
        author.has_role()
        with counted() as statements:
            for row in queries.my_resources(author, limit=50).items:
                _ = (row.resource.course and row.resource.course.name, row.missing, row.points)
        return len(statements)

    assert cost(2) == cost(20)


def test_higher_subjects_tell_where_a_resource_is_used(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    resource = world.published()
    monkeypatch.setattr(queries.uses, "_providers", [])
    monkeypatch.setattr(queries.uses, "_counters", [])
    queries.tell_uses(lambda ids: {i: [Use("第一讲", "/learn/1")] for i in ids}, lambda ids: dict.fromkeys(ids, 2))
    assert queries.resource_page(resource.uuid, None).uses == [Use("第一讲", "/learn/1")]
    assert queries.my_resources(world.author).items[0].uses == 2


def test_published_at_a_moment_is_the_state_before_it(world: World, clock: Any) -> None:
    clock("2026-01-10 09:00")
    resource = world.published()
    published = clocks.now()
    world.draft("草稿")
    clock("2026-02-10 09:00")
    services.withdraw(world.author, resource, "停产")
    withdrawn = clocks.now()
    clock("2026-03-10 09:00")
    services.restore(world.author, resource, "又用")
    assert queries.count_live(world.library, published) == 0
    assert queries.count_live(world.library, withdrawn) == 1
    assert queries.count_live(world.library, clock("2026-03-01 00:00")) == 0
    assert queries.count_live(world.library, clock("2026-04-01 00:00")) == 1


def test_rights_by_role(world: World) -> None:
    live, draft = world.published(), world.draft("草稿")
    assert policy.can_view(None, live)
    assert not policy.can_download(None, live)
    assert policy.can_download(world.student, live)
    assert not policy.can_view(world.student, draft)
    assert policy.can_revise(world.stranger, live)
    assert not policy.can_revise(world.stranger, draft)
    assert not policy.can_revise(world.student, live)
    assert [policy.can_withdraw(p, live) for p in (world.author, world.reviewer, world.librarian, world.stranger, None)] == [
        True, True, True, False, False,
    ]  # fmt: skip
