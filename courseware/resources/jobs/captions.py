"""The job in which a machine writes captions: fetch, take the sound, listen, keep the text marked as a machine's."""

from __future__ import annotations

import shutil
import uuid as uuidlib
from pathlib import Path
from typing import Any

import ffmpeg
from sqlalchemy import select

from courseware.core.database import session
from courseware.core.unit_of_work import unit_of_work
from courseware.jobs import registry
from courseware.jobs.registry import JobRun
from courseware.resources import captioning, machine_captions, ranges, versions
from courseware.resources.models import ResourceVersion
from courseware.resources.storage import store, work_folder
from media.captions import Cue, to_webvtt
from media.errors import Cancelled, UnsafeFile
from media.ffmpeg import Job, run, safe_input
from media.gate import inspect_media
from media.stores import pull_object

KIND = machine_captions.KIND
RATE = 16_000  # what engines listen to


@registry.handler(KIND)
def write_captions(work: JobRun) -> dict[str, Any]:
    """Writes captions of a draft in one language; those that a person wrote meanwhile stay."""
    folder = work_folder(work.job_uuid)
    try:
        cues = work.step("listen", lambda: _listen(work, folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {"kept": work.step("keep", lambda: _keep(work.payload, [Cue(*cue) for cue in cues])), "lines": len(cues)}


def _listen(work: JobRun, folder: Path) -> list[list[Any]]:
    engine = machine_captions.engine()
    version = _version(work.payload["version"])
    if version.asset is None:
        raise UnsafeFile("not_a_media_file")
    key, duration = version.asset.store_key, version.duration_s or version.asset.duration_s or 1.0
    session().rollback()
    work.progress(5, "fetching")
    sound = _sound(work, pull_object(store(), key, folder / "source"), folder / "sound.wav")

    def tell(seconds: float) -> None:
        if work.cancelled():
            raise Cancelled()
        work.progress(15 + 80 * min(1.0, seconds / duration), "listening")

    found = engine.write(sound, work.payload["language"], tell)
    return [[cue.start_s, cue.end_s, cue.text] for cue in found]


def _sound(work: JobRun, source: Path, out: Path) -> Path:
    info = inspect_media(source)
    taken = ffmpeg.output(safe_input(source, info.demuxer).audio, str(out), ac=1, ar=RATE, f="wav")
    run(taken, Job(cancelled=work.cancelled))
    return out


def _keep(payload: dict[str, Any], cues: list[Cue]) -> bool:
    with unit_of_work():
        version, language = _version(payload["version"]), payload["language"]
        track = captioning.track_of(version, language)
        if not cues or version.state not in versions.EDITABLE or (track is not None and not track.is_machine):
            return False
        ranges.set_captions(version, language, to_webvtt(cues), is_machine=True)
        captioning.measure_description(version)
        return True


def _version(version_uuid: str) -> ResourceVersion:
    return session().scalars(select(ResourceVersion).where(ResourceVersion.uuid == uuidlib.UUID(version_uuid))).one()
