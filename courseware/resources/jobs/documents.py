"""Pictures, documents and simulation packages."""

from __future__ import annotations

from typing import Any

from flask import current_app

from courseware.core.unit_of_work import unit_of_work
from courseware.resources.jobs.marks import mark_document, mark_picture
from courseware.resources.jobs.publishing import finish
from courseware.resources.jobs.work import THUMBNAIL, Work, asset_of, put_rendition, sized
from courseware.resources.storage import store
from media import pictures
from media.documents import extract_text
from media.errors import ObjectNotFound, UnsafeFile
from media.office import CONVERTED, convert_to_pdf, find_office
from media.packages import unpack_package
from media.sniff import PDF
from media.stores import pull_object

PAGES = "preview.pdf"


def process_image(work: Work) -> dict[str, Any]:
    """A small and a middle-sized form."""
    work.run.step("thumbnail", lambda: _make_thumbnail(work), (5, 80))
    work.run.step("marks", lambda: mark_picture(work), (80, 99))
    return finish(work, {})


def _make_thumbnail(work: Work) -> None:
    out = work.output("pictures")
    with pictures.open_image(work.source()) as image:
        width, height = image.size
    size = pictures.make_thumbnail(work.source(), out / THUMBNAIL)
    preview = pictures.make_thumbnail(work.source(), out / "preview.webp", side=1600)
    work.push("pictures", out)
    with unit_of_work():
        asset = asset_of(work.asset_uuid)
        asset.width, asset.height = width, height
        put_rendition(asset, work, "thumbnail", "pictures", sized(size))
        put_rendition(asset, work, "preview", "pictures", {**sized(preview), "file": "preview.webp"})


def process_package(work: Work) -> dict[str, Any]:
    """A simulation that starts in a browser is unpacked; other packages (H5P, SCORM alone) stay files to download."""
    return finish(work, {"files": work.run.step("unpack", lambda: _unpack(work), (10, 99))})


def _unpack(work: Work) -> int:
    out = work.output("simulation")
    try:
        package = unpack_package(work.source(), out)
    except UnsafeFile as problem:
        if problem.code != "no_start_page":
            raise
        return 0
    work.push("simulation", out)
    with unit_of_work():
        facts = {"file": package.entry, "files": package.files, "size": package.size}
        put_rendition(asset_of(work.asset_uuid), work, "simulation", "simulation", facts)
    return package.files


def process_document(work: Work) -> dict[str, Any]:
    """The text for search, pages to look at where they can be drawn, a picture of the first one."""
    pages = work.run.step("text", lambda: _read_text(work), (10, 40))
    drawn = work.run.step("pages", lambda: _draw_pages(work), (40, 75))
    work.run.step("first page", lambda: _picture_first_page(work, drawn), (75, 85))
    work.run.step("marks", lambda: mark_document(work), (85, 99))
    return finish(work, {"pages": pages})


def _read_text(work: Work) -> int | None:
    found = extract_text(work.source(), work.kind())
    with unit_of_work():
        asset = asset_of(work.asset_uuid)
        asset.pages, asset.extracted_text = found.pages, found.text.replace("\0", "")
        asset.facts = {**asset.facts, "title": found.title, "truncated": found.truncated}
    return found.pages


def _draw_pages(work: Work) -> bool:
    """Office files as PDF, where this machine has LibreOffice; without one the page shows their text and says so."""
    source, kind = work.source(), work.kind()
    program = find_office(current_app.config["KEKU"].office_binary)
    if kind.extension not in CONVERTED or program is None:
        return False
    out = work.output("pages")
    if not convert_to_pdf(source, kind.extension, out / PAGES, program):
        return False
    pages = extract_text(out / PAGES, PDF, max_chars=1).pages
    work.push("pages", out)
    with unit_of_work():
        put_rendition(asset_of(work.asset_uuid), work, "preview", "pages", {"file": PAGES, "pages": pages})
    return True


def _picture_first_page(work: Work, is_drawn: bool) -> bool:
    source = work.source()
    if is_drawn:
        try:
            source = pull_object(store(), f"{work.prefix('pages')}/{PAGES}", work.output("drawn") / PAGES)
        except ObjectNotFound:
            return False
    elif work.kind().kind != "pdf":
        return False
    out = work.output("pictures")
    size = pictures.make_pdf_thumbnail(source, out / THUMBNAIL)
    if size is None:
        return False
    work.push("pictures", out)
    with unit_of_work():
        put_rendition(asset_of(work.asset_uuid), work, "thumbnail", "pictures", sized(size))
    return True
