"""A way to a server that can be cut."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress

CHUNK = 65536


class Relay:
    """The way to a server (host:port), which can be cut in the middle of a transfer and opened again on the same port.

    `bytes_s` bounds the speed of each connection in each direction; 0 does not.
    """

    def __init__(self, target: str, bytes_s: float = 0) -> None:
        self.lead_to(target)
        self._listener: socket.socket | None = None
        self.port = 0
        self._open: set[socket.socket] = set()
        self.open(bytes_s)
        assert self._listener is not None
        self.port = self._listener.getsockname()[1]

    def open(self, bytes_s: float | None = None) -> None:
        """Connections are taken from now on; with `bytes_s` of another speed than before."""
        if bytes_s is not None:
            self._pause = CHUNK / bytes_s if bytes_s else 0.0
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def lead_to(self, target: str) -> None:
        """From the next connection on the way leads to another server."""
        host, port = target.split(":")
        self._target = (host, int(port))

    def cut(self) -> None:
        assert self._listener is not None
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for one in list(self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _address = listener.accept()
                try:
                    far = socket.create_connection(self._target)
                except OSError:  # nobody is there at the moment
                    near.close()
                    continue
                self._open |= {near, far}
                for a, b in ((near, far), (far, near)):
                    threading.Thread(target=_carry, args=(a, b, self._pause), daemon=True).start()


def _carry(source: socket.socket, target: socket.socket, pause_s: float) -> None:
    with suppress(OSError):
        while data := source.recv(CHUNK):
            time.sleep(pause_s * len(data) / CHUNK)
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
    source.close()
