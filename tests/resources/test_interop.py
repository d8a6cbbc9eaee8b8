"""One resource in the words of others: LOM and LRMI say what the page says, and nothing that it hides."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from courseware.core.database import session
from courseware.resources.interop import LOM
from tests.resources.conftest import World
from tests.resources.lom_standard import faults_of

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


def test_instants_are_written_as_the_binding_of_lom_asks(world: World, client: Any, clock: Any) -> None:
    clock("2026-03-01 08:30")
    live = world.published()
    root = ET.fromstring(client.get(f"/resources/{live.uuid}/lom.xml").data)  # noqa: S314 - our own answer
    written = {node.text for node in root.iterfind(".//l:dateTime", NAMES)}
    assert written == {"2026-03-01T00:30:00.0Z"}, "a zone stands only behind a fraction"


@pytest.mark.parametrize("kind", ["text", "image", "presentation", "simulation", "video", "other"])
def test_every_part_of_the_record_is_where_and_as_often_as_the_standard_allows(
    world: World, client: Any, kind: str
) -> None:
    full = {
        "difficulty": 3,
        "keywords": ["焊接", "焊枪"],
        "title_en": "Torch",
        "audience": "中职学生",
        "description": "说明",
    }
    world.points[1].kind = "skill"
    rich = world.published(
        "焊枪 & 角度 <1>",
        kind=kind,
        points=world.points,
        content_hash="a" * 64,
        duration_s=61,
        language="zh-CN,en",
        **full,
    )
    bare = world.published("无课程", kind=kind, content_hash="b" * 64, points=[], course=None)
    draft = world.draft("草稿", kind=kind, content_hash="c" * 64)
    session().commit()
    client.sign_in(world.author)
    for resource in (rich, bare, draft):
        record = ET.fromstring(client.get(f"/resources/{resource.uuid}/lom.xml").data)  # noqa: S314 - our own answer
        assert faults_of(record) == []


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda root: root.append(root[0]), "lom: general stands 2 times"),
        (lambda root: root.insert(0, root[1]), "lom: lifeCycle before general"),
        (lambda root: ET.SubElement(root[0], f"{{{LOM}}}colour"), "general: no colour"),
        (lambda root: setattr(root.find(".//l:status/l:value", NAMES), "text", "done"), "status: done is no word"),
        (lambda root: setattr(root.find(".//l:dateTime", NAMES), "text", "2026-03-01T00:30:00Z"), "dateTime: 2026-03-01T00:30:00Z"),
        (lambda root: root.find(".//l:title/l:string", NAMES).attrib.clear(), "string: without language"),
        (lambda root: root.find("l:rights/l:cost", NAMES).clear(), "cost: source stands 0 times"),
    ],
    ids=["twice", "order", "unknown", "vocabulary", "instant", "language", "term"],
)  # fmt: skip
def test_the_description_of_the_standard_finds_what_is_wrong(
    world: World, client: Any, spoil: Callable[[Any], None], fault: str
) -> None:
    live = world.published()
    record = ET.fromstring(client.get(f"/resources/{live.uuid}/lom.xml").data)  # noqa: S314 - our own answer
    spoil(record)
    assert fault in faults_of(record)


def test_the_page_holds_the_record_for_search_engines_and_nothing_breaks_out_of_it(world: World, client: Any) -> None:
    live = world.published("</script><script>alert(1)</script> & 角度")
    page = client.get(f"/resources/{live.uuid}")
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page.text, re.DOTALL)
    assert [json.loads(block)["name"] for block in blocks] == [live.title]
    assert json.loads(blocks[0]) == client.get(f"/resources/{live.uuid}/lrmi.json").json
    assert "'unsafe-inline'" not in page.headers["Content-Security-Policy"].split("style-src-attr")[0]
    draft = world.draft("草稿")
    session().commit()
    client.sign_in(world.author)
    assert '<script type="application/ld+json' not in client.get(f"/resources/{draft.uuid}").text
