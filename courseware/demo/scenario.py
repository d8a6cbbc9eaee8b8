"""Replays dated actions through the real services with the clock set to each (scenario.md).

A line that the rules refuse leaves nothing behind but its reason; the replay goes on. What each `do` means is in
`scenario_steps`, one small function each.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError

from courseware.accounts.models import User
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import DomainError, Invalid
from courseware.core.unit_of_work import unit_of_work
from courseware.demo.scenario_errors import BadLine, HoldsRealAccounts, KeyUsed
from courseware.demo.scenario_steps import STEPS
from courseware.demo.scenario_story import Line, Props, Story
from courseware.monitoring import services as monitoring
from courseware.resources.errors import DuplicateContent, SameContent
from courseware.resources.services import note_refusal

BATCH = 1000


@dataclass(slots=True)
class Summary:
    """What a replay did: `refused` names line, action and reason of whatever the rules turned down."""

    lines: int = 0
    done: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)
    ended_at: dt.datetime | None = None

    def as_dict(self) -> dict[str, Any]:
        """The answer of scenario.md."""
        return {"lines": self.lines, "done": self.done, "refused": self.refused}


def replay_file(path: Path) -> Summary:
    """Replays a file; files that its lines name lie beside it. Raises HoldsRealAccounts, BadLine for no text at all."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadLine(reason=_l("the file cannot be read as UTF-8 text")) from error
    return replay(text.splitlines(), base=path.resolve().parent)


def replay(lines: Iterable[str], *, base: Path | None = None, props: Props | None = None) -> Summary:
    """Replays JSON lines in their order; figures are shown as of the last line from then on.

    Commits in batches. Raises HoldsRealAccounts before anything is done.
    """
    refuse_real_accounts()
    story, summary = Story(base, props), Summary()
    numbered = [(number, text) for number, text in enumerate(lines, 1) if text.strip()]
    try:
        for start in range(0, len(numbered), BATCH):
            with unit_of_work():
                for number, text in numbered[start : start + BATCH]:
                    _perform(story, summary, number, text)
                monitoring.hold_clock(summary.ended_at)
    finally:
        clock.set_clock(None)
    return summary


def refuse_real_accounts() -> None:
    """A scenario may only meet scenario and demonstration data."""
    if session().scalar(select(exists().where(User.is_demo.is_(False)))):
        raise HoldsRealAccounts()


def _perform(story: Story, summary: Summary, number: int, text: str) -> None:
    summary.lines += 1
    line: Line | None = None
    try:
        line = _parse(number, text)
        clock.set_clock(line.at)
        summary.ended_at = line.at
        _carry_out(story, line)
        summary.done += 1
    except DomainError as error:
        if isinstance(error, DuplicateContent | SameContent):
            note_refusal(error)
        if line is not None:
            story.refuse(line)
        name = line.do if line else ""
        summary.refused.append({"line": number, "do": name, "reason": reason_of(error), "code": error.code})


def _carry_out(story: Story, line: Line) -> None:
    """One step, whole or not at all. Raises KeyUsed for what an earlier replay made under the same name."""
    try:
        with session().begin_nested():
            STEPS[line.do](story, line)
    except IntegrityError as error:
        raise KeyUsed(key=line.text("key", line.do)) from error


def reason_of(error: DomainError) -> str:
    """One sentence, with every problem where there are several."""
    problems = error.problems if isinstance(error, Invalid) else {}
    details = [f"{name}: {problem}" for name, many in problems.items() for problem in many]
    return " ".join([error.sentence(), *details])


def _parse(number: int, text: str) -> Line:
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadLine(reason=_l("it is no JSON")) from error
    if not isinstance(fields, Mapping):
        raise BadLine(reason=_l("it is no JSON object"))
    line = Line(number, str(fields.get("do", "")), _moment(fields.get("at")), dict(fields))
    if line.do not in STEPS:
        raise BadLine(reason=_l("“%(do)s” is no action", do=line.do))
    return line


def _moment(value: Any) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(str(value))
    except ValueError as error:
        raise BadLine(reason=_l("“at” is no time in ISO 8601")) from error
    if moment.tzinfo is None:
        raise BadLine(reason=_l("“at” has no offset"))
    return moment
