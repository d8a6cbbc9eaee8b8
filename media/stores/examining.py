"""What is wrong with a store, found by using it as the product will: one finding a question, each with its remedy.

Nothing stays behind: what is written for the examination is deleted again.
"""

from __future__ import annotations

import io
import shutil
import socket
import ssl
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import certifi
import urllib3

from media.errors import MediaError, StoreUnavailable
from media.stores.folder import FolderStore
from media.stores.interface import ObjectStore
from media.stores.s3 import S3Store
from media.stores.settings import StoreSettings

PATIENCE_S = 5
SKEW_S = 10  # addresses of segments live 40 s
REFUSED_SKEW_S = 15 * 60  # S3 refuses everything beyond
FREE_BYTES, FREE_SHARE = 5 * 1024**3, 0.05
GOOD, WARNING, BAD = "good", "warning", "bad"


@dataclass(frozen=True, slots=True)
class Found:
    """One question (`about`) and its answer: a code for a sentence, empty where all is well, and its parameters."""

    about: str
    level: str = GOOD
    code: str = ""
    params: dict[str, Any] = field(default_factory=dict)


def examine(
    settings: StoreSettings, work: Path, origin: str = "", now: Callable[[], datetime] | None = None
) -> list[Found]:
    """Everything that can be said of this store and of the work folder. `origin` is the site's own address, for CORS.

    Raises nothing; stops at the first answer without which the following questions make no sense.
    """
    found: list[Found] = []
    questions = _folder_questions(settings, work) if settings.kind == "folder" else _s3_questions(settings, origin, now)
    try:
        settings.check()
        for answer in questions:
            found.append(answer)
            if answer.level == BAD and answer.about in NEEDED:
                break
    except StoreUnavailable as problem:
        found.append(Found("settings", BAD, problem.code, problem.params))
    return [*found, *_disk("work", work)]


NEEDED = ("settings", "endpoint", "tls", "clock", "credentials", "bucket", "folder")


# --- folder -----------------------------------------------------------------------------------------------------------


def _folder_questions(settings: StoreSettings, work: Path) -> Iterator[Found]:
    assert settings.folder is not None
    yield _use(FolderStore(settings.folder), "folder", {"folder_not_writable": str(settings.folder)})
    yield from _disk("store", settings.folder)
    if _existing(work).stat().st_dev != _existing(settings.folder).stat().st_dev:
        yield Found("work", WARNING, "other_file_system", {"work": str(work), "store": str(settings.folder)})


def _use(store: ObjectStore, about: str, named: dict[str, str] | None = None) -> Found:
    """Puts, reads and deletes an object, as an upload does."""
    key, data = f"check/{uuid.uuid4().hex}", b"written by an examination, may be deleted"
    try:
        store.ensure_ready()
        store.put(key, io.BytesIO(data), len(data), "text/plain")
        same = b"".join(store.get_range(key)) == data
        store.delete(key)
    except MediaError as problem:
        if named and problem.code == "store_unreachable":
            code, folder = next(iter(named.items()))
            return Found(about, BAD, code, {"folder": folder})
        return Found(about, BAD, problem.code, problem.params)
    return Found(about) if same else Found(about, BAD, "copy_differs", {"key": key})


def _disk(about: str, folder: Path) -> Iterator[Found]:
    usage = shutil.disk_usage(_existing(folder))
    params = {"folder": str(folder), "free": f"{usage.free / 1024**3:.1f} GB"}
    if usage.free < min(FREE_BYTES, FREE_SHARE * usage.total):
        yield Found(f"{about} disk", BAD, "disk_nearly_full", params)
    elif usage.free < FREE_BYTES:
        yield Found(f"{about} disk", WARNING, "disk_nearly_full", params)
    else:
        yield Found(f"{about} disk", params=params)


def _existing(path: Path) -> Path:
    return next(place for place in (path, *path.parents) if place.exists())


# --- S3 ---------------------------------------------------------------------------------------------------------------


def _s3_questions(settings: StoreSettings, origin: str, now: Callable[[], datetime] | None) -> Iterator[Found]:
    address = settings.address(settings.s3_endpoint)
    yield (reached := _reach(address))
    yield (spoken := _speak(address) if reached.level == GOOD else reached)
    if GOOD in (reached.level, spoken.level):
        yield _clock(address, now or (lambda: datetime.now(UTC)))
    yield _bucket(settings)
    store = S3Store(settings)
    yield _use(store, "objects")
    yield _multipart(store)
    yield _public(store, settings)
    yield from _cors(store, origin)


def _reach(address: str) -> Found:
    host, port = _host(address)
    try:
        socket.create_connection((host, port), PATIENCE_S).close()
    except socket.gaierror:
        return Found("endpoint", BAD, "endpoint_unknown", {"host": host})
    except OSError:
        return Found("endpoint", BAD, "endpoint_silent", {"host": host, "port": port})
    return Found("endpoint", params={"address": address})


