"""Old versions: looked at, compared, brought back; what was published once stays readable, what was not does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from courseware.core.database import session
from courseware.core.errors import Invalid, NotFound
from courseware.resources import assets, services
from courseware.resources.errors import RevisionOpen, SameContent
from courseware.resources.models import Resource, ResourceVersion
from tests.media.samples import sample_pdf
from tests.resources.conftest import World

FIRST, SECOND = "焊枪与工件成四十五度。", "焊枪与工件成六十度，行走角前倾十度。"


@pytest.fixture
def revised(world: World) -> Resource:
    """Two published versions with captions and a moment on the first, a third as a draft; and another resource."""
    world.published("另一份", body="别的正文。")
    resource = world.published(body=FIRST, duration_s=40.0)
    first = resource.published_version
    assert first is not None
    services.set_captions(first, "zh", "WEBVTT\n\n00:00.000 --> 00:02.000\n第一版的字幕\n")
    services.set_point_ranges(first, [(world.points[0], 1, 9)])
    second = services.start_revision(world.author, resource, body=SECOND, reason="角度写错了", tags=["correction"])
    second.captions, second.ranges, second.licence = [], [], "CC0-1.0"
    services.publish_version(second, "substantive", note="改了结论")
    services.start_revision(world.author, resource, body="还没写完的第三版。", reason="补充")
    session().commit()
    return resource


def version(resource: Resource, num: int) -> ResourceVersion:
    query = select(ResourceVersion).where(ResourceVersion.resource_id == resource.id, ResourceVersion.num == num)
    return session().scalars(query).one()


def drop_draft(resource: Resource) -> None:
    resource.draft_version = None
    session().delete(version(resource, 3))
    session().flush()


def test_a_version_brought_back_is_a_new_draft_with_everything_that_belongs_to_it(
    world: World, revised: Resource
) -> None:
    drop_draft(revised)
    back = services.restore_version(world.author, revised, version(revised, 1), " 还是第一版对 ")
    assert (back.num, back.state, back.body, back.reason) == (3, "draft", FIRST, "还是第一版对")
    assert (back.licence, [t.language for t in back.captions]) == ("CC-BY-4.0", ["zh"])
    assert [(r.start_s, r.end_s) for r in back.ranges] == [(1, 9)]
    assert revised.published_version is not None
    assert (revised.published_version.num, revised.draft_version) == (2, back)
    assert len(version(revised, 1).captions) == 1, "the old version keeps its own"


def test_content_that_was_there_before_never_counts_as_an_update(world: World, revised: Resource) -> None:
    drop_draft(revised)
    back = services.restore_version(world.author, revised, version(revised, 1), "还是第一版对")
    services.publish_version(back, "substantive", note="我认为是实质更新")
    assert back.decided_class == "minor"


def test_what_cannot_be_brought_back_is_refused_in_words(world: World, revised: Resource) -> None:
    with pytest.raises(RevisionOpen):
        services.restore_version(world.author, revised, version(revised, 1), "理由")
    drop_draft(revised)
    with pytest.raises(Invalid):
        services.restore_version(world.author, revised, version(revised, 1), "  ")
    with pytest.raises(SameContent):
        services.restore_version(world.author, revised, version(revised, 2), "理由")
    other = session().scalars(select(Resource).where(Resource.title == "另一份")).one()
    with pytest.raises(NotFound):
        services.restore_version(world.author, other, version(revised, 1), "理由")


def test_everybody_reads_what_was_published_and_only_its_people_a_draft(
    world: World, revised: Resource, client: Any
) -> None:
    address = f"/resources/{revised.uuid}/versions"
    assert FIRST in client.get(f"{address}/1").text
    assert client.get(f"{address}/3").status_code == 404
    assert client.get(f"{address}/9").status_code == 404
    client.sign_in(world.reviewer)
    assert "还没写完的第三版" in client.get(f"{address}/3").text


def test_two_versions_stand_side_by_side(world: World, revised: Resource, client: Any) -> None:
    page = client.get(f"/resources/{revised.uuid}/compare").text
    assert "<del>" in page
    assert "<ins>" in page
    assert "角度写错了" in page
    assert "0:40" in page
    assert "还没写完" not in page
    assert client.get(f"/resources/{revised.uuid}/compare?old=1&new=3").status_code == 404
    other = session().scalars(select(Resource).where(Resource.title == "另一份")).one()
    assert client.get(f"/resources/{other.uuid}/compare").status_code == 302, "there is nothing to compare"


def test_the_page_brings_a_version_back(world: World, revised: Resource, client: Any) -> None:
    drop_draft(revised)
    session().commit()
    client.sign_in(world.author)
    page, act = f"/resources/{revised.uuid}/versions/1", f"/teach/resources/{revised.uuid}/versions/1/restore"
    assert act in client.get(page).text
    assert client.post(act, data={"reason": ""}).location.endswith("/versions/1")
    assert client.post(act, data={"reason": "还是第一版对"}).location.endswith("/edit")
    assert act not in client.get(page).text, "a draft is under way"
    client.sign_in(world.student)
    assert act not in client.get(page).text
    assert client.post(act, data={"reason": "x"}).status_code == 403


def test_an_old_paper_is_read_by_everybody_while_its_resource_is_live(
    world: World, client: Any, tmp_path: Path
) -> None:
    files = [
        assets.store_file(sample_pdf(tmp_path / f"{n}.pdf", f"paper {n}"), f"{n}.pdf", None, process=False)
        for n in range(3)
    ]
    resource = world.published(asset=files[0])
    services.publish_version(services.start_revision(world.author, resource, asset=files[1], reason="新规范"), "minor")
    services.start_revision(world.author, resource, asset=files[2], reason="再改")
    session().commit()
    address = f"/resources/{resource.uuid}/file?version="
    assert client.get(address + str(version(resource, 1).uuid)).status_code == 200
    assert client.get(address + str(version(resource, 3).uuid)).status_code == 404
    services.withdraw(world.author, resource, "过时")
    session().commit()
    assert client.get(address + str(version(resource, 1).uuid)).status_code == 404
