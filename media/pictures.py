"""Posters, timeline thumbnails and small images."""

from __future__ import annotations

import math
import shutil
import subprocess
import tempfile
import warnings
from pathlib import Path
from typing import Any

import ffmpeg
from PIL import Image, ImageOps, UnidentifiedImageError

from media import sandbox, threads
from media.captions import timestamp
from media.errors import ProcessingFailed, UnsafeFile
from media.ffmpeg import Job, run, safe_input
from media.gate import MediaInfo

MAX_IMAGE_PIXELS = 64_000_000  # a 48-megapixel phone photo passes; unpacked it takes 256 MB
POSTER_SIDE = 1280
SPRITE_COLUMNS, SPRITE_MOST, SPRITE_WIDTH = 10, 100, 160
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
_SHORT_S = 60.0  # below this every frame may be decoded; above, key frames must do
_QUICK = Job(timeout_s=600)


def make_poster(source: Path, info: MediaInfo, target: Path) -> Path:
    """A JPEG frame from 10 % into the video, its long side at most 1280. Raises ProcessingFailed."""
    width, height = _fitted(info.display_size, POSTER_SIDE)
    for at in (info.duration_s / 10, 0.0):  # a wrong duration may point behind the last frame
        file = safe_input(source, info.demuxer, threads=threads.decoding(info), ss=round(at, 3))
        # made small first: the choice keeps thirty frames, which of 2160 lines and 10 bits would be 750 MB
        picture = file[str(info.video_index)].filter("scale", width, height).filter("thumbnail", 30)
        run(_jpeg(picture, target), _QUICK)
        if target.exists() and target.stat().st_size:
            return target
    raise ProcessingFailed(detail="no frame for a poster")


def make_sprite(source: Path, info: MediaInfo, out: Path) -> tuple[Path, Path]:
    """Timeline thumbnails: one JPEG (`thumbs.jpg`) and the WebVTT index (`thumbs.vtt`) naming its regions.

    Raises ProcessingFailed.
    """
    out.mkdir(parents=True, exist_ok=True)
    interval = max(1, math.ceil(info.duration_s / SPRITE_MOST))
    count = max(1, math.ceil(info.duration_s / interval))
    size = _tile_size(info)
    image, index = out / "thumbs.jpg", out / "thumbs.vtt"
    run(_jpeg(_tiled(source, info, interval, count, size), image), _QUICK)
    if not image.exists():
        raise ProcessingFailed(detail="no frames for timeline thumbnails")
    index.write_text(_sprite_index(image.name, info.duration_s, interval, count, size), encoding="utf-8")
    return image, index


def _tiled(source: Path, info: MediaInfo, interval: int, count: int, size: tuple[int, int]) -> Any:
    options = {} if info.duration_s <= _SHORT_S else {"skip_frame": "nokey"}
    columns = min(SPRITE_COLUMNS, count)
    return (
        safe_input(source, info.demuxer, threads=threads.decoding(info), **options)[str(info.video_index)]
        .filter("fps", f"1/{interval}", round="up")
        .filter("scale", *size)
        # the last key frame stands in for the stretch behind it, which would be black
        .filter("tpad", stop_mode="clone", stop=count)
        .filter("tile", f"{columns}x{math.ceil(count / columns)}")
    )


def _jpeg(stream: Any, target: Path) -> Any:
    target.unlink(missing_ok=True)
    path = str(target.resolve())
    return ffmpeg.output(stream, path, f="image2", vframes=1, update=1, map_metadata=-1, **{"q:v": 4})


def _tile_size(info: MediaInfo) -> tuple[int, int]:
    """Portrait videos keep the height of landscape ones, so that the preview has room in the player."""
    width, height = info.display_size
    if width >= height:
        return SPRITE_WIDTH, max(2, round(SPRITE_WIDTH * height / width / 2) * 2)
    return max(2, round(SPRITE_WIDTH * width / height / 2) * 2), SPRITE_WIDTH


def _fitted(size: tuple[int, int], side: int) -> tuple[int, int]:
    scale = min(1.0, side / max(size))
    return max(2, round(size[0] * scale / 2) * 2), max(2, round(size[1] * scale / 2) * 2)


def _sprite_index(name: str, duration_s: float, interval: int, count: int, size: tuple[int, int]) -> str:
    columns = min(SPRITE_COLUMNS, count)
    cues = []
    for num in range(count):
        left, top = num % columns * size[0], num // columns * size[1]
        end = min((num + 1) * interval, duration_s)
        times = f"{timestamp(num * interval)} --> {timestamp(end)}"
        cues.append(f"{times}\n{name}#xywh={left},{top},{size[0]},{size[1]}")
    return "WEBVTT\n\n" + "\n\n".join(cues) + "\n"


# --- still images


def open_image(source: Path) -> Image.Image:
    """The picture, its header checked and nothing decoded; the caller closes it.

    Raises UnsafeFile: too_many_pixels, damaged_image.
    """
    try:
        with warnings.catch_warnings():  # Pillow warns where we refuse, and at another size
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(source, formats=_FORMATS)
    except Image.DecompressionBombError:
        raise UnsafeFile("too_many_pixels", width="?", height="?") from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        raise UnsafeFile("damaged_image") from None
    if image.width * image.height > MAX_IMAGE_PIXELS:
        image.close()
        raise UnsafeFile("too_many_pixels", width=image.width, height=image.height)
    return image


def make_thumbnail(source: Path, target: Path, side: int = 640) -> tuple[int, int]:
    """A WebP, JPEG or PNG (by the ending of `target`) of at most `side` pixels, upright, without metadata.

    Returns its width and height. Raises UnsafeFile: too_many_pixels, damaged_image.
    """
    with open_image(source) as image:
        try:
            image.draft("RGB", (side, side))  # JPEG can be decoded small
            small = ImageOps.exif_transpose(image)
            small.thumbnail((side, side), Image.Resampling.LANCZOS)
        except (OSError, ValueError, SyntaxError, EOFError):
            raise UnsafeFile("damaged_image") from None
    clean = flattened(small) if target.suffix in {".jpg", ".jpeg"} else small.convert("RGBA")
    clean.info.clear()  # Pillow would carry place, camera and profile into the new file
    clean.save(target, quality=80)
    return clean.size


def flattened(image: Image.Image) -> Image.Image:
    """On white: JPEG knows no transparency, and black would swallow drawings."""
    clear = image.convert("RGBA")
    paper = Image.new("RGB", clear.size, "white")
    paper.paste(clear, mask=clear.getchannel("A"))
    return paper


def make_pdf_thumbnail(source: Path, target: Path, side: int = 640) -> tuple[int, int] | None:
    """The first page as a picture, or None where this machine has no renderer (pdftoppm) or it fails."""
    tool = shutil.which("pdftoppm")
    if tool is None:
        return None
    with tempfile.TemporaryDirectory(prefix="page-") as folder:
        page = Path(folder) / "page"
        scale = ["-png", "-singlefile", "-f", "1", "-l", "1", "-scale-to", str(side)]
        command = [tool, *scale, str(source.resolve()), str(page)]
        process = sandbox.start_limited(command, Path(folder), sandbox.Limits(cpu_s=20))
        try:
            process.communicate(timeout=30)
            return make_thumbnail(page.with_suffix(".png"), target, side)
        except (subprocess.TimeoutExpired, UnsafeFile):
            return None
        finally:
            sandbox.stop(process)
