"""From a recording to HLS: playable first, the other rungs after.

Layout below the output folder: `v480/`, `v1080/`… and `audio/`, each with index.m3u8, init.mp4 and segments;
`master.m3u8` over them is written last. Sound is a group of its own: encoded once, and untouched when the
player switches the picture.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ffmpeg

from media import threads
from media.errors import DamagedMedia, ProcessingFailed
from media.ffmpeg import CancelCheck, Job, Progress, RunResult, run, safe_input
from media.gate import MediaInfo, tolerance_s
from media.ladder import IN_STEP_S, SEGMENT_S, Rung, can_copy_audio, can_remux_video, first_rung, rungs
from media.playlists import PLAYLIST, Rendition, read_rendition, write_master

__all__ = ["Rendition", "make_playable", "make_rungs", "make_sound", "write_master"]

DISK_FACTOR = 3  # the ladder and its parts need up to this many times the source
_EARLY_S = 0.004  # a frame that is due at a segment's beginning may come this much before it, by rounding
_NO_PRIMING = r"noise=drop=lt(pts\,0)"  # what an encoder says before its first sound would delay all that follows
_SLOWEST = 30  # times the duration, before an encoder counts as stuck


def make_playable(
    source: Path,
    info: MediaInfo,
    out: Path,
    progress: Progress | None = None,
    cancelled: CancelCheck | None = None,
) -> list[Rendition]:
    """The quickest playable result: remuxed where browsers can play the source, else one encoded rung, plus sound.

    Idempotent: folders of an earlier try are replaced. Raises DamagedMedia, Cancelled and ProcessingFailed
    (also with code disk_full).
    """
    check_disk(out, info)
    outputs: dict[str, Any] = {}
    file = safe_input(source, info.demuxer, threads=threads.decoding(info))
    if info.kind == "video":
        top, first = rungs(info)[0], first_rung(rungs(info))
        remux = can_remux_video(info)
        outputs |= _copied(file, info, out, top) if remux else _encoded(file, info, out, [first])
    if info.has_audio:
        outputs |= _sound(file, info, out)
    return _produce(outputs, info, out, _job(info, progress, cancelled))


def make_sound(
    source: Path,
    info: MediaInfo,
    out: Path,
    progress: Progress | None = None,
    cancelled: CancelCheck | None = None,
) -> list[Rendition]:
    """The sound group alone, for pictures that are encoded in pieces; empty without sound. Raises as make_playable."""
    check_disk(out, info)
    if not info.has_audio:
        return []
    return _produce(_sound(safe_input(source, info.demuxer), info, out), info, out, _job(info, progress, cancelled))


def make_rungs(
    source: Path,
    info: MediaInfo,
    out: Path,
    have: Sequence[Rendition],
    progress: Progress | None = None,
    cancelled: CancelCheck | None = None,
) -> list[Rendition]:
    """The rungs still missing beside `have`, in one process; empty when there is nothing to add.

    Raises as make_playable.
    """
    if info.kind != "video":
        return []
    present = {rendition.name for rendition in have}
    missing = [rung for rung in rungs(info) if rung.name not in present]
    if not missing:
        return []
    file = safe_input(source, info.demuxer, threads=threads.decoding(info))
    return _produce(_encoded(file, info, out, missing), info, out, _job(info, progress, cancelled))


def _job(info: MediaInfo, progress: Progress | None, cancelled: CancelCheck | None) -> Job:
    timeout = max(300.0, _SLOWEST * info.duration_s)
    return Job(duration_s=info.duration_s, progress=progress, cancelled=cancelled, timeout_s=timeout)


def check_disk(out: Path, info: MediaInfo) -> None:
    """Three times the source has to be free before work begins. Raises ProcessingFailed("disk_full")."""
    out.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(out).free < DISK_FACTOR * info.size:
        raise ProcessingFailed("disk_full")


def _copied(file: Any, info: MediaInfo, out: Path, top: Rung) -> dict[str, Any]:
    return {top.name: _hls(file[str(info.video_index)], out / top.name, {"c:v": "copy"})}


def _encoded(file: Any, info: MediaInfo, out: Path, wanted: Sequence[Rung]) -> dict[str, Any]:
    stream = file[str(info.video_index)]
    if info.video_lead_s > IN_STEP_S:  # held until it begins, so that it begins with the sound
        stream = stream.filter("setpts", "PTS-STARTPTS").filter(
            "tpad", start_mode="clone", start_duration=info.video_lead_s
        )
    pictures = scaled_pictures(stream, info, wanted)
    return {rung.name: _hls(stream, out / rung.name, x264(rung, info)) for rung, stream in pictures}


def scaled_pictures(stream: Any, info: MediaInfo, wanted: Sequence[Rung]) -> list[tuple[Rung, Any]]:
    """The picture in the size of each rung, from the top down.

    Each is scaled from the one above it, which costs less than scaling each from the source.
    """
    if info.interlaced:
        stream = stream.filter("bwdif", deint="interlaced")
    found = []
    for at, rung in enumerate(wanted):
        scaled = stream.filter("scale", rung.width, rung.height, flags="bicubic").filter("setsar", 1)
        if at + 1 < len(wanted):
            both = scaled.split()
            scaled, stream = both[0], both[1]
        found.append((rung, scaled.filter("format", "yuv420p")))
    return found


def x264(rung: Rung, info: MediaInfo, starts_s: float = 0.0) -> dict[str, Any]:
    """How a rung is encoded. Key frames stand at the multiples of the segment length of the whole recording, wherever in
    it the encoding `starts_s`."""
    return {
        "c:v": "libx264",
        "preset": "veryfast",
        "profile:v": "high" if rung.side > 480 else "main",
        "crf": rung.crf,
        "maxrate": f"{rung.maxrate_k}k",
        "bufsize": f"{2 * rung.maxrate_k}k",
        "fps_mode": "vfr",  # the default would fill a screen recorder's pauses with copies
        # closed groups aligned at the segment length whatever the frame rate
        "force_key_frames": f"expr:gte(t+{_EARLY_S},n_forced*{SEGMENT_S}-{starts_s % SEGMENT_S:.6f})",
        "sc_threshold": 0,
        "g": 9999,
        "bf": 0,  # frames that wait for others gain little at these rates, and cost memory and time
        **threads.encoding(info),
    }


def _sound(file: Any, info: MediaInfo, out: Path) -> dict[str, Any]:
    stream = file[str(info.audio_index)]
    if can_copy_audio(info):
        framed = ["aac_adtstoasc"] if info.demuxer in {"mpegts", "aac"} else []
        return {"audio": _hls(stream, out / "audio", {"c:a": "copy", "bsf:a": ",".join([*framed, _NO_PRIMING])})}
    # gaps are filled with silence: players drift where timestamps jump
    options = {
        "c:a": "aac",
        "aac_coder": "fast",
        "b:a": "96k",
        "ac": 2,
        "ar": 48000,
        "af": "aresample=async=1:first_pts=0",
        "bsf:a": _NO_PRIMING,
    }
    return {"audio": _hls(stream, out / "audio", options)}


def _hls(stream: Any, folder: Path, options: dict[str, Any]) -> Any:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return ffmpeg.output(
        stream,
        str(folder.resolve() / PLAYLIST),
        f="hls",
        hls_time=SEGMENT_S,
        hls_playlist_type="vod",
        hls_segment_type="fmp4",
        hls_flags="independent_segments",
        # The first picture is at 0 without an edit list, which players by segment read differently or not at all.
        avoid_negative_ts="disabled",
        hls_segment_options="movflags=+negative_cts_offsets",
        hls_fmp4_init_filename="init.mp4",
        hls_segment_filename=f"{folder.resolve()}/%05d.m4s",
        map_metadata=-1,  # phones write places and names into recordings
        map_chapters=-1,
        **options,
    )


def join_pieces(
    lists: Mapping[str, Path],
    info: MediaInfo,
    out: Path,
    progress: Progress | None = None,
    cancelled: CancelCheck | None = None,
) -> list[Rendition]:
    """Renditions of pieces encoded before; `lists` names the ffconcat list of each rung. Nothing is encoded.

    The lists and what they name are our own files: nothing of an upload comes here. Raises as make_playable.
    """
    outputs = {}
    for name, path in lists.items():
        pieces = ffmpeg.input(f"file:{path.resolve()}", f="concat", safe=0, protocol_whitelist="file")
        outputs[name] = _hls(pieces["v:0"], out / name, {"c:v": "copy"})
    return _produce(outputs, info, out, _job(info, progress, cancelled))


def _produce(outputs: dict[str, Any], info: MediaInfo, out: Path, job: Job) -> list[Rendition]:
    result = run(ffmpeg.merge_outputs(*outputs.values()), job)
    made = [_rendition(name, info, out, result) for name in outputs]
    _check_durations(made, info)
    return made


def _rendition(name: str, info: MediaInfo, out: Path, result: RunResult) -> Rendition:
    sizes = {rung.name: (rung.width, rung.height) for rung in rungs(info)} if info.kind == "video" else {}
    if name in sizes and can_remux_video(info) and name == rungs(info)[0].name:
        sizes[name] = info.display_size
    return read_rendition(out, name, sizes.get(name, (0, 0)), result.complaints)


def _check_durations(made: Sequence[Rendition], info: MediaInfo) -> None:
    """ffmpeg ends well on a file that stops halfway; only the clock tells. Raises DamagedMedia."""
    if not info.duration_is_exact:
        return
    declared = {"video": info.video_duration_s, "audio": info.audio_duration_s}
    for rendition in made:
        if declared[rendition.kind]:
            _compare(declared[rendition.kind], rendition.duration_s)
    if not any(declared.values()):
        _compare(info.duration_s, max(rendition.duration_s for rendition in made))


def _compare(declared_s: float, actual_s: float) -> None:
    if abs(actual_s - declared_s) > tolerance_s(declared_s):
        raise DamagedMedia(declared_s, actual_s)
