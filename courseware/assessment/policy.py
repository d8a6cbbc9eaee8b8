"""Who may read the question bank."""

from __future__ import annotations

from courseware.core.roles import Actor, Role

BANK_READERS = (Role.TEACHER, Role.REVIEWER, Role.LIBRARIAN, Role.ADMINISTRATOR)


def can_read_bank(actor: Actor | None) -> bool:
    """Questions stand in the bank with their answers: they are for people who teach, review or keep a library. A learner who had
    read them before a test would be judged by memory."""
    return actor is not None and actor.has_role(*BANK_READERS)
