"""Letters of the site to its people: asked for in the transaction of what they tell, sent by the worker after commit."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from flask import current_app
from flask_babel import force_locale

from courseware.accounts.models import User
from courseware.core import mail
from courseware.core.settings import Settings
from courseware.jobs import services as jobs

SEND = "accounts.mail"
WHENEVER = 7

Words = Callable[[], tuple[str, str]]
"""Makes subject and text, in the language that is set when it is called."""


def write(person: User, key: str, words: Words) -> bool:
    """Asks for a letter to `person`, in their language; whether one is on its way. `key` twice is one letter.

    Nothing happens where the site has no mail server; test, demonstration and closed accounts get none.
    """
    if not mail.is_on(settings()) or not person.is_active or person.is_test or person.is_demo:
        return False
    with force_locale(person.locale or "zh_Hans"):
        subject, text = words()
    payload = {"user": person.id, "subject": subject, "text": text}
    jobs.enqueue(SEND, f"mail:{key}:{person.id}", payload, priority=WHENEVER)
    return True


def letter_key(job_key: str) -> str:
    """A name for the letter that says nothing about the person."""
    return hashlib.sha256(job_key.encode()).hexdigest()[:32]


def settings() -> Settings:
    """The settings of this site."""
    found: Settings = current_app.config["KEKU"]
    return found
