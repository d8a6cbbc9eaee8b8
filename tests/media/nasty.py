"""Thirty-nine files as people and attackers send them, made small: what each is, and what the gate has to say.

`make(folder, port)` writes all of them and returns {name: "video", "audio" or "reject"}. Files that point elsewhere point
at 127.0.0.1:`port` and at neighbours in the folder.
"""

from __future__ import annotations

import functools
import zipfile
from pathlib import Path

from tests.media.samples import X264, hostile_text, made_by_ffmpeg, png_named_mp4, rotated_mp4

AAC = ("-c:a", "aac", "-ac", "2", "-ar", "48000")
SECONDS = 3


@functools.cache
def lecture() -> bytes:
    """The common case: H.264, AAC, index first, a key frame every second and a half."""
    return _encoded("mp4", *X264, "-g", "15", *AAC, "-movflags", "+faststart")


def _encoded(
    extension: str, *options: str, seconds: float = SECONDS, size: str = "160x90", sound: bool = True
) -> bytes:
    tone = ("-f", "lavfi", "-i", f"sine=440:r=48000:d={seconds}") if sound else ()
    return made_by_ffmpeg(extension, "-f", "lavfi", "-i", f"testsrc=s={size}:r=10:d={seconds}", *tone, *options)


def make(folder: Path, port: int) -> dict[str, str]:
    """Writes every file into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "h264_1080p.mp4"
    source.write_bytes(lecture())
    expected = {"h264_1080p.mp4": "video"}
    expected |= _repacked(folder, source) | _encodings(folder) | _sounds(folder, source) | _odd_tracks(folder, source)
    return expected | _broken(folder, source) | _disguised(folder) | _pointing(folder, port)


def _copied(folder: Path, source: Path, name: str, *options: str) -> None:
    made = made_by_ffmpeg(name.rsplit(".", 1)[-1], "-i", str(source), *(options or ("-c", "copy")))
    (folder / name).write_bytes(made)


def _repacked(folder: Path, source: Path) -> dict[str, str]:
    names = ("moov_at_end.mp4", "h264.mkv", "h264.mov", "h264.ts")
    for name in names:
        _copied(folder, source, name)
    return dict.fromkeys(names, "video")


def _encodings(folder: Path) -> dict[str, str]:
    hevc = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:pools=1", "-tag:v", "hvc1")
    vp9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus")
    deep = ("-vf", "format=yuv444p10le", "-c:v", "libx264", "-preset", "ultrafast", *AAC)
    camcorder = ("-vf", "tinterlace=4", "-r", "25", "-c:v", "mpeg2video", "-flags", "+ildct+ilme", "-c:a", "mp2")
    made = {
        "hevc_720p.mp4": _encoded("mp4", *hevc, *AAC), "vp9.webm": _encoded("webm", *vp9),
        "vfr.mp4": _encoded("mp4", "-vf", "select='not(between(mod(n,20),5,15))'", "-fps_mode", "vfr", *X264, *AAC),
        "portrait.mp4": _encoded("mp4", *X264, *AAC, size="90x160"),
        "no_audio.mp4": _encoded("mp4", *X264, sound=False), "h264_444_10bit.mp4": _encoded("mp4", *deep),
        "odd_641x361.mp4": _encoded("mp4", *X264[:-2], "-pix_fmt", "yuv444p", *AAC, size="161x91"),
        "anamorphic.mp4": _encoded("mp4", "-vf", "setsar=64/45", *X264, *AAC, size="144x116"),
        "interlaced.mpg": _encoded("mpg", *camcorder),
    }  # fmt: skip
    for name, data in made.items():
        (folder / name).write_bytes(data)
    rotated_mp4(folder / "rotated90.mov", 160, 90, SECONDS)
    return dict.fromkeys([*made, "rotated90.mov"], "video")


def _sounds(folder: Path, source: Path) -> dict[str, str]:
    tone = ("-f", "lavfi", "-i", f"sine=440:r=48000:d={SECONDS}")
    (folder / "speech.wav").write_bytes(made_by_ffmpeg("wav", *tone))
    (folder / "audio_only.mp3").write_bytes(made_by_ffmpeg("mp3", *tone))
    (folder / "audio_only.m4a").write_bytes(made_by_ffmpeg("m4a", *tone))
    cover = folder / "cover.jpg"
    cover.write_bytes(made_by_ffmpeg("jpg", "-f", "lavfi", "-i", "testsrc=s=64x64:r=1:d=1", "-frames:v", "1"))
    tracks = ("-map", "0:a", "-map", "1:v", "-c:v", "copy", "-disposition:v", "attached_pic")
    (folder / "cover_art.mp3").write_bytes(made_by_ffmpeg("mp3", *tone, "-i", str(cover), *tracks))
    cover.unlink()
    return dict.fromkeys(("speech.wav", "audio_only.mp3", "audio_only.m4a", "cover_art.mp3"), "audio")


def _odd_tracks(folder: Path, source: Path) -> dict[str, str]:
    wav, words = folder / "speech.wav", folder / "words.srt"
    words.write_text("1\n00:00:00,500 --> 00:00:02,000\n你好，欢迎来到第一课\n", encoding="utf-8")
    two = ("-i", str(wav), "-map", "0:v", "-map", "0:a", "-map", "1:a", "-c:v", "copy", "-c:a", "aac")
    _copied(folder, source, "two_audio.mkv", *two)
    soft = ("-i", str(words), "-map", "0", "-map", "1", "-c", "copy", "-c:s", "srt")
    _copied(folder, source, "soft_subs.mkv", *soft)
    words.unlink()
    (folder / "huge_8k.mp4").write_bytes(
        made_by_ffmpeg("mp4", "-f", "lavfi", "-i", "color=c=navy:s=7680x4320:r=1:d=1", *X264)
    )
    return {"two_audio.mkv": "video", "soft_subs.mkv": "video", "huge_8k.mp4": "reject"}


def _broken(folder: Path, source: Path) -> dict[str, str]:
    first, last = source.read_bytes(), (folder / "moov_at_end.mp4").read_bytes()
    (folder / "truncated_faststart.mp4").write_bytes(first[: len(first) * 6 // 10])
    (folder / "truncated_no_moov.mp4").write_bytes(last[: len(last) * 6 // 10])
    hurt = bytearray(first)
    for at in range(len(hurt) // 2, len(hurt) // 2 + len(hurt) // 8):
        hurt[at] = (hurt[at] * 7 + at) & 255
    (folder / "corrupt_middle.mp4").write_bytes(hurt)
    (folder / "zero.mp4").write_bytes(b"")
    _copied(folder, source, "long_600s.mp4", "-c", "copy", "-movflags", "+faststart")
    told = {"truncated_faststart.mp4": "reject", "truncated_no_moov.mp4": "reject", "zero.mp4": "reject"}
    return {**told, "corrupt_middle.mp4": "video", "long_600s.mp4": "video"}


def _disguised(folder: Path) -> dict[str, str]:
    png_named_mp4(folder / "bomb_png.mp4")
    with zipfile.ZipFile(folder / "zip_renamed.mp4", "w") as archive:
        archive.writestr("a.txt", "x" * 5000)
    (folder / "html.mp4").write_text("<html><script>alert(1)</script></html>")
    (folder / "text.mp4").write_text("hello\n" * 500)
    subtitles = "[Script Info]\nScriptType: v4.00+\n[Events]\nFormat: Layer, Start, End, Text\nDialogue: 0,0,5,hi\n"
    (folder / "lfi_subtitle.ass.mp4").write_text(subtitles)
    names = ("bomb_png.mp4", "zip_renamed.mp4", "html.mp4", "text.mp4", "lfi_subtitle.ass.mp4")
    return dict.fromkeys(names, "reject")


def _pointing(folder: Path, port: int) -> dict[str, str]:
    for name in ("ssrf_hls.mp4", "ssrf_hls.m3u8"):
        hostile_text(folder / name, "hls playlist", port)
    neighbour = folder / "h264.ts"
    head = "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10.0,\n"
    (folder / "lfi_hls.m3u8").write_text(f"{head}{neighbour}\n#EXT-X-ENDLIST\n")
    (folder / "lfi_concat.mp4").write_text("ffconcat version 1.0\nfile h264.ts\n")
    (folder / "lfi_concat_abs.mp4").write_text(f"ffconcat version 1.0\nfile {neighbour}\n")
    hostile_text(folder / "ssrf_dash.mp4", "dash manifest", port)
    hostile_text(folder / "ssrf_sdp.mp4", "sdp", port)
    names = ("ssrf_hls.mp4", "ssrf_hls.m3u8", "lfi_hls.m3u8", "lfi_concat.mp4", "lfi_concat_abs.mp4")
    return dict.fromkeys([*names, "ssrf_dash.mp4", "ssrf_sdp.mp4"], "reject")
