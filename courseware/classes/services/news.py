"""Announcements to a class or a group, shown until they are read (R45)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from courseware.accounts.models import User
from courseware.classes import policy
from courseware.classes.errors import NotInClass
from courseware.classes.models import Announcement, AnnouncementRead, TeachingClass
from courseware.classes.services.classes import require_going
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import Invalid

TITLE_CHARS, TEXT_CHARS = 100, 4000


def announce(actor: User, klass: TeachingClass, title: str, text: str, group: str = "") -> Announcement:
    """Tells the class, or one group. Raises Invalid, ClassEnded."""
    policy.require_lead(actor, klass)
    require_going(klass)
    title, text = title.strip(), text.strip()
    problems: dict[str, list[object]] = {}
    if not title or len(title) > TITLE_CHARS:
        problems["title"] = [_l("Say in at most %(chars)s characters what it is about.", chars=TITLE_CHARS)]
    if len(text) > TEXT_CHARS:
        problems["text"] = [_l("Write at most %(chars)s characters.", chars=TEXT_CHARS)]
    if problems:
        raise Invalid(problems)
    made = Announcement(class_id=klass.id, group_name=group.strip(), author_id=actor.id, title=title, text=text)
    session().add(made)
    session().flush()
    return made


def withdraw(actor: User, klass: TeachingClass, announcement: Announcement) -> None:
    """Nobody sees it any more; the row stays."""
    policy.require_lead(actor, klass)
    announcement.withdrawn_at = announcement.withdrawn_at or clock.now()
    session().flush()


def read(user: User, klass: TeachingClass, announcement: Announcement) -> None:
    """The person has read it; once is enough. Raises NotInClass."""
    if not policy.is_member(user, klass):
        raise NotInClass()
    session().merge(AnnouncementRead(announcement_id=announcement.id, user_id=user.id, at=clock.now()))
    session().flush()
