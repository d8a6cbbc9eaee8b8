"""Small sample files for tests, made once a process and copied after. Import these from any test."""

from __future__ import annotations

import io
import struct
import subprocess
import zipfile
import zlib
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from media.ffmpeg import ffmpeg_binary

X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


@lru_cache(maxsize=64)
def made_by_ffmpeg(extension: str, *arguments: str) -> bytes:
    """The file ffmpeg writes with these arguments; equal arguments cost one run."""
    with TemporaryDirectory() as folder:
        target = Path(folder) / f"made.{extension}"
        head = (ffmpeg_binary(), "-hide_banner", "-nostdin", "-loglevel", "error", "-y")
        subprocess.run([*head, *arguments, str(target)], check=True, timeout=60)
        return target.read_bytes()


def picture(width: int, height: int, fps: int, seconds: float) -> tuple[str, ...]:
    """Input arguments: a moving test picture."""
    return ("-f", "lavfi", "-i", f"testsrc=s={width}x{height}:r={fps}:d={seconds}")


def tone(seconds: float) -> tuple[str, ...]:
    """Input arguments: a sine tone."""
    return ("-f", "lavfi", "-i", f"sine=440:r=48000:d={seconds}")


def _write(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def sample_mp4(
    path: Path,
    seconds: float = 4,
    width: int = 320,
    height: int = 180,
    fps: int = 25,
    audio: bool = True,
    encoder: tuple[str, ...] = X264,
    more: tuple[str, ...] = (),
) -> Path:
    """A video browsers play as it is (H.264, AAC, index first). The ending of `path` chooses the container."""
    sound = tone(seconds) if audio else ()
    codecs = (*encoder, "-g", str(fps * 2), *(("-c:a", "aac", "-ac", "2") if audio else ()))
    flags = ("-movflags", "+faststart") if path.suffix in {".mp4", ".mov"} else ()
    return _write(
        path, made_by_ffmpeg(path.suffix[1:], *picture(width, height, fps, seconds), *sound, *codecs, *flags, *more)
    )


def rotated_mp4(path: Path, width: int = 320, height: int = 180, seconds: float = 4) -> Path:
    """Stored lying, shown upright: what phones record. The display matrix is written by hand."""
    data = bytearray(sample_mp4(path, seconds, width, height).read_bytes())
    matrix = data.find(b"tkhd") + 4 + 40
    struct.pack_into(">9i", data, matrix, 0, 1 << 16, 0, -1 << 16, 0, 0, height << 16, 0, 1 << 30)
    return _write(path, bytes(data))


def sample_audio(path: Path, seconds: float = 4) -> Path:
    """Sound only; the ending chooses the format (mp3, wav, ogg, m4a, flac)."""
    return _write(path, made_by_ffmpeg(path.suffix[1:], *tone(seconds)))


def cover_art_mp3(path: Path, seconds: float = 4) -> Path:
    """Sound with an album picture, which is stored as a video track."""
    with TemporaryDirectory() as folder:
        cover = _write(Path(folder) / "cover.jpg", made_by_ffmpeg("jpg", *picture(64, 64, 1, 1), "-frames:v", "1"))
        tracks = ("-map", "0:a", "-map", "1:v", "-c:v", "copy", "-disposition:v", "attached_pic")
        return _write(path, made_by_ffmpeg("mp3", *tone(seconds), "-i", str(cover), *tracks))


def truncated_mp4(path: Path, share: float = 0.6, seconds: float = 8) -> Path:
    """The index says `seconds`, the last part of the data is missing: an upload cut off."""
    whole = sample_mp4(path, seconds).read_bytes()
    return _write(path, whole[: int(len(whole) * share)])


def sample_png(path: Path, width: int = 64, height: int = 48) -> Path:
    """One colour; a large one is small on disk (a decompression bomb when large enough)."""
    return _write(path, _png(width, height))


@lru_cache(maxsize=8)
def _png(width: int, height: int) -> bytes:
    packer = zlib.compressobj(1)
    row = b"\0" + b"\x20\x60\xa0" * width
    body = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_named_mp4(path: Path) -> Path:
    """A picture bomb of 16000 by 8000 pixels behind a video's name."""
    return sample_png(path, 16000, 8000)


def sample_jpeg(path: Path, width: int = 1600, height: int = 1200, orientation: int = 1) -> Path:
    """A photo with EXIF: a camera name, and optionally a turn."""
    from PIL import Image

    exif = Image.Exif()
    exif[0x0110] = "Camera of a private person"
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), (200, 120, 40)).save(buffer, "JPEG", exif=exif)
    return _write(path, buffer.getvalue())


def sample_pdf(path: Path, text: str = "Keku sample page", pages: int = 1) -> Path:
    """A PDF with a text layer, Chinese included."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=True)
    for page in range(1, pages + 1):
        canvas.setFont("STSong-Light", 14)
        canvas.drawString(72, 720, f"{text} {page}")
        canvas.showPage()
    canvas.save()
    return _write(path, buffer.getvalue())


def sample_pptx(path: Path, titles: tuple[str, ...] = ("First slide", "第二页")) -> Path:
    """Slides with titles, a table on the first and a note on the last."""
    from pptx import Presentation
    from pptx.util import Cm

    deck = Presentation()
    for title in titles:
        slide = deck.slides.add_slide(deck.slide_layouts[5])
        slide.shapes.title.text = title
    table = deck.slides[0].shapes.add_table(1, 2, Cm(2), Cm(5), Cm(9), Cm(2)).table
    table.cell(0, 0).text, table.cell(0, 1).text = "torque", "扭矩"
    deck.slides[-1].notes_slide.notes_text_frame.text = "say it slowly"
    path.parent.mkdir(parents=True, exist_ok=True)
    deck.save(str(path))
    return path


def sample_docx(path: Path, paragraphs: tuple[str, ...] = ("First paragraph", "第二段")) -> Path:
    """The least that is a Word file."""
    namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    document = f'<w:document xmlns:w="{namespace}"><w:body>{body}</w:body></w:document>'
    return sample_zip(path, {"[Content_Types].xml": "<Types/>", "word/document.xml": document})


def sample_xlsx(path: Path, rows: tuple[tuple[object, ...], ...] = (("名称", "score"), ("bolt", 3))) -> Path:
    """One sheet."""
    from openpyxl import Workbook

    book = Workbook()
    for row in rows:
        book.active.append(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path


def sample_zip(path: Path, members: dict[str, str | bytes]) -> Path:
    """A zip of these members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return _write(path, buffer.getvalue())


HOSTILE_TEXTS = {
    "hls playlist": "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10.0,\nhttp://127.0.0.1:{port}/hls\n#EXT-X-ENDLIST\n",
    "hls playlist to a file": "#EXTM3U\n#EXTINF:10.0,\n/etc/passwd\n#EXT-X-ENDLIST\n",
    "ffconcat": "ffconcat version 1.0\nfile neighbour.mp4\n",
    "dash manifest": '<?xml version="1.0"?><MPD type="static"><BaseURL>http://127.0.0.1:{port}/dash</BaseURL></MPD>',
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video {port} RTP/AVP 96\n",
}


def hostile_text(path: Path, which: str, port: int = 9) -> Path:
    """A text that makes a careless ffmpeg open other files or addresses."""
    return _write(path, HOSTILE_TEXTS[which].replace("{port}", str(port)).encode())
