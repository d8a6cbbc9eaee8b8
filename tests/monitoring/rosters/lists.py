"""What the tests of rosters write into their files, and taking a file in one step."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from courseware.accounts import services as accounts
from courseware.accounts.models import Unit, User
from courseware.libraries.models import Library
from courseware.monitoring.models import Roster
from courseware.monitoring.rosters import services
from courseware.monitoring.rosters.reading import read_roster

CENSUS, YEAR_BEFORE = dt.date(2026, 10, 31), dt.date(2025, 10, 31)
HEAD = "姓名,学号,邮箱,身份\n"


def student(school: Unit, name: str, number: str | None = None) -> User:
    return accounts.create_user(f"{number or name}@example.org", name, unit=school, roles=["student"], key=number)


def take(
    library: Library, school: Unit, path: Path, day: dt.date = CENSUS, actor: User | None = None, *, meant: bool = False
) -> Roster:
    shown = services.preview(library, school, day, read_roster(path))
    return services.take(library, school, day, path.name, shown, actor, is_loss_meant=meant)
