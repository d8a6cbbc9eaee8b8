"""Run as a script under limits: probe_worker.py FILE DEMUXER WHITELIST PIXELS prints facts as JSON; with the number of
the picture track behind that, the times of its key frames.

Apart from PyAV it knows nothing of us: hostile input meets only this process, which may die at any time.
"""

from __future__ import annotations

import json
import sys
from itertools import islice, pairwise
from typing import Any

import av
from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

GOP_SAMPLE_PACKETS = 6000


def seconds(ticks: int | None, base: Any) -> float:
    """Stream ticks in seconds; 0 when unknown."""
    return float(ticks * base) if ticks is not None and base is not None else 0.0


def stream_duration(stream: Stream) -> float:
    """Declared seconds of one track; Matroska keeps them in a tag."""
    if stream.duration:
        return seconds(stream.duration, stream.time_base)
    hours, _, rest = stream.metadata.get("DURATION", "").partition(":")
    minutes, _, secs = rest.partition(":")
    try:
        return int(hours) * 3600 + int(minutes) * 60 + float(secs)
    except ValueError:
        return 0.0


def first_frame(container: InputContainer, stream: VideoStream) -> dict[str, Any]:
    """What only a decoded picture tells. Raises av.error.FFmpegError when none can be decoded."""
    stream.codec_context.thread_count = 1
    frame = next(iter(islice(container.decode(stream), 1)))
    return {"rotation": int(frame.rotation) % 360, "interlaced": bool(frame.interlaced_frame)}


def video_facts(stream: VideoStream) -> dict[str, Any]:
    """Facts of the picture track from its header."""
    context = stream.codec_context
    sar = stream.sample_aspect_ratio or context.sample_aspect_ratio
    return {
        "video_index": stream.index,
        "video_codec": context.name,
        "video_profile": str(context.profile or ""),
        "width": context.width,
        "height": context.height,
        "pix_fmt": context.pix_fmt or "",
        "fps": float(stream.average_rate or stream.guessed_rate or 0),
        "sar": float(sar) if sar else 1.0,
        "video_duration_s": stream_duration(stream),
        "video_start_s": seconds(stream.start_time, stream.time_base),
    }


def audio_facts(stream: Any) -> dict[str, Any]:
    """Facts of the sound track from its header."""
    context = stream.codec_context
    return {
        "audio_index": stream.index,
        "audio_codec": context.name,
        "audio_profile": str(context.profile or ""),
        "audio_channels": context.channels or 0,
        "audio_rate": context.sample_rate or 0,
        "audio_duration_s": stream_duration(stream),
        "audio_start_s": seconds(stream.start_time, stream.time_base),
    }


def index_facts(stream: Stream) -> dict[str, Any]:
    """From the file's own index: the longest distance of key frames, and where the last packet ends."""
    keys, end, times = [], 0, []
    for entry in stream.index_entries or ():
        end = max(end, entry.pos + entry.size)
        times.append((entry.pos + entry.size, seconds(entry.timestamp, stream.time_base)))
        if entry.is_keyframe:
            keys.append(seconds(entry.timestamp, stream.time_base))
    last = max((at for _, at in times), default=0.0)
    return {"gop_s": longest_gap(sorted([*keys, last])), "index_end": end, "times": times}


def longest_gap(times: list[float]) -> float:
    """Longest distance between neighbours in seconds; 0 with fewer than two."""
    return max((later - earlier for earlier, later in pairwise(times)), default=0.0)


def sampled_gop(container: InputContainer, stream: Stream) -> float:
    """The longest distance of key frames in the first minutes, read from the packets."""
    packets = islice(container.demux(stream), GOP_SAMPLE_PACKETS)
    times = [(float(packet.pts * packet.time_base), packet.is_keyframe) for packet in packets if packet.pts is not None]
    keys = [at for at, is_key in times if is_key]
    tail = max((at for at, _ in times), default=0.0)
    return longest_gap([*keys, tail])


