"""A rebuild that is killed at any of its steps: the live index answers as before, or as the new one does once it was swapped in; the
next rebuild ends, nothing is lost, doubled, or left lying about."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from search.documents import Batch, SearchDocument, SearchQuery
from search.whoosh_engine import WhooshEngine

SIZE = 60
#: Steps of a rebuild in their order. From `swapped` on the new index is the live one.
STEPS = ("first piece written", "pieces merged", "merged file half named", "committed", "swapped", "journal gone")
SWAPPED = STEPS.index("swapped")

# Stops at each step until a line comes in.
_REBUILD = """
import sys
from pathlib import Path
from search.documents import SearchDocument
from search.whoosh_engine import WhooshEngine, writer
from search.whoosh_engine.store import IndexFolder

root, round_, size, late = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
writer.WORDS_OF_A_PIECE = 400  # so that there are several to merge

def step(name):
    print(name, flush=True)
    sys.stdin.readline()

def stopping(owner, name, before="", after=""):
    real = getattr(owner, name)
    def stops(*args, **named):
        if before:
            step(before)
        result = real(*args, **named)
        if after:
            step(after)
        return result
    setattr(owner, name, stops)

named = []
def renaming(self, target, real=Path.replace):
    if self.name.rpartition(".")[0].endswith(".arrays") and not named:  # the next one is of the journal
        named.append(self)
        step("merged file half named")
    return real(self, target)

pieces = []
def first_piece(*args, real=writer._piece):
    made = real(*args)
    if not pieces:
        step("first piece written")
    pieces.append(made)
    return made

writer._piece, Path.replace = first_piece, renaming
stopping(writer, "merge_arrays", after="pieces merged")
stopping(IndexFolder, "make_live", before="committed", after="swapped")
stopping(IndexFolder, "remove_old", before="journal gone")
documents = [SearchDocument("resource", f"resource:{i}", f"焊接{round_}") for i in range(size)]
documents += [SearchDocument("resource", f"late:{n}", "后来的") for n in range(late)]
WhooshEngine(root).rebuild(documents)
assert len(pieces) > 1
print("ended", flush=True)
"""


def rebuild(root: Path, number: int) -> subprocess.Popen[str]:
    """A process that makes the index anew; so many batches have come before it."""
    command = [sys.executable, "-c", _REBUILD, str(root), f"第{number}轮", str(SIZE), str(number)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def let_go_until(process: subprocess.Popen[str], wanted: str) -> None:
    """It stands at the step afterwards. It stands at the first one already."""
    assert process.stdout is not None
    assert process.stdin is not None
    for reached in STEPS[1 : STEPS.index(wanted) + 1]:
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline().strip() == reached


def found_by(reader: WhooshEngine, text: str) -> list[str]:
    return sorted(hit.id for hit in reader.search(SearchQuery(text, limit=500)).hits)


def check(reader: WhooshEngine, of_round: int, late: int) -> None:
    """Everything of a round and every batch is there, once."""
    resources, batches = [f"resource:{i}" for i in range(SIZE)], [f"late:{n}" for n in range(late)]
    assert found_by(reader, "") == sorted(resources + batches)
    assert found_by(reader, f'"第{of_round}轮"') == sorted(resources)
    assert found_by(reader, "后来的") == sorted(batches)


def test_a_rebuild_killed_at_any_step_loses_nothing_doubles_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    root = tmp_path / "index"
    reader = WhooshEngine(root)
    reader.rebuild([SearchDocument("resource", f"resource:{i}", "焊接第0轮") for i in range(SIZE)])
    live = 0
    for number, step in enumerate(STEPS, 1):
        process = rebuild(root, number - 1)
        assert process.stdout is not None
        assert process.stdout.readline().strip() == STEPS[0]
        # Somebody changes something while the index is made: into the live one, and into the journal of the new one.
        WhooshEngine(root).apply(Batch((SearchDocument("resource", f"late:{number - 1}", "后来的"),)))
        let_go_until(process, step)
        process.kill()
        process.communicate()
        live = number - 1 if STEPS.index(step) >= SWAPPED else live
        check(reader, live, number)
        check(WhooshEngine(root), live, number)
        assert len(list(root.glob("index-*"))) <= 3  # the live one, the one before, and the one that was being made
    survivor = rebuild(root, len(STEPS))
    survivor.communicate("\n" * 10, timeout=60)
    assert survivor.returncode == 0
    check(reader, len(STEPS), len(STEPS))
    kept = sorted(path.name.rpartition("-")[0] or path.suffix or path.name for path in root.iterdir())
    assert kept == [".lock", ".lock", "current", "index", "index"]
    assert not list(root.glob("*/pieces-*"))
