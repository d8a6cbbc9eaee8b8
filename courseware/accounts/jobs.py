"""The worker sends letters."""

from __future__ import annotations

from typing import Any

from courseware.accounts.mailing import SEND, letter_key, settings
from courseware.accounts.models import User
from courseware.core import mail
from courseware.core.database import session
from courseware.jobs.registry import JobRun, handler


@handler(SEND, is_quick=True)
def send_letter(run: JobRun) -> dict[str, Any]:
    """Sends one letter to the address that the person has now. A mail server that does not answer is tried again."""
    person = session().get(User, run.payload["user"])
    if person is None or not person.is_active:
        return {"sent": False}
    letter = mail.Letter(person.email, run.payload["subject"], run.payload["text"], letter_key(run.job_uuid))
    session().rollback()
    mail.send(settings(), letter)
    return {"sent": True}
