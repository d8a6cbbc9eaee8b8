"""The labelled set: pairs of files with the class a person gives them. Everything is made by code, nothing is stored."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image, ImageEnhance, ImageOps

from tests.media.comparing import documents as docs
from tests.media.comparing import pictures as pics
from tests.media.comparing import recordings as rec


@dataclass(frozen=True, slots=True)
class Size:
    """How long and large the recordings are; shares stay the same, so that every label does.

    `sound_s` seconds of speech, decks of ten slides of `each_s`, moving films of `moving_s`, all of `picture` pixels.
    """

    sound_s: float
    each_s: float
    moving_s: float
    picture: tuple[int, int]

    def of_film(self, share: float) -> float:
        """Seconds that are this share of a deck film."""
        return share * 10 * self.each_s


FULL = Size(200, 20, 100, (640, 360))
QUICK = Size(80, 5, 38, (320, 180))

SAME, CODED, MINOR, NEW = "identical", "re-encoded", "minor", "substantive"
Files = tuple[Path, Path]


@dataclass(frozen=True, slots=True)
class Pair:
    """`make` writes both files into a folder and returns them, old first."""

    name: str
    label: str
    make: Callable[[Path], Files]
    type: str = ""


def all_pairs(size: Size = FULL) -> list[Pair]:
    """The whole set, its recordings of the given size."""
    return [
        *picture_pairs(),
        *sound_pairs(size),
        *film_pairs(size),
        *text_pairs(),
        *document_pairs(),
        *deck_pairs(),
        *table_pairs(),
        *package_pairs(),
    ]


# --- pictures


def _pictures(
    change: Callable[[Image.Image], Image.Image],
    draw: Callable[[int], Image.Image],
    seed: int,
    save: dict[str, Any],
    ending: str,
    folder: Path,
) -> Files:
    old = draw(seed)
    old.save(folder / "old.png", compress_level=1)
    target = folder / f"new.{ending}"
    change(old.copy()).save(target, **({"compress_level": 1} if ending == "png" else save))
    return folder / "old.png", target


def picture_pairs() -> list[Pair]:
    """Coding, size, tone, turn; mirror, crop, marks; other matter."""

    def pair(
        name: str,
        label: str,
        change: Callable[[Image.Image], Image.Image],
        seed: int,
        draw: Any = pics.photo,
        ending: str = "png",
        **save: Any,
    ) -> Pair:
        return Pair(f"picture {name}", label, partial(_pictures, change, draw, seed, save, ending), "image")

    def same(picture: Image.Image) -> Image.Image:
        return picture

    def crop(left: float, top: float, right: float, bottom: float, p: Image.Image) -> Image.Image:
        return p.crop((round(p.width * left), round(p.height * top), round(p.width * right), round(p.height * bottom)))

    half = lambda p: p.resize((p.width // 2, p.height // 2))  # noqa: E731
    return [
        pair("same bytes", SAME, same, 11),
        pair("as poor JPEG", CODED, same, 12, ending="jpg", quality=30),
        pair("drawing as JPEG", CODED, same, 13, pics.drawing, ending="jpg", quality=40),
        pair("as WebP", CODED, same, 14, ending="webp", quality=45),
        pair("half size", CODED, half, 15),
        pair("drawing half size", CODED, half, 16, pics.drawing),
        pair("stretched", CODED, lambda p: p.resize((p.width, round(p.height * 0.8))), 17),
        pair("brighter", CODED, lambda p: ImageEnhance.Brightness(p).enhance(1.3), 18),
        pair("in grey", CODED, lambda p: ImageOps.grayscale(p).convert("RGB"), 19),
        pair("more colour", CODED, lambda p: ImageEnhance.Color(p).enhance(1.4), 20),
        pair("turned by 90", CODED, lambda p: p.rotate(90, expand=True), 21),
        pair("drawing turned by 180", CODED, lambda p: p.rotate(180), 22, pics.drawing),
        pair("mirrored", MINOR, ImageOps.mirror, 23),
        pair("cropped a little", MINOR, partial(crop, 0.08, 0.05, 0.93, 0.97), 24),
        pair("drawing cropped", MINOR, partial(crop, 0.2, 0.0, 1.0, 1.0), 25, pics.drawing),
        pair("cropped to a quarter", MINOR, partial(crop, 0.0, 0.0, 0.5, 0.5), 26),
        pair("watermark", MINOR, pics.watermarked, 27),
        pair("logo", MINOR, pics.with_logo, 28),
        pair("5 % other", MINOR, lambda p: pics.with_region(p, 0.05, 29), 29),
        pair("8 % other", MINOR, lambda p: pics.with_region(p, 0.075, 30), 30, pics.drawing),
        pair("13 % other", NEW, lambda p: pics.with_region(p, 0.13, 31), 31),
        pair("drawing 15 % other", NEW, lambda p: pics.with_region(p, 0.15, 32), 32, pics.drawing),
        pair("40 % other", NEW, lambda p: pics.with_region(p, 0.4, 33), 33),
        pair("another photo", NEW, lambda p: pics.photo(734, p.size), 34),
        pair("another drawing", NEW, lambda p: pics.drawing(735, p.size), 35, pics.drawing),
    ]  # fmt: skip


# --- sound


def _sound(change: Callable[[Any], Any], seed: int, seconds: float, folder: Path) -> Files:
    spoken = rec.speech(seed, seconds)
    return rec.write_wav(folder / "old.wav", spoken), rec.write_wav(folder / "new.wav", change(spoken))


def _filtered(arguments: tuple[str, ...], seed: int, seconds: float, folder: Path, ending: str = "wav") -> Files:
    old = rec.write_wav(folder / "old.wav", rec.speech(seed, seconds))
    return old, rec.altered(old, folder / f"new.{ending}", *arguments)


def sound_pairs(size: Size) -> list[Pair]:
    """Treatment of the whole; cards, cuts; other words."""
    import numpy as np

    r, length = rec.RATE, size.sound_s

    def made(name: str, label: str, change: Callable[[Any], Any], seed: int = 1) -> Pair:
        return Pair(f"sound {name}", label, partial(_sound, change, seed, length), "audio")

    def through(name: str, *arguments: str, seed: int = 1, ending: str = "wav") -> Pair:
        return Pair(f"sound {name}", CODED, partial(_filtered, arguments, seed, length, ending=ending), "audio")

    def at(share: float) -> int:
        return int(share * length * r)

    noise = np.random.RandomState(5).normal(0, 0.02, at(1))
    return [
        made("same bytes", SAME, lambda s: s),
        through("as poor MP3", "-c:a", "libmp3lame", "-b:a", "32k", ending="mp3"),
        through("12 dB quieter", "-af", "volume=-12dB"),
        through("5 % faster", "-af", "atempo=1.05", seed=2),
        through("7 % slower", "-af", "atempo=0.93", seed=2),
        through("faster with its pitch", "-af", "asetrate=16800,aresample=16000", seed=3),
        through("filtered and compressed", "-af", "highpass=f=300,lowpass=f=2500,acompressor", seed=3),
        made("with noise", CODED, lambda s: s + noise, 4),
        made("8 s of silence before", MINOR, lambda s: np.concatenate([np.zeros(8 * r), s])),
        made("8 s head card", MINOR, lambda s: np.concatenate([rec.speech(70, 9)[: 8 * r], s]), 2),
        made("middle cut out", MINOR, lambda s: np.concatenate([s[: at(0.3)], s[at(0.55) :]]), 3),
        made("halves swapped", MINOR, lambda s: np.concatenate([s[at(0.5) :], s[: at(0.5)]]), 4),
        made("3 % replaced", MINOR, lambda s: rec.replaced(s, 0.45 * length, 0.03 * length)),
        made("10 % replaced", NEW, lambda s: rec.replaced(s, 0.45 * length, 0.1 * length), 2),
        made("35 s replaced", NEW, lambda s: rec.replaced(s, 0.2 * length, 35), 3),
        made("new narration", NEW, lambda s: rec.speech(71, length), 4),
    ]


# --- films

DECK = tuple(range(10))


def _deck_film(
    size: Size, folder: Path, seeds: tuple[int, ...] = DECK, name: str = "old.mp4", voice: int = 1, theme: int = 0
) -> Path:
    sound = rec.write_wav(folder / f"{name}.wav", rec.speech(voice, size.each_s * len(seeds)))
    return rec.slide_film(folder / name, seeds, size.each_s, sound, theme, size=size.picture)


def _film(
    size: Size, arguments: tuple[object, ...], folder: Path, ending: str = "mp4", is_moving: bool = False
) -> Files:
    old = rec.moving(folder / "old.mp4", size.moving_s, size=size.picture) if is_moving else _deck_film(size, folder)
    return old, rec.altered(old, folder / f"new.{ending}", *arguments)


def _other_deck(size: Size, seeds: tuple[int, ...], voice: int, theme: int, folder: Path) -> Files:
    return _deck_film(size, folder), _deck_film(size, folder, seeds, "new.mp4", voice, theme)


def _spliced(size: Size, start: float, seconds: float, is_moving: bool, folder: Path) -> Files:
    """`seconds` of another film from `start` on; before the beginning where `start` is negative."""
    if is_moving:
        old = rec.moving(folder / "old.mp4", size.moving_s, size=size.picture)
        other = rec.moving(folder / "other.mp4", 40, 1, size=size.picture)
    else:
        old = rec.slide_film(folder / "old.mp4", DECK, size.each_s, size=size.picture)
        other = rec.slide_film(folder / "other.mp4", (100, 101, 102), 20, size=size.picture)
    cut, rest = max(start, 0.04), max(start + seconds, 0)
    parts = (
        f"[1:v]trim=0:{seconds},setpts=PTS-STARTPTS,fps=10[b];[0:v]fps=10[c];[b][c]concat=2:v=1:a=0[v]" if start < 0 else
        f"[0:v]trim=0:{cut},setpts=PTS-STARTPTS,fps=10[a];[1:v]trim=0:{seconds},setpts=PTS-STARTPTS,fps=10[b];"
        f"[0:v]trim={rest},setpts=PTS-STARTPTS,fps=10[c];[a][b][c]concat=3:v=1:a=0[v]"
    )  # fmt: skip
    rec.ffmpeg("-i", old, "-i", other, "-filter_complex", parts, "-map", "[v]", *rec.X264, folder / "new.mp4")
    return old, folder / "new.mp4"


def _captions(size: Size) -> str:
    boxes = (
        (100, 318, 440, 30, "black", "5),3"),
        (120, 325, 220, 14, "white", "5),3"),
        (360, 325, 120, 14, "white", "7),2"),
    )
    return ",".join(
        f"{_box(size, *where)}:color={colour}:t=fill:enable='lt(mod(t,{when})'" for *where, colour, when in boxes
    )


def _logo(size: Size) -> str:
    return f"{_box(size, 540, 10, 90, 60)}:color=red:t=fill"


def _box(size: Size, x: int, y: int, w: int, h: int) -> str:
    scale = size.picture[0] / 640
    return "drawbox=" + ":".join(f"{n}={round(v * scale)}" for n, v in zip("xywh", (x, y, w, h), strict=True))


def film_pairs(size: Size) -> list[Pair]:
    """Coding, wrapping, treatment of the whole; overlays, captions, cards, order; other slides, other scenes, other words."""

    def through(name: str, label: str, *arguments: object, ending: str = "mp4", is_moving: bool = False) -> Pair:
        quick = () if "copy" in arguments else ("-preset", "ultrafast")
        make = partial(_film, size, (*arguments, *quick), ending=ending, is_moving=is_moving)
        return Pair(f"film {name}", label, make, "video")

    def spliced(name: str, label: str, start: float, seconds: float, is_moving: bool = False) -> Pair:
        return Pair(f"film {name}", label, partial(_spliced, size, start, seconds, is_moving), "video")

    def deck(name: str, label: str, seeds: tuple[int, ...], voice: int = 1, theme: int = 0) -> Pair:
        return Pair(f"film {name}", label, partial(_other_deck, size, seeds, voice, theme), "video")

    width, height = size.picture
    bars, middle, whole = f"pad={width}:{height * 4 // 3}:0:{height // 6}", 0.5 * size.moving_s, size.of_film(1)
    return [
        through("wrapped anew", CODED, "-c", "copy", ending="mkv"),
        through("coded poorly", CODED, "-crf", "38"),
        through("moving, coded poorly", CODED, "-crf", "38", is_moving=True),
        through("at half size", CODED, "-vf", "scale=iw/2:ih/2"),
        through("with bars", CODED, "-vf", bars),
        through("moving, with bars", CODED, "-vf", bars, is_moving=True),
        through("cropped", CODED, "-vf", "crop=iw*7/8:ih*7/8"),
        through("other colours", CODED, "-vf", "eq=brightness=0.08:contrast=1.2:saturation=0.5"),
        through("louder", CODED, "-af", "volume=6dB", "-c:v", "copy"),
        through("5 % faster", CODED, "-vf", "setpts=PTS/1.05", "-af", "atempo=1.05"),
        through("moving, 5 % slower", CODED, "-vf", "setpts=PTS/0.95", is_moving=True),
        through("moving, with noise", CODED, "-vf", "noise=alls=20:allf=t", is_moving=True),
        through("cut by nothing", CODED, "-ss", "0", "-t", whole, "-crf", "30"),
        through("mirrored", MINOR, "-vf", "hflip"),
        through("with a logo", MINOR, "-vf", _logo(size)),
        through("moving, with a logo", MINOR, "-vf", _logo(size), is_moving=True),
        through("with captions burned in", MINOR, "-vf", _captions(size)),
        through("moving, with captions burned in", MINOR, "-vf", _captions(size), is_moving=True),
        through("sound taken away", MINOR, "-an", "-c:v", "copy"),
        spliced("with a head card", MINOR, -1, 8),
        spliced("moving, with a head card", MINOR, -1, 8, is_moving=True),
        spliced("2.5 % replaced", MINOR, size.of_film(0.55), size.of_film(0.025)),
        deck("slides in another order", MINOR, (0, 3, 1, 2, 4, 5, 6, 8, 7, 9)),
        deck("three slides left out", MINOR, (0, 1, 2, 3, 4, 5, 6)),
        deck("the same slides in another template", MINOR, DECK, theme=1),
        spliced("10 % replaced", NEW, size.of_film(0.55), size.of_film(0.1)),
        spliced("moving, a fifth replaced", NEW, middle, 0.2 * size.moving_s, is_moving=True),
        spliced("moving, 35 s replaced", NEW, 2, 35, is_moving=True),
        spliced("20 s put before it", NEW, -1, 20),
        deck("one slide of ten replaced", NEW, (0, 1, 2, 3, 44, 5, 6, 7, 8, 9)),
        deck("one slide of ten replaced, all in another template", NEW, (0, 1, 2, 3, 44, 5, 6, 7, 8, 9), theme=1),
        deck("all slides replaced", NEW, tuple(range(20, 30))),
        deck("same slides, new narration", NEW, DECK, 5),
    ]


# --- texts


def _texts(old: str, new: str, codec: str, ending: str, folder: Path) -> Files:
    (folder / "old.md").write_text(old, encoding="utf-8")
    (folder / f"new.{ending}").write_bytes(new.encode(codec))
    return folder / "old.md", folder / f"new.{ending}"


def text_pairs() -> list[Pair]:
    """What reads alike; typing errors; moved, deleted, rewritten."""
    old = docs.prose(1)
    parts = docs.sections(old)

    def pair(name: str, label: str, new: str, codec: str = "utf-8", ending: str = "md") -> Pair:
        return Pair(f"text {name}", label, partial(_texts, old, new, codec, ending), "text")

    return [
        pair("in another encoding", CODED, old, "gb18030", "txt"),
        pair("with other blanks", SAME, old.replace("\n", "\n\n  ")),
        pair("in traditional characters and full width", MINOR, docs.traditional(old)),
        pair("with Latin punctuation", MINOR, old.replace("，", ",").replace("。", ".")),
        pair("typing error put right", MINOR, old.replace("焊枪", "焊抢", 1)),
        pair("sections moved", MINOR, "\n\n".join([*parts[3:], *parts[:3]])),
        pair("half deleted", MINOR, "\n\n".join(parts[: len(parts) // 2])),
        pair("a sentence added", MINOR, old + "\n收弧时应填满弧坑，避免产生裂纹。"),
        pair("a section rewritten", NEW, "\n\n".join([*parts[:-2], docs.prose(9)[:520]])),
        pair("translated", NEW, docs.english(400)),
    ]


# --- documents


def document_pairs() -> list[Pair]:
    """PDF, Word, and what they look like."""
    old = docs.prose(2)
    typo = old.replace("电弧", "电孤", 1)
    other = "\n\n".join([*docs.sections(old)[:-2], docs.prose(8)[:600]])
    a, b, c, d = (pics.photo(s, (480, 320)) for s in (41, 42, 43, 44))

    def pdf(name: str, label: str, text: str, **how: Any) -> Pair:
        def make(folder: Path) -> Files:
            return docs.pdf(folder / "old.pdf", old), docs.pdf(folder / "new.pdf", text, **how)

        return Pair(f"pdf {name}", label, make, "text")

    def word(
        name: str,
        label: str,
        text: str,
        before: tuple[Image.Image, ...] = (),
        after: tuple[Image.Image, ...] = (),
        **how: Any,
    ) -> Pair:
        def make(folder: Path) -> Files:
            return docs.docx(folder / "old.docx", old, before), docs.docx(folder / "new.docx", text, after, **how)

        return Pair(f"word {name}", label, make, "text")

    return [
        pdf("exported anew", CODED, old, title="neu"),
        pdf("with a running head", CODED, old, head="海川职业技术学院"),
        pdf("without a text layer", CODED, old, is_scan=True),
        pdf("typing error", MINOR, typo),
        pdf("rewritten", NEW, other),
        word("saved again", CODED, old, runs=3),
        word("with hidden text", CODED, old, hidden=docs.prose(7)[:500]),
        Pair(
            "word to PDF of the same words",
            CODED,
            lambda f: (docs.docx(f / "old.docx", old), docs.pdf(f / "new.pdf", old)),
            "text",
        ),
        word("typing error", MINOR, typo),
        word("rewritten", NEW, other),
        word("pictures coded anew", CODED, old, (a, b, c), tuple(p.resize((240, 160)) for p in (a, b, c))),
        word("one picture of four replaced", MINOR, old, (a, b, c, a), (a, b, c, d)),
        word("two pictures of four replaced", NEW, old, (a, b, a, b), (a, b, c, d)),
    ]


def deck_pairs() -> list[Pair]:
    """Slides: template, order, notes; one new, two new."""
    texts = [docs.slide_text(n) for n in range(12)]

    def pair(name: str, label: str, new: list[tuple[str, str]], **how: Any) -> Pair:
        def make(folder: Path) -> Files:
            return docs.pptx(folder / "old.pptx", texts), docs.pptx(folder / "new.pptx", new, **how)

        return Pair(f"slides {name}", label, make, "presentation")

    fresh = [docs.slide_text(n) for n in (50, 51)]
    return [
        pair("saved again", CODED, texts, author="neu"),
        pair("in another template", CODED, texts, is_wide=True),
        pair("with notes and numbers", CODED, texts, notes=docs.prose(6)[:300]),
        pair("in another order", MINOR, [*texts[4:], *texts[:4]]),
        pair("typing error", MINOR, [(texts[0][0] + "！", texts[0][1].replace("速度", "速渡")), *texts[1:]]),
        pair("two of twelve replaced", NEW, [*texts[:10], *fresh]),
        pair("four added", NEW, [*texts, *(docs.slide_text(n) for n in range(60, 64))]),
    ]  # fmt: skip


def table_pairs() -> list[Pair]:
    """Cells by value."""
    rows = docs.table(1)

    def pair(name: str, label: str, new: list[list[Any]], **how: Any) -> Pair:
        def make(folder: Path) -> Files:
            return docs.xlsx(folder / "old.xlsx", rows), docs.xlsx(folder / "new.xlsx", new, **how)

        return Pair(f"table {name}", label, make, "other")

    return [
        pair("formulas instead of values", CODED, rows, formulas=True),
        pair("coloured", CODED, rows, is_bold=True),
        pair("sorted", MINOR, [rows[0], *sorted(rows[1:], key=lambda r: -r[1])]),
        pair("one value put right", MINOR, [*rows[:-1], [rows[-1][0], 999, *rows[-1][2:]]]),
        pair("a third of the rows new", NEW, [*rows[:20], *docs.table(2)[20:]]),
    ]


def package_pairs() -> list[Pair]:
    """Simulations."""
    old = docs.simulation()
    more = json.loads(old["scenarios.json"])
    more["scenarios"].append(
        {"title": "急停后重新上电", "text": "拍下急停按钮之后，先查明原因，再旋开按钮，复位报警，重新上电。"}
    )
    fewer = dict(old, **{"config.json": json.dumps({"speed": 80, "volume": 3})})
    library = dict(old, **{"lib/three.min.js": "var THREE={v:2};"})

    def pair(name: str, label: str, files: dict[str, str], **how: Any) -> Pair:
        def make(folder: Path) -> Files:
            return docs.package(folder / "old.zip", old), docs.package(folder / "new.zip", files, **how)

        return Pair(f"simulation {name}", label, make, "simulation")

    return [
        pair("packed again", CODED, old, is_reversed=True),
        pair("in a folder", CODED, old, top="sim-v2/"),
        pair("minified", CODED, docs.minified(old)),
        pair("other settings", MINOR, fewer),
        pair("newer library", MINOR, library),
        pair("typing error", MINOR, dict(old, **{"index.html": old["index.html"].replace("示教器", "示教機")})),
        pair("a scenario more", NEW, dict(old, **{"scenarios.json": json.dumps(more, ensure_ascii=False)})),
    ]


def packed(files: dict[str, str]) -> bytes:
    """A zip in memory."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()
