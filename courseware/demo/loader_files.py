"""Real files in the place of the strings of history.jsonl, and what describes each resource."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select

from courseware.accounts.models import Unit, User
from courseware.core.database import session
from courseware.demo.material import Material, parse_content
from courseware.demo.material.corpus import Record, corpus
from courseware.demo.scenario_story import Line
from courseware.resources import assets
from courseware.resources import services as resources
from courseware.resources.models import Asset, Rendition, Resource, ResourceVersion
from courseware.resources.storage import store

Made = Mapping[tuple[str, int], Material]
RUN = "demo"


class RealProps:
    """What the replay of the demonstration holds in its hands."""

    def __init__(self, made: Made) -> None:
        self._made = made
        self._units: dict[str, int] = {}

    def file_of(self, line: Line, author: User) -> Asset | None:
        """Equal contents are equal files, whatever the title."""
        named = parse_content(line.text("content"))
        return store_material(self._made, named[0], named[1], author) if named else None

    def dress(self, line: Line, version: ResourceVersion) -> None:
        """Metadata of the first version; captions and moments of each."""
        record = corpus().resources.get(line.text("key"))
        if record is None:
            return
        if version.num == 1:
            describe(version.resource, version, record, self._unit_id(record))
        add_moments(version, self._made.get((record["key"], version.num)))

    def _unit_id(self, record: Record) -> int | None:
        if not self._units:
            self._units = dict(session().execute(select(Unit.key, Unit.id)).tuples().all())
        return self._units.get(record["unit"])


def store_material(made: Made, record: Record, version: int, author: User) -> Asset | None:
    """The file of a version through the gate into the store, its processing asked for at leisure."""
    material = made.get((record["key"], version))
    if material is None:
        return None
    return assets.store_file(material.path, f"{record['title_zh']}{material.path.suffix}", author)


def describe(resource: Resource, version: ResourceVersion, record: Record, unit_id: int | None) -> None:
    """Fills in what the grammar of scenarios has no word for."""
    resource.external_id, resource.title_en = record["key"], record["title_en"]
    resource.name, resource.description = record["name"], record["description_zh"]
    resource.audience = record["audience_zh"]
    resource.source, resource.language = record["source_zh"], record["language"]
    resource.keywords, resource.difficulty = record["keywords"], record["difficulty"]
    resource.unit_id = unit_id or resource.unit_id
    version.licence = record["licence"]
    if version.has_evidence:
        version.evidence_note = f"{record['source_zh']}，权利凭证编号 示例-{record['key'].upper()}（虚构）"
    session().flush()


def add_moments(version: ResourceVersion, material: Material | None) -> None:
    """Captions in two languages, and the seconds that teach the points the resource is tagged with."""
    if material is None:
        return
    for language, text in material.captions.items():
        resources.set_captions(version, language, text)
    tagged = {point.key: point for point in version.resource.points}
    ranges = [(tagged[r["point"]], r["start_s"], r["end_s"]) for r in material.point_ranges if r["point"] in tagged]
    if ranges:
        resources.set_point_ranges(version, ranges)


def add_pictures(made: Made) -> int:
    """Gives every file without a picture of its own the one drawn for it; returns how many."""
    posters = {assets.hash_file(m.path): m.poster for m in made.values() if m.poster is not None}
    bare = select(Asset).where(~Asset.renditions.any(Rendition.kind == "thumbnail"), Asset.sha256.in_(posters))
    found = session().scalars(bare).all()
    for asset in found:
        _add_picture(asset, posters[asset.sha256])
    session().flush()
    return len(found)


def _add_picture(asset: Asset, picture: Path) -> None:
    prefix = f"pictures/{asset.uuid}/{RUN}"
    put_file(picture, f"{prefix}/thumbnail.webp", "image/webp")
    facts: dict[str, Any] = {"file": "thumbnail.webp"}
    asset.renditions.append(Rendition(kind="thumbnail", run=RUN, store_key=prefix, facts=facts))


def put_file(path: Path, key: str, media_type: str) -> None:
    """A local file into the store."""
    with path.open("rb") as stream:
        store().put(key, stream, path.stat().st_size, media_type)
