"""Kill -9 of web server, worker and store at random moments while files are sent and processed.

The suite runs a short round; `KEKU_CHAOS="files=20 kills=30 seed=7" pytest tests/chaos -s` runs a long one.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections import Counter
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.chaos.breaking import PASSWORD, TEACHER, Breaker, Installation, Sender, arrange_people, until
from tests.conftest import need
from tests.media.samples import made_by_ffmpeg, sample_mp4, truncated_mp4

given = dict(pair.split("=") for pair in os.environ.get("KEKU_CHAOS", "").split())
FILES, KILLS, SEED = (int(given.get(name, default)) for name, default in (("files", 4), ("kills", 3), ("seed", 7)))
PATIENCE_S = 60 + 20 * FILES + 10 * KILLS


def films(folder: Path) -> list[Path]:
    """Films that all differ; every fifth is cut off, and one sound among them."""
    found = []
    for number in range(FILES):
        path = folder / f"film-{number}.mp4"
        if number % 5 == 3:
            truncated_mp4(path, 0.6, seconds=6 + number / 10)
        elif number % 5 == 2:
            tone = ("-f", "lavfi", "-i", f"sine={300 + number}:r=48000:d=3")
            path = path.with_suffix(".mp3")
            path.write_bytes(made_by_ffmpeg("mp3", *tone))
        else:
            sample_mp4(path, seconds=3 + number / 10, width=640, height=360, fps=10)
        found.append(path)
    return found


@pytest.mark.one_database
@pytest.mark.timeout(PATIENCE_S + 120)
def test_every_file_ends_playable_or_failed_with_a_reason_whatever_is_killed(tmp_path: Path) -> None:
    installation = need(Installation, tmp_path / "site")
    (tmp_path / "films").mkdir()
    files = films(tmp_path / "films")
    try:
        installation.begin()
        app = installation.application()
        with app.app_context():
            arrange_people()
        headers = installation.site.sign_in(TEACHER, PASSWORD)
        sender = Sender(installation.site, headers, files, "CHAOS", PATIENCE_S)
        breaker = Breaker(installation, SEED, KILLS, (0.5, 3.0))
        sender.start()
        breaker.start()
        breaker.join(PATIENCE_S)
        sender.join(PATIENCE_S)
        with app.app_context():
            until(_is_at_rest, PATIENCE_S)
            assert len(breaker.done) == KILLS
            assert set(sender.ended) == {path.name for path in files}, sender.heard
            _check_rows(sender.ended | _refused())
            plant_orphans()
            _check_store()
            print(f"\n{FILES} files, kills {dict(Counter(breaker.done))}, seed {SEED}: {_summary(sender)}")
    finally:
        installation.end()


def _is_at_rest() -> bool:
    from courseware.core.database import db, session
    from courseware.jobs.models import Job

    db.session.rollback()
    return session().scalar(select(func.count()).where(Job.state.in_(("queued", "running")))) == 0


def _refused() -> dict[str, str]:
    """Files that the check in the background refused, with the reason."""
    from courseware.core.database import session
    from courseware.resources.models import Upload

    failed = session().scalars(select(Upload).where(Upload.state == "refused"))
    return {upload.filename: f"refused: {upload.reason_code}" for upload in failed}


def _check_rows(ended: dict[str, str]) -> None:
    """One asset, one job and one resource for each file that passed the gate; its state is true and has its reason."""
    from courseware.core.database import session
    from courseware.jobs.models import Job
    from courseware.resources.models import Asset, Resource, ResourceVersion

    assets = session().scalars(select(Asset)).all()
    passed = {name for name, end in ended.items() if not end.startswith("refused")}
    assert {name: end for name, end in ended.items() if name not in passed} == {
        name: "refused: damaged_media" for name in ended if name not in passed
    }
    assert len(assets) == len(passed)
    jobs = session().scalars(select(Job).where(Job.kind == "media.process")).all()
    assert len(jobs) == len(assets)
    used = session().scalars(select(ResourceVersion.asset_id).where(ResourceVersion.asset_id.is_not(None))).all()
    assert sorted(used) == sorted(asset.id for asset in assets)
    assert session().scalar(select(func.count()).select_from(Resource)) == len(assets)
    for asset in assets:
        assert asset.state == "ready" or (asset.state == "failed" and asset.reason), (asset.filename, asset.state)
        kinds = [r.kind for r in asset.renditions]
        assert len(kinds) == len(set(kinds)), "something was made twice"
    assert sum(asset.state == "ready" for asset in assets) >= len(assets) / 2


PLANTED = 3


def plant_orphans() -> None:
    """What a kill between storing and writing down leaves; the rounds above hit that moment only now and then."""
    from courseware.resources.storage import store

    for key in ("assets/ff/nobody", "hls/5b1f6a0e-0000-4000-8000-000000000000/run/v480/index.m3u8", "evidence/x/y"):
        store().put(key, BytesIO(b"nobody's"), 8, "text/plain")


def _summary(sender: Sender) -> str:
    """What the files became, and what the sender heard on the way."""
    from courseware.core.database import session
    from courseware.resources.models import Asset

    states = Counter(session().scalars(select(Asset.state)))
    troubles = sum(sum(counted.values()) for counted in sender.heard.values())
    return f"assets {dict(states)}, refused {_refused()}, {troubles} tries that failed on the way"


def _check_store() -> None:
    """After the sweeper the store holds what rows name and nothing else, and every playlist finds its files."""
    from courseware.core import clock
    from courseware.core.database import session
    from courseware.core.unit_of_work import unit_of_work
    from courseware.monitoring.queries import shelf
    from courseware.resources import orphans, uploads
    from courseware.resources.jobs.sweeping import clear_halves, remove_leftovers
    from courseware.resources.models import Asset, Rendition
    from courseware.resources.storage import store, work_folder

    later = clock.now() + dt.timedelta(days=4)
    with unit_of_work():
        uploads.sweep(later)
    found = orphans.note(later)
    assert found.orphans.objects >= PLANTED
    remove_leftovers(later + dt.timedelta(days=2))
    clear_halves(later)
    assert list(store().list_uploads()) == []
    kept = {"passing", shelf.FOLDER}
    assert [path.name for path in work_folder("passing").parent.iterdir() if path.name not in kept] == []
    keys = {info.key for info in store().list("")}
    originals = set(session().scalars(select(Asset.store_key)))
    prefixes = tuple(f"{key}/" for key in session().scalars(select(Rendition.store_key)))
    assert originals <= keys
    assert {key for key in keys if key not in originals and not key.startswith(prefixes)} == set()
    for playlist in [key for key in keys if key.endswith(".m3u8")]:
        text = b"".join(store().get_range(playlist)).decode()
        named = set(re.findall(r'^(?!#)\S+|(?<=URI=")[^"]+', text, re.M))
        folder = playlist.rpartition("/")[0]
        assert {f"{folder}/{name}" for name in named} <= keys, f"{playlist} names what is not there"
