"""Quick questions to the class: asked, answered once a person, shown when the teacher says so (R53)."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError

from courseware.accounts.models import User
from courseware.catalog.models import Lesson
from courseware.classes import policy
from courseware.classes.errors import AnsweredAlready, NotInClass, PollClosed
from courseware.classes.models import POLL_KINDS, Poll, PollAnswer, TeachingClass
from courseware.classes.services.classes import require_going
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import Invalid

QUESTION_CHARS, OPTION_CHARS, WORD_CHARS, MOST_OPTIONS = 300, 120, 40, 8
SCALE = ("1", "2", "3", "4", "5")
FIXED = {"true_false": ("1", "0"), "scale": SCALE}
ONE_CHOICE = ("single", "true_false", "scale")


def ask(
    actor: User,
    klass: TeachingClass,
    kind: str,
    question: str,
    options: Sequence[str] = (),
    lesson: Lesson | None = None,
) -> Poll:
    """Puts a question to the class; it is open at once, and its results are hidden. Raises Invalid, ClassEnded."""
    policy.require_lead(actor, klass)
    require_going(klass)
    choices = list(dict.fromkeys(option.strip() for option in options if option.strip()))
    choices = choices if kind in ("single", "multiple") else []
    if problems := _problems(kind, question.strip(), choices):
        raise Invalid(problems)
    made = Poll(
        class_id=klass.id, lesson_id=lesson.id if lesson is not None else None, kind=kind, question=question.strip(),
        options=choices, asked_by_id=actor.id, opened_at=clock.now(),
    )  # fmt: skip
    session().add(made)
    session().flush()
    return made


def show_results(actor: User, poll: Poll, *, are_shown: bool) -> None:
    """Learners see the counts from now on, or no longer."""
    policy.require_lead(actor, poll.teaching_class)
    poll.shown_at = clock.now() if are_shown else None
    session().flush()


def set_open(actor: User, poll: Poll, *, is_open: bool) -> None:
    """Takes answers, or no more. Raises ClassEnded."""
    policy.require_lead(actor, poll.teaching_class)
    if is_open:
        require_going(poll.teaching_class)
    poll.closed_at = None if is_open else poll.closed_at or clock.now()
    session().flush()


def answer(user: User, poll: Poll, chosen: Sequence[str]) -> PollAnswer:
    """Takes the person's answer, once: of two at the same moment the first counts.

    `chosen`: numbers of options from 0 as text, "1" or "0" for true and false, "1" to "5", or the words.
    Raises NotInClass, PollClosed, Invalid, AnsweredAlready.
    """
    if not policy.is_member(user, poll.teaching_class):
        raise NotInClass()
    if poll.closed_at is not None:
        raise PollClosed()
    given = sound_answer(poll.kind, len(poll.options), chosen)
    row = PollAnswer(poll_id=poll.id, user_id=user.id, chosen=given, at=clock.now())
    try:
        with session().begin_nested():
            session().add(row)
    except IntegrityError as twice:
        raise AnsweredAlready() from twice
    return row


def sound_answer(kind: str, options: int, chosen: Sequence[str]) -> list[str]:
    """The answer as it is kept; raises Invalid for what the question does not offer."""
    if kind == "words":
        words = " ".join(" ".join(chosen).split())[:WORD_CHARS]
        if not words:
            raise Invalid({"answer": [_l("Write one or a few words.")]})
        return [words]
    known = FIXED.get(kind) or tuple(str(number) for number in range(options))
    given = [one for one in known if one in chosen]
    if not given or len(set(chosen)) != len(given) or (kind in ONE_CHOICE and len(given) != 1):
        raise Invalid(
            {"answer": [_l("Choose one of the answers.") if kind in ONE_CHOICE else _l("Choose at least one.")]}
        )
    return given


def _problems(kind: str, question: str, choices: Sequence[str]) -> dict[str, list[object]]:
    problems: dict[str, list[object]] = {}
    if kind not in POLL_KINDS:
        problems["kind"] = [_l("Choose a kind of question.")]
    if not question or len(question) > QUESTION_CHARS:
        problems["question"] = [_l("Ask in at most %(chars)s characters.", chars=QUESTION_CHARS)]
    if kind in ("single", "multiple") and not 2 <= len(choices) <= MOST_OPTIONS:
        problems["options"] = [_l("Give 2 to %(most)s different answers, one a line.", most=MOST_OPTIONS)]
    if any(len(choice) > OPTION_CHARS for choice in choices):
        problems["options"] = [_l("An answer has at most %(chars)s characters.", chars=OPTION_CHARS)]
    return problems
