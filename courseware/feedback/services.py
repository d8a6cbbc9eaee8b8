"""Rating after use, reporting problems and answering them, showing one's contributions."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import Invalid, NotAllowed, NotFound
from courseware.core.roles import Actor
from courseware.feedback import policy
from courseware.feedback.errors import HandledMeanwhile, NotUsedYet, OwnWork
from courseware.feedback.models import REPORT_KINDS, REPORT_STATES, ContributionSharing, ProblemReport, Rating
from courseware.resources import policy as resources
from courseware.resources.models import Resource

WORDS_CHARS = 1000
REPORT_CHARS = 2000

SAY = {
    "stars": _l("Give one to five stars."),
    "long": _l("Please say it in at most %(chars)s characters."),
    "kind": _l("Choose what kind of problem it is."),
    "words": _l("Say in a sentence what is wrong, and where."),
    "state": _l("Choose what became of it."),
    "answer": _l("Say why: the person who reported it reads it."),
}


def rate(actor: Actor, resource: Resource, stars: int, words: str = "") -> Rating:
    """Gives `resource` 1 to 5 stars; given again it replaces the one before.

    Only after a qualified use and never one's own work. Raises NotFound for what is not live, OwnWork, NotUsedYet, Invalid.
    """
    if not resource.is_live:
        raise NotFound()
    if resources.is_author(actor, resource):
        raise OwnWork()
    if not policy.has_used(actor, resource.id):
        raise NotUsedYet()
    _require({"stars": stars not in range(1, 6)}, words=(words, WORDS_CHARS))
    db = session()
    rating = db.scalar(select(Rating).where(Rating.resource_id == resource.id, Rating.user_id == actor.id))
    if rating is None:
        rating = Rating(resource_id=resource.id, user_id=actor.id)
        db.add(rating)
    rating.stars, rating.words, rating.rated_at = stars, words.strip(), clock.now()
    rating.version_id = resource.published_version_id
    db.flush()
    return rating


def take_back_rating(actor: Actor, resource: Resource) -> None:
    """Removes one's own rating; no error where there is none."""
    rating = session().scalar(select(Rating).where(Rating.resource_id == resource.id, Rating.user_id == actor.id))
    if rating is not None:
        session().delete(rating)
        session().flush()


def report(actor: Actor | None, resource: Resource, kind: str, words: str) -> ProblemReport:
    """Somebody, signed in or not, found something wrong. Raises NotFound for what they may not see, Invalid."""
    if not resources.can_view(actor, resource):
        raise NotFound()
    _require({"kind": kind not in REPORT_KINDS, "words": not words.strip()}, words=(words, REPORT_CHARS))
    found = ProblemReport(
        resource_id=resource.id, version_id=resource.published_version_id or resource.draft_version_id,
        reporter_id=actor.id if actor is not None else None, kind=kind, words=words.strip(),
    )  # fmt: skip
    session().add(found)
    session().flush()
    return found


def handle(
    actor: Actor, found: ProblemReport, state: str, answer: str, *, seen_state: str | None = None
) -> ProblemReport:
    """Answers a report: answered, fixed, rejected (both others need words), or open again.

    `seen_state` is the state the person saw; another one now raises HandledMeanwhile. Raises NotAllowed, Invalid.
    """
    if not policy.can_handle(actor, found.resource):
        raise NotAllowed()
    if seen_state is not None and seen_state != found.state:
        raise HandledMeanwhile()
    unsaid = state in ("answered", "rejected") and not answer.strip()
    _require({"state": state not in REPORT_STATES, "answer": unsaid}, answer=(answer, REPORT_CHARS))
    found.state, found.answer = state, answer.strip()
    found.handled_by_id, found.handled_at = (None, None) if state == "open" else (actor.id, clock.now())
    session().flush()
    auditlog.record("report.handle", actor, about=found, details={"state": state})
    return found


def share_contributions(person: User, *, is_public: bool) -> ContributionSharing:
    """The person allows everybody to see the figures of their contributions, or no longer."""
    row = session().scalar(select(ContributionSharing).where(ContributionSharing.user_id == person.id))
    if row is None:
        row = ContributionSharing(user_id=person.id)
        session().add(row)
    row.is_public, row.changed_at = is_public, clock.now()
    session().flush()
    return row


def _require(wrong: dict[str, bool], **texts: tuple[str, int]) -> None:
    """Raises Invalid with everything that is wrong at once."""
    problems: dict[str, list[Any]] = {name: [SAY[name]] for name, is_wrong in wrong.items() if is_wrong}
    for name, (text, limit) in texts.items():
        if len(text) > limit:
            problems.setdefault(name, []).append(str(SAY["long"]) % {"chars": limit})
    if problems:
        raise Invalid(problems)
