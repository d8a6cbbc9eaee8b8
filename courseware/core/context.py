"""What the log wants to know of the present request, without knowing requests: set by the web edge or a command."""

from __future__ import annotations

from contextvars import ContextVar

_address: ContextVar[str] = ContextVar("keku_address", default="")
_request_id: ContextVar[str] = ContextVar("keku_request_id", default="")


def enter(address: str, request_id: str) -> None:
    """Called at the edge, once a request, command or job step."""
    _address.set(address)
    _request_id.set(request_id)


def address() -> str:
    """The network address that asks; empty for commands and jobs."""
    return _address.get()


def request_id() -> str:
    """The number a person can quote."""
    return _request_id.get()
