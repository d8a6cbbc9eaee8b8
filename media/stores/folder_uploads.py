"""Open uploads of the folder store: one folder each, one file per part, the part's digest in its name."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from media.errors import UploadInvalid
from media.stores.interface import CHUNK_BYTES, OpenUpload, Part
from media.stores.parts import check_part_number, choose_parts

_PART_NAME = re.compile(r"(\d{5})\.([0-9a-f]{32})")
_UPLOAD_ID = re.compile(r"[0-9a-f]{32}")


class FolderUploads:
    """Everything is on disk, so an upload survives a crash of the app and can be resumed by its id."""

    def __init__(self, root: Path, min_part_bytes: int) -> None:
        self.root, self._min_part_bytes = root, min_part_bytes

    def begin(self, key: str, content_type: str) -> str:
        """Make the upload's folder; returns its id."""
        upload_id = uuid.uuid4().hex
        started = datetime.now(UTC).isoformat()
        making = self.root / f".tmp-{upload_id}"
        making.mkdir(parents=True)
        (making / "upload.json").write_text(json.dumps({"key": key, "type": content_type, "at": started}))
        making.rename(self.root / upload_id)  # never visible without its description
        return upload_id

    def exists(self, upload_id: str) -> bool:
        """Whether the upload is open."""
        return bool(_UPLOAD_ID.fullmatch(upload_id)) and (self.root / upload_id).is_dir()

    def _read(self, upload_id: str) -> dict[str, str]:
        try:
            facts: dict[str, str] = json.loads((self.root / upload_id / "upload.json").read_text())
        except FileNotFoundError:
            raise UploadInvalid("upload_not_found") from None
        return facts

    def _require(self, key: str, upload_id: str) -> dict[str, str]:
        if not self.exists(upload_id) or (facts := self._read(upload_id))["key"] != key:
            raise UploadInvalid("upload_not_found")
        return facts

    def put_part(self, key: str, upload_id: str, num: int, data: bytes | BinaryIO) -> str:
        """Store one part whole; an earlier one of that number goes away only after the new one is there."""
        check_part_number(num)
        self._require(key, upload_id)
        folder = self.root / upload_id
        temporary = folder / f".tmp-{uuid.uuid4().hex}"
        try:
            etag = _copy(BytesIO(data) if isinstance(data, bytes) else data, temporary)
            temporary.replace(folder / f"{num:05}.{etag}")
        finally:
            temporary.unlink(missing_ok=True)
        for older in folder.glob(f"{num:05}.*"):
            if older.name != f"{num:05}.{etag}":
                older.unlink(missing_ok=True)
        return etag

    def parts(self, key: str, upload_id: str) -> tuple[Part, ...]:
        """Parts present, each number once, by number."""
        self._require(key, upload_id)
        newest: dict[int, tuple[int, Part]] = {}
        for entry in os.scandir(self.root / upload_id):
            if match := _PART_NAME.fullmatch(entry.name):
                num, stat = int(match[1]), entry.stat()
                found = (stat.st_mtime_ns, Part(num, match[2], stat.st_size))
                newest[num] = max(newest.get(num, found), found, key=lambda pair: pair[0])
        return tuple(newest[num][1] for num in sorted(newest))

    def join(self, key: str, upload_id: str, asked: Iterable[Part], target: Path) -> tuple[str, list[Part]]:
        """Write the named parts to `target` one after another; returns content type and the parts used."""
        facts = self._require(key, upload_id)
        chosen = choose_parts(asked, self.parts(key, upload_id), self._min_part_bytes)
        with target.open("wb") as out:
            for part in chosen:
                with (self.root / upload_id / f"{part.num:05}.{part.etag}").open("rb") as piece:
                    shutil.copyfileobj(piece, out, CHUNK_BYTES)
            out.flush()
            os.fsync(out.fileno())
        return facts["type"], chosen

    def drop(self, upload_id: str) -> None:
        """Forget the upload; no error when it is unknown."""
        if self.exists(upload_id):
            shutil.rmtree(self.root / upload_id, ignore_errors=True)

    def halves(self) -> list[Path]:
        """Uploads that never got their description, and parts that were never whole."""
        return [*self.root.glob(".tmp-*"), *self.root.glob("*/.tmp-*")]

    def open_uploads(self, older_than: datetime | None) -> Iterator[OpenUpload]:
        """Uploads begun before `older_than`, or all."""
        if not self.root.is_dir():
            return
        for folder in sorted(self.root.iterdir()):
            if not _UPLOAD_ID.fullmatch(folder.name):
                continue
            facts = self._read(folder.name)
            started = datetime.fromisoformat(facts["at"])
            if older_than is None or started < older_than:
                yield OpenUpload(facts["key"], folder.name, started)


def _copy(stream: BinaryIO, target: Path) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with target.open("wb") as out:
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()
