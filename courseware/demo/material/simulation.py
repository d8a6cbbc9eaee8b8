"""Simulations: a small page in a zip, without anything from outside."""

import json
from pathlib import Path
from typing import Any

from .archive import write_zip
from .corpus import Record, changes_until, corpus
from .script import course_name, main_scene

PAGES = Path(__file__).resolve().parent / "sim"
KINDS = {
    "guard": "distance",
    "estop": "logic",
    "ladder": "logic",
    "timing": "logic",
    "lockout": "order",
    "grease": "order",
    "zero": "order",
    "steps": "order",
    "signal": "fault",
    "light": "light",
}
ISOLATION = [
    "通知相关人员并停机",
    "断开主开关",
    "上锁并挂牌，钥匙自己带走",
    "释放气压和重力等残余能量",
    "验电，确认无电无压",
    "开始作业",
]


def kind_of(resource: Record) -> str:
    """Which page fits the topic."""
    return KINDS.get(main_scene(resource), "jog")


def questions_of(resource: Record, most: int) -> list[Record]:
    """Questions on the points, then on the rest of the course."""
    books = corpus()
    own = [q for p in resource.get("points", []) for q in books.questions.get(p, [])]
    course = [q for qs in books.questions.values() for q in qs if q["course"] == resource.get("course")]
    chosen = list({q["key"]: q for q in [*own, *course]}.values())[:most]
    return [
        {"stem": q["stem_zh"], "options": q["options"], "answer": q["answer"], "why": q["explanation_zh"]}
        for q in chosen
    ]


def facts(resource: Record, version: int) -> dict[str, Any]:
    """What the page is told; later versions bring new targets, questions and a note."""
    changes = changes_until(resource["key"], version)
    more = sum(max(1, round(c.share * 10)) for c in changes if c.substantive)
    notes = "；".join(f"第 {c.version} 版：{c.reason}" for c in changes)
    return {
        "title": resource["title_zh"],
        "course": course_name(resource.get("course", "")),
        "about": resource.get("description_zh", ""),
        "version": notes or "第 1 版",
        "questions": questions_of(resource, (10 if kind_of(resource) == "fault" else 6) + more),
        "steps": ISOLATION,
        "danger": "能量还没有隔离，可能突然动作或触电。",
        "time": 300 + 20 * more,
        "targets": [[205 + 9 * n - 4 * more, 70 + 13 * n + more] for n in range(2 + more)],
    }


def make_simulation(resource: Record, version: int, out: Path) -> Path:
    """The package of one simulation."""
    told = json.dumps(facts(resource, version), ensure_ascii=False, indent=1)
    files = {name: (PAGES / name).read_bytes() for name in ("index.html", "style.css", "shared.js")}
    files["kind.js"] = (PAGES / f"{kind_of(resource)}.js").read_bytes()
    files["data.js"] = f"window.KEKU = {told};\n".encode()
    return write_zip(out, files)
