"""OneRoster CSV, versions 1.1 and 1.2 (1EdTech): a zip of orgs.csv, users.csv and, from 1.2 on, roles.csv.

1.1 says role and schools of a person in users.csv, 1.2 in roles.csv. Whoever is neither student nor teacher (parents,
aides …) and what is marked "tobedeleted" is left out and counted. An account that is switched off stays on the list:
only the school says who left.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _l

from courseware.core.tables import decode
from courseware.monitoring.rosters.people import (
    EMAIL,
    LIMIT,
    STUDENT,
    TEACHER,
    Listed,
    Reading,
    RosterUnreadable,
    day_of,
    folded,
)

LARGEST = 64 * 1024 * 1024
VERSIONS = ("1.1", "1.2")
ROLES = {"student": STUDENT, "teacher": TEACHER}
Line = Mapping[str, str]


def read(path: Path, unit_names: tuple[str, ...], census: Any = None) -> Reading:
    """The students and teachers of one school. Raises RosterUnreadable, TableUnreadable."""
    tables = _tables(path)
    version = _version(path, tables)
    orgs = _orgs_of(path, tables["orgs"], unit_names)
    reading = Reading(f"OneRoster {version}")
    roles = _roles_12(tables, census) if version == "1.2" else _roles_11(tables["users"])
    for row, user in enumerate(tables["users"], start=2):
        _take(reading, row, user, roles.get(_id(user), []), orgs)
    return reading


def _take(reading: Reading, row: int, user: Line, roles: Iterable[tuple[str, str]], orgs: frozenset[str]) -> None:
    here = {ROLES.get(role, "") for role, org in roles if not orgs or org in orgs} - {""}
    if not here or _is_gone(user):
        reading.left_out += 1
        return
    email = user.get("email", "").strip().lower()
    email = "" if email == "null" else email
    if email and not EMAIL.fullmatch(email):
        reading.remark(row, "email", "bad_email", _l("“%(email)s” is no e-mail address.", email=email))
        email = ""
    name, number = _name(user), _first(user, "identifier", "userMasterIdentifier", "username", "sourcedId")
    reading.people += [Listed(row, role, name, number, email) for role in sorted(here)]


def _name(user: Line) -> str:
    """Family name first and together where it is Chinese, as people write it."""
    given, family = _first(user, "givenName"), _first(user, "familyName")
    return f"{given} {family}".strip() if (given + family).isascii() else f"{family}{given}"


def _first(user: Line, *names: str) -> str:
    values = (user.get(name, "").strip() for name in names)
    return next((value for value in values if value and value.upper() != "NULL"), "")


def _roles_11(users: Iterable[Line]) -> dict[str, list[tuple[str, str]]]:
    return {
        _id(user): [(user.get("role", "").strip().lower(), org) for org in _list(user.get("orgSourcedIds", "")) or [""]]
        for user in users
    }


def _roles_12(tables: Mapping[str, list[Line]], census: Any) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for line in tables.get("roles", []):
        if not _is_gone(line) and _holds_on(line, census):
            role = line.get("role", "").strip().lower()
            found[line.get("userSourcedId", "").strip()].append((role, line.get("orgSourcedId", "").strip()))
    return found


def _holds_on(line: Line, census: dt.date | None) -> bool:
    """Whether the role was held at the end of the census day: left before it is out (M12)."""
    begin, end = (day_of(line.get(name, "")) for name in ("beginDate", "endDate"))
    return census is None or ((begin is None or begin <= census) and (end is None or end >= census))


def _orgs_of(path: Path, orgs: list[Line], unit_names: tuple[str, ...]) -> frozenset[str]:
    """The school and everything below it; empty where the file is about one school only."""
    living = [org for org in orgs if not _is_gone(org)]
    schools = [org for org in living if org.get("type", "").strip().lower() == "school"]
    if len(schools) <= 1:
        return frozenset()
    wanted = {folded(name) for name in unit_names if name}
    ours = {
        _id(org) for org in schools if wanted & {folded(org.get(n, "")) for n in ("name", "identifier", "sourcedId")}
    }
    if len(ours) != 1:
        named = ", ".join(org.get("name", "") for org in schools[:6])
        reason = _l("it holds %(count)s schools (%(named)s), and not one of them is called as the unit.", count=len(schools), named=named)  # fmt: skip
        raise RosterUnreadable(name=path.name, reason=reason)
    return frozenset(_with_those_below(ours, living))


def _with_those_below(found: set[str], orgs: Iterable[Line]) -> set[str]:
    """Departments of the school; other schools below it are schools of their own."""
    below = {
        _id(o): o.get("parentSourcedId", "").strip() for o in orgs if o.get("type", "").strip().lower() != "school"
    }
    while more := {org for org, parent in below.items() if parent in found} - found:
        found |= more
    return found


def _version(path: Path, tables: Mapping[str, list[Line]]) -> str:
    said = {line.get("propertyName", ""): line.get("value", "") for line in tables["manifest"]}
    version = said.get("oneroster.version", "")
    if version not in VERSIONS:
        raise _unreadable(path, _l("it is OneRoster “%(version)s”; 1.1 and 1.2 are read.", version=version or "?"))
    if version == "1.2" and "roles" not in tables:
        raise _unreadable(path, _l("%(file)s is missing.", file="roles.csv"))
    return version


def _tables(path: Path) -> dict[str, list[Line]]:
    try:
        with zipfile.ZipFile(path) as archive:
            inside = {Path(info.filename).name.lower(): info for info in archive.infolist()}
            found = {
                name: _table(path, archive, inside[f"{name}.csv"])
                for name in ("manifest", "orgs", "users", "roles")
                if f"{name}.csv" in inside
            }
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, csv.Error) as error:
        raise _unreadable(path, _l("it is damaged, or protected by a password.")) from error
    for name in ("manifest", "orgs", "users"):
        if name not in found:
            raise _unreadable(path, _l("%(file)s is missing.", file=f"{name}.csv"))
    return found


def _table(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> list[Line]:
    """The lines of one file of the zip; never more than LARGEST bytes, whatever the zip says of itself."""
    with archive.open(info) as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise _unreadable(path, _l("%(file)s is larger than 64 MB.", file=info.filename))
    lines: list[Line] = []
    for line in csv.DictReader(io.StringIO(decode(info.filename, content), newline="")):
        lines.append({str(name).strip(): value for name, value in line.items() if isinstance(value, str)})
        if len(lines) > 4 * LIMIT:
            raise _unreadable(path, _l("it has more than %(limit)s lines. Divide it.", limit=4 * LIMIT))
    return lines


def _unreadable(path: Path, reason: Any) -> RosterUnreadable:
    return RosterUnreadable(name=path.name, reason=reason)


def _id(line: Line) -> str:
    return line.get("sourcedId", "").strip()


def _is_gone(line: Line) -> bool:
    return line.get("status", "").strip().lower() == "tobedeleted"


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
