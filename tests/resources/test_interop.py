"""One resource in the words of others: LOM and LRMI say what the page says, and nothing that it hides."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from lxml import etree

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


def test_instants_are_written_as_the_binding_of_lom_asks(world: World, client: Any, clock: Any) -> None:
    clock("2026-03-01 08:30")
    live = world.published()
    root = ET.fromstring(client.get(f"/resources/{live.uuid}/lom.xml").data)  # noqa: S314 - our own answer
    written = {node.text for node in root.iterfind(".//l:dateTime", NAMES)}
    assert written == {"2026-03-01T00:30:00.0Z"}, "a zone stands only behind a fraction"


@pytest.mark.skipif(not os.environ.get("KEKU_TEST_SCHEMAS"), reason="names a folder with the XSD files of LOM")
@pytest.mark.parametrize("kind", ["text", "image", "presentation", "simulation"])
def test_the_record_is_valid_by_the_schema_of_the_standard(
    world: World, client: Any, kind: str, tmp_path: Path
) -> None:
    """With the sample schema put back to the standard: strict vocabulary, and without the `access` of its own country.

    Its empty choice for extensions is what libxml2 takes for "nothing fits here" (and then blames `entry`); other
    validators take it for "nothing has to be here", which is what its authors meant.
    """
    folder = tmp_path / "lom"
    shutil.copytree(os.environ["KEKU_TEST_SCHEMAS"], folder)
    for name, before, after in (
        ("extend/strict.xsd", "<xs:choice/>", "<xs:sequence/>"), ("lom.xsd", "vocab/custom.xsd\"/>", "vocab/strict.xsd\"/>"),
        ("common/elementTypes.xsd", '<xs:group ref="access"/>', ""),
    ):  # fmt: skip
        text = (folder / name).read_text(encoding="utf-8")
        assert before in text
        (folder / name).write_text(text.replace(before, after), encoding="utf-8")
    schema = etree.XMLSchema(etree.parse(folder / "lom.xsd"))
    full = {"difficulty": 3, "keywords": ["焊接"], "title_en": "Torch", "audience": "中职学生", "description": "说明"}
    live = world.published(
        "焊枪 & 角度 <1>", kind=kind, points=world.points, content_hash="a" * 64, duration_s=61, **full
    )
    schema.assertValid(etree.fromstring(client.get(f"/resources/{live.uuid}/lom.xml").data))


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
