"""Simulations in the folder of a course: they open from a disk, and a hostile package stays the zip it is."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from courseware.exchange import services
from courseware.resources import assets
from courseware.resources import services as resources
from media.packages import fits_any_disk
from tests.catalog.world import World
from tests.exchange.packages import made, opened, zipped

PAGE = "<!doctype html><meta charset=utf-8><title>未启动</title><script src='代码/run 1.js'></script>"
SCRIPT = "document.title = '示教器在运行';"


def taken(world: World, folder: Path, files: Mapping[str, str], form: str = "offline") -> Any:
    """The package of a course with one simulation of these files."""
    source = zipped(folder / "sim.zip", files)
    asset = assets.store_file(source, "示教器.zip", None)
    made_of = resources.create_resource(
        world.teacher, world.library, type="simulation", title="示教器", course=world.course, points=world.points[:1],
        asset=asset, originality="original", licence="CC-BY-4.0",
    )  # fmt: skip
    assert made_of.draft_version is not None
    resources.publish_version(made_of.draft_version)
    world.lesson(made_of, title="立向上角焊")
    who = world.student if form == "offline" else world.teacher
    return opened(made(services.ask_for_package(who, world.course, form)))


@pytest.mark.one_database
def test_a_simulation_runs_from_the_disk(world: World, tmp_path: Path, browser: Browser) -> None:
    archive: zipfile.ZipFile = taken(world, tmp_path, {"sim/index.html": PAGE, "sim/代码/run 1.js": SCRIPT})
    archive.extractall(tmp_path / "stick")
    assert not [name for name in archive.namelist() if name.endswith(".zip")]
    context = browser.new_context()
    page = context.new_page()
    page.goto((tmp_path / "stick/WELD-offline/lesson-001.html").as_uri())
    with context.expect_page() as found:
        page.locator("a.file").click()
    found.value.wait_for_function("document.title === '示教器在运行'")
    assert found.value.url.endswith("/files/001-01/index.html")
    context.close()


@pytest.mark.one_database
@pytest.mark.parametrize(
    "files",
    [
        {"index.html": PAGE, "CON.js": SCRIPT},
        {"index.html": PAGE, "a.js": SCRIPT, "A.js": SCRIPT},
        {"readme.txt": "no start page"},
        {"index.html": PAGE, **{f"f{n}.txt": "x" for n in range(2001)}},
    ],
    ids=["a device", "capitals alone", "starts nowhere", "too many"],
)
def test_a_package_that_no_disk_should_hold_comes_as_the_zip_it_is(
    world: World, tmp_path: Path, files: Mapping[str, str]
) -> None:
    archive: zipfile.ZipFile = taken(world, tmp_path, files)
    inside = [name for name in archive.namelist() if "/files/" in name]
    assert inside == ["WELD-offline/files/001-01.zip"]
    assert archive.read(inside[0]) == (tmp_path / "sim.zip").read_bytes()
    assert "download" in archive.read("WELD-offline/lesson-001.html").decode()


@pytest.mark.one_database
def test_a_cartridge_takes_the_zip_along_as_platforms_want_it(world: World, tmp_path: Path) -> None:
    archive: zipfile.ZipFile = taken(world, tmp_path, {"index.html": PAGE}, "cc")
    assert [name for name in archive.namelist() if name.endswith("001-01.zip")]


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("css/样式 1.css", True), ("a:b.js", False), ("a?.js", False), ("nul", False), ("com1.txt", False), ("x./y.js", False),
        ("end ", False), ("a\x1fb", False), ("a" * 161, False), ("common.js", True),
    ],
)  # fmt: skip
def test_names_that_some_system_cannot_hold_are_known(name: str, fits: bool) -> None:
    assert fits_any_disk([name]) is fits
