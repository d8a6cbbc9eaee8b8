"""Making one resource's file, and making them all."""

import hashlib
import json
import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from .captions import caption_files
from .corpus import DATA, Record, corpus
from .documents import make_other, make_text
from .encode import encode_video
from .fonts import has_chinese
from .frames import Reel, shortened
from .pictures import make_cover, make_image, poster, save_webp
from .script import Script, make_script
from .simulation import make_simulation
from .slides import lesson_for, make_pdf, make_pptx
from .sound import make_recording, video_sound
from .speech import speaker

FPS = 5
QUICK_S = 2.0
PPTX_DECKS = {"r175", "r183"}
"""Two of the sixteen decks stay editable office files, so that both kinds are in the library."""
TYPES = {
    ".md": "text/markdown",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".m4a": "audio/mp4",
    ".mp4": "video/mp4",
    ".zip": "application/zip",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Progress = Callable[[int, int, str], None]


@dataclass
class Material:
    """A made file and what is known about it."""

    path: Path
    media_type: str
    captions: dict[str, str] = field(default_factory=dict)
    point_ranges: list[dict[str, Any]] = field(default_factory=list)
    poster: Path | None = None
    duration_s: float | None = None


def make_material(
    resource: Record, lesson: Record | None, version: int, out_dir: Path, *, quick: bool = False
) -> Material:
    """The file of this version of a resource; `quick` makes tiny valid files for tests."""
    out_dir.mkdir(parents=True, exist_ok=True)
    lesson = lesson or corpus().lesson_of(resource)
    kind, stem = resource["type"], f"{resource['key']}-v{version}"
    if kind in ("video", "animation", "audio"):
        made = _timed(resource, lesson, version, out_dir / stem, quick)
    else:
        path = _still(resource, lesson, version, out_dir / stem, quick)
        made = Material(path, TYPES[path.suffix])
    made.poster = save_webp(poster(resource, version), out_dir / f"{stem}-poster.webp")
    return made


def _timed(resource: Record, lesson: Record | None, version: int, stem: Path, quick: bool) -> Material:
    script = make_script(resource, lesson, version, float(resource.get("duration_s") or 60))
    if quick:
        script = numbered(shortened(script, QUICK_S), version)
    course = str(resource.get("course", ""))
    if resource["type"] == "audio":
        path = make_recording(numbered(script, version), course, stem.with_suffix(".m4a"))
    else:
        told = bool(resource.get("lesson"))
        path = _video(script, course, told, stem.with_suffix(".mp4"), 4 if quick else FPS)
    ranges = [{"point": r.point, "start_s": r.start_s, "end_s": r.end_s} for r in script.ranges]
    return Material(path, TYPES[path.suffix], caption_files(script.cues), ranges, None, script.duration_s)


def numbered(script: Script, version: int) -> Script:
    """A later version named on its first picture and in its title, where a short change might fall between frames."""
    if version == 1:
        return script
    first = replace(script.sections[0], note=f"第 {version} 版")
    return replace(script, title=f"{script.title}（第 {version} 版）", sections=(first, *script.sections[1:]))


def _video(script: Script, course: str, told: bool, out: Path, fps: int) -> Path:
    sound = video_sound(script, course, told, out.parent)
    encode_video(Reel(script, fps), fps, script.duration_s, sound, out)
    if sound.suffix == ".wav":
        sound.unlink()
    return out


def _still(resource: Record, lesson: Record | None, version: int, stem: Path, quick: bool) -> Path:
    kind = resource["type"]
    if kind == "text":
        return make_text(resource, version, stem.with_suffix(".md"))
    if kind == "image":
        return make_image(resource, version, stem.with_suffix(".png"), (640, 360) if quick else (1280, 720))
    if kind == "simulation":
        return make_simulation(resource, version, stem.with_suffix(".zip"))
    if kind == "presentation":
        size, deck = (640, 360) if quick else (1600, 900), lesson_for(resource, lesson)
        make, suffix = (make_pptx, ".pptx") if resource["key"] in PPTX_DECKS else (make_pdf, ".pdf")
        return make(resource, deck, version, stem.with_suffix(suffix), size)
    made = make_other(resource, version, stem.parent)
    return made.replace(stem.with_suffix(made.suffix))


def parse_content(content: str) -> tuple[Record, int] | None:
    """The resource and version that a history line's `content` stands for; equal contents are equal bytes."""
    key, mark, number = content.rpartition("-v")
    known = corpus().resources.get(key)
    return (known, int(number)) if mark and number.isdigit() and known else None


# --- everything, once


@lru_cache(maxsize=1)
def recipe() -> str:
    """A digest of what decides the bytes: this package, the data, the face and the voice at hand."""
    digest = hashlib.sha256(f"{has_chinese()} {bool(speaker())}".encode())
    here = Path(__file__).resolve().parent
    for path in sorted([*here.rglob("*.py"), *(here / "sim").iterdir(), *DATA.glob("*.json*")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def wanted() -> list[tuple[str, int]]:
    """Every resource in every version that the history holds; the long ones first, so that two workers end together."""
    books = corpus()
    found = [
        (key, version)
        for key, resource in books.resources.items()
        for version in {1, *(c.version for c in books.changes.get(key, []))}
    ]
    return sorted(found, key=lambda w: (-float(books.resources[w[0]].get("duration_s") or 0), w))


def _note(out_dir: Path, key: str, version: int) -> Path:
    return out_dir / f"{key}-v{version}.json"


def kept(out_dir: Path, key: str, version: int, quick: bool = False) -> Material | None:
    """A file made earlier by the same recipe, or None."""
    note = _note(out_dir, key, version)
    if not note.exists():
        return None
    told = json.loads(note.read_text(encoding="utf-8"))
    path, picture = out_dir / told["path"], out_dir / told["poster"]
    if told["recipe"] != f"{recipe()}{quick}" or not path.exists() or not picture.exists():
        return None
    return Material(path, told["media_type"], told["captions"], told["point_ranges"], picture, told["duration_s"])


def fetch_or_make(key: str, version: int, out_dir: Path, quick: bool = False) -> Material:
    """The kept file, or a new one with its note and its captions beside it."""
    found = kept(out_dir, key, version, quick)
    if found:
        return found
    resource = corpus().resources[key]
    made = make_material(resource, corpus().lesson_of(resource), version, out_dir, quick=quick)
    for language, text in made.captions.items():
        made.path.with_suffix(f".{language}.vtt").write_text(text, encoding="utf-8", newline="\n")
    told = {
        "recipe": f"{recipe()}{quick}",
        "path": made.path.name,
        "poster": made.poster.name if made.poster else "",
        "media_type": made.media_type,
        "captions": made.captions,
        "point_ranges": made.point_ranges,
        "duration_s": made.duration_s,
    }
    _note(out_dir, key, version).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    return made


def make_all(
    out_dir: Path, jobs: int = 2, progress: Progress | None = None, *, quick: bool = False
) -> dict[tuple[str, int], Material]:
    """Every file of the demonstration library by resource key and version; a second run only looks."""
    out_dir.mkdir(parents=True, exist_ok=True)
    todo = wanted()
    made: dict[tuple[str, int], Material] = {}
    for item, material in _run(todo, out_dir, jobs, quick):
        made[item] = material
        if progress:
            progress(len(made), len(todo), material.path.name)
    for course in corpus().courses.values():
        if not (out_dir / f"cover-{course['code'].lower()}.webp").exists():
            make_cover(course, out_dir)
    for scrap in [*out_dir.glob(".bed-*"), *out_dir.glob(".*.wav")]:
        scrap.unlink()
    _manifest(out_dir, made)
    return made


def _run(
    todo: list[tuple[str, int]], out_dir: Path, jobs: int, quick: bool
) -> Iterator[tuple[tuple[str, int], Material]]:
    """The work in one process or several."""
    missing = [item for item in todo if not kept(out_dir, *item, quick)]
    for item in todo:
        if item not in set(missing):
            yield item, fetch_or_make(*item, out_dir, quick)
    if jobs <= 1 or len(missing) < 2:
        for item in missing:
            yield item, fetch_or_make(*item, out_dir, quick)
        return
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        running = {pool.submit(fetch_or_make, *item, out_dir, quick): item for item in missing}
        for done in as_completed(running):
            yield running[done], done.result()


def _manifest(out_dir: Path, made: dict[tuple[str, int], Material]) -> None:
    """What was made, with what voice: a reader should know whether the recordings speak."""
    told = {
        "notice": "示例内容，人物和单位均为虚构。 Demonstration content; people and units are fictional.",
        "sound": "speech (espeak-ng, cmn)"
        if speaker()
        else "tones: no espeak-ng on this machine, plucks stand for words",
        "chinese_face": has_chinese(),
        "files": {f"{k}-v{v}": m.path.name for (k, v), m in sorted(made.items())},
    }
    (out_dir / "manifest.json").write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
