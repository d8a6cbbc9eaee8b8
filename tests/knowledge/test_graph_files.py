"""The graph as a file: what goes out comes in again unchanged, differences are shown first, nothing goes silently."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from courseware.core.database import session
from courseware.core.roles import Role
from courseware.core.tables import TableUnreadable
from courseware.knowledge import editing, posts, queries, services
from courseware.knowledge.graphfile.applying import FileHasProblems, GraphMoved, take_in
from courseware.knowledge.graphfile.changes import changes_of
from courseware.knowledge.graphfile.model import Graph, PointFacts, PostFacts, as_document
from courseware.knowledge.graphfile.reading import Reading, read_graph
from courseware.knowledge.graphfile.sheets import SHEETS, write_workbook
from courseware.knowledge.graphfile.stored import stored_graph
from courseware.libraries.models import Library
from tests.counting import statements
from tests.libraries.builders import a_course, a_library, a_point, a_user, an_admin


@pytest.fixture
def library(app: Flask) -> Library:
    noise = a_library(code="NOISE")
    a_point(noise, "坐标系", key="frame", posts=["操作员"])
    library = a_library(code="ROBOT")
    a_course(library, "RP", name="编程")
    return library


def a_small_graph(library: Library) -> None:
    course, admin = library.courses[0], an_admin()
    frame = a_point(library, "坐标系", key="frame", course=course, aliases=["坐标、系"], posts=["操作员", "工程师"])
    tool = a_point(
        library, "工具坐标系", key="tool", course=course, kind="skill", prerequisites=[frame], posts=["操作员"]
    )
    load = a_point(library, "负载", key="load", is_mandatory=False, description="=1+1；两行\n说明")
    editing.relate(tool, load, admin)
    ability = posts.add_ability(
        services.ensure_post("操作员", code="6-31"), library, admin, "校准", name_en="Calibrating"
    )
    posts.tie_ability(ability, tool, library, admin)
    session().flush()


def as_json(graph: Graph) -> bytes:
    return json.dumps(as_document(graph), ensure_ascii=False).encode()


@pytest.mark.parametrize("write", [as_json, write_workbook])
def test_what_goes_out_comes_in_again_here_and_elsewhere(library: Library, write: Any) -> None:
    a_small_graph(library)
    content = write(stored_graph(library))
    same = changes_of(library, read_graph("graph", content))
    assert (same.problems, same.count, same.missing) == ([], 0, {})
    other = a_library(code="OTHER")
    a_course(other, "RP")
    take_in(other, read_graph("graph", content), an_admin())
    assert as_document(stored_graph(other)) == as_document(stored_graph(library))


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), min_size=1, max_size=12
)


@st.composite
def graphs(draw: Any) -> Graph:
    keys = draw(st.lists(WORDS, min_size=1, max_size=6, unique=True))
    graph = Graph()
    for key in keys:
        kind = draw(st.sampled_from(["knowledge", "skill"]))
        graph.points[key] = PointFacts(
            draw(WORDS), draw(st.just("") | WORDS), kind, "", draw(st.booleans()), draw(st.just("") | WORDS)
        )
    pairs = st.tuples(st.integers(0, len(keys) - 1), st.integers(0, len(keys) - 1)).filter(
        lambda pair: pair[0] < pair[1]
    )
    ties = st.sets(pairs, max_size=6) if len(keys) > 1 else st.just(set())
    graph.prerequisites = {(keys[a], keys[b]) for a, b in draw(ties)}
    graph.related = {(min(keys[a], keys[b]), max(keys[a], keys[b])) for a, b in draw(ties)}
    for post in draw(st.lists(WORDS, max_size=2, unique=True)):
        graph.posts[post] = PostFacts(draw(st.just("") | WORDS), "")
        graph.needs.add((post, keys[0]))
        for ability in draw(st.lists(WORDS, max_size=2, unique=True)):
            graph.abilities[post, ability] = ""
            graph.takes.add((post, ability, keys[0]))
    return graph


@given(graph=graphs())
@pytest.mark.parametrize("write", [as_json, write_workbook])
def test_any_graph_survives_a_file(write: Any, graph: Graph) -> None:
    reading = read_graph("graph", write(graph))
    assert reading.problems == []
    assert as_document(reading.graph) == as_document(graph)


@given(graph=graphs())
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@pytest.mark.one_database
def test_any_graph_survives_a_library(app: Flask, graph: Graph) -> None:
    with session().begin_nested() as savepoint:
        library = a_library()
        take_in(library, Reading(graph), None)
        assert changes_of(library, Reading(graph)).count == 0
        assert as_document(stored_graph(library)) == as_document(graph)
        savepoint.rollback()
    session().expunge_all()


def test_what_a_file_lacks_stays_unless_removing_is_asked_for(library: Library) -> None:
    a_small_graph(library)
    graph = stored_graph(library)
    del graph.points["load"]
    graph.related.clear()
    graph.prerequisites.clear()
    graph.aliases.clear()
    graph.takes.clear()
    changes = take_in(library, Reading(graph), an_admin())
    assert changes.count == 0
    assert set(changes.missing) == {"points", "related", "prerequisites", "aliases", "takes"}
    assert len(queries.points_of_library(library)) == 3
    take_in(library, Reading(graph), an_admin(), remove=True)
    left = stored_graph(library)
    assert (set(left.points), left.prerequisites, left.aliases, left.takes) == ({"frame", "tool"}, set(), set(), set())
    editing.restore_point(services_point(library, "load"), an_admin())  # retired, not lost


def services_point(library: Library, key: str) -> Any:
    found = queries.point_by_key(library, key)
    assert found is not None
    return found


def test_removing_never_takes_a_point_that_a_standard_in_force_names(library: Library) -> None:
    a_small_graph(library)
    frame = services_point(library, "frame")
    services.publish_standard(library.courses[0], "1", [("u", "单元", "", [frame])])
    graph = stored_graph(library)
    del graph.points["frame"]
    graph.prerequisites, graph.aliases = set(), set()
    graph.needs = {pair for pair in graph.needs if pair[1] != "frame"}
    take_in(library, Reading(graph), an_admin(), remove=True)
    assert "frame" in stored_graph(library).points


def test_a_circle_is_named_also_when_half_of_it_is_stored(library: Library) -> None:
    a_small_graph(library)
    graph = stored_graph(library)
    graph.prerequisites = {("tool", "frame")}
    changes = changes_of(library, Reading(graph))
    assert "坐标系 → 工具坐标系 → 坐标系" in " ".join(sentence for _place, sentence in changes.problems) or (
        "工具坐标系 → 坐标系 → 工具坐标系" in " ".join(sentence for _place, sentence in changes.problems)
    )
    with pytest.raises(FileHasProblems):
        take_in(library, Reading(graph), an_admin())
    assert changes_of(library, Reading(graph), remove=True).problems == []


def test_an_import_after_somebody_elses_change_writes_nothing(library: Library) -> None:
    a_small_graph(library)
    base = stored_graph(library).digest()
    a_point(library, "新来的", key="new")
    with pytest.raises(GraphMoved):
        take_in(library, Reading(stored_graph(library)), an_admin(), base=base)


HOSTILE: list[tuple[bytes, str]] = [
    (b"", "empty"), (b"PK\x03\x04 not a zip", "damaged"), (b"\xff\xd8\xff\xe0 a picture", "no text"),
    (b"[1, 2", "no valid JSON"), (b'{"points": 1}', "no graph"), (b'{"format": "keku-graph", "version": 9, "points": []}', "another version"),
    (b"[" * 90_000, "no valid JSON"),
]  # fmt: skip


@pytest.mark.one_database
@pytest.mark.parametrize(("content", "words"), HOSTILE, ids=[words for _content, words in HOSTILE])
def test_hostile_files_get_a_sentence(app: Flask, content: bytes, words: str) -> None:
    with force_locale("en"), pytest.raises(TableUnreadable, match=words):
        read_graph("x", content)


def test_faulty_rows_are_all_named_with_their_place(library: Library) -> None:
    book = Workbook()
    rows = {
        "points": [
            ["k1", "甲", "", "art", "", "1", ""],
            ["k1", "乙", "", "", "", "", ""],
            ["k2", "长" * 201, "", "", "XX", "", ""],
            ["", "丙"],
        ],
        "edges": [["前置", "k1", "k1"], ["vielleicht", "k1", "k2"], ["前置", "gone", "k1"]],
        "aliases": [["k1", "长" * 101], ["k9", "别名"]],
    }
    for name, lines in rows.items():
        title, columns = SHEETS[name]
        sheet = book.create_sheet(title)
        sheet.append(list(columns))
        for line in lines:
            sheet.append(line)
    out = io.BytesIO()
    book.save(out)
    with force_locale("en"):
        told = [
            f"{place} {sentence}" for place, sentence in changes_of(library, read_graph("x", out.getvalue())).problems
        ]
    for words in (
        "neither knowledge nor skill", "stands in the file twice", "1 to 200", "The key is missing", "tied to itself",
        "neither prerequisite nor related", "1 to 100", "no course “XX”", "the key “gone”", "the key “k9”",
    ):  # fmt: skip
        assert any(words in line for line in told), (words, told)
    assert any("line 2" in line for line in told)


def test_a_thousand_points_cost_no_more_queries_than_ten(library: Library) -> None:
    def graph_of(count: int) -> Graph:
        points = {f"k{n}": PointFacts(f"点{n}") for n in range(count)}
        chain = {(f"k{n}", f"k{n + 1}") for n in range(count - 1)}
        return Graph(
            points=points, posts={"岗": PostFacts()}, prerequisites=chain, needs={("岗", key) for key in points}
        )

    take_in(library, Reading(graph_of(10)), None)
    counts = []
    for size in (10, 1000):
        take_in(library, Reading(graph_of(size)), None)
        session().flush()
        session().expire_all()
        with statements() as sent:
            assert len(stored_graph(library).points) == size
        counts.append(len(sent))
    assert counts[1] <= counts[0] + 4


def test_librarians_see_the_differences_on_a_page_and_then_take_them_in(client: Any, library: Library) -> None:
    a_small_graph(library)
    session().commit()
    client.sign_in(a_user(Role.LIBRARIAN, unit=library.members[0].unit))
    client.set_cookie("kk_lang", "en")
    page = "/admin/libraries/ROBOT/graph/import"
    for kind in ("xlsx", "json"):
        exported = client.get(f"/admin/libraries/ROBOT/graph/export.{kind}")
        assert "attachment" in exported.headers["Content-Disposition"]
        shown = client.post(page, data={"file": (io.BytesIO(exported.data), f"graph.{kind}")})
        assert "nothing to take in" in shown.text
    document = json.loads(exported.data)
    document["points"].append({"key": "new", "name": "新点", "prerequisites": ["tool"]})
    shown = client.post(page, data={"file": (io.BytesIO(json.dumps(document).encode()), "graph.json")})
    assert "Take in 2 differences" in shown.text
    assert "tool → new" in shown.text
    assert "新点" in shown.text.split("tool → new")[0], "what is new is named, not only numbered"
    assert "new" not in stored_graph(library).points
    hidden = {name: shown.text.split(f'name="{name}" value="')[1].split('"')[0] for name in ("document", "base")}
    assert client.post(page, data={**hidden, "act": "apply"}).status_code == 302
    assert stored_graph(library).points["new"].name == "新点"
    late = client.post(page, data={**hidden, "act": "apply"})
    assert late.status_code == 409
    assert "Nothing was written" in late.text
    assert client.post(page, data={"file": (io.BytesIO(b"x"), "x.xlsx")}).status_code == 422
    assert client.post(page, data={}).status_code == 422
    assert client.post(page, data={"document": "!!", "act": "apply"}).status_code == 404
    assert client.get("/admin/libraries/ROBOT/graph/export.exe").status_code == 404


def test_the_commands_do_the_same(app: Flask, library: Library, tmp_path: Path) -> None:
    a_small_graph(library)
    session().commit()
    run = app.test_cli_runner().invoke
    for kind in ("xlsx", "json"):
        path = tmp_path / f"graph.{kind}"
        assert run(args=["export", "graph", str(path), "--library", "ROBOT"]).exit_code == 0
        answer = run(args=["import", "graph", str(path), "--library", "ROBOT", "--dry-run", "--json"])
        assert (answer.exit_code, json.loads(answer.stdout)["changes"]) == (0, 0)
    document = json.loads(path.read_text())
    document["points"] = [{"key": "new", "name": "新点", "prerequisites": ["nowhere"]}]
    path.write_text(json.dumps(document))
    answer = run(args=["import", "graph", str(path), "--library", "ROBOT"])
    assert answer.exit_code == 1
    assert "nowhere" in answer.output
    assert run(args=["import", "graph", str(path), "--library", "NONE"]).exit_code == 2
    document["points"][0]["prerequisites"] = ["tool"]
    path.write_text(json.dumps(document))
    assert run(args=["import", "graph", str(path), "--library", "ROBOT"]).exit_code == 0
    session().rollback()
    assert ("tool", "new") in stored_graph(library).prerequisites