def _speak(address: str) -> Found:
    """Whether both sides mean the same by https."""
    host, port = _host(address)
    wanted = address.startswith("https:")
    spoken = _is_tls(host, port)
    if wanted != spoken:
        return Found("tls", BAD, "tls_not_spoken" if wanted else "tls_expected", {"host": host, "port": port})
    if wanted:
        try:
            with socket.create_connection((host, port), PATIENCE_S) as plain:
                ssl.create_default_context(cafile=certifi.where()).wrap_socket(plain, server_hostname=host).close()
        except (ssl.SSLError, OSError) as problem:
            reason = getattr(problem, "verify_message", "") or str(problem)
            return Found("tls", BAD, "tls_certificate", {"host": host, "reason": reason})
    return Found("tls")


def _is_tls(host: str, port: int) -> bool:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # only asked whether it speaks TLS at all
    try:
        with socket.create_connection((host, port), PATIENCE_S) as plain:
            plain.settimeout(PATIENCE_S)
            context.wrap_socket(plain, server_hostname=host).close()
    except (ssl.SSLError, OSError):
        return False
    return True


def _clock(address: str, now: Callable[[], datetime]) -> Found:
    try:
        answer = urllib3.request("HEAD", address, retries=False, timeout=PATIENCE_S, redirect=False)
        theirs = parsedate_to_datetime(answer.headers["Date"])
    except (urllib3.exceptions.HTTPError, KeyError, ValueError, TypeError):
        return Found("clock", WARNING, "clock_unknown")
    seconds = round(abs((now() - theirs).total_seconds()))
    if seconds > REFUSED_SKEW_S:
        return Found("clock", BAD, "clock_refused", {"seconds": seconds})
    return Found("clock", WARNING, "clock_differs", {"seconds": seconds}) if seconds > SKEW_S else Found("clock")


def _bucket(settings: StoreSettings) -> Found:
    try:
        next(iter(S3Store(settings).list("check/")), None)
    except MediaError as problem:
        about = "bucket" if problem.code == "bucket_missing" else "credentials"
        return Found(about, BAD, problem.code, {"region": settings.s3_region, **problem.params})
    return Found("bucket", params={"bucket": settings.s3_bucket})


def _multipart(store: S3Store) -> Found:
    key = f"check/{uuid.uuid4().hex}"
    try:
        upload = store.begin_upload(key, "text/plain")
        store.put_part(key, upload, 1, b"x")
        listed = len(store.list_parts(key, upload)) == 1
        store.abort_upload(key, upload)
    except MediaError as problem:
        return Found("parts", BAD, problem.code, problem.params)
    return Found("parts") if listed else Found("parts", BAD, "parts_not_listed")


def _public(store: S3Store, settings: StoreSettings) -> Found:
    """Whether an address that we sign for browsers is accepted where browsers go."""
    public = settings.address(settings.s3_public_endpoint or settings.s3_endpoint)
    key = f"check/{uuid.uuid4().hex}"
    try:
        store.put(key, io.BytesIO(b"x"), 1, "text/plain")
        url = store.presigned_get(key, 60)
        answer = urllib3.request("GET", str(url), retries=False, timeout=PATIENCE_S)
    except (urllib3.exceptions.HTTPError, OSError):
        return Found("public address", WARNING, "public_silent", {"address": public})
    finally:
        _forget(store, key)
    if answer.status != 200:
        return Found("public address", BAD, "public_refuses", {"address": public, "status": answer.status})
    return Found("public address", params={"address": public})


def _cors(store: S3Store, origin: str) -> Iterator[Found]:
    """Whether browsers may send parts and read segments from a page of `origin`."""
    if not origin:
        yield Found("browsers", WARNING, "cors_unknown")
        return
    for method in ("PUT", "GET"):
        url = store.part_url("check/cors", "none", 1, 60) if method == "PUT" else store.presigned_get("check/cors", 60)
        asks = {"Origin": origin, "Access-Control-Request-Method": method}
        try:
            answer = urllib3.request("OPTIONS", str(url), headers=asks, retries=False, timeout=PATIENCE_S)
        except (urllib3.exceptions.HTTPError, OSError):
            yield Found("browsers", WARNING, "public_silent", {"address": str(url).split("?")[0]})
            return
        allowed = answer.headers.get("Access-Control-Allow-Origin", "")
        methods = answer.headers.get("Access-Control-Allow-Methods", "")
        if answer.status >= 300 or allowed not in ("*", origin) or method not in methods.upper() + "*":
            yield Found("browsers", BAD, "cors_refused", {"origin": origin, "method": method})
            return
    yield Found("browsers", params={"origin": origin})


def _forget(store: S3Store, key: str) -> None:
    try:
        store.delete(key)
    except MediaError:
        return


def _host(address: str) -> tuple[str, int]:
    parts = urlsplit(address)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
