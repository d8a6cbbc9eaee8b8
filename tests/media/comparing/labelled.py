"""The labelled set in full: `python -m tests.media.comparing.labelled [--quick] [words of a name]`.

Prints each miss with its evidence, the confusion table of decision 7, and what it cost; ends with 1 where an identical or
re-encoded pair was classed substantive.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
from collections import Counter
from pathlib import Path

from courseware.resources.assets import hash_file
from media.comparing.classify import classify_files
from media.comparing.documents import Transcripts
from media.sniff import sniff
from tests.media.comparing.pairs import CODED, FULL, MINOR, NEW, QUICK, SAME, Pair, all_pairs

CLASSES = (SAME, CODED, MINOR, NEW)


def verdict_of(old: Path, new: Path, kind: str, spoken: Transcripts | None = None) -> tuple[str | None, object]:
    """The class, and the evidence for whoever asks why."""
    if hash_file(old) == hash_file(new):
        return SAME, ()
    kinds = (sniff(path, path.name) for path in (old, new))
    found = classify_files(old, next(kinds), new, next(kinds), kind, spoken=spoken)
    return (found.verdict, found.evidence) if found is not None else (None, ())


def main(arguments: list[str]) -> int:
    """Judges all pairs, or those with the words in their names."""
    words = [word for word in arguments if not word.startswith("--")]
    chosen = [p for p in all_pairs(QUICK if "--quick" in arguments else FULL) if all(w in p.name for w in words)]
    table: Counter[tuple[str, str | None]] = Counter()
    for pair in chosen:
        made, judged, verdict, evidence = _judge(pair)
        table[pair.label, verdict] += 1
        remark = "" if verdict == pair.label else f"  MISS: {pair.label} taken for {verdict} {evidence}"
        if remark or "--times" in arguments:
            print(f"{pair.name}: made {made:.1f} s, judged {judged:.1f} s{remark}", flush=True)
    print(_as_text(table))
    load = ", ".join(f"{n:.1f}" for n in os.getloadavg())
    print(f"{len(chosen)} pairs, {_spent():.0f} s of processor time, load {load}")
    return int(any(table[label, NEW] for label in (SAME, CODED)))


def _judge(pair: Pair) -> tuple[float, float, str | None, object]:
    with tempfile.TemporaryDirectory(prefix="pair-") as folder:
        start = _spent()
        files = pair.make(Path(folder))
        made = _spent()
        verdict, evidence = verdict_of(*files, pair.type)
        return made - start, _spent() - made, verdict, evidence


def _spent() -> float:
    """Processor seconds of this process and its children."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def _as_text(table: Counter[tuple[str, str | None]]) -> str:
    lines = [f"| | {' | '.join(CLASSES)} |", "|---" * (len(CLASSES) + 1) + "|"]
    lines += [f"| {row} | {' | '.join(str(table[row, c] or '') for c in CLASSES)} |" for row in CLASSES]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
