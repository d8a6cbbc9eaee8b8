"""Which renditions a recording gets, and whether browsers can play it as it is. Pure decisions, no ffmpeg."""

from __future__ import annotations

from dataclasses import dataclass

from media.gate import MediaInfo

SEGMENT_S = 4
MAX_REMUX_GOP_S = 10.0  # a longer distance of key frames makes seeking and switching sluggish
BROWSER_PIXEL_FORMATS = frozenset({"yuv420p", "yuvj420p"})
_REMUX_DEMUXERS = frozenset({"mov", "matroska", "mpegts", "flv"})
IN_STEP_S = 0.04  # picture and sound that begin so close to each other begin together
_LATE_PICTURE_S = 0.1  # what segments can say of a late beginning; a player would wait for more
_STEP = 0.8  # a rung closer than this to the one above is not worth its encoding
_WIDEST = 2.4  # aspect ratio beyond which the long side is what limits
_MAX_FPS = 61.0


@dataclass(frozen=True, slots=True)
class Rung:
    """One encoded size. `side` is the short side and names the rung; rates in kbit/s."""

    side: int
    width: int
    height: int
    maxrate_k: int
    crf: int

    @property
    def name(self) -> str:
        """The rendition's name and folder."""
        return f"v{self.side}"


# side, maxrate, crf at x264 veryfast: measured on lectures and slides
_STANDARD = ((1080, 3500, 23), (720, 1800, 23), (480, 900, 24), (240, 300, 26))


def can_remux_video(info: MediaInfo) -> bool:
    """Whether every browser plays the picture track untouched."""
    wide, high = max(info.width, info.height), min(info.width, info.height)
    plain = info.rotation == 0 and abs(info.sar - 1) < 0.01 and not info.interlaced
    playable = info.video_codec == "h264" and info.pix_fmt in BROWSER_PIXEL_FORMATS
    fits = wide <= 2048 and high <= 1088 and info.fps <= _MAX_FPS and info.gop_s <= MAX_REMUX_GOP_S
    return plain and playable and fits and info.video_lead_s <= _LATE_PICTURE_S and info.demuxer in _REMUX_DEMUXERS


def can_copy_audio(info: MediaInfo) -> bool:
    """Whether the sound is plain stereo or mono AAC already, and begins with the picture."""
    plain = info.audio_codec == "aac" and info.audio_profile in {"LC", ""} and info.audio_lead_s <= IN_STEP_S
    return plain and info.audio_channels in {1, 2} and info.audio_rate in {44100, 48000}


def rungs(info: MediaInfo) -> tuple[Rung, ...]:
    """All rungs from the top down; the top is the source's size or 1080, never more than the source."""
    top = min(*info.display_size, 1080)
    lower = [side for side, _, _ in _STANDARD if side <= top * _STEP]
    return tuple(_rung(info, side) for side in (top, *lower))


def first_rung(all_rungs: tuple[Rung, ...]) -> Rung:
    """The one to encode first when the source cannot be played as it is: watchable, and quick to make."""
    return min((rung for rung in all_rungs if rung.side >= 400), key=lambda rung: rung.side, default=all_rungs[0])


def _rung(info: MediaInfo, side: int) -> Rung:
    width, height = info.display_size
    scale = min(side / min(width, height), side * _WIDEST / max(width, height))
    maxrate, crf = _rates(side)
    return Rung(side, _even(width * scale, width), _even(height * scale, height), maxrate, crf)


def _even(pixels: float, most: int) -> int:
    """The nearest even number, but never more than the source has."""
    return max(2, min(round(pixels / 2) * 2, most // 2 * 2))


def _rates(side: int) -> tuple[int, int]:
    """Of the standard rung that is nearest from above, so that odd sizes are not starved."""
    return next((maxrate, crf) for limit, maxrate, crf in reversed(_STANDARD) if side <= limit)
