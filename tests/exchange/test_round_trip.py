"""What leaves as a cartridge comes back as the same outline, texts, links and files; and texts survive the way through HTML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lxml import etree, html

from courseware.catalog.memory import memory
from courseware.core.database import session
from courseware.exchange.cartridge import names
from courseware.exchange.incoming.markup import read_page, to_markdown
from courseware.exchange.incoming.outline import Outline
from courseware.exchange.incoming.reading import look_into
from courseware.exchange.packing import pack
from courseware.exchange.plan import plan_of
from courseware.resources import assets
from courseware.resources import services as resources
from courseware.resources.views.previews import render_markdown
from tests.catalog.world import World
from tests.exchange.packages import made, opened, process, saved
from tests.exchange.test_taking import ask, film
from tests.media.samples import sample_pdf

NODE = f"{{{names.CP}}}"


def outline_of(world: World, folder: Path) -> Outline:
    return look_into(saved(made(ask(world, "cc", world.teacher)), folder), "course.imscc")


def told(outline: Outline) -> list[tuple[str, str, list[tuple[str, str, str, str]]]]:
    """Module, lesson, and each thing as (kind, title, what its text looks like, address)."""
    return [
        (
            module.title,
            lesson.title,
            [(one.kind, one.title, render_markdown(one.text), one.url) for one in lesson.items],
        )
        for _path, module, lesson in outline.lessons()
    ]


def test_a_course_comes_back_as_it_left(world: World, tmp_path: Path) -> None:
    paper = assets.store_file(sample_pdf(tmp_path / "工艺卡.pdf"), "工艺卡.pdf", None)
    process(paper)
    card = resources.create_resource(
        world.teacher, world.library, type="other", title="工艺卡", course=world.course, points=world.points[:1], asset=paper,
        originality="open", licence="CC-BY-SA-4.0", source="示例厂", description="一页。",
    )  # fmt: skip
    resources.publish_version(card.draft_version)
    text = world.resource("枪角说明")
    world.lesson(
        film(world, tmp_path), card, text, {"kind": "text", "title": "要点", "text": "# 一\n\n- 先看\n- 再做\n\n| 甲 | 乙 |\n| --- | --- |\n| 1 | 2 |"},
        {"kind": "task", "title": "任务", "text": "焊一条*立向*焊缝。"}, {"kind": "question", "title": "想一想", "text": "为什么？"},
        {"kind": "discussion", "title": "讨论", "text": "站在哪里？"}, {"kind": "link", "title": "标准", "url": "https://openstd.samr.gov.cn/?a=1&b=2"},
        {"kind": "link", "title": "附言", "url": "https://example.org/", "text": "先读第 3 节。"}, title="立向上角焊",
    )  # fmt: skip
    outline = outline_of(world, tmp_path)
    assert told(outline) == [(world.module.title, "立向上角焊", [
        ("resource", "枪角演示", "", ""), ("resource", "工艺卡", render_markdown("一页。"), ""),
        ("resource", "枪角说明", render_markdown(text.published_version.body), ""),
        ("text", "要点", render_markdown("# 一\n\n- 先看\n- 再做\n\n| 甲 | 乙 |\n| --- | --- |\n| 1 | 2 |"), ""),
        ("task", "任务", render_markdown("焊一条*立向*焊缝。"), ""), ("question", "想一想", render_markdown("为什么？"), ""),
        ("discussion", "讨论", render_markdown("站在哪里？"), ""), ("link", "标准", "", "https://openstd.samr.gov.cn/?a=1&b=2"),
        ("link", "附言", render_markdown("先读第 3 节。"), "https://example.org/"),
    ])]  # fmt: skip
    recording, paper_item = outline.modules[0].lessons[0].items[:2]
    assert (recording.file.rsplit(".")[-1], [language for language, _file in recording.captions]) == ("mp4", ["zh"])
    assert (paper_item.licence, paper_item.source) == ("CC-BY-SA-4.0", "示例厂")
    assert {one.code for one in outline.remarks} == {"discussion"}


WORDS = (
    st.text(st.characters(exclude_categories=("Cs", "Cc", "Co", "Cn", "Zl", "Zp")), min_size=1, max_size=24)
    .map(str.strip)
    .filter(bool)
)
TITLES = WORDS.map(lambda text: " ".join(text.split())).filter(bool)
THINGS = st.lists(st.tuples(st.sampled_from(["text", "task", "question"]), TITLES, WORDS), min_size=1, max_size=4)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lessons=st.lists(st.tuples(TITLES, THINGS), min_size=1, max_size=3))
def test_any_small_course_comes_back(world: World, tmp_path: Path, lessons: Sequence[Any]) -> None:
    begun = session().begin_nested()
    for title, things in lessons:
        world.lesson(*({"kind": kind, "title": name, "text": text} for kind, name, text in things), title=title)
    plan_path = packed(world, tmp_path)
    version = world.course.content_version
    begun.rollback()
    memory("course", 300).drop(
        (world.course.uuid, version, None)
    )  # the next one has the number of the one that never was
    session().expire_all()
    wanted = [
        (title, [(kind, name, words_of(text)) for kind, name, text in things]) for title, things in lessons
    ]  # fmt: skip
    outline = look_into(plan_path, "x.imscc")
    assert [
        (lesson.title, [(one.kind, one.title, words_of(one.text)) for one in lesson.items])
        for _p, _m, lesson in outline.lessons()
    ] == wanted


def packed(world: World, folder: Path) -> Path:
    """A cartridge written without the worker, within the transaction of a test."""
    path = folder / "x.imscc"
    pack(plan_of(world.course), "cc", path, lambda _percent, _text: None, lambda: False)
    return path


def words_of(markdown: str) -> str:
    """What a text looks like, white space aside."""
    return re.sub(r"\s+", " ", str(render_markdown(markdown))).strip()


PARTS = st.sampled_from(
    [
        "字",
        "*斜*",
        "**粗**",
        "`a*b`",
        "[链](<https://a.example/x?y=1&z=2>)",
        "1. ",
        "- ",
        "# ",
        "> ",
        "|",
        "\\",
        "_",
        "a_b_c",
        "<b>",
        "&amp;",
        "~~删~~",
        " ",
        "\n",
        "\n\n",
        "    ",
        "```\n",
        "+",
        "=",
        "12)",
    ]
)


@settings(max_examples=120, deadline=None)
@given(st.lists(PARTS, max_size=14).map("".join))
@example("- a\n\n  b\n- c")
@example("*斜**字*")
@example("1. 一\n2. 二\n\n3. 三")
def test_a_text_looks_the_same_after_the_way_through_html(text: str) -> None:
    drawn = str(render_markdown(text))
    if not drawn.strip():
        return
    again = to_markdown(html.fragment_fromstring(drawn, create_parent="div"))
    assert plain(str(render_markdown(again))) == plain(drawn)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p><b>注意：</b>先看</p>", "**注意**：先看"), ("<p><b>（一）</b>先看</p>", "（**一**）先看"), ("<p><i>。</i></p>", "。"),
        ("<p>2*3*4 _x_</p>", r"2\*3\*4 \_x\_"), ("<p>1. 不是列表</p>", r"1\. 不是列表"), ("<ol><li>甲<ul><li>乙</li></ul></li></ol>", "1. 甲\n\n   - 乙"),
        ("<table><tr><th>a|b</th></tr><tr><td>1<br>2</td></tr></table>", "| a\\|b |\n| --- |\n| 1 2 |"),
        ("<a href='javascript:x()'>看</a> <a href='https://a.example/?a=1'>站</a>", "看 [站](<https://a.example/?a=1>)"),
    ],
)  # fmt: skip
def test_how_pages_are_written_down(markup: str, text: str) -> None:
    page = read_page(markup)
    assert page is not None
    assert page.text == text


def plain(drawn: str) -> str:
    """The words of a page: how they are nested may differ where Markdown has two ways to write it."""
    return re.sub(r"\s+", "", html.fragment_fromstring(drawn or "<p></p>", create_parent="div").text_content())


@settings(max_examples=80, deadline=None)
@given(
    st.text(max_size=80)
    | st.lists(
        st.sampled_from(
            [
                "<p>",
                "</p>",
                "<script>",
                "<img src=x onerror=y>",
                "<a href='javascript:x'>",
                "字",
                "<table><tr><td>",
                "<svg/onload=x>",
                "]]>",
                "<!--",
                "&#0;",
            ]
        ),
        max_size=10,
    ).map("".join)
)
def test_no_page_of_a_stranger_carries_anything_that_runs(markup: str) -> None:
    page = read_page(markup)
    drawn = str(render_markdown(page.text)) if page is not None else ""
    assert not re.search(r"<script|<img|<svg|\son\w+\s*=[^<]*>|href=[\"']?javascript", drawn, re.IGNORECASE)


def test_the_manifest_names_every_file_of_the_cartridge_and_nothing_else(world: World, tmp_path: Path) -> None:
    world.lesson(
        film(world, tmp_path),
        {"kind": "link", "title": "标准", "url": "https://a.example/"},
        {"kind": "discussion", "text": "?"},
    )
    archive = opened(made(ask(world, "cc", world.teacher)))
    root = etree.fromstring(archive.read("imsmanifest.xml"))
    files = {node.get("href") for node in root.iter(f"{NODE}file")}
    assert files == set(archive.namelist()) - {"imsmanifest.xml"}
    known = {node.get("identifier") for node in root.iter(f"{NODE}resource")}
    asked = {node.get("identifierref") for node in root.iter(f"{NODE}item", f"{NODE}dependency")} - {None}
    assert asked <= known
    identifiers = [node.get("identifier") for node in root.iter() if node.get("identifier")]
    assert len(identifiers) == len(set(identifiers))


def test_every_page_names_its_maker_and_licence(world: World) -> None:
    world.lesson(world.resource("枪角"))
    archive = opened(made(ask(world, "cc", world.teacher)))
    for name in ("pages/001-01.html", names.LICENCES):
        page = archive.read(name).decode()
        assert world.teacher.name in page
        assert "CC BY 4.0" in page
    assert b"<lom" in archive.read("lom/001-01.xml")
