"""Against guessing of codes: wrong ones are counted by account and by address, over all processes of the site.

A class of sixty sits behind one address, so an address may err more often than an account.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.classes.errors import TooManyCodes
from courseware.classes.models import WrongCode
from courseware.core import clock, context
from courseware.core.database import session

WINDOW = dt.timedelta(minutes=15)
BY_ACCOUNT, BY_ADDRESS = 8, 120


def refuse_guessing(user: User) -> None:
    """Raises TooManyCodes while the account or the address typed too many wrong codes within 15 minutes."""
    by_account, by_address = _wrong(user)
    if by_account >= BY_ACCOUNT or by_address >= BY_ADDRESS:
        raise TooManyCodes(minutes=int(WINDOW.total_seconds() // 60))


def note_wrong(user: User) -> None:
    """Counts a wrong code; the one that reaches a limit is an alarm in the security log."""
    session().add(WrongCode(user_id=user.id, address=context.address(), at=clock.now()))
    session().flush()
    by_account, by_address = _wrong(user)
    if by_account == BY_ACCOUNT or by_address == BY_ADDRESS:
        details = {"wrong_by_account": by_account, "wrong_by_address": by_address}
        auditlog.record("class.code_guessing", user, result="refused", reason="too_many_codes", details=details)


def _wrong(user: User) -> tuple[int, int]:
    """Wrong codes of the last 15 minutes by this account, and from this address; a command has none."""
    recent = select(func.count()).select_from(WrongCode).where(WrongCode.at > clock.now() - WINDOW)
    address = context.address()
    by_account = session().scalar(recent.where(WrongCode.user_id == user.id)) or 0
    by_address = session().scalar(recent.where(WrongCode.address == address)) or 0 if address else 0
    return by_account, by_address
