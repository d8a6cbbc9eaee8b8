"""Recordings by their magic bytes, each with the one demuxer that may open it.

ffmpeg left to guess opens text as playlists, subtitles or ANSI art; so nothing here matches text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# Names of ffmpeg demuxers, also the whitelist for nested opening. None of them refers to other files.
DEMUXERS = "mov,matroska,wav,avi,mp3,aac,ogg,flac,flv,mpeg,mpegts,asf"
# Containers whose header states the duration; elsewhere ffmpeg estimates it and may be far off.
EXACT_DURATION = frozenset({"mov", "matroska", "avi", "wav", "flac"})


@dataclass(frozen=True, slots=True)
class Container:
    """`kind` is the usual content; a mov, matroska, ogg, mpegts or asf file may hold either."""

    demuxer: str
    kind: Literal["video", "audio"]
    mime: str
    extension: str


MP4 = Container("mov", "video", "video/mp4", "mp4")
MOV = Container("mov", "video", "video/quicktime", "mov")
M4A = Container("mov", "audio", "audio/mp4", "m4a")
MKV = Container("matroska", "video", "video/x-matroska", "mkv")
WEBM = Container("matroska", "video", "video/webm", "webm")
AVI = Container("avi", "video", "video/x-msvideo", "avi")
WAV = Container("wav", "audio", "audio/wav", "wav")
MP3 = Container("mp3", "audio", "audio/mpeg", "mp3")
AAC = Container("aac", "audio", "audio/aac", "aac")
OGG = Container("ogg", "audio", "audio/ogg", "ogg")
FLAC = Container("flac", "audio", "audio/flac", "flac")
FLV = Container("flv", "video", "video/x-flv", "flv")
MPEG = Container("mpeg", "video", "video/mpeg", "mpg")
MPEGTS = Container("mpegts", "video", "video/mp2t", "ts")
ASF = Container("asf", "video", "video/x-ms-asf", "wmv")

_PREFIXES = (
    (b"ID3", MP3),
    (b"\xff\xf1", AAC),
    (b"\xff\xf9", AAC),
    (b"OggS", OGG),
    (b"fLaC", FLAC),
    (b"FLV\x01", FLV),
    (b"\x00\x00\x01\xba", MPEG),
    (bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c"), ASF),
)
_MOV_ATOMS = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
_PICTURE_BRANDS = frozenset({b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis", b"hevc"})


def recognise(head: bytes) -> Container | None:
    """The container a file begins like (needs its first 512 bytes), or None."""
    for prefix, container in _PREFIXES:
        if head.startswith(prefix):
            return container
    return _riff(head) or _mov(head) or _matroska(head) or _framed(head)


def _riff(head: bytes) -> Container | None:
    if head[:4] != b"RIFF":
        return None
    return {b"WAVE": WAV, b"AVI ": AVI}.get(head[8:12])


def _mov(head: bytes) -> Container | None:
    if head[4:8] not in _MOV_ATOMS or head[8:12] in _PICTURE_BRANDS:
        return None
    if head[4:8] != b"ftyp" or head[8:12] == b"qt  ":
        return MOV
    return M4A if head[8:12] in {b"M4A ", b"M4B "} else MP4


def _matroska(head: bytes) -> Container | None:
    if head[:4] != b"\x1a\x45\xdf\xa3":
        return None
    return WEBM if b"webm" in head[:64] else MKV


def _framed(head: bytes) -> Container | None:
    """Streams without a header: sync marks at the right distance."""
    if head[:1] == b"\x47" and head[188:189] == b"\x47" and head[376:377] in (b"\x47", b""):
        return MPEGTS
    mpeg_audio = len(head) > 2 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] & 0x06 == 0x02
    return MP3 if mpeg_audio and head[2] & 0xF0 != 0xF0 else None
