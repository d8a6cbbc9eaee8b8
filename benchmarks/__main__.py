"""`make bench`, or `python -m benchmarks --seconds 10 --rounds 3 --only search`; `make bench ARGS=media` measures video, `ARGS=map` the map."""

from __future__ import annotations

import argparse
import os
import statistics
import sys
from dataclasses import asdict
from typing import Any

from benchmarks import load, machine, report, site
from benchmarks.queries import count_queries
from benchmarks.report import Figure
from benchmarks.scenarios import Scenario, catalogue, find_targets, make_scenarios

WARM_UP_S = 2.0


def main() -> None:
    """Loads what is missing, measures, writes."""
    options = _options()
    before = machine.load_average()
    folder = site.prepare(options.size)
    with site.application(folder).app_context():
        targets = find_targets()
    with site.served(folder) as running:
        scenarios = [s for s in make_scenarios(running, targets) if options.only in s.name]
        queries = count_queries(folder, scenarios)
        figures = [_measure(running, scenario, queries[scenario.name], options) for scenario in scenarios]
        memory = running.memory_mb()
    growth = _growth(options, figures) if options.size == "large" and not options.no_growth else None
    results: dict[str, Any] = {
        "size": options.size, "database": "SQLite", "workers": 2, "connections": options.connections, "rounds": options.rounds,
        "seconds": options.seconds, "machine": asdict(machine.describe()), "load_average": [before, machine.load_average()],
        "memory_mb": memory, "growth": growth,
    }  # fmt: skip
    if options.only:
        print("A part was measured: nothing is written.", file=sys.stderr)
    else:
        print(f"Written to {report.write(results, figures)} and benchmarks/README.md", file=sys.stderr)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    sizes = ("small", "medium", "large")
    parser.add_argument("--size", choices=sizes, default=os.environ.get("KEKU_BENCH_SIZE", "large"))
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="Scenarios whose name holds this.")
    parser.add_argument("--no-growth", action="store_true", help="Leave out the comparison with 100 courses.")
    return parser.parse_args()


def _measure(running: site.Site, scenario: Scenario, queries: int, options: argparse.Namespace) -> Figure:
    load.run(running.port, options.connections, WARM_UP_S, scenario.asks)
    rounds = [_round(running, scenario, options) for _ in range(options.rounds)]
    answers = [answered for answered, _ in rounds]
    everything = load.Answers([t for a in answers for t in a.took], [s for a in answers for s in a.sizes])
    figure = Figure(
        scenario.name,
        per_s=statistics.median(a.per_s for a in answers),
        p50_ms=everything.percentile(0.5),
        p95_ms=statistics.median(a.percentile(0.95) for a in answers),
        p99_ms=everything.percentile(0.99),
        cpu_ms=statistics.median(cpu for _, cpu in rounds),
        html_kb=statistics.mean(everything.sizes) / 1024 if everything.sizes else 0.0,
        queries=queries,
        answers=len(everything.took),
        errors=sum(a.errors for a in answers),
        budget_cpu_ms=scenario.cpu_ms,
        budget_html_kb=scenario.html_kb,
        budget_p95_ms=scenario.p95_ms,
    )
    _tell(figure)
    return figure


def _round(running: site.Site, scenario: Scenario, options: argparse.Namespace) -> tuple[load.Answers, float]:
    """Answers, and the CPU milliseconds that each cost the site."""
    before = running.cpu_s()
    answers = load.run(running.port, options.connections, options.seconds, scenario.asks)
    used = running.cpu_s() - before
    return answers, 1000 * used / max(1, len(answers.took))


def _tell(figure: Figure) -> None:
    verdict = ", ".join(figure.misses()) or "within budget"
    print(
        f"{figure.name:28} {figure.per_s:7.0f} req/s  p50 {figure.p50_ms:6.1f}  p95 {figure.p95_ms:6.1f} ms  "
        f"CPU {figure.cpu_ms:5.2f} ms  {figure.html_kb:5.0f} KB  {figure.queries:3} queries  {figure.errors} errors  {verdict}",
        flush=True,
    )  # fmt: skip


def _growth(options: argparse.Namespace, figures: list[Figure]) -> dict[str, float] | None:
    """The catalogue with a tenth of the courses."""
    large = next((figure for figure in figures if figure.name == catalogue().name), None)
    if large is None:
        return None
    folder = site.prepare("medium")
    with site.served(folder) as running:
        small = _measure(running, catalogue(), 0, options)
    ratio = large.cpu_ms / small.cpu_ms
    return {
        "small_courses": 103, "large_courses": 1003, "small_cpu_ms": small.cpu_ms, "large_cpu_ms": large.cpu_ms, "ratio": ratio,
    }  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1:2] == ["media"]:
        from benchmarks import media

        media.main(sys.argv[2:])
    elif sys.argv[1:2] == ["memory"]:
        from benchmarks import media_memory

        media_memory.main(sys.argv[2:])
    elif sys.argv[1:2] == ["upload"]:
        from benchmarks import upload

        upload.main(sys.argv[2:])
    elif sys.argv[1:2] == ["search"]:
        from benchmarks import search_bench

        search_bench.main(sys.argv[2:])
    elif sys.argv[1:2] == ["map"]:
        from benchmarks import map_bench

        map_bench.main(sys.argv[2:])
    elif sys.argv[1:2] == ["lighthouse"]:
        from benchmarks import lighthouse

        lighthouse.main(sys.argv[2:])
    elif sys.argv[1:2] == ["recommendations"]:
        from benchmarks import recommendations

        recommendations.main(sys.argv[2:])
    else:
        main()
