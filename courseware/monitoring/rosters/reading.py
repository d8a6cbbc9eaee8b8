"""Reads a roster from csv, xlsx or an OneRoster 1.1/1.2 zip; which one it is shows in the content."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _l

from courseware.core.tables import Row, Sheet, read_sheet, text_of
from courseware.monitoring.rosters import oneroster
from courseware.monitoring.rosters.people import EMAIL, LIMIT, Listed, Reading, RosterUnreadable, day_of, role_of, tidy

COLUMNS = {
    "姓名": "name", "名字": "name", "学生姓名": "name", "教师姓名": "name", "name": "name", "full_name": "name",
    "fullname": "name", "firstname": "given", "first_name": "given", "givenname": "given", "given_name": "given",
    "名": "given", "lastname": "family", "last_name": "family", "familyname": "family", "surname": "family", "姓": "family",
    "学号": "number", "工号": "number", "学工号": "number", "学号/工号": "number", "编号": "number", "证号": "number",
    "number": "number", "student_number": "number", "staff_number": "number", "id_number": "number", "idnumber": "number",
    "username": "number", "账号": "number", "邮箱": "email", "电子邮箱": "email", "电子邮件": "email", "e-mail": "email",
    "email": "email", "mail": "email", "身份": "role", "角色": "role", "类别": "role", "人员类别": "role", "role": "role",
    "普查日": "census", "普查日期": "census", "统计日期": "census", "统计时点": "census", "census": "census",
    "census_date": "census", "census_day": "census",
}  # fmt: skip


def read_roster(path: Path, role: str = "", unit_names: tuple[str, ...] = (), census: Any = None) -> Reading:
    """Everybody the file lists, and what is wrong with which line.

    `role` (student, teacher) stands in where the file has no such column. Of an OneRoster file with several schools
    only the one called as in `unit_names` is read, as it was on the day `census`. Raises TableUnreadable,
    RosterUnreadable.
    """
    reading = _read(path, role, unit_names, census)
    with path.open("rb") as file:
        reading.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return tidy(reading)


def _read(path: Path, role: str, unit_names: tuple[str, ...], census: Any) -> Reading:
    if _is_oneroster(path):
        return oneroster.read(path, unit_names, census)
    return _from_sheet(path, read_sheet(path, COLUMNS, LIMIT), role)


def _is_oneroster(path: Path) -> bool:
    """Whether it is a zip and no workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            return not any(name.startswith("xl/") for name in archive.namelist())
    except (zipfile.BadZipFile, OSError):
        return False


def _from_sheet(path: Path, sheet: Sheet, role: str) -> Reading:
    if not sheet.rows:
        return Reading("sheet")
    if not sheet.columns & {"name", "given", "family", "number", "email"}:
        reason = _l("no column says who it is. Call one “姓名” (name), “学号” (number) or “邮箱” (email).")
        raise RosterUnreadable(name=path.name, reason=reason)
    if "role" not in sheet.columns and not role:
        reason = _l("no column says who is a student and who a teacher (“身份”). Add it, or say that all are one.")
        raise RosterUnreadable(name=path.name, reason=reason)
    reading = Reading("sheet")
    for row in sheet.rows:
        _take_row(reading, row, role)
    return reading


def _take_row(reading: Reading, row: Row, role: str) -> None:
    if row.problem:
        reading.refuse(row.number, "", "broken_line", row.problem)
        return
    _note_day(reading, row)
    person = _person(row, role)
    if _is_sound(reading, person, row.values):
        reading.people.append(person)


def _person(row: Row, role: str) -> Listed:
    given = text_of(row.values, "role")
    parts = (text_of(row.values, "family"), text_of(row.values, "given"))
    gap = " " if all(part.isascii() for part in parts) and all(parts) else ""
    name = text_of(row.values, "name") or (" ".join(reversed(parts)) if gap else "".join(parts))
    return Listed(
        row.number, role_of(given) if given else role, name, text_of(row.values, "number"),
        text_of(row.values, "email").lower(),
    )  # fmt: skip


def _is_sound(reading: Reading, person: Listed, values: Mapping[str, Any]) -> bool:
    if not person.label:
        reading.refuse(person.row, "name", "no_person", _l("This line names nobody: neither name, number nor e-mail."))
    elif not person.role:
        word = text_of(values, "role")
        sentence = (
            _l("“%(word)s” is neither student nor teacher. Write 学生 or 教师.", word=word)
            if word
            else _l("Is it a student or a teacher? The cell is empty.")
        )
        reading.refuse(person.row, "role", "unknown_role", sentence)
    elif person.email and not EMAIL.fullmatch(person.email):
        sentence = _l("“%(email)s” is no e-mail address.", email=person.email)
        reading.refuse(person.row, "email", "bad_email", sentence)
    else:
        return True
    return False


def _note_day(reading: Reading, row: Row) -> None:
    given = row.values.get("census")
    if given in (None, ""):
        return
    day = day_of(given)
    if day is None:
        sentence = _l("“%(text)s” is no date. Write 2026-10-31.", text=given)
        reading.refuse(row.number, "census", "bad_date", sentence)
    else:
        reading.days.setdefault(day, row.number)
