"""What the machine proposes for a new resource: title, type, points, language (R18). A person decides."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from courseware.accounts.models import User
from courseware.core.database import session
from courseware.core.errors import NotFound
from courseware.knowledge import queries as knowledge
from courseware.knowledge.models import Point
from courseware.libraries.models import Library
from courseware.resources import services
from courseware.resources.models import Asset, Resource

TITLE_CHARS = 120
TEXT_CHARS = 20_000
_NOISE = re.compile(
    r"^(新建|副本|复件|final|copy of|img|dsc|vid|mvi)[\s_-]*|[\s_-]*(final\d*|v\d+|副本|\(\d+\)|（\d+）)$", re.I
)
_HAN = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Proposals:
    """What stands ready in the form, each with nothing where the machine has no idea."""

    title: str
    type: str
    language: str
    points: Sequence[Point]


def create_from_asset(actor: User, library_id: int, asset: Asset, filename: str) -> Resource:
    """A draft with the file and what is proposed for it; raises as `services.create_resource`."""
    library = session().get(Library, library_id)
    if library is None:
        raise NotFound()
    found = propose(library, asset, filename)
    return services.create_resource(
        actor, library, type=found.type, title=found.title, asset=asset, points=found.points, language=found.language,
        course=found.points[0].course if found.points else None,
    )  # fmt: skip


def propose(library: Library, asset: Asset, filename: str) -> Proposals:
    """Proposals for a stored file that was sent as `filename`."""
    title = propose_title(filename, str(asset.facts.get("title", "")))
    text = f"{title}\n{(asset.extracted_text or '')[:TEXT_CHARS]}"
    language = "zh-CN" if _HAN.search(text) else "en"
    return Proposals(
        title, str(asset.facts.get("resource_type") or "other"), language, propose_points(library, title, text)
    )


def propose_title(filename: str, inside: str = "") -> str:
    """The file's own title where it has one, else its name without ending, numbering and "final2"."""
    stem = PurePath(filename).stem
    name = re.sub(r"[_\s]+", " ", stem).strip()
    for _ in range(2):
        name = _NOISE.sub("", name).strip(" -_.") or name
    named = name if _HAN.search(name) or not inside.strip() else inside.strip()
    return (named or stem or filename)[:TITLE_CHARS]


def propose_points(library: Library, title: str, text: str, limit: int = 3) -> list[Point]:
    """Points whose name or alias stands in the title, or at least twice in the text; the longest and most frequent first."""
    folded_title, folded = title.casefold(), text.casefold()
    scored = [(_score(point, folded_title, folded), point) for point in knowledge.points_of_library(library)]
    best = sorted((pair for pair in scored if pair[0] > 0), key=lambda pair: (-pair[0], pair[1].id))
    return [point for _score_, point in best[:limit]]


def _score(point: Point, title: str, text: str) -> float:
    return max(
        (_name_score(name.casefold(), title, text) for name in (point.name, *(a.name for a in point.aliases))),
        default=0.0,
    )


def _name_score(name: str, title: str, text: str) -> float:
    if len(name) < 2:
        return 0.0
    if name in title:
        return 100.0 + len(name)
    count = text.count(name)
    return len(name) + min(count, 20) if count >= 2 else 0.0
