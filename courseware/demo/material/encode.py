"""ffmpeg: found once, run with argument lists, output that does not name the day it was made."""

import os
import shutil
import subprocess
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

SIZE = (640, 360)
EXACT = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"]
AAC = ["-c:a", "aac", "-aac_coder", "fast", "-b:a", "32k", "-ac", "1", "-ar", "44100"]
"""The fast coder: sound was half the cost of a film. At this rate of samples the site takes the sound over as it is."""


@lru_cache(maxsize=1)
def ffmpeg() -> str:
    """The ffmpeg to use: FFMPEG_BINARY, then PATH, then the one in the imageio-ffmpeg package."""
    found = os.environ.get("FFMPEG_BINARY") or shutil.which("ffmpeg")
    if found:
        return found
    import imageio_ffmpeg

    return str(imageio_ffmpeg.get_ffmpeg_exe())


def _base() -> list[str]:
    return [ffmpeg(), "-nostdin", "-y", "-loglevel", "error", "-threads", "1"]


def encode_audio(wav: Path, out: Path, seconds: float, title: str = "") -> Path:
    """A WAV file as AAC in m4a, or as bare AAC frames where the name ends in .aac."""
    tags = ["-metadata", f"title={title}"] if title else []
    argv = [*_base(), "-i", str(wav), *AAC, "-t", f"{seconds}", *EXACT, *tags]
    fast = ["-movflags", "+faststart"] if out.suffix == ".m4a" else []
    subprocess.run([*argv, *fast, str(out)], check=True, capture_output=True, timeout=600)
    return out


def encode_video(frames: Iterable[bytes], fps: int, seconds: float, sound: Path, out: Path) -> Path:
    """Raw yuv420p frames and a sound as H.264 and AAC; .aac sound is repeated as it is, WAV is encoded."""
    kept = sound.suffix == ".aac"
    raw = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{SIZE[0]}x{SIZE[1]}", "-r", str(fps), "-i", "pipe:0"]
    heard = [*(["-stream_loop", "-1"] if kept else []), "-i", str(sound)]
    argv = [
        *[a for a in _base() if a != "-nostdin"],
        *raw,
        *heard,
        "-map",
        "0:v",
        "-map",
        "1:a",
        "-c:v",
        "libx264",
        "-preset",
        "superfast",
        "-tune",
        "animation",
        "-crf",
        "30",
        "-g",
        str(fps * 5),
        "-threads",
        "1",
        "-pix_fmt",
        "yuv420p",
        "-colorspace",
        "smpte170m",
        "-color_range",
        "tv",
        *(["-c:a", "copy"] if kept else AAC),
        "-t",
        f"{seconds}",
        *EXACT,
        "-movflags",
        "+faststart",
        str(out),
    ]
    _feed(argv, frames)
    return out


def _feed(argv: list[str], frames: Iterable[bytes]) -> None:
    """Run ffmpeg on frames handed over one by one; its complaints go to a file so that nothing blocks."""
    from tempfile import TemporaryFile

    with TemporaryFile() as said:
        process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said)
        assert process.stdin is not None
        try:
            for frame in frames:
                process.stdin.write(frame)
        except BrokenPipeError:
            pass
        finally:
            process.communicate()
        said.seek(0)
        if process.returncode:
            raise RuntimeError(f"ffmpeg gave up: {said.read().decode(errors='replace')[-400:]}")
