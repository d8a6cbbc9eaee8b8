"""A real mail server on this machine that keeps what it is given, with sign-in where a test asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from tests.servers.shared import free_ports


class Mailbox:
    """What came in, and what to answer next (`refusal` such as "550 no such user")."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.refusal = ""

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802  the library's name
        if self.refusal:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  the library's name
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return "250 taken"


@contextmanager
def running_mail_server(user: str = "", password: str = "") -> Iterator[tuple[Mailbox, int]]:
    """A server for the block, and its port. With `user`, it takes mail only after sign-in."""

    def judge(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        given = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode())
        return AuthResult(success=given == (user, password), handled=False)

    box = Mailbox()
    asks = {"authenticator": judge, "auth_required": True, "auth_require_tls": False} if user else {}
    server = Controller(box, hostname="127.0.0.1", port=free_ports(1)[0], **asks)
    server.start()
    try:
        yield box, server.port
    finally:
        server.stop()
