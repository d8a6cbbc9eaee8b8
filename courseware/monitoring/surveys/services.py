"""Asking people how satisfied they are, and keeping what they answer (M13)."""

from __future__ import annotations

import datetime as dt
import math
import secrets
from collections.abc import Sequence

from sqlalchemy import exists, insert, select

from courseware.accounts.models import User
from courseware.auditlog import services as auditlog
from courseware.core import clock
from courseware.core.database import session
from courseware.libraries.models import Library
from courseware.monitoring import policy
from courseware.monitoring.errors import PlanStands, ScoreOutOfRange, SurveyClosed
from courseware.monitoring.models import HeldClock, RosterEntry, SurveyAnswer, SurveyInvitation
from courseware.monitoring.periods import Period, period_at, previous
from courseware.monitoring.surveys import queries
from courseware.monitoring.surveys.models import SurveyPlan
from courseware.monitoring.surveys.names import possible_names, without
from courseware.monitoring.surveys.sampling import draw

DEFAULT_PERCENT = 50
COMMENT_MAX = 500
RULE = "sample:1"


def plan_of(library: Library, period: Period) -> SurveyPlan:
    """The rule of a period; the first time, the share of the year before with a new seed."""
    found = queries.plan(library, period)
    if found is None:
        before = queries.plan(library, previous(period))
        percent = before.percent if before else DEFAULT_PERCENT
        found = SurveyPlan(
            library_id=library.id,
            period_code=period.code,
            percent=percent,
            seed=secrets.token_hex(8),
            made_at=clock.now(),
        )
        session().add(found)
        session().flush()
    return found


def set_percent(library: Library, period: Period, percent: int, actor: User) -> SurveyPlan:
    """Changes how many of 100 are asked, 0 for nobody. Raises PlanStands once somebody was asked, NotAllowed."""
    policy.require_monitor(actor, library)
    plan = plan_of(library, period)
    if queries.has_invitations(library, period):
        raise PlanStands()
    plan.percent = max(0, min(100, percent))
    auditlog.record("survey.plan", actor, about=library, details={"period": period.code, "percent": plan.percent})
    return plan


def invite_sample(library: Library) -> int:
    """Asks whoever the rule draws of those with qualified use in the running year and was not asked in it; how many.

    Nobody is asked while a replayed scenario holds the clock, nor in a year in which answers came without
    invitations: those would stop counting.
    """
    now = clock.now()
    period = period_at(now, library.period_start_month)
    if session().scalar(select(HeldClock.id)) is not None or queries.has_uninvited_answers(library, period):
        return 0
    plan = plan_of(library, period)
    session().refresh(plan, with_for_update=True)  # of two workers one waits, and then finds everybody asked
    chosen = draw(plan.seed, queries.unasked_users(library, period), plan.percent)
    if chosen:
        rows = [{"library_id": library.id, "user_id": user, "at": now, "rule": RULE} for user in chosen]
        session().execute(insert(SurveyInvitation), rows)
        details = {"period": period.code, "asked": len(chosen), "percent": plan.percent, "seed": plan.seed}
        auditlog.record("survey.invite", None, about=library, details=details)
    return len(chosen)


def answer(
    invitation: SurveyInvitation,
    score: int,
    *,
    shown_at: dt.datetime,
    browser_s: float | None = None,
    comment: str = "",
) -> SurveyAnswer:
    """Keeps an answer, 1 to 5. The time is the server's, from showing to sending, or the browser's when that is less.

    Nothing is written to the log: it would name the person. Raises ScoreOutOfRange, SurveyClosed.
    """
    if not 1 <= score <= 5:
        raise ScoreOutOfRange()
    _require_open(invitation)
    now = clock.now()
    server_s = max(0.0, (now - shown_at).total_seconds())
    browser_s = max(0.0, browser_s) if browser_s is not None and math.isfinite(browser_s) else None
    took_s = server_s if browser_s is None else min(server_s, browser_s)
    made = SurveyAnswer(
        library_id=invitation.library_id, user_id=invitation.user_id, score=score, took_s=round(took_s, 1), at=now,
        browser_s=browser_s, comment=anonymous(comment.strip()[:COMMENT_MAX]),
    )  # fmt: skip
    invitation.answered_at = now
    session().add(made)
    session().flush()
    return made


def dismiss(invitation: SurveyInvitation) -> None:
    """Does not show the question again in this year. Raises SurveyClosed."""
    _require_open(invitation)
    invitation.dismissed_at = clock.now()
    session().flush()


def hide_comment(answer_id: int, library: Library, actor: User) -> None:
    """Takes a comment off the page, where it still says too much of somebody. Raises NotAllowed, NotFound."""
    policy.require_monitor(actor, library)
    found = queries.comment(library, answer_id)
    found.is_comment_hidden = True
    auditlog.record("survey.hide_comment", actor, about=library, details={"comment": answer_id})


def anonymous(text: str) -> str:
    """A comment without names of people known here, addresses and long numbers; the original is not kept."""
    if not text:
        return ""
    return without(text, _known(sorted(possible_names(text))))


def _known(pieces: Sequence[str]) -> set[str]:
    """Those of `pieces` that are names of accounts or of people on rosters; fixed queries for a comment of any length."""
    if not pieces:
        return set()
    names = set(session().scalars(select(User.name).where(User.name.in_(pieces))))
    return names | set(session().scalars(select(RosterEntry.person).where(RosterEntry.person.in_(pieces)).distinct()))


def _require_open(invitation: SurveyInvitation) -> None:
    if invitation.answered_at is not None or invitation.dismissed_at is not None:
        raise SurveyClosed()
    later = exists().where(
        SurveyInvitation.library_id == invitation.library_id, SurveyInvitation.user_id == invitation.user_id,
        SurveyInvitation.answered_at.is_not(None), SurveyInvitation.at >= invitation.at,
    )  # fmt: skip
    if session().scalar(select(later)):
        raise SurveyClosed()
