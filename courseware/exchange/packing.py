"""A package from plan to zip, for the job and for the command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import current_app

from courseware.exchange.cartridge.writing import Cartridge
from courseware.exchange.offline import writing as pages
from courseware.exchange.planned import CoursePlan, LeftOut
from courseware.exchange.zipping import Packing, Told, packing

Stop = Callable[[], bool]


def pack(plan: CoursePlan, form: str, target: Path, told: Told, cancelled: Stop) -> dict[str, Any]:
    """Writes the package of `plan` to `target`; returns its report. Raises JobCancelled, StoreUnavailable."""
    top = pages.folder_name(plan) if form == "offline" else ""
    with packing(target, top, cancelled) as open_package:
        open_package.unpacks = form == "offline"
        open_package.bring_files(plan, told)
        more = _write_pages(plan, form, open_package)
    lost = [
        LeftOut("", part.title, "file_missing")
        for part in plan.parts
        if part.file and part.file.source in open_package.missing
    ]
    return report_of(plan, [*lost, *more])


def _write_pages(plan: CoursePlan, form: str, open_package: Packing) -> list[LeftOut]:
    if form == "offline":
        pages.write(plan, open_package)
        return []
    site = str(current_app.config["KEKU"].public_url).rstrip("/")
    return Cartridge(plan, open_package, site).write()


def report_of(plan: CoursePlan, more: list[LeftOut] | None = None) -> dict[str, Any]:
    """What a package holds in numbers, and what is not in it."""
    kinds: dict[str, int] = {}
    for part in plan.parts:
        kind = "text" if part.kind == "page" else part.kind
        kinds[kind] = kinds.get(kind, 0) + 1
    return {
        "modules": len(plan.modules), "lessons": len(plan.lessons), "parts": kinds, "questions": len(plan.questions),
        "left_out": [one.as_dict() for one in (*plan.left_out, *(more or []))],
    }  # fmt: skip
