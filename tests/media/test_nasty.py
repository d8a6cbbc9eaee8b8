"""Every nasty file through the gate and, where it passes, through ffmpeg: verdicts as marked, nothing else opened."""

from __future__ import annotations

import http.server
import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.media import nasty

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
import json, sys
from pathlib import Path
from media.errors import MediaError
from media.gate import inspect_media
from media.hls import make_playable

answers = {}
for path in sorted(Path(sys.argv[1]).iterdir()):
    try:
        info = inspect_media(path)
        made = make_playable(path, info, Path(sys.argv[2]) / path.name)
        answers[path.name] = [info.kind, sum(p.duration_s for p in made) / len(made), [p.complaints for p in made]]
    except MediaError as problem:
        answers[path.name] = ["reject", problem.code, str(problem)]
print(json.dumps(answers))
"""


@dataclass
class Attack:
    """What was expected and answered, who was called, and which files the tools opened (None without strace)."""

    expected: dict[str, str]
    answers: dict[str, list]
    calls: list[str]
    opened: set[tuple[str, str]] | None
    connected: list[str]


@pytest.fixture(scope="module")
def attack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attack]:
    """All files through gate and ffmpeg in a process that is watched from outside."""
    folder, out, trace = (tmp_path_factory.mktemp(name) for name in ("uploads", "out", "trace"))
    with_listener = _listening()
    port, calls = next(with_listener)
    expected = nasty.make(folder, port)
    watch = shutil.which("strace")
    spy = (
        [watch, "-f", "-qq", "-v", "-s", "4096", "-o", str(trace / "log"), "-e", "trace=open,openat,connect,execve"]
        if watch
        else []
    )
    ran = subprocess.run(
        [*spy, sys.executable, "-c", SCRIPT, str(folder), str(out)],
        cwd=ROOT, capture_output=True, text=True, timeout=170, check=True,
    )  # fmt: skip
    log = (trace / "log").read_text(errors="replace") if watch else ""
    yield Attack(
        expected, json.loads(ran.stdout), list(calls), _opened(log, folder) if watch else None, _connected(log)
    )
    with_listener.close()


def _listening() -> Iterator[tuple[int, list[str]]]:
    calls: list[str] = []

    class Note(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            calls.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Note) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1], calls
        server.shutdown()


def _opened(log: str, folder: Path) -> set[tuple[str, str]]:
    """(the file a tool was started for, an upload that it opened), for every tool."""
    about: dict[str, str] = {}
    found = set()
    for line in log.splitlines():
        pid = line.split(" ", 1)[0]
        if started := re.search(rf'execve\("[^"]+", \[.*?{re.escape(str(folder))}/([^"]+)"', line):
            about[pid] = started[1]
        elif (
            seen := re.search(rf'open(?:at)?\(.*?"(?:file:)?{re.escape(str(folder))}/([^"]+)"', line)
        ) and pid in about:
            found.add((about[pid], seen[1]))
    return found


def _connected(log: str) -> list[str]:
    return [line for line in log.splitlines() if "connect(" in line and "AF_INET" in line]


def test_there_are_as_many_files_as_the_study_makes(attack: Attack) -> None:
    assert len(attack.expected) == len(attack.answers) == 39


def test_every_file_gets_the_verdict_it_is_marked_with(attack: Attack) -> None:
    verdicts = {name: answer[0] for name, answer in attack.answers.items()}
    assert verdicts == attack.expected


def test_every_refusal_has_a_sentence_for_people(attack: Attack) -> None:
    told = {name: answer[2] for name, answer in attack.answers.items() if answer[0] == "reject"}
    assert len(told) == 16
    assert all(re.match(r"[A-Z].*\.$", sentence) for sentence in told.values()), told


def test_what_passes_plays_to_its_end_and_a_hurt_middle_is_only_a_warning(attack: Attack) -> None:
    played = {name: answer for name, answer in attack.answers.items() if answer[0] != "reject"}
    assert {name: answer[1] for name, answer in played.items()} == dict.fromkeys(played, pytest.approx(3, abs=0.5))


def test_nobody_was_called(attack: Attack) -> None:
    assert attack.calls == []


def test_no_tool_even_tried_to_call(attack: Attack) -> None:
    _watched(attack)
    assert attack.connected == []


def test_no_tool_opened_another_upload(attack: Attack) -> None:
    _watched(attack)
    assert attack.opened is not None
    assert {(own, other) for own, other in attack.opened if own != other} == set()
    assert {own for own, _other in attack.opened} >= {
        name for name, verdict in attack.expected.items() if verdict != "reject"
    }


def _watched(attack: Attack) -> None:
    """Without a witness nothing was seen, which is not the same as nothing having happened."""
    if attack.opened is None:
        pytest.skip("not run: what the tools open and call (strace is missing)")
