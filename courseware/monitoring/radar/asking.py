"""Asks one address of the web whether it is still there: politely, and never into a private network.

The name is looked up here, every answer of the look-up has to be a public address, and the connection goes to exactly the
address that was judged: a name that says something else the next moment leads nowhere. Redirects are followed by hand and
judged alike. HEAD first; GET where a server refuses HEAD, and even then no body is read.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import certifi

from courseware.monitoring.radar.addresses import tidy

TIMEOUT_S, AT_MOST_S, REDIRECTS = 10.0, 25.0, 5
PORTS = (80, 443, 8080, 8443)
NAT64 = ipaddress.ip_network("64:ff9b::/96")
SAFE = "/%:=&?~+!$,;'@()*[]"
MOVED, MOVED_FOR_GOOD = (301, 302, 303, 307, 308), (301, 308)
TRY_GET = (400, 403, 404, 405, 501)
IS_CLOSED = (401, 403, 407, 451)
IS_BUSY = (429, 503)

ALIVE, CLOSED, BUSY, FAILED, SILENT, BARRED = "alive", "closed", "busy", "failed", "silent", "barred"

Guard = Callable[[str, int], bool]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `said`: the status of HTTP, or why there is none: name, refused, timeout, certificate, private, redirects.

    `wait_s`: how long a busy server asks to be left alone.
    """

    outcome: str
    said: str
    moved_to: str = ""
    wait_s: int = 0

    @property
    def has_spoken(self) -> bool:
        """Whether a server answered at all: proof that there is a network outside."""
        return self.outcome in (ALIVE, CLOSED, BUSY, FAILED)


class _Barred(Exception):
    """The address leads where nothing of ours has to ask."""


def is_public(address: str, port: int) -> bool:
    """Whether an IP address is one of the open internet, also where it wraps another one, and the port one of the web."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in NAT64 or ip.sixtofour is not None or ip.teredo is not None:
            return False
        ip = ip.ipv4_mapped or ip
    return port in PORTS and ip.is_global and not ip.is_multicast and not ip.is_reserved


def ask(address: str, agent: str, may_ask: Guard = is_public) -> Answer:
    """Asks `address`, naming itself `agent`; every host on the way has to pass `may_ask`. Never raises for what a server does."""
    is_for_good, here = True, address
    for _step in range(REDIRECTS + 1):
        try:
            status, target, wait_s = _ask_once(here, agent, may_ask)
        except _Barred:
            return Answer(BARRED, "private")
        except ssl.SSLCertVerificationError:
            return Answer(SILENT, "certificate")
        except socket.gaierror:
            return Answer(SILENT, "name")
        except TimeoutError:
            return Answer(SILENT, "timeout")
        except (OSError, HTTPException, UnicodeError, ValueError):
            return Answer(SILENT, "refused")
        if status not in MOVED or not target:
            return _judged(status, wait_s, here if is_for_good and here != address else "")
        is_for_good, here = is_for_good and status in MOVED_FOR_GOOD, target
    return Answer(FAILED, "redirects")


def _judged(status: int, wait_s: int, moved_to: str) -> Answer:
    if status in IS_BUSY:
        return Answer(BUSY, str(status), wait_s=wait_s)
    if status in IS_CLOSED:
        return Answer(CLOSED, str(status))
    return Answer(ALIVE if status < 400 else FAILED, str(status), moved_to if status < 400 else "")


def _ask_once(address: str, agent: str, may_ask: Guard) -> tuple[int, str, int]:
    """(status, where a redirect leads, seconds to wait)."""
    status, headers = _headers(address, "HEAD", agent, may_ask)
    if status in TRY_GET:
        status, headers = _headers(address, "GET", agent, may_ask)
    target = tidy(urljoin(address, headers.get("location", ""))) if headers.get("location") else ""
    wait = headers.get("retry-after", "")
    return status, target, int(wait) if wait.isdigit() and len(wait) < 8 else 0


def _headers(address: str, method: str, agent: str, may_ask: Guard) -> tuple[int, dict[str, str]]:
    parts = urlsplit(address)
    with _connected(parts, may_ask) as connection:
        connection.request(method, _path(parts), headers={"User-Agent": agent, "Accept": "*/*", "Connection": "close"})
        answer: HTTPResponse = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}


def _path(parts: SplitResult) -> str:
    """Path and query as HTTP sends them; what is quoted already stays so."""
    path = quote(parts.path or "/", safe=SAFE)
    return f"{path}?{quote(parts.query, safe=SAFE)}" if parts.query else path


@contextmanager
def _connected(parts: SplitResult, may_ask: Guard) -> Iterator[HTTPConnection]:
    """A connection to the address that was judged, cut off when the whole takes too long."""
    host, is_secure = (parts.hostname or "").encode("idna").decode(), parts.scheme == "https"
    port = parts.port or (443 if is_secure else 80)
    if parts.username is not None:
        raise _Barred()
    connection = HTTPConnection(host, port, timeout=TIMEOUT_S)
    connection.default_port = 443 if is_secure else 80  # what the Host header leaves out
    raw = socket.create_connection((_judged_address(host, port, may_ask), port), TIMEOUT_S)
    guard = threading.Timer(AT_MOST_S, _cut, [connection])
    guard.daemon = True
    guard.start()
    try:
        connection.sock = _trust().wrap_socket(raw, server_hostname=host) if is_secure else raw
        yield connection
    finally:
        guard.cancel()
        connection.close()
        raw.close()


def _judged_address(host: str, port: int, may_ask: Guard) -> str:
    """The first address of `host`; all of them have to be allowed, or a name could lead to both sides."""
    found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not found or not all(may_ask(address.partition("%")[0], port) for address in found):
        raise _Barred()
    return found[0]


def _cut(connection: HTTPConnection) -> None:
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)


def _trust() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certifi.where())
