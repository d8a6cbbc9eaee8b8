"""A small load generator: so many connections that stay open, each asking as soon as it has its answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

ANSWER_WITHIN_S, NO_ANSWER = 60, 0


@dataclass(frozen=True, slots=True)
class Ask:
    """One request."""

    path: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def with_cookie(self, cookie: str) -> Ask:
        """With the session as it was given last, which a browser keeps: an old one would be written anew every time."""
        has_session = cookie.startswith("session=") and "Cookie" in self.headers
        return replace(self, headers={**self.headers, "Cookie": cookie}) if has_session else self

    def encoded(self, host: str) -> bytes:
        """As it goes over the wire."""
        lines = [f"{self.method} {self.path} HTTP/1.1", f"Host: {host}", "Connection: keep-alive"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.body:
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join([*lines, "", ""]).encode() + self.body


@dataclass(slots=True)
class Answers:
    """What came back while it was measured. Times in seconds, sizes in bytes."""

    took: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def errors(self) -> int:
        """Answers that were none of 200."""
        return sum(count for status, count in self.statuses.items() if status != 200)

    @property
    def per_s(self) -> float:
        """Answers a second."""
        return len(self.took) / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        """The time within which `share` of the answers came, in milliseconds."""
        ordered = sorted(self.took)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def run(port: int, connections: int, seconds: float, asks: Callable[[int, int], Ask]) -> Answers:
    """Asks for `seconds` over `connections`; `asks(connection, number)` gives each request."""
    return asyncio.run(_run(port, connections, seconds, asks))


async def _run(port: int, connections: int, seconds: float, asks: Callable[[int, int], Ask]) -> Answers:
    answers, begun = Answers(), time.perf_counter()
    until = begun + seconds
    await asyncio.gather(*(_connection(port, number, until, asks, answers) for number in range(connections)))
    answers.seconds = time.perf_counter() - begun
    return answers


async def _connection(
    port: int, connection: int, until: float, asks: Callable[[int, int], Ask], answers: Answers
) -> None:
    number, cookie = 0, ""
    reader, writer = await _open(port)
    try:
        while time.perf_counter() < until:
            asked = asks(connection, number).with_cookie(cookie).encoded(f"127.0.0.1:{port}")
            number += 1
            begun = time.perf_counter()
            writer.write(asked)
            try:
                status, size, given = await asyncio.wait_for(_answer(reader), ANSWER_WITHIN_S)
                cookie = given or cookie
            except (TimeoutError, ConnectionError, asyncio.IncompleteReadError):
                status, size = NO_ANSWER, 0
                writer.close()
                reader, writer = await _open(port)
            answers.took.append(time.perf_counter() - begun)
            answers.sizes.append(size)
            answers.statuses[status] = answers.statuses.get(status, 0) + 1
    finally:
        writer.close()


async def _open(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", port, limit=2**22)


async def _answer(reader: asyncio.StreamReader) -> tuple[int, int, str]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    status, cookie = int(head[0].split()[1]), headers.get("set-cookie", "").partition(";")[0]
    if headers.get("transfer-encoding", "") == "chunked":
        return status, await _chunks(reader), cookie
    length = int(headers.get("content-length", "0"))
    await reader.readexactly(length)
    return status, length, cookie


async def _chunks(reader: asyncio.StreamReader) -> int:
    total = 0
    while size := int((await reader.readline()).split(b";")[0], 16):
        await reader.readexactly(size + 2)
        total += size
    await reader.readline()
    return total
