"""An indexer that is killed at any moment: after it went on, nothing is lost and nothing is there twice."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from search.documents import SearchQuery
from search.whoosh_engine import WhooshEngine

BATCHES, OF_A_BATCH, KILLS = 14, 30, 4

# As the worker does: a batch counts as done only after it was applied, and is applied again otherwise.
_FOLLOW = """
import sys
from pathlib import Path
from search.documents import Batch, SearchDocument
from search.whoosh_engine import WhooshEngine

root, done, batches, size = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
engine = WhooshEngine(root)
print("ready", flush=True)
for number in range(int(done.read_text()), batches):
    documents = tuple(SearchDocument("resource", f"resource:{number}:{i}", f"焊接{number}") for i in range(size))
    engine.apply(Batch(documents, deletes=(f"resource:{number - 1}:0",)))
    done.write_text(str(number + 1))
"""


def follow(root: Path, done: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _FOLLOW, str(root), str(done), str(BATCHES), str(OF_A_BATCH)]
    writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    writer.stdout.readline()
    return writer


def test_a_killed_indexer_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    root, done, chance = tmp_path / "index", tmp_path / "done", random.Random(3)
    reader = WhooshEngine(root)
    reader.rebuild(())
    done.write_text("0")
    killed = 0
    while killed < KILLS:
        writer = follow(root, done)
        time.sleep(chance.uniform(0.0, 0.12))
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
        killed += 1
        reader.search(SearchQuery("焊接"))
    survivor = follow(root, done)
    survivor.communicate(timeout=60)
    assert survivor.returncode == 0
    expected = {f"resource:{n}:{i}" for n in range(BATCHES) for i in range(OF_A_BATCH)}
    expected -= {f"resource:{n}:0" for n in range(BATCHES - 1)}
    found = [hit.id for hit in reader.search(SearchQuery(limit=2 * len(expected))).hits]
    assert len(found) == len(set(found)) == reader.status().documents
    assert set(found) == expected
