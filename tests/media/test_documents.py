"""Text of documents, in bounds."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from media.documents import DocumentText, extract_text
from media.errors import DocumentError
from media.sniff import FileKind, sniff
from tests.media import samples


def read(path: Path, **bounds: float) -> DocumentText:
    return extract_text(path, sniff(path, path.name), **bounds)  # type: ignore[arg-type]


def failure(path: Path, kind: FileKind | None = None, **bounds: float) -> str:
    with pytest.raises(DocumentError) as caught:
        extract_text(path, kind or sniff(path, path.name), **bounds)  # type: ignore[arg-type]
    return caught.value.code


def write(path: Path, content: str, encoding: str = "utf-8") -> Path:
    path.write_text(content, encoding=encoding)
    return path


def test_pdf_pages_and_text(tmp_path: Path) -> None:
    found = read(samples.sample_pdf(tmp_path / "a.pdf", "Lathe safety", pages=3))
    assert (found.pages, found.truncated) == (3, False)
    assert all(f"Lathe safety {page}" in found.text for page in (1, 2, 3))


def test_chinese_pdf_text_is_found(tmp_path: Path) -> None:
    assert "车床安全" in read(samples.sample_pdf(tmp_path / "a.pdf", "车床安全")).text


def test_slides_with_table_and_notes(tmp_path: Path) -> None:
    found = read(samples.sample_pptx(tmp_path / "a.pptx"))
    assert found.pages == 2
    assert [word in found.text for word in ("First slide", "第二页", "torque\t扭矩", "say it slowly")] == [True] * 4


def test_word_paragraphs(tmp_path: Path) -> None:
    assert read(samples.sample_docx(tmp_path / "a.docx")).text == "First paragraph\n第二段"


def test_sheets_a_row_a_line(tmp_path: Path) -> None:
    found = read(samples.sample_xlsx(tmp_path / "a.xlsx"))
    assert (found.text, found.pages) == ("名称\tscore\nbolt\t3", 1)


@pytest.mark.parametrize(
    "make",
    [samples.sample_pdf, samples.sample_docx, samples.sample_pptx, samples.sample_xlsx],
    ids=lambda m: m.__name__,
)
def test_stored_files_have_no_ending_and_are_read_all_the_same(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    path = make(tmp_path / f"a.{make.__name__.removeprefix('sample_')}")
    kind = sniff(path, path.name)
    stored = path.rename(tmp_path / "2ad3fa7a3357")
    assert extract_text(stored, kind).text


def test_html_without_scripts(tmp_path: Path) -> None:
    page = "<!doctype html><title>课</title><style>p{}</style><p>One <b>two</b></p><script>no()</script><li>three"
    found = read(write(tmp_path / "a.html", page))
    assert (found.text, found.title) == ("One two\nthree", "课")


def test_markdown_in_gbk(tmp_path: Path) -> None:
    found = read(write(tmp_path / "a.md", "# 第一课\n\n车床\n", "gb18030"))
    assert (found.title, found.text) == ("第一课", "# 第一课\n\n车床\n")


def test_captions_give_their_words(tmp_path: Path) -> None:
    assert read(write(tmp_path / "a.srt", "1\n00:00:01,000 --> 00:00:02,000\n你好\n")).text == "你好"


def test_kinds_without_text_give_none(tmp_path: Path) -> None:
    assert read(samples.sample_png(tmp_path / "a.png")) == DocumentText("", None)


def test_text_is_cut_at_the_bound_and_says_so(tmp_path: Path) -> None:
    found = read(write(tmp_path / "a.txt", "word " * 1000), max_chars=100)
    assert (len(found.text), found.truncated) == (100, True)


@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "a.pptx", "a.xlsx"])
def test_a_damaged_document_is_a_named_failure(tmp_path: Path, name: str) -> None:
    make = {
        "pdf": samples.sample_pdf,
        "docx": samples.sample_docx,
        "pptx": samples.sample_pptx,
        "xlsx": samples.sample_xlsx,
    }
    path = make[name[2:]](tmp_path / name)
    kind = sniff(path, name)
    path.write_bytes(path.read_bytes()[:20] + os.urandom(500))
    assert failure(path, kind) == "document_unreadable"


def test_a_locked_pdf_says_so(tmp_path: Path) -> None:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(PdfReader(samples.sample_pdf(tmp_path / "open.pdf")))
    writer.encrypt("secret", algorithm="RC4-128")
    buffer = io.BytesIO()
    writer.write(buffer)
    (tmp_path / "locked.pdf").write_bytes(buffer.getvalue())
    assert failure(tmp_path / "locked.pdf") == "document_encrypted"


def test_a_bomb_in_an_office_file_is_refused_even_unsniffed(tmp_path: Path) -> None:
    members = {"[Content_Types].xml": "<Types/>", "word/document.xml": b" " * (80 << 20)}
    bomb = samples.sample_zip(tmp_path / "bomb.docx", members)
    kind = sniff(samples.sample_docx(tmp_path / "honest.docx"), "honest.docx")
    assert failure(bomb, kind) == "archive_bomb"


def test_entities_in_office_xml_are_not_expanded(tmp_path: Path) -> None:
    secret = write(tmp_path / "secret.txt", "password")
    word = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    xml = (
        f'<!DOCTYPE d [<!ENTITY x SYSTEM "file://{secret}">]>'
        f"<w:document {word}><w:p><w:r><w:t>a&x;b</w:t></w:r></w:p></w:document>"
    )
    path = samples.sample_zip(tmp_path / "xxe.docx", {"[Content_Types].xml": "<Types/>", "word/document.xml": xml})
    assert "password" not in read(path).text


def test_reading_takes_no_longer_than_allowed(tmp_path: Path) -> None:
    assert failure(samples.sample_pdf(tmp_path / "a.pdf"), timeout_s=0.01) == "document_timeout"
