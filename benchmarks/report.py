"""Figures as a file for machines and as the table of the README."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
README = HERE / "README.md"
BEGIN, END = "<!-- figures -->", "<!-- /figures -->"


@dataclass(frozen=True, slots=True)
class Figure:
    """One scenario measured."""

    name: str
    per_s: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    cpu_ms: float
    html_kb: float
    queries: int
    answers: int
    errors: int
    budget_cpu_ms: float | None
    budget_html_kb: float | None
    budget_p95_ms: float | None

    def misses(self) -> list[str]:
        """Every budget that was not met, with the factor by which."""
        pairs = {
            "CPU": (self.cpu_ms, self.budget_cpu_ms), "HTML": (self.html_kb, self.budget_html_kb),
            "p95": (self.p95_ms, self.budget_p95_ms),
        }  # fmt: skip
        return [
            f"{name} missed ×{value / budget:.1f}"
            for name, (value, budget) in pairs.items()
            if budget and value > budget
        ]


def write(results: dict[str, Any], figures: list[Figure]) -> Path:
    """The file of today, and the table in the README; returns the file."""
    now = dt.datetime.now(dt.UTC)
    path = HERE / "results" / f"{now:%Y-%m-%d}.json"
    path.parent.mkdir(exist_ok=True)
    document = {"at": now.isoformat(timespec="seconds"), **results, "figures": [asdict(figure) for figure in figures]}
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    text = README.read_text(encoding="utf-8")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    README.write_text(f"{before}{BEGIN}\n{_section(document, figures)}{END}{after}", encoding="utf-8")
    return path


def _section(document: dict[str, Any], figures: list[Figure]) -> str:
    machine, growth = document["machine"], document.get("growth")
    first, last = document["load_average"]
    lines = [
        f"{document['at'][:10]}, {document['size']} demonstration on {document['database']}, {document['workers']} web processes, "
        f"{document['connections']} connections, median of {document['rounds']} rounds of {document['seconds']:g} s; "
        f"{machine['cores']} cores ({machine['processor']}), {machine['memory_gb']} GB, Python {machine['python']}.",
        f"Load average before {first[0]}, after {last[0]}: the generator runs on the same cores; above that, others did. "
        "Of a busy machine believe CPU ms, not req/s.",
        "",
        "| what | req/s | p50 ms | p95 ms | CPU ms | budget | HTML KB | queries | verdict |",
        "|---|---|---|---|---|---|---|---|---|",
        *(_line(figure) for figure in figures),
        "",
    ]
    if growth:
        lines += [
            f"Catalogue from {growth['small_courses']} to {growth['large_courses']} courses: {growth['small_cpu_ms']:.2f} → "
            f"{growth['large_cpu_ms']:.2f} CPU ms, ×{growth['ratio']:.2f} (bar ×1.2: {'met' if growth['ratio'] <= 1.2 else 'missed'}).",
        ]  # fmt: skip
    lines.append(f"Memory of the web processes after all of it: {document['memory_mb']:.0f} MB (PSS).")
    return "\n".join([*lines, ""])


def _line(figure: Figure) -> str:
    verdict = ", ".join(figure.misses()) or ("met" if figure.budget_cpu_ms or figure.budget_p95_ms else "no budget")
    if figure.errors:
        verdict = f"**{figure.errors} errors**, {verdict}"
    budget = f"{figure.budget_cpu_ms:g}" if figure.budget_cpu_ms else "–"
    return (
        f"| {figure.name} | {figure.per_s:.0f} | {figure.p50_ms:.0f} | {figure.p95_ms:.0f} | {figure.cpu_ms:.1f} | {budget} "
        f"| {figure.html_kb:.0f} | {figure.queries} | {verdict} |"
    )
