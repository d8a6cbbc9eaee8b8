"""Machine hints: what is noticed, where, and that they never get in the way."""

from __future__ import annotations

from typing import Any

from courseware.resources.models import Asset, ResourceVersion
from courseware.review import rulebook, services
from courseware.review.hints import by_dimension, hints_of
from courseware.review.models import DIMENSIONS
from courseware.review.rules import Rules


def noticed(version: ResourceVersion, rules: Rules | None = None, text: str = "") -> dict[str, str]:
    return {hint.code: hint.text for hint in hints_of(version, rules or Rules(), text or version.body)}


def version_of(world: Any, title: str = "焊枪角度", **fields: Any) -> ResourceVersion:
    fields.setdefault("has_evidence", True)
    version = world.draft(title, **fields).draft_version
    assert version is not None
    return version


def asset(**facts: Any) -> Asset:
    given = {"kind": "video", "state": "ready", "width": 1920, "height": 1080, "filename": "a.mp4", **facts}
    return Asset(sha256="0" * 64, size=1, media_type="video/mp4", store_key="x", **given)


def test_a_clean_text_gives_no_hint(world: Any) -> None:
    assert noticed(version_of(world, body="行走角保持在70度到80度之间。")) == {}


def test_words_are_found_with_their_place_and_reason(world: Any) -> None:
    hints = hints_of(
        version_of(world, body="该设备绝对安全，可以放心使用。"), Rules(), "该设备绝对安全，可以放心使用。"
    )
    assert [h.code for h in hints] == ["word"]
    assert hints[0].dimension == "scientific"
    assert "绝对安全" in hints[0].places[0]


def test_a_library_adds_words_and_switches_others_off(world: Any) -> None:
    version = version_of(world, body="绝对安全，华光牌焊机。")
    assert "华光牌" in noticed(version, Rules(words=("华光牌",), muted=("绝对安全",)))["word"]
    assert noticed(version, Rules(muted=("绝对安全",))) == {}


def test_a_map_is_guessed_from_names_and_said_to_be(world: Any) -> None:
    assert "分布图" in noticed(version_of(world, "机器人产业的分布图"))["map"]
    assert "map" not in noticed(version_of(world, "机器人产业"))


def test_missing_rights_are_named(world: Any) -> None:
    borrowed = version_of(world, originality="third_party", has_evidence=False, licence="")
    assert {"rights", "licence"} <= set(noticed(borrowed))
    assert "rights" not in noticed(
        version_of(world, "坐标系", originality="third_party", evidence_note="授权书 2026-3")
    )


def test_personal_numbers_are_counted_and_not_repeated(world: Any) -> None:
    found = noticed(version_of(world, body="联系 13912345678，身份证 110105199003071234，产品号 139123456789。"))
    assert set(found) == {"phone", "id_card"}
    assert "13912345678" not in str(found)


def test_poor_recordings_are_told_apart(world: Any) -> None:
    version = version_of(world)
    cases = {
        "small": asset(width=426, height=240, facts={}), "silent": asset(facts={"has_sound": False}),
        "broken": asset(state="failed", reason="截断", facts={}), "slideshow": asset(facts={"still_percent": 96, "has_sound": True}),
        "waiting": asset(state="processing", facts={}),
    }  # fmt: skip
    for code, file in cases.items():
        version.asset = file
        assert set(noticed(version)) == {code}, code
    version.asset = asset(facts={"has_sound": True, "peak_db": -12.0, "still_percent": 10})
    assert noticed(version) == {}
    version.asset = None


def test_hints_stand_under_their_dimension_and_none_is_lost(world: Any) -> None:
    hints = hints_of(version_of(world, body="加微信领取，绝对安全。"), Rules(), "加微信领取，绝对安全。")
    grouped = by_dimension(hints, DIMENSIONS)
    assert [h.dimension for h in grouped["norms"]] == ["public_benefit"]
    assert sum(map(len, grouped.values())) == len(hints)


def test_hints_never_decide(world: Any) -> None:
    resource = world.draft("台湾国地图", body="绝对安全，加微信。")
    case = services.submit(world.author, resource, commitment="已自查")
    assert hints_of(case.version, rulebook.rules_of_case(case), case.version.body)
    services.decide(world.reviewer, case, "approve", services.ALL_PASSED)
    assert resource.is_live
