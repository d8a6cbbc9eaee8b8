"""Letters about the yearly calendar and about work that was given; none where the site has no mail server."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from functools import partial

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from courseware.accounts import mailing
from courseware.accounts.models import RoleGrant, User
from courseware.core import mail
from courseware.core.database import session
from courseware.core.roles import Role
from courseware.libraries.models import Library
from courseware.monitoring import calendar
from courseware.monitoring.calendar import COLLECTION, ROSTERS, UNUSUAL, Step, Window
from courseware.monitoring.periods import Period
from courseware.monitoring.planning.models import PlanTask
from courseware.monitoring.queries import default_period
from courseware.web.i18n import local_text


def remind(library: Library, now: dt.datetime) -> int:
    """Writes to those who keep a library about a window that is open, once for each mark; how many letters were asked for.

    Of the collection of yearly data only while something is left to do; of the filing of new libraries to administrators.
    """
    if not mail.is_on(mailing.settings()):
        return 0
    period, sent = default_period(library, now), 0
    for window in calendar.windows(now):
        steps = calendar.steps(library, period) if window.name == COLLECTION else []
        if window.mark and (window.name != COLLECTION or not all(step.is_done for step in steps)):
            key = f"calendar:{library.code}:{window.name}:{window.closes}:{window.mark}"
            people = keepers(library) if window.name == COLLECTION else administrators()
            words = partial(letter, library, period, window, steps)
            sent += sum(mailing.write(one, key, words) for one in people)
    return sent


def letter(library: Library, period: Period, window: Window, steps: Sequence[Step]) -> tuple[str, str]:
    """Subject and text of a reminder, in the language that is set."""
    name, closes = local_text(library, "name"), window.closes.isoformat()
    if window.name != COLLECTION:
        subject = _("Filing of new libraries is open until %(day)s", day=closes)
        return subject, _("%(subject)s. Libraries that are to be filed this year need their figures by then.", subject=subject)  # fmt: skip
    subject = _("%(library)s: yearly data until %(day)s", library=name, day=closes)
    lines = [
        ngettext("%(num)d day is left.", "%(num)d days are left.", window.days), "",
        *(f"{'✓' if step.is_done else '○'} {step_words(step)}" for step in steps), "",
        address(f"/monitor/yearly?library={library.code}&period={period.code}"),
    ]  # fmt: skip
    return subject, "\n".join(lines)


def step_words(step: Step) -> str:
    """What a step asks for, or that it is done."""
    if step.is_done:
        done = {ROSTERS: _("Every school has sent its roster"), UNUSUAL: _("Every unusual finding was looked at")}
        return done.get(step.name, _("The figures of the year are frozen"))
    if step.name == ROSTERS:
        return ngettext("%(num)d school has sent no roster yet", "%(num)d schools have sent no roster yet", step.open)
    if step.name == UNUSUAL:
        return ngettext(
            "%(num)d unusual finding waits for a word", "%(num)d unusual findings wait for a word", step.open
        )
    return _("The figures of the year are not frozen yet")


def tell_of_tasks(tasks: Sequence[PlanTask]) -> int:
    """Writes to everybody who was given work, one letter a person; how many letters were asked for."""
    mine: dict[int, list[PlanTask]] = defaultdict(list)
    for task in tasks:
        mine[task.assignee_id].append(task)
    people = session().scalars(select(User).where(User.id.in_(mine)))
    return sum(mailing.write(p, f"tasks:{mine[p.id][0].uuid}", partial(_about_tasks, mine[p.id])) for p in people)


def _about_tasks(tasks: Sequence[PlanTask]) -> tuple[str, str]:
    first, count = tasks[0], len(tasks)
    subject = ngettext("%(num)d task for you in Keku", "%(num)d tasks for you in Keku", count)
    about = [f"· {local_text(task.resource, 'title') if task.resource else local_text(task.point, 'name')}" for task in tasks]  # fmt: skip
    due = [_("Until %(day)s", day=first.due_on.isoformat())] if first.due_on else []
    return subject, "\n".join(
        [*about, "", *due, *([first.note] if first.note else []), "", address("/teach/resources")]
    )


def keepers(library: Library) -> list[User]:
    """Administrators, and the librarians of the units of a library."""
    units = {member.unit_id for member in library.members}
    return [one for one in _with_role(Role.ADMINISTRATOR, Role.LIBRARIAN) if one.has_role(Role.ADMINISTRATOR) or one.unit_id in units]  # fmt: skip


def administrators() -> list[User]:
    """All administrators."""
    return _with_role(Role.ADMINISTRATOR)


def address(path: str) -> str:
    """A link for a letter."""
    return mailing.settings().public_url.rstrip("/") + path


def _with_role(*roles: Role) -> list[User]:
    holders = select(RoleGrant.user_id).where(RoleGrant.role.in_([role.value for role in roles]))
    return list(session().scalars(select(User).where(User.id.in_(holders), User.closed_at.is_(None)).order_by(User.id)))
