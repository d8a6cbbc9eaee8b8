"""What makes repeat visits quick and moments without network bearable, and how much script a lesson needs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.catalog.world import World, make_world
from tests.counting import statements
from tests.servers.rewound import MadeOnce

pytestmark = pytest.mark.one_database
DIST = Path(__file__).resolve().parents[2] / "static" / "dist"
STATIC_IMPORT = re.compile(r'(?:import|from)\s*"\./([^"]+\.js)"')


@pytest.fixture
def world(made_once: MadeOnce) -> World:
    made: World = made_once(make_world)
    return made


def test_the_worker_stands_at_the_root_and_is_asked_for_anew(client: Any, app: Any) -> None:
    answer = client.get("/service-worker.js")
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "worker-src 'self'" in answer.headers["Content-Security-Policy"]


def test_a_page_names_whose_it_is_to_the_worker_only(client: Any, world: World) -> None:
    navigation = {"Sec-Fetch-Mode": "navigate"}
    assert client.get("/courses", headers=navigation).headers["X-Keku-Person"] == "guest"
    client.sign_in(world.student)
    assert client.get("/courses", headers=navigation).headers["X-Keku-Person"] == str(world.student.uuid)
    assert "X-Keku-Person" not in client.get("/courses").headers
    asked_by_the_worker = client.get("/courses", headers={"X-Keku-Keeps": "1"})
    assert asked_by_the_worker.headers["X-Keku-Person"] == str(world.student.uuid), (
        "what it keeps is somebody's from the first"
    )


def test_the_page_for_moments_without_network_says_what_works(client: Any, app: Any) -> None:
    client.set_cookie("kk_lang", "en")
    page = client.get("/offline").text
    assert "What still works" in page
    assert "data-kept-pages" in page


def test_a_lesson_needs_little_script() -> None:
    files = json.loads((DIST / "manifest.json").read_text())["files"]
    before_player = _closure([files[f"{name}.js"] for name in ("theme", "main", "attention", "learn")])
    with_player = _closure([files[f"{name}.js"] for name in ("theme", "main", "attention", "learn", "player")])
    assert 10_000 < _bytes(before_player) <= 150_000
    assert _bytes(with_player) <= 150_000, "hls.js comes later, and only where the browser needs it"


def test_what_plays_recordings_is_in_no_page_from_the_start(client: Any, world: World) -> None:
    (library,) = (path.name for path in DIST.glob("chunk-hls*.js"))
    files = json.loads((DIST / "manifest.json").read_text())["files"]
    for name in ("main", "attention", "learn", "player"):
        assert library not in {path.name for path in _closure([files[f"{name}.js"]])}, name
    assert library in (DIST.parent / files["player.js"]).read_text(), (
        "the player asks for it when somebody reaches for it"
    )
    reading = world.lesson({"kind": "text", "title": "读一遍", "text": "先急停。"})
    assert files["player.js"] not in client.get(f"/learn/{reading.uuid}").text, "nothing plays in a text"


def test_the_panel_adds_no_query_to_the_page_of_a_lesson(client: Any, world: World) -> None:
    lesson = world.lesson(world.video())
    world.enrol()
    client.sign_in(world.student)
    path = f"/learn/{lesson.uuid}"
    client.get(path)
    with statements() as asked:
        client.get(path)
    assert not [one for one in asked if "discussion_" in one or "FROM note" in one or "FROM bookmark" in one]
    assert len(asked) <= 8
    with statements() as asked:
        found = client.get(f"{path}/beside").json
    assert found == {"notes": 0, "questions": 0, "news": 0, "marks": []}
    assert len(asked) <= 6, "the person, the lesson, two figures and two kinds of marks"


def _closure(names: list[str]) -> set[Path]:
    """The files and everything they import at once."""
    found: set[Path] = set()
    waiting = [DIST.parent / name for name in names]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += [DIST / name for name in STATIC_IMPORT.findall(path.read_text())]
    return found


def _bytes(paths: set[Path]) -> int:
    return sum(path.stat().st_size for path in paths)