def measured_duration(container: InputContainer) -> float:
    """Seconds up to the last packet, by reading the whole file: for headers that state no duration."""
    first, last = None, 0.0
    for packet in container.demux():
        if packet.pts is not None and packet.time_base:
            at = float(packet.pts * packet.time_base)
            first = at if first is None else min(first, at)
            last = max(last, at + seconds(packet.duration, packet.time_base))
    return last - (first or 0.0)


def is_cover(stream: Stream) -> bool:
    """A picture of the album is no moving picture."""
    return bool(stream.disposition & Disposition.attached_pic)


def inspect(path: str, demuxer: str, whitelist: str) -> dict[str, Any]:
    """All facts of one file."""
    options = {"protocol_whitelist": "file", "format_whitelist": whitelist}
    with av.open(f"file:{path}", format=demuxer, options=options) as container:
        facts = header_facts(container)
    if facts["video_index"] >= 0 and facts["width"] * facts["height"] <= int(sys.argv[4]):
        facts |= picture_facts(path, demuxer, options, facts["video_index"])
    if not facts["duration_s"]:
        with av.open(f"file:{path}", format=demuxer, options=options) as container:
            facts |= {"duration_s": measured_duration(container), "duration_is_exact": False}
    return facts


def header_facts(container: InputContainer) -> dict[str, Any]:
    """Tracks and durations, nothing decoded."""
    facts: dict[str, Any] = {"tracks": len(container.streams), "video_index": -1, "audio_index": -1}
    facts["duration_s"] = seconds(container.duration, 1) / av.time_base
    for stream in container.streams:
        if isinstance(stream, VideoStream) and facts["video_index"] < 0 and not is_cover(stream):
            facts |= video_facts(stream) | index_facts(stream)
        elif stream.type == "audio" and facts["audio_index"] < 0:
            facts |= audio_facts(stream)
            facts |= {} if facts["video_index"] >= 0 else index_facts(stream)
    facts["duration_s"] = played_duration(facts) or facts["duration_s"]
    return facts


def played_duration(facts: dict[str, Any]) -> float:
    """Seconds of the tracks that will be played, 0 where one does not say: a second sound track may be far longer."""
    lengths = [facts[f"{kind}_duration_s"] for kind in ("video", "audio") if facts[f"{kind}_index"] >= 0]
    return max(lengths) if lengths and all(lengths) else 0.0


def picture_facts(path: str, demuxer: str, options: dict[str, str], index: int) -> dict[str, Any]:
    """Rotation, interlacing and, without an index, the distance of key frames."""
    with av.open(f"file:{path}", format=demuxer, options=options) as container:
        stream = container.streams[index]
        assert isinstance(stream, VideoStream)
        facts = first_frame(container, stream)
    if demuxer != "mov":
        with av.open(f"file:{path}", format=demuxer, options=options) as container:
            facts["gop_s"] = sampled_gop(container, container.streams[index])
    return facts


def key_times(path: str, demuxer: str, whitelist: str, index: int) -> dict[str, Any]:
    """Seconds of every key frame since the beginning of the file, and of the first frame."""
    options = {"protocol_whitelist": "file", "format_whitelist": whitelist}
    with av.open(f"file:{path}", format=demuxer, options=options) as container:
        zero = seconds(container.start_time, 1) / av.time_base
        packets = container.demux(container.streams[index])
        times = [(float(p.pts * p.time_base) - zero, p.is_keyframe) for p in packets if p.pts is not None]
    keys = sorted(at for at, is_key in times if is_key)
    return {"keys": keys, "first_s": min((at for at, _ in times), default=0.0)}


if __name__ == "__main__":
    try:
        wanted = int(sys.argv[5]) if len(sys.argv) > 5 else None
        file, form, forms = sys.argv[1:4]
        answer = inspect(file, form, forms) if wanted is None else key_times(file, form, forms, wanted)
    except (av.error.FFmpegError, StopIteration, ValueError, MemoryError) as error:
        answer = {"error": f"{type(error).__name__}: {error}"[:300]}
    print(json.dumps(answer))
