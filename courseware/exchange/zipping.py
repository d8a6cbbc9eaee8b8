"""Writing the zip of a package: files pass through in pieces, so that a course of 2 GB takes no more memory than a small one.

The zip is made in the work folder and then put into the store: in a zip that is written straight into the net, sizes come
behind the bytes, and unpackers of old systems stumble over stored files of that kind.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from courseware.core import clock
from courseware.exchange.errors import NoRoom
from courseware.exchange.planned import CoursePlan, Part, Recording, Stored
from courseware.jobs.registry import JobCancelled
from courseware.resources.storage import store
from courseware.web.i18n import show_filesize
from media.errors import Cancelled, ObjectNotFound, UnsafeFile
from media.packages import PackageLimits, fits_any_disk, stored_name, unpack_package
from media.single_file import join_segments, make_single_file

ALREADY_PACKED = frozenset({"mp4", "m4a", "mp3", "jpg", "jpeg", "png", "webp", "gif", "zip", "pptx", "docx", "xlsx"})
CHUNK = 1 << 20
UNPACKED = PackageLimits(files=2000, file_bytes=64 << 20, bytes=256 << 20)  # of a simulation in a folder
ROOM = 2  # the zip itself, and beside it the recording that is being joined

Told = Callable[[float, str], None]


@dataclass(slots=True)
class Packing:
    """A package being written. `places` says where a file lies in it; what the store has lost is in `missing`.

    `unpacks`: simulations become folders that open from a disk.
    """

    archive: zipfile.ZipFile
    folder: Path
    top: str = ""
    places: dict[str, str] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    unpacks: bool = False
    cancelled: Callable[[], bool] = lambda: False

    def write(self, name: str, content: str | bytes) -> None:
        """A page or a list."""
        self.archive.writestr(self._info(name), content)

    def bring_files(self, plan: CoursePlan, told: Told) -> None:
        """Every file of the plan, each once; `told` hears per cent and the title of what is being packed."""
        done, total = 0, max(plan.size, 1)
        for part in plan.parts:
            for file, place in zip(part.files, places_of(part), strict=True):
                if self.cancelled():
                    raise JobCancelled()
                told(100 * done / total, part.title)
                done += self._bring(file, place, is_simulation=part.kind == "simulation")

    def place(self, file: Stored | Recording | None) -> str:
        """Where the file lies in the package; empty for none."""
        return self.places.get(file.source, "") if file is not None else ""

    def _bring(self, file: Stored | Recording, place: str, *, is_simulation: bool) -> int:
        if file.source in self.places or file.source in self.missing:
            return 0
        try:
            if isinstance(file, Stored) and is_simulation and self.unpacks:
                place = self._unpack(file, place)
            elif isinstance(file, Stored):
                self._copy(store().get_range(file.key), place)
            else:
                self._join(file, place)
        except ObjectNotFound:
            self.missing.add(file.source)
            return 0
        except Cancelled:
            raise JobCancelled() from None
        self.places[file.source] = place
        return file.size

    def _unpack(self, file: Stored, place: str) -> str:
        """A simulation as a folder; returns the place of its start page. One that cannot be unpacked comes as the zip it is.

        It is a program of somebody else: sizes are counted while it is unpacked, names that leave its folder or that some
        disk cannot hold keep it a zip.
        """
        with _passing(self.folder) as folder:
            packed, files = folder / "simulation.zip", folder / "files"
            files.mkdir()
            with packed.open("wb") as out:
                for chunk in store().get_range(file.key):
                    out.write(chunk)
            try:
                found = unpack_package(packed, files, UNPACKED)
            except UnsafeFile:
                found = None
            if found is None or not fits_any_disk(found.names):
                self._copy(_chunks(packed), place)
                return place
            top = place.removesuffix(f".{file.extension}")
            for name in found.names:
                self._copy(_chunks(files / stored_name(name)), f"{top}/{name}")
            return f"{top}/{found.entry}"

    def _join(self, recording: Recording, place: str) -> None:
        """A recording as one file, through two passing files."""
        with _passing(self.folder) as folder:
            tracks = [
                join_segments(_segments(recording.prefix, rung), folder / f"{kind}.mp4") if rung else None
                for kind, rung in (("picture", recording.picture), ("sound", recording.sound))
            ]
            single = folder / f"single.{recording.extension}"
            make_single_file(tracks[0], tracks[1], single, recording.duration_s, cancelled=self.cancelled)
            self._copy(_chunks(single), place)

    def _copy(self, chunks: Iterator[bytes], place: str) -> None:
        with self.archive.open(self._info(place), "w", force_zip64=True) as out:
            for chunk in chunks:
                out.write(chunk)

    def _info(self, name: str) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(f"{self.top}{name}", clock.now().astimezone(clock.REPORTING_ZONE).timetuple()[:6])
        packed = name.rsplit(".", 1)[-1] in ALREADY_PACKED
        info.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        return info


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


@contextmanager
def packing(target: Path, top: str = "", cancelled: Callable[[], bool] = lambda: False) -> Iterator[Packing]:
    """A new zip at `target`; `top` is a folder around everything ("name/"), or nothing."""
    with zipfile.ZipFile(target, "w") as archive:
        yield Packing(archive, target.parent, top, cancelled=cancelled)


def check_room(folder: Path, size: int) -> None:
    """Raises NoRoom where a package of `size` bytes would fill the disk."""
    if shutil.disk_usage(folder).free < ROOM * size:
        raise NoRoom(size=show_filesize(size))


def places_of(part: Part) -> list[str]:
    """Where the files of a part lie in a package, in the order of `part.files`."""
    names = [("", part.file), ("-pages", part.shown), ("-poster", part.poster)]
    return [f"files/{part.name}{mark}.{file.extension}" for mark, file in names if file is not None]


def _segments(prefix: str, rung: str) -> Iterator[bytes]:
    """The bytes of a rung in playing order. Raises ObjectNotFound where nothing of it is left."""
    keys = sorted(one.key for one in store().list(f"{prefix}/{rung}/"))
    heads, rest = [k for k in keys if k.endswith("/init.mp4")], [k for k in keys if k.endswith(".m4s")]
    if not heads or not rest:
        raise ObjectNotFound(key=f"{prefix}/{rung}")
    for key in (*heads, *rest):
        yield from store().get_range(key)


@contextmanager
def _passing(folder: Path) -> Iterator[Path]:
    own = folder / "joining"
    own.mkdir(parents=True, exist_ok=True)
    try:
        yield own
    finally:
        with suppress(OSError):
            shutil.rmtree(own)
