"""No test talks to another machine: what would need one has to be real and local, or is not tested."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any


class ForeignAddress(AssertionError):
    """A test tried to reach another machine."""


def refuse_foreign_addresses() -> None:
    """Lets sockets connect to this machine only, for the rest of this process."""
    if getattr(socket.socket.connect, "is_guard", False):
        return
    real_connect, real_connect_ex = socket.socket.connect, socket.socket.connect_ex

    def connect(self: socket.socket, address: Any) -> None:
        _check(self, address)
        real_connect(self, address)

    def connect_ex(self: socket.socket, address: Any) -> int:
        _check(self, address)
        return real_connect_ex(self, address)

    connect.is_guard = True  # type: ignore[attr-defined]
    socket.socket.connect, socket.socket.connect_ex = connect, connect_ex  # type: ignore[method-assign]


def _check(connection: socket.socket, address: Any) -> None:
    if connection.family not in (socket.AF_INET, socket.AF_INET6):
        return
    host = str(address[0])
    try:
        is_local = host == "localhost" or ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        is_local = False
    if not is_local:
        raise ForeignAddress(f"a test may not reach {host}: only this machine")
