"""`python -m benchmarks lighthouse --data DIR --program LIGHTHOUSE`: home, course and a lesson with a recording on a slow phone.

DIR is the data folder of a demonstration whose recordings are prepared; LIGHTHOUSE the program of the npm package of that
name, installed anywhere outside of this repository. Its phone profile and its simulated throttling are used as they are.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from pathlib import Path

from sqlalchemy import select

from benchmarks import machine, site
from courseware.catalog.models import Activity, Lesson
from courseware.core.database import session
from courseware.libraries.models import Course
from courseware.resources.models import Rendition, Resource, ResourceVersion
from tests.servers.browser import chromium
from tests.servers.shared import RUN_DIR

BARS = {"performance": 90, "accessibility": 95}
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage"


def main(arguments: list[str]) -> None:
    """Measures and prints; writes nothing."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks lighthouse", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--program", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    os.environ.setdefault(RUN_DIR, tempfile.mkdtemp(prefix="keku-bench-"))  # where the browser is noted down
    pages = _pages(options.data)
    with site.served(options.data) as running:
        for name, path in pages.items():
            for _round in range(options.rounds):
                _tell(name, _scores(options.program, f"http://127.0.0.1:{running.port}{path}"))


def _pages(data: Path) -> dict[str, str]:
    """Addresses that guests may open: home, the course of the first lesson with a prepared recording, that lesson at it."""
    query = (
        select(Course.uuid, Lesson.uuid, Activity.key)
        .join(Lesson, Lesson.course_id == Course.id)
        .join(Activity, Activity.version_id == Lesson.published_version_id)
        .join(Resource, Resource.id == Activity.resource_id)
        .join(ResourceVersion, ResourceVersion.id == Resource.published_version_id)
        .join(Rendition, Rendition.asset_id == ResourceVersion.asset_id)
        .where(Lesson.is_live, Course.published_at.is_not(None), Resource.type == "video", Rendition.kind == "hls")
        .order_by(Lesson.id, Activity.seq)
        .limit(1)
    )
    with site.application(data).app_context():
        course, lesson, item = session().execute(query).one()
    return {"home": "/", "course": f"/courses/{course}", "learn": f"/learn/{lesson}?at={item}"}


def _scores(program: Path, address: str) -> dict[str, int]:
    """What Lighthouse gives, 0 to 100."""
    browser = chromium()
    command = [str(program), address, "--quiet", "--output=json", f"--chrome-flags={FLAGS}"]
    command += [f"--only-categories={','.join(BARS)}"]
    env = {**os.environ, **browser["env"], "CHROME_PATH": browser["path"]}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
    categories = json.loads(done.stdout)["categories"]
    return {name: round(100 * categories[name]["score"]) for name in BARS}


def _tell(name: str, scores: dict[str, int]) -> None:
    told = "  ".join(
        f"{what} {score:3d} ({'met' if score >= BARS[what] else 'missed'}, bar {BARS[what]})"
        for what, score in scores.items()
    )
    print(f"{name:8} {told}  load {machine.load_average()[0]:.1f}", flush=True)
