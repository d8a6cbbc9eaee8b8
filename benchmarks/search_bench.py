"""`python -m benchmarks search [--size 200000]`: the table of engines; builds what is missing under var/bench.

`--postgres postgresql://…` (an empty database) adds that engine. `--commits` and `--visible` measure changes instead.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import machine, search_changes
from benchmarks.search_corpus import KINDS, Asked, Corpus
from benchmarks.search_engines import Contestant, Fts5, Ours, StockWhoosh, percentile
from benchmarks.search_postgres import Postgres
from benchmarks.site import FOLDER

ROUNDS = 3
Times = dict[str, dict[str, list[float]]]
Totals = dict[str, dict[int, int]]


def main(arguments: Sequence[str]) -> None:
    """Builds, asks, prints."""
    options = _options(arguments)
    if options.visible:
        search_changes.visible(options.visible)
        return
    corpus = Corpus(options.size)
    folder = Path(os.environ.get("KEKU_BENCH_DIR", FOLDER)) / f"search-{options.size}"
    folder.mkdir(parents=True, exist_ok=True)
    is_table = not (options.only_memory or options.commits)
    _build(folder, corpus, with_stock=is_table and not options.no_stock)
    if options.only_memory:
        print(json.dumps(_memory(folder, corpus)))
        return
    if options.commits:
        search_changes.commits(folder, corpus)
        return
    contestants = _contestants(folder, corpus, options)
    print(f"{options.size} documents, load {machine.load_average()}, best of {ROUNDS} of each question")
    times, totals = _measure(contestants, corpus.questions())
    _print(times, totals)
    print("memory added by the engine, MB:", _memory_of_another_process(options.size))
    print("load at the end", machine.load_average())


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks search", description=__doc__)
    parser.add_argument("--size", type=int, default=200_000)
    parser.add_argument("--no-stock", action="store_true", help="Leave stock Whoosh out: it takes minutes.")
    parser.add_argument("--postgres", default="", metavar="URL", help="Of an empty database: its engine takes part.")
    parser.add_argument(
        "--commits", action="store_true", help="Measure commits of one and of a hundred documents instead."
    )
    parser.add_argument(
        "--visible",
        nargs="?",
        const="large",
        metavar="SIZE",
        help="Measure how soon a change of a served site is found instead.",
    )
    parser.add_argument("--only-memory", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def _build(folder: Path, corpus: Corpus, *, with_stock: bool) -> None:
    _once(folder / "whoosh.ready", "this engine", lambda: Ours.build(folder / "whoosh", corpus))
    _once(folder / "fts.ready", "FTS5", lambda: Fts5.build(folder / "fts.db", corpus))
    if with_stock:
        _once(folder / "stock.ready", "stock Whoosh", lambda: StockWhoosh.build(folder / "stock", corpus))


def _once(ready: Path, name: str, build: Callable[[], None]) -> None:
    """Builds unless that was done; the making of the documents is in the time."""
    if ready.exists():
        return
    began = time.process_time()
    build()
    print(f"{name} built in {time.process_time() - began:.0f} CPU s", file=sys.stderr)
    ready.touch()


def _contestants(folder: Path, corpus: Corpus, options: argparse.Namespace) -> list[Contestant]:
    found: list[Contestant] = [Fts5(folder / "fts.db"), Ours(folder / "whoosh")]
    found.append(Ours(folder / "whoosh", "this, cold", forgets=True))
    if not options.no_stock:
        found.append(StockWhoosh(folder / "stock"))
    if options.postgres:
        postgres = Postgres(options.postgres)
        postgres.build(corpus)
        found.append(postgres)
    return found


def _measure(contestants: list[Contestant], questions: list[Asked]) -> tuple[Times, Totals]:
    """Engines take turns at every question, so that a busy moment of the machine meets all of them."""
    times: Times = {each.name: defaultdict(list) for each in contestants}
    totals: Totals = {each.name: {} for each in contestants}
    for number, asked in enumerate(questions):
        best: dict[str, float] = {}
        for _ in range(ROUNDS):
            for each in contestants:
                if not each.can(asked):
                    continue
                each.forget()
                began = time.perf_counter()
                answer = each.ask(asked)
                best[each.name] = min(best.get(each.name, 1e9), (time.perf_counter() - began) * 1000)
                totals[each.name][number] = answer.total
        for name, took in best.items():
            times[name][asked.kind].append(took)
    return times, totals


def _print(times: Times, totals: Totals) -> None:
    """Times in ms; ratios are to FTS5 over the kinds that both answer."""
    for name, by_kind in times.items():
        answered = [kind for kind in KINDS if by_kind[kind]]
        base = [took for kind in answered for took in times["FTS5"][kind]]
        mix = [took for kind in answered for took in by_kind[kind]]
        figures = percentile(mix, 0.5), percentile(mix, 0.95), sum(mix) / len(mix)
        reference = percentile(base, 0.5), percentile(base, 0.95), sum(base) / len(base)
        ratios = " ".join(f"×{figure / ref:.2f}" for figure, ref in zip(figures, reference, strict=True))
        same = sum(total == totals["FTS5"][number] for number, total in totals[name].items())
        print(
            f"{name:14} p50 {figures[0]:7.2f}  p95 {figures[1]:7.2f}  mean {figures[2]:7.2f} ms  of FTS5 {ratios}  "
            f"equal totals {same}/{len(totals[name])}"
        )
    print(f"{'':14} " + " ".join(f"{kind[:7]:>8}" for kind in KINDS))
    for name, by_kind in times.items():
        print(
            f"{name:14} "
            + " ".join(f"{percentile(by_kind[kind], 0.5):8.2f}" if by_kind[kind] else f"{'–':>8}" for kind in KINDS)
        )


# --- memory


def _memory_of_another_process(size: int) -> str:
    """Asked in a fresh process: what this one holds is everybody's."""
    command = [sys.executable, "-m", "benchmarks", "search", "--size", str(size), "--only-memory"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _memory(folder: Path, corpus: Corpus) -> dict[str, float]:
    """Before opening and after the whole mix, three times over. `private` is what another web process would add."""
    before = _sizes()
    ours = Ours(folder / "whoosh")
    for asked in corpus.questions() * 3:
        ours.ask(asked)
    after = _sizes()
    return {name: round(after[name] - before[name], 1) for name in after}


def _sizes() -> dict[str, float]:
    lines = Path("/proc/self/smaps_rollup").read_text(encoding="utf-8").splitlines()
    kept = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines[1:] if line.endswith("kB")}
    return {"rss": kept["Rss"], "private": kept["Private_Dirty"] + kept.get("Swap", 0.0)}
