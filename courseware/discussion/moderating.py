"""Lists for those who answer and moderate: unanswered questions, reports, what is hidden, appeals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, or_, select, true
from sqlalchemy.orm import joinedload

from courseware.accounts.models import User
from courseware.core.database import session
from courseware.core.paging import Page
from courseware.core.roles import Role
from courseware.discussion.models import Post, PostReport, Thread
from courseware.discussion.queries import ThreadView, page_of_threads, views_of
from courseware.enrollment.models import TeachingClass
from courseware.libraries.models import CourseTeacher

STATES = ("open", "all", "reported", "hidden", "appeals")
LISTED = 100


@dataclass(frozen=True, slots=True)
class Case:
    """A post that somebody reported, hid or appealed for, with what was said about it."""

    post: Post
    reports: Sequence[str] = ()


def questions_for(person: User, state: str = "open", after: str | None = None) -> Page[ThreadView]:
    """Questions where the person teaches, newest first: those without a teacher's or an accepted answer, or all."""
    query = _own_threads(person)
    if state == "open":
        query = query.where(_is_open())
    found = page_of_threads(query, after)
    return Page(views_of(found.items, person), found.next)


def cases_for(person: User, state: str) -> list[Case]:
    """Posts that are reported, hidden or appealed for, newest first, at most LISTED; two queries."""
    query = _own_posts(person, state).options(
        joinedload(Post.author),
        joinedload(Post.thread).options(
            joinedload(Thread.course), joinedload(Thread.lesson), joinedload(Thread.class_)
        ),
    )
    posts = session().scalars(query.order_by(Post.id.desc()).limit(LISTED)).all()
    said = _reports([post.id for post in posts])
    return [Case(post, said.get(post.id, [])) for post in posts]


def counts_for(person: User) -> dict[str, int]:
    """How many of each there are; four queries."""
    threads = _own_threads(person).where(_is_open()).with_only_columns(func.count())
    counts = {"open": session().scalar(threads) or 0}
    for state in STATES[2:]:
        counts[state] = session().scalar(_own_posts(person, state).with_only_columns(func.count())) or 0
    return counts


def _is_open() -> ColumnElement[bool]:
    gone = select(Post.id).where(
        Post.thread_id == Thread.id, Post.seq == 0, or_(Post.deleted_at.is_not(None), Post.hidden_at.is_not(None))
    )
    return Thread.answered_at.is_(None) & Thread.accepted_seq.is_(None) & ~gone.exists()


def _own_threads(person: User) -> Select[Thread]:
    return select(Thread).where(_is_mine(person))


def _own_posts(person: User, state: str) -> Select[Post]:
    query = select(Post).join(Thread, Thread.id == Post.thread_id).where(_is_mine(person))
    if state == "reported":
        open_reports = select(PostReport.id).where(PostReport.post_id == Post.id, PostReport.settled_at.is_(None))
        return query.where(open_reports.exists(), Post.hidden_at.is_(None))
    if state == "appeals":
        return query.where(Post.appealed_at.is_not(None), Post.appeal_decided_at.is_(None), Post.hidden_at.is_not(None))
    return query.where(Post.hidden_at.is_not(None))


def _is_mine(person: User) -> ColumnElement[bool]:
    """Threads of courses the person teaches and of classes they hold; stewards look after all."""
    if person.has_role(Role.LIBRARIAN, Role.ADMINISTRATOR):
        return true()
    taught = select(CourseTeacher.course_id).where(CourseTeacher.user_id == person.id)
    held = select(TeachingClass.id).where(TeachingClass.owner_id == person.id)
    return or_(Thread.course_id.in_(taught), Thread.class_id.in_(held))


def _reports(post_ids: Sequence[int]) -> dict[int, list[str]]:
    query = select(PostReport.post_id, PostReport.words).where(PostReport.post_id.in_(post_ids))
    said: dict[int, list[str]] = {}
    for post_id, words in session().execute(query.order_by(PostReport.id)):
        said.setdefault(post_id, []).append(words)
    return said
