"""Running ffmpeg: ffmpeg-python builds the arguments, we run them.

ffmpeg-python's own runner deadlocks on an undrained stderr, knows no timeout and reports no progress; its
`compile` is all that is used.
"""

from __future__ import annotations

import os
import re
import selectors
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Thread
from typing import IO, Any

import ffmpeg

from media import containers, sandbox
from media.errors import Cancelled, ProcessingFailed

Progress = Callable[[float], None]
CancelCheck = Callable[[], bool]

TAIL_BYTES = 4000
RESIDENT_MB = 600.0  # what a tool may really take; addresses, which `memory_bytes` bounds, cost nothing
_DISK_FULL = "No space left on device"
_ALWAYS = ("-nostdin", "-hide_banner", "-loglevel", "error", "-progress", "pipe:1", "-stats_period", "1")


@dataclass(frozen=True, slots=True)
class Job:
    """How one run behaves. Seconds, bytes, megabytes; `progress` gets percent of `duration_s`."""

    duration_s: float = 0.0
    progress: Progress | None = None
    cancelled: CancelCheck | None = None
    timeout_s: float = 6 * 3600
    memory_bytes: int = 6 << 30
    resident_mb: float = RESIDENT_MB
    nice: int = 10


@dataclass(frozen=True, slots=True)
class RunResult:
    """`out_s` is the last position written; `complaints` what ffmpeg said though it went on; `peak_mb` its memory (RSS)."""

    out_s: float
    complaints: str
    cpu_s: float = 0.0
    peak_mb: float = 0.0


@dataclass(frozen=True, slots=True)
class Ran:
    """One run that ended well, for those who measure."""

    arguments: tuple[str, ...]
    seconds: float
    result: RunResult


_watchers: list[Callable[[Ran], None]] = []


@contextmanager
def watched() -> Iterator[list[Ran]]:
    """Every run of this process within the block, in order of their ends."""
    seen: list[Ran] = []
    _watchers.append(seen.append)
    try:
        yield seen
    finally:
        _watchers.remove(seen.append)


@lru_cache
def ffmpeg_binary() -> str:
    """FFMPEG_BINARY, else ffmpeg on PATH, else the one imageio-ffmpeg brings.

    Raises ProcessingFailed("no_ffmpeg").
    """
    named = os.environ.get("FFMPEG_BINARY") or shutil.which("ffmpeg")
    if named and shutil.which(named):
        return str(shutil.which(named))
    try:
        import imageio_ffmpeg

        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        raise ProcessingFailed("no_ffmpeg") from None


def safe_input(path: Path, demuxer: str, **options: Any) -> Any:
    """An ffmpeg-python input that cannot become anything but this file read by this demuxer."""
    return ffmpeg.input(
        f"file:{path.resolve()}",
        f=demuxer,
        protocol_whitelist="file",
        format_whitelist=containers.DEMUXERS,
        **options,
    )


def run(outputs: Any, job: Job | None = None) -> RunResult:
    """Run an ffmpeg-python output (or merged outputs) to its end.

    Raises Cancelled and ProcessingFailed, with the end of stderr as `detail`, or with code processing_timeout,
    processing_memory or disk_full.
    """
    job = job or Job()
    arguments = ffmpeg.compile(outputs, cmd=[ffmpeg_binary(), *_ALWAYS], overwrite_output=True)
    limits = sandbox.Limits(memory_bytes=job.memory_bytes, nice=job.nice)
    with tempfile.TemporaryDirectory(prefix="ffmpeg-") as empty:
        began = time.monotonic()
        process = sandbox.start_limited(arguments, Path(empty), limits)
        try:
            result = _follow(process, job)
        finally:
            sandbox.stop(process)
    for tell in _watchers:
        tell(Ran(tuple(arguments), time.monotonic() - began, result))
    return result


def _follow(process: subprocess.Popen[bytes], job: Job) -> RunResult:
    assert process.stdout is not None
    assert process.stderr is not None
    tail = _Tail(process.stderr)
    out_s = 0.0
    memory = _Memory(process.pid, job.resident_mb)
    for line in _lines(process, job, memory):
        out_s = max(out_s, _position(line))
        if job.progress and job.duration_s and line == "progress=continue":
            job.progress(min(99.0, 100 * out_s / job.duration_s))
    code, cpu_s = _reaped(process)
    complaints = tail.text()
    if _DISK_FULL in complaints:  # some versions end with 0 all the same
        raise ProcessingFailed("disk_full", detail=complaints)
    if code != 0:
        raise ProcessingFailed(detail=complaints, exit_code=code)
    if job.progress:
        job.progress(100.0)
    return RunResult(out_s, complaints, cpu_s, memory.peak_mb)


def _reaped(process: subprocess.Popen[bytes]) -> tuple[int, float]:
    """Exit code and seconds of processor time."""
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, used.ru_utime + used.ru_stime


class _Memory:
    """What a tool takes, in megabytes. Read while it runs: what the system tells at the end holds its parent's share too."""

    def __init__(self, pid: int, limit_mb: float) -> None:
        self.peak_mb = 0.0
        self._status, self._limit_mb = Path(f"/proc/{pid}/status"), limit_mb

    def look(self) -> None:
        """Raises ProcessingFailed("processing_memory") when it took too much. Sees nothing where the system does not tell."""
        try:
            found = re.search(r"^VmHWM:\s+(\d+) kB", self._status.read_text(), re.MULTILINE)
        except OSError:
            return
        if found is not None:
            self.peak_mb = round(int(found[1]) / 1024, 1)
        if self.peak_mb > self._limit_mb:
            raise ProcessingFailed("processing_memory", limit_mb=round(self._limit_mb))


def _lines(process: subprocess.Popen[bytes], job: Job, memory: _Memory) -> Any:
    """Lines as they come; between them cancellation, time and memory are checked at least twice a second."""
    deadline = time.monotonic() + job.timeout_s
    assert process.stdout is not None
    stream = process.stdout
    waiting = b""
    with selectors.DefaultSelector() as selector, stream:
        selector.register(stream, selectors.EVENT_READ)
        while True:
            if job.cancelled and job.cancelled():
                raise Cancelled()
            if time.monotonic() > deadline:
                raise ProcessingFailed("processing_timeout", limit_s=round(job.timeout_s))
            memory.look()
            if not selector.select(timeout=0.5):
                continue
            data = os.read(stream.fileno(), 65536)
            if not data:
                return
            *complete, waiting = (waiting + data).split(b"\n")
            yield from (line.decode("ascii", "replace").strip() for line in complete)


def _position(line: str) -> float:
    name, _, value = line.partition("=")
    if name != "out_time_us" or not value.lstrip("-").isdigit():
        return 0.0
    return int(value) / 1_000_000


class _Tail:
    """Drains a stream in a thread and keeps its end: a full pipe would stop the tool for ever."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._kept = b""
        self._stream = stream
        self._thread = Thread(target=self._drain, daemon=True)
        self._thread.start()

    def _drain(self) -> None:
        with self._stream:
            while data := self._stream.read1(65536):  # type: ignore[attr-defined]  # a BufferedReader by construction
                self._kept = (self._kept + data)[-TAIL_BYTES:]

    def text(self) -> str:
        """What was kept, once the stream has ended."""
        self._thread.join(timeout=5)
        return self._kept.decode("utf-8", "replace").strip()
