"""One resource in the words of others: LOM and LRMI say what the page says, and nothing that it hides."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

from courseware.core.database import session
from courseware.resources.interop import LOM
from tests.resources.conftest import World

NAMES = {"l": LOM}


def text(root: ET.Element, path: str) -> str | None:
    return root.findtext("/".join(f"l:{part}" for part in path.split("/")), namespaces=NAMES)


def test_the_lom_record_has_the_mandatory_fields(world: World, client: Any) -> None:
    live = world.published("焊枪 & 角度 <1>", difficulty=3, keywords=["焊接"], title_en="Torch", kind="video",
                           content_hash="a" * 64, duration_s=3725, audience="中职学生")  # fmt: skip
    world.published("无关")
    root = ET.fromstring(client.get(f"/resources/{live.uuid}/lom.xml").data)  # noqa: S314 - our own answer
    assert root.tag == f"{{{LOM}}}lom"
    assert text(root, "general/title/string") == "焊枪 & 角度 <1>"
    assert text(root, "general/keyword/string") == "焊接"
    assert text(root, "educational/difficulty/value") == "medium"
    assert text(root, "technical/duration/duration") == "PT1H2M5S"
    assert text(root, "lifeCycle/status/value") == "final"
    assert "FN:author" in (text(root, "lifeCycle/contribute/entity") or "")
    assert "CC-BY-4.0" in (text(root, "rights/description/string") or "")
    entries = [node.text for node in root.iterfind(".//l:taxon/l:entry/l:string", NAMES)]
    assert entries == ["工业机器人技术", "示教器"]


def test_the_parts_of_a_lom_record_stand_in_the_order_of_the_standard(world: World, client: Any) -> None:
    live = world.published()
    root = ET.fromstring(client.get(f"/resources/{live.uuid}/lom.xml").data)  # noqa: S314 - our own answer
    parts = list(dict.fromkeys(child.tag.split("}")[1] for child in root))
    assert parts == [
        "general",
        "lifeCycle",
        "metaMetadata",
        "technical",
        "educational",
        "rights",
        "relation",
        "classification",
    ]


def test_the_lrmi_record_names_licence_points_course_and_people(world: World, client: Any) -> None:
    live = world.published("焊枪角度", difficulty=2)
    answer = client.get(f"/resources/{live.uuid}/lrmi.json")
    assert answer.mimetype == "application/ld+json"
    found = answer.json
    assert found["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert ([one["name"] for one in found["teaches"]], found["isPartOf"][0]["name"]) == (["示教器"], "机器人编程")
    assert (found["creator"][0]["name"], found["publisher"][0]["name"]) == ("author", "海川职业技术学院")
    assert found["@type"] == ["LearningResource", "TextDigitalDocument"]
    assert "alternateName" not in found


def test_a_draft_tells_guests_nothing(world: World, client: Any) -> None:
    draft = world.draft("草稿")
    session().commit()
    for name in ("lom.xml", "lrmi.json"):
        assert client.get(f"/resources/{draft.uuid}/{name}").status_code == 404
        client.sign_in(world.author)
        assert client.get(f"/resources/{draft.uuid}/{name}").status_code == 200
        client.sign_out()


def test_the_page_links_both_records(world: World, client: Any) -> None:
    live = world.published()
    page = client.get(f"/resources/{live.uuid}").text
    assert f"/resources/{live.uuid}/lom.xml" in page
    assert f"/resources/{live.uuid}/lrmi.json" in page
