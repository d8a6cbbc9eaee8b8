"""Reading what the HLS muxer wrote, and writing the master playlist over it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from media.errors import ProcessingFailed
from media.fragments import begin_in_time, segment_seconds

PLAYLIST = "index.m3u8"
MASTER = "master.m3u8"
AAC_LC = "mp4a.40.2"


@dataclass(frozen=True, slots=True)
class Rendition:
    """One playlist of the result. Keys are relative to the output folder, the playlist is the first of `files`.

    `bandwidth` is the peak, `average_bandwidth` the mean (bits per second); `size` is bytes of all files;
    `complaints` is what ffmpeg said about damaged spots it got over.
    """

    kind: Literal["video", "audio"]
    name: str  # "v1080", "v480", "audio"
    playlist: str
    files: tuple[str, ...]
    width: int
    height: int
    bandwidth: int
    average_bandwidth: int
    codecs: str
    duration_s: float
    size: int
    complaints: str = ""


def read_rendition(out: Path, name: str, size: tuple[int, int], complaints: str = "") -> Rendition:
    """The rendition in `out/name`. Raises ProcessingFailed when the muxer left no segment."""
    folder = out / name
    begin_in_time(folder / "init.mp4", sorted(folder.glob("*.m4s")))
    _mend_last_duration(folder)
    segments = _segments(folder / PLAYLIST)
    if not segments:
        raise ProcessingFailed(detail=f"{name} has no segments. {complaints}")
    duration = sum(seconds for _, seconds in segments)
    peak = max(_bits(folder / file) / max(seconds, 0.5) for file, seconds in segments)
    files = (PLAYLIST, "init.mp4", *(file for file, _ in segments))
    total = sum((folder / file).stat().st_size for file in files)
    return Rendition(
        kind="audio" if name == "audio" else "video",
        name=name,
        playlist=f"{name}/{PLAYLIST}",
        files=tuple(f"{name}/{file}" for file in files),
        width=size[0],
        height=size[1],
        bandwidth=round(peak),
        average_bandwidth=round(sum(_bits(folder / file) for file, _ in segments) / max(duration, 0.5)),
        codecs=AAC_LC if name == "audio" else avc_codec(folder / "init.mp4"),
        duration_s=duration,
        size=total,
        complaints=complaints,
    )


def _segments(playlist: Path) -> list[tuple[str, float]]:
    """File name and seconds of each segment."""
    found, seconds = [], 0.0
    for line in playlist.read_text().splitlines() if playlist.exists() else []:
        if line.startswith("#EXTINF:"):
            seconds = float(line[8:].split(",")[0])
        elif line and not line.startswith("#"):
            found.append((line, seconds))
    return found


def _mend_last_duration(folder: Path) -> None:
    """Write the true length of the last segment into the playlist where the muxer miscounted it."""
    segments = _segments(folder / PLAYLIST)
    if not segments:
        return
    name, stated = segments[-1]
    actual = segment_seconds(folder / "init.mp4", folder / name)
    if not actual or abs(actual - stated) < 0.1:
        return
    text = (folder / PLAYLIST).read_text()
    before, _, after = text.rpartition("#EXTINF:")
    text = f"{before}#EXTINF:{actual:.6f},{after[after.index(',') + 1 :]}"
    longest = math.ceil(max(actual, *(seconds for _, seconds in segments)))
    (folder / PLAYLIST).write_text(re.sub(r"(?<=#EXT-X-TARGETDURATION:)\d+", str(longest), text))


def _bits(path: Path) -> int:
    return 8 * path.stat().st_size


def avc_codec(init: Path) -> str:
    """RFC 6381 name from the avcC box: profile, constraints, level. Players choose by it beforehand."""
    data = init.read_bytes()
    at = data.find(b"avcC")
    if at < 0:
        raise ProcessingFailed(detail="no avcC box in the init segment")
    return f"avc1.{data[at + 5 : at + 8].hex()}"


def write_master(out: Path, renditions: Sequence[Rendition]) -> str:
    """Write master.m3u8 over all renditions and return its relative key. Call it last.

    Written beside and renamed: a reader sees the old or the new one, never half of one.
    """
    sounds = [rendition for rendition in renditions if rendition.kind == "audio"]
    pictures = sorted((r for r in renditions if r.kind == "video"), key=_start_order)
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    if pictures:
        lines += [_group(sound) for sound in sounds]
        lines += [line for picture in pictures for line in _variant(picture, sounds)]
    else:
        lines += [line for sound in sounds for line in _variant(sound, [])]
    beside = out / f".{MASTER}"
    beside.write_text("\n".join(lines) + "\n")
    beside.replace(out / MASTER)
    return MASTER


def _start_order(rendition: Rendition) -> tuple[bool, int]:
    """Native players start with the first entry: the one nearest to 480 lines, then the others downwards."""
    side = min(rendition.width, rendition.height)
    return not 400 <= side <= 600, -side


def _group(sound: Rendition) -> str:
    attributes = 'TYPE=AUDIO,GROUP-ID="audio",NAME="audio",DEFAULT=YES,AUTOSELECT=YES'
    return f'#EXT-X-MEDIA:{attributes},URI="{sound.playlist}"'


def _variant(main: Rendition, sounds: Sequence[Rendition]) -> tuple[str, str]:
    all_of_it = [main, *sounds]
    codecs = ",".join(rendition.codecs for rendition in all_of_it)
    attributes = [
        f"BANDWIDTH={sum(rendition.bandwidth for rendition in all_of_it)}",
        f"AVERAGE-BANDWIDTH={sum(rendition.average_bandwidth for rendition in all_of_it)}",
        f'CODECS="{codecs}"',
        *([f"RESOLUTION={main.width}x{main.height}"] if main.width else []),
        *(['AUDIO="audio"'] if sounds else []),
    ]
    return f"#EXT-X-STREAM-INF:{','.join(attributes)}", main.playlist
