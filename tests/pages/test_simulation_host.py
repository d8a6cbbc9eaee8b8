"""Simulations out of an S3 store, on a host of their own (KEKU_SIMULATION_URL): 127.0.0.1 is the site, localhost theirs."""

from __future__ import annotations

import urllib.error
import urllib.request
import uuid as uuidlib
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from courseware.accounts import services as accounts
from courseware.core.roles import Role
from courseware.core.unit_of_work import unit_of_work
from courseware.libraries import services as libraries
from courseware.resources import assets, services
from tests.conftest import need
from tests.media.samples import sample_zip
from tests.pages.conftest import sign_in
from tests.pages.world import PASSWORD, wait_for_files
from tests.servers.s3 import S3Server
from tests.servers.site import LiveSite

PAGE = """<!doctype html><p id="own">nothing yet</p><script src="tools.js"></script><script>
  const found = { host: location.host };
  try { found.cookies = document.cookie || "none"; } catch { found.cookies = "refused"; }
  try { found.parent = parent.document.title; } catch { found.parent = "refused"; }
  fetch("data.json").then((a) => a.json()).then((data) => { found.word = data.word + mark(); })
    .then(() => { document.getElementById("own").textContent = JSON.stringify(found); });
</script>"""
FILES = {"sim/tools.js": "function mark() { return '!'; }", "sim/data.json": '{"word": "own files work"}'}
TEACHER = "sim-teacher@example.org"


@pytest.fixture(scope="module")
def two_hosts(tmp_path_factory: pytest.TempPathFactory, s3_server: S3Server) -> Iterator[LiveSite]:
    """A site whose files lie in the S3 store and whose simulations run under the other name of this machine."""
    names = {("KEKU_STORE" if name == "store" else name.upper()): value for name, value in s3_server.settings().items()}
    site = LiveSite(tmp_path_factory.mktemp("two-hosts"), **names)
    site.env["KEKU_SIMULATION_URL"] = f"http://localhost:{site.port}"
    try:
        need(site.__enter__)
        yield site
    finally:
        site.stop()


@pytest.fixture(scope="module")
def shown(two_hosts: LiveSite, tmp_path_factory: pytest.TempPathFactory) -> dict[str, uuidlib.UUID]:
    """One simulation that is published and one that is not yet."""
    folder = tmp_path_factory.mktemp("packages")
    with two_hosts.app.app_context():
        with unit_of_work():
            files = {
                name: assets.store_file(
                    sample_zip(folder / f"{name}.zip", {"sim/index.html": f"{PAGE}<!-- {name} -->", **FILES}),
                    f"{name}.zip", None,
                )
                for name in ("live", "draft")
            }  # fmt: skip
        wait_for_files(list(files.values()))
        with unit_of_work():
            school = accounts.create_unit("sim", "海川职业技术学院（示例）", "school")
            teacher = accounts.create_user(TEACHER, "林知遥", unit=school, roles=[Role.TEACHER])
            accounts.set_password(teacher, PASSWORD)
            library = libraries.create_library(
                "SIM", "仿真资源库（示例）", libraries.create_major("460305", "工业机器人技术"), hosts=[school]
            )
            made = {
                name: services.create_resource(
                    teacher, library, type="simulation", title=f"仿真 {name}", asset=file, originality="original",
                    licence="CC-BY-4.0",
                )
                for name, file in files.items()
            }  # fmt: skip
            assert made["live"].draft_version is not None
            services.publish_version(made["live"].draft_version)
            return {name: resource.uuid for name, resource in made.items()}


@pytest.mark.timeout(180)
def test_a_simulation_runs_on_its_own_host_and_its_files_come_from_the_store(
    open_page: Callable[..., Page], two_hosts: LiveSite, shown: dict[str, uuidlib.UUID]
) -> None:
    page = open_page(base_url=two_hosts.address)
    sign_in(page, TEACHER)
    for name in ("live", "draft"):
        page.goto(f"/resources/{shown[name]}")
        page.locator("[data-sim-start]").click()
        own = page.frame_locator("[data-simulation] iframe").locator("#own")
        expect(own).to_contain_text("own files work!")
        told = own.inner_text()
        assert f'"host":"localhost:{two_hosts.port}"' in told
        assert '"cookies":"refused"' in told
        assert '"parent":"refused"' in told
    assert not (two_hosts.folder / "data" / "store").exists(), "nothing was kept beside the S3 store"


def test_each_host_answers_only_for_its_own(two_hosts: LiveSite, shown: dict[str, uuidlib.UUID]) -> None:
    with urllib.request.urlopen(f"{two_hosts.address}/resources/{shown['live']}/run", timeout=10) as answer:
        address = answer.url
        policy = answer.headers["Content-Security-Policy"]
    assert address.startswith(f"http://localhost:{two_hosts.port}/simulations/")
    assert f"frame-ancestors {two_hosts.address}" in policy
    assert status(address.replace("//localhost:", "//127.0.0.1:")) == 404, "the site runs no simulation itself"
    assert status(f"http://localhost:{two_hosts.port}/resources/{shown['live']}") == 404, (
        "their host shows no page of ours"
    )
    assert status(f"{two_hosts.address}/resources/{shown['live']}") == 200
    assert status(f"{two_hosts.address}/resources/{shown['draft']}/run") == 404, "a draft is no guest's"


def status(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code
