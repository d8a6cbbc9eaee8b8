"""Drafts, publication, ledger, withdrawal: the rules behind the figures of update."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from courseware.core import events
from courseware.core.database import session
from courseware.core.errors import Invalid, NotAllowed
from courseware.resources import errors, naming, services
from courseware.resources.models import LiveSpan, Resource, ResourceNote, ResourceVersion
from tests.resources.conftest import World


def notes(kind: str) -> list[ResourceNote]:
    return list(session().scalars(select(ResourceNote).where(ResourceNote.kind == kind)))


def test_a_new_resource_is_a_draft_with_a_proposed_name(world: World) -> None:
    resource = world.draft()
    assert (resource.is_live, resource.first_published_at, resource.published_version) == (False, None, None)
    assert resource.draft_version is not None
    assert (resource.draft_version.num, resource.draft_version.state) == (1, "draft")
    assert resource.name == "460305-RP-RP0-TXT-001-焊枪角度"
    assert naming.follows_template(resource)
    assert resource.unit_id == world.author.unit_id


def test_all_missing_metadata_are_named_at_once(world: World) -> None:
    bare = services.create_resource(world.author, world.library, type="video", title="示教器")
    assert [p.field for p in services.missing_metadata(bare)] == [
        "course",
        "points",
        "originality",
        "licence",
        "content",
    ]
    assert services.missing_metadata(world.draft()) == []


def test_students_and_guests_of_the_house_create_nothing(world: World) -> None:
    with pytest.raises(NotAllowed):
        services.create_resource(world.student, world.library, type="text", title="x")
    with pytest.raises(Invalid) as refused:
        services.create_resource(world.author, world.library, type="novel", title=" ", originality="mine")
    assert set(refused.value.problems) == {"type", "title", "originality"}


def test_text_that_reads_the_same_is_a_duplicate_even_of_a_withdrawn_resource(world: World) -> None:
    first = world.published("一", body="焊枪  与工件夹角ＡＢ。")
    world.draft("二")
    services.withdraw(world.author, first, "过时")
    with pytest.raises(errors.DuplicateContent) as refused:
        world.draft("三", body=" 焊枪 与工件夹角AB。\n")
    assert refused.value.existing_uuid == first.uuid
    assert "一" in refused.value.sentence()
    assert [note.resource_id for note in notes("duplicate")] == [first.id]


def test_a_copy_of_somebody_elses_draft_is_refused_without_betraying_it(world: World) -> None:
    world.draft("秘密草稿", body="同一篇")
    with pytest.raises(errors.DuplicateContent) as refused:
        world.draft("我的", body="同一篇", actor=world.stranger)
    assert refused.value.existing_uuid is None
    assert "秘密" not in refused.value.sentence()


def test_another_library_may_hold_the_same_content(world: World) -> None:
    world.published("一", body="同一内容")
    services.create_resource(world.author, world.other_library, type="text", title="二", body="同一内容")


def test_the_second_of_two_editors_is_told_and_nothing_is_overwritten(world: World) -> None:
    resource = world.draft()
    opened_by_both = resource.lock_version
    services.edit_draft(world.author, resource, {"title": "甲改的标题"}, opened_by_both)
    with pytest.raises(errors.EditConflict):
        services.edit_draft(world.author, resource, {"title": "乙改的标题"}, opened_by_both)
    assert resource.title == "甲改的标题"


def test_saving_only_the_text_also_counts_as_a_change_for_other_editors(world: World) -> None:
    resource = world.draft()
    before = resource.lock_version
    services.edit_draft(world.author, resource, {"body": "另一篇正文。"}, before)
    assert resource.lock_version > before


def test_strangers_edit_no_draft_of_others(world: World) -> None:
    resource = world.draft()
    with pytest.raises(NotAllowed):
        services.edit_draft(world.stranger, resource, {"title": "我的"}, resource.lock_version)
    services.edit_draft(world.librarian, resource, {"title": "馆员改"}, resource.lock_version)


def test_publishing_opens_a_live_span_and_tells_it(world: World) -> None:
    heard: list[tuple[Resource, ResourceVersion]] = []

    def listen(_sender: object, resource: Resource, version: ResourceVersion) -> None:
        heard.append((resource, version))

    with events.resource_published.connected_to(listen):
        resource = world.published()
    assert resource.is_live
    assert resource.published_version is not None
    assert resource.published_version.decided_class == "new"
    assert heard == [(resource, resource.published_version)]
    assert resource.draft_version is None
    assert session().scalars(select(LiveSpan)).one().ended_at is None


def test_a_revision_supersedes_and_keeps_the_first_publication(world: World, clock: object) -> None:
    clock("2026-01-01 09:00")  # type: ignore[operator]
    resource = world.published(body="旧" * 5 + "焊接电流的调节方法与步骤。")
    first = resource.published_version
    clock("2026-03-01 09:00")  # type: ignore[operator]
    revision = services.start_revision(
        world.colleague, resource, body="新工艺要求先校零再试焊，并记录每次偏差。", reason="新工艺", tags=["新工艺"]
    )
    assert resource.is_live
    services.publish_version(revision, "substantive")
    assert first is not None
    assert (first.state, revision.state, revision.decided_class) == ("superseded", "published", "substantive")
    assert resource.first_published_at == dt.datetime(2026, 1, 1, 1, tzinfo=dt.UTC)
    assert resource.updated_at == dt.datetime(2026, 3, 1, 1, tzinfo=dt.UTC)
    assert len(session().scalars(select(LiveSpan)).all()) == 1


def test_the_very_content_published_now_is_refused_and_counted(world: World) -> None:
    resource = world.published(body="甲")
    with pytest.raises(errors.SameContent):
        services.start_revision(world.author, resource, body="  甲 ", reason="更新")
    with pytest.raises(errors.SameContent):
        services.note_reupload(world.author, resource)
    assert len(notes("reupload")) == 2
    assert resource.draft_version is None


def test_going_back_to_an_earlier_version_is_never_substantive(world: World) -> None:
    resource = world.published(body="第一版说的是手动操作。")
    services.publish_version(
        services.start_revision(world.author, resource, body="第二版讲自动运行与安全。", reason="新"), "substantive"
    )
    back = services.start_revision(world.author, resource, body="第一版说的是手动操作。", reason="恢复")
    services.publish_version(back, "substantive", note="确实改了")
    assert back.decided_class == "minor"
    assert back.measured["evidence"] == [{"code": "repeats", "num": 1}]


def test_only_one_revision_at_a_time(world: World) -> None:
    resource = world.published()
    services.start_revision(world.author, resource, body="新内容一。", reason="r")
    with pytest.raises(errors.RevisionOpen):
        services.start_revision(world.colleague, resource, body="新内容二。", reason="r")


def test_what_is_in_review_is_not_edited(world: World) -> None:
    resource = world.draft()
    assert resource.draft_version is not None
    services.hand_in(resource.draft_version)
    with pytest.raises(errors.InReview):
        services.edit_draft(world.author, resource, {"title": "换"}, resource.lock_version)
    services.give_back(resource.draft_version)
    services.edit_draft(world.author, resource, {"title": "换"}, resource.lock_version)


def test_metadata_renames_and_encodings_are_ledger_lines_not_versions(world: World) -> None:
    resource = world.published()
    services.edit_metadata(world.author, resource, {"keywords": ["角焊"], "difficulty": 2})
    services.rename(world.author, resource, "焊枪姿态")
    services.note_transcode(resource)
    assert [len(notes(kind)) for kind in ("metadata", "rename", "transcode")] == [1, 1, 1]
    assert resource.name == "460305-RP-RP0-TXT-001-焊枪姿态"
    assert len(resource.versions) == 1


def test_metadata_cannot_touch_what_figures_rest_on(world: World) -> None:
    resource = world.published()
    with pytest.raises(Invalid) as refused:
        services.edit_metadata(world.author, resource, {"originality": "original", "is_live": True, "title": "好"})
    assert set(refused.value.problems) == {"originality", "is_live"}


def test_withdrawn_twice_restored_twice_changed_while_down_are_refused(world: World) -> None:
    resource = world.published()
    services.withdraw(world.author, resource, "设备停产")
    with pytest.raises(errors.Withdrawn):
        services.withdraw(world.author, resource, "再一次")
    for change in (
        lambda: services.rename(world.author, resource, "x"),
        lambda: services.note_transcode(resource),
        lambda: services.note_reupload(world.author, resource),
        lambda: services.start_revision(world.author, resource, body="新", reason="r"),
        lambda: services.edit_metadata(world.author, resource, {"difficulty": 1}),
    ):
        with pytest.raises(errors.Withdrawn):
            change()
    services.restore(world.librarian, resource, "仍在使用")
    with pytest.raises(errors.AlreadyLive):
        services.restore(world.librarian, resource, "再")
    assert [span.ended_at is None for span in session().scalars(select(LiveSpan).order_by(LiveSpan.id))] == [
        False,
        True,
    ]


def test_withdrawing_asks_for_a_reason_and_the_right(world: World) -> None:
    resource = world.published()
    with pytest.raises(Invalid):
        services.withdraw(world.author, resource, "  ")
    with pytest.raises(NotAllowed):
        services.withdraw(world.stranger, resource, "x")
    with pytest.raises(errors.NotLive):
        services.withdraw(world.author, world.draft("草稿"), "x")


def test_a_file_that_is_not_here_is_known_by_its_hash(world: World) -> None:
    world.published("视频", kind="video", content_hash="a" * 64, duration_s=420)
    with pytest.raises(errors.DuplicateContent):
        world.draft("视频二", kind="video", content_hash="a" * 64)


def test_accepted_rights_evidence_stays_with_a_revision_until_the_claim_changes(world: World) -> None:
    resource = world.draft()
    assert resource.draft_version is not None
    services.publish_version(resource.draft_version, is_evidence_accepted=True)
    revision = services.start_revision(world.author, resource, body="别的正文", reason="r")
    assert revision.is_evidence_accepted
    services.edit_draft(world.author, resource, {"originality": "adapted"}, resource.lock_version)
    assert not revision.is_evidence_accepted
