"""What a file really is, by its bytes; its name only breaks ties and is checked against them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from media import containers
from media.archives import open_archive
from media.errors import UnsafeFile
from media.text import detect_encoding

ResourceType = Literal["text", "presentation", "image", "audio", "video", "animation", "simulation", "other"]
Kind = Literal["video", "audio", "image", "pdf", "presentation", "document", "sheet", "archive", "text", "captions"]

HEAD_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class FileKind:
    """`extension` has no dot; `encoding` is set for text only; `resource_type` is a proposal."""

    kind: Kind
    mime: str
    extension: str
    resource_type: ResourceType
    encoding: str = ""


OFFICE = "application/vnd.openxmlformats-officedocument."
OPEN = "application/vnd.oasis.opendocument."
PNG = FileKind("image", "image/png", "png", "image")
JPEG = FileKind("image", "image/jpeg", "jpg", "image")
GIF = FileKind("image", "image/gif", "gif", "image")
WEBP = FileKind("image", "image/webp", "webp", "image")
PDF = FileKind("pdf", "application/pdf", "pdf", "text")
DOCX = FileKind("document", OFFICE + "wordprocessingml.document", "docx", "text")
PPTX = FileKind("presentation", OFFICE + "presentationml.presentation", "pptx", "presentation")
XLSX = FileKind("sheet", OFFICE + "spreadsheetml.sheet", "xlsx", "other")
DOC = FileKind("document", "application/msword", "doc", "text")
PPT = FileKind("presentation", "application/vnd.ms-powerpoint", "ppt", "presentation")
XLS = FileKind("sheet", "application/vnd.ms-excel", "xls", "other")
ODT = FileKind("document", OPEN + "text", "odt", "text")
ODP = FileKind("presentation", OPEN + "presentation", "odp", "presentation")
ODS = FileKind("sheet", OPEN + "spreadsheet", "ods", "other")
ZIP = FileKind("archive", "application/zip", "zip", "other")
TXT = FileKind("text", "text/plain", "txt", "text")
MARKDOWN = FileKind("text", "text/markdown", "md", "text")
HTML = FileKind("text", "text/html", "html", "text")
CSV = FileKind("sheet", "text/csv", "csv", "other")
VTT = FileKind("captions", "text/vtt", "vtt", "text")
SRT = FileKind("captions", "application/x-subrip", "srt", "text")

_NAMES: dict[Kind, str] = {
    "video": "mp4 m4v mov mkv webm avi flv ts m2ts mpg mpeg wmv 3gp",
    "audio": "mp3 wav ogg oga opus m4a aac flac wma",
    "image": "png jpg jpeg gif webp",
    "document": "doc docx odt",
    "presentation": "ppt pptx odp",
    "sheet": "xls xlsx ods csv",
    "text": "txt md markdown html htm",
    "captions": "vtt srt",
    "pdf": "pdf",
    "archive": "zip",
}
_BY_NAME: dict[str, Kind] = {name: kind for kind, names in _NAMES.items() for name in names.split()}
_PROGRAMS = "exe msi com scr dll bat cmd ps1 vbs sh jar apk dmg app lnk docm pptm xlsm"
_PROGRAM_NAMES = frozenset(_PROGRAMS.split())
_PROGRAM_BYTES = (
    b"\x7fELF",
    b"#!",
    b"\xca\xfe\xba\xbe",
    b"\xfe\xed\xfa",
    b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe",
    b"\x00asm",
    b"dex\n",
    b"L\x00\x00\x00\x01\x14\x02\x00",
)
_PLAYLISTS = re.compile(
    r"\s*(#EXTM3U|ffconcat version|\[playlist\]|v=0\s+o=|(<\?xml[^>]*>\s*)?<(MPD|smil|asx)\b)",
    re.I,
)
_SVG = re.compile(r"\s*(<\?xml[^>]*>|<!--.*?-->|<!DOCTYPE svg[^>]*>|\s)*<svg\b", re.I | re.S)
_HTML = re.compile(r"\s*(<!--.*?-->\s*)*<(!doctype html|html|head|body|script)\b", re.I | re.S)
_SRT = re.compile(r"\s*(\d+\s*\n)?\s*\d{1,2}:\d{2}:\d{2}[,.]\d{1,3}\s*-->")


def sniff(path: Path, name: str) -> FileKind:
    """The kind of the file at `path`, uploaded as `name`.

    Raises UnsafeFile: empty_file, executable, playlist_refused, svg_refused, unknown_type, type_mismatch (params
    say what it is), document_encrypted for Office files with a password, and for zip archives archive_bomb, archive_unsafe,
    damaged_archive.
    """
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    if not head:
        raise UnsafeFile("empty_file")
    extension = extension_of(name)
    if extension in _PROGRAM_NAMES or _is_program(head):
        raise UnsafeFile("executable")
    found = _binary(path, head, extension) or _text(head, extension)
    if found is None:
        raise UnsafeFile("unknown_type")
    return _agreed(found, extension)


def _is_program(head: bytes) -> bool:
    windows = head.startswith(b"MZ") and b"\x00" in head  # a text may begin with these letters
    return windows or head.startswith(_PROGRAM_BYTES)


def extension_of(name: str) -> str:
    """The ending of a file name in lower case, without the dot; empty when there is none."""
    return Path(name.strip().rstrip(".")).suffix.lower().lstrip(".")


def _agreed(found: FileKind, extension: str) -> FileKind:
    claimed = _BY_NAME.get(extension)
    if claimed in {None, found.kind}:
        return found
    if {claimed, found.kind} == {"video", "audio"} and found.extension not in {"mp3", "wav", "flac", "avi"}:
        return _either(found, extension)
    if found.encoding and claimed in {"text", "captions", "sheet"} and extension not in {"xls", "xlsx", "ods"}:
        return found  # a caption file saved as .txt is still a caption file
    raise UnsafeFile("type_mismatch", extension=extension, actual=found.extension)


def _either(found: FileKind, extension: str) -> FileKind:
    """A container for sound or pictures: the name decides here, the gate looks inside later."""
    if _BY_NAME[extension] == "video":
        return replace(found, kind="video", resource_type="video")
    return replace(found, kind="audio", resource_type="audio", mime=found.mime.replace("video/", "audio/"))


def _binary(path: Path, head: bytes, extension: str) -> FileKind | None:
    if container := containers.recognise(head):
        return FileKind(container.kind, container.mime, container.extension, container.kind)
    if head.startswith(b"PK\x03\x04"):
        return _zipped(path)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        if _is_locked_office(path, head):
            raise UnsafeFile("document_encrypted")
        return {"doc": DOC, "ppt": PPT, "xls": XLS}.get(extension)
    return PDF if b"%PDF-" in head[:1024] else _image(path, head)


def _is_locked_office(path: Path, head: bytes) -> bool:
    """Whether a compound file is what Office makes of a docx, pptx or xlsx with a password: its directory says so."""
    if len(head) < 512:
        return False
    sector = 1 << min(head[30], 16)
    with path.open("rb") as stream:
        stream.seek((int.from_bytes(head[48:52], "little") + 1) * sector)
        return "EncryptedPackage".encode("utf-16-le") in stream.read(4096)


def _image(path: Path, head: bytes) -> FileKind | None:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return replace(GIF, resource_type="animation") if b"NETSCAPE2.0" in head else GIF
    return WEBP if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else None


def _zipped(path: Path) -> FileKind:
    with open_archive(path) as archive:
        names = archive.namelist()
    if any(_is_program_entry(name) for name in names):
        raise UnsafeFile("executable")
    for marker, kind in (("word/", DOCX), ("ppt/", PPTX), ("xl/", XLSX)):
        if "[Content_Types].xml" in names and any(name.startswith(marker) for name in names):
            return kind
    return _open_document(path, names) or _package(names)


def _is_program_entry(name: str) -> bool:
    """Macros, and the entries that make a zip a Java or Android program."""
    return name.endswith(("vbaProject.bin", ".class")) or name in {"classes.dex", "AndroidManifest.xml"}


def _open_document(path: Path, names: list[str]) -> FileKind | None:
    if "mimetype" not in names or "content.xml" not in names:
        return None
    with open_archive(path) as archive, archive.open("mimetype") as member:
        mime = member.read(100).decode("ascii", "replace").strip()
    return next((kind for kind in (ODT, ODP, ODS) if kind.mime == mime), None)


def _package(names: list[str]) -> FileKind:
    """A zip that starts in a browser is a teaching simulation; any other is just a zip."""
    top = {name.rpartition("/")[2].lower() for name in names if name.count("/") <= 1}
    runs = top & {"index.html", "index.htm", "imsmanifest.xml", "h5p.json", "tincan.xml"}
    return replace(ZIP, resource_type="simulation") if runs else ZIP


def _text(head: bytes, extension: str) -> FileKind | None:
    encoding = detect_encoding(head, whole=len(head) < HEAD_BYTES)
    if encoding is None:
        return None
    start = head.decode(encoding, errors="ignore")[:8192].replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    if _PLAYLISTS.match(start):
        raise UnsafeFile("playlist_refused")
    if _SVG.match(start) or extension == "svg":
        raise UnsafeFile("svg_refused")
    return replace(_text_kind(start, extension), encoding=encoding)


def _text_kind(start: str, extension: str) -> FileKind:
    if start.startswith("WEBVTT"):
        return VTT
    if _SRT.match(start):
        return SRT
    if _HTML.match(start):
        return HTML
    return {
        "md": MARKDOWN,
        "markdown": MARKDOWN,
        "csv": CSV,
        "html": HTML,
        "htm": HTML,
        "vtt": VTT,
        "srt": SRT,
    }.get(extension, TXT)
