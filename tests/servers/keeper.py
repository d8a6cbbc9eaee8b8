"""Runs one server for a test run and never outlives it.

    python keeper.py PID [--user NAME] -- COMMAND…

A server that several test workers share can belong to none of them: the worker that started it may end first. It
belongs to the run. So this small parent watches the run's process PID, and stops its server when that is gone or when
it is told to, even if the run was killed without a chance to tidy up.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from types import FrameType

LOOK_EVERY_S = 0.3
STOP_WITHIN_S = 8


def keep(run_pid: int, command: list[str], user: str | None) -> int:
    """Starts the command and waits for its end, the run's end, or a signal."""
    asked_to_stop = False

    def on_signal(_signal: int, _frame: FrameType | None) -> None:
        nonlocal asked_to_stop
        asked_to_stop = True

    for which in (signal.SIGTERM, signal.SIGINT):
        signal.signal(which, on_signal)
    as_user = {"user": user, "group": _group_of(user), "extra_groups": []} if user else {}
    # Its own group: a Ctrl-C on the terminal comes to the run, which stops its servers in order.
    server = subprocess.Popen(command, start_new_session=True, stdin=subprocess.DEVNULL, **as_user)  # type: ignore[call-overload]
    while server.poll() is None and not asked_to_stop and _is_alive(run_pid):
        time.sleep(LOOK_EVERY_S)
    if server.poll() is None:
        # SIGINT is PostgreSQL's fast shutdown (SIGTERM would wait for clients); other servers take it like SIGTERM.
        server.send_signal(signal.SIGINT)
        try:
            server.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
    return server.returncode


def _group_of(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    split = sys.argv.index("--")
    head, argv = sys.argv[1:split], sys.argv[split + 1 :]
    sys.exit(keep(int(head[0]), argv, head[2] if len(head) == 3 else None))
