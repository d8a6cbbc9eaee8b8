"""Resources from a sheet: every row is checked first, then the good ones are written and the bad ones named.

A row is the same resource as before when its `external_id` is known; then what describes it follows the sheet, and
content that differs is named as a problem: reviewed content changes by a revision only.

For a library that moves here (`publish`), what the old system did not know is no reason to leave a resource behind:
a missing course, point or licence is a warning, and Monitor lists it (M16). What is stated must be right, though: an
unknown course, point or major is a problem. Who is named as author and has no account gets one that nobody can sign in
to, not verified and so in no figure of people.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from courseware.accounts import services as accounts
from courseware.accounts.models import Unit, User
from courseware.auditlog import services as auditlog
from courseware.core import clock
from courseware.core.database import session
from courseware.core.errors import DomainError
from courseware.core.roles import Role
from courseware.core.tables import ImportReport, Row, RowProblem, list_of, text_of
from courseware.knowledge import queries as knowledge
from courseware.knowledge.models import Point
from courseware.libraries import queries as libraries
from courseware.libraries.models import Course, Library, Major
from courseware.resources import services
from courseware.resources.assets import MAX_BYTES, WHENEVER, Checked, key_of, register, store_file
from courseware.resources.content import hash_text
from courseware.resources.models import ORIGINALITY, RESOURCE_TYPES, Asset, Resource, ResourceVersion
from courseware.resources.reasons import sentence_of
from media.errors import MediaError
from media.sniff import sniff

T = TypeVar("T")
Publish = Callable[[ResourceVersion, dt.datetime], object]

COLUMNS = {
    "编号": "external_id", "资源编号": "external_id", "id": "external_id", "标题": "title", "名称": "title", "资源名称": "title",
    "title_zh": "title", "英文标题": "title_en", "描述": "description", "简介": "description", "说明": "description",
    "description_zh": "description", "正文": "body", "内容": "body", "body_zh": "body", "类型": "type", "资源类型": "type",
    "专业": "major", "课程": "course", "知识点": "points", "技能点": "skill_points", "单位": "unit", "作者单位": "unit",
    "作者": "author", "author_name": "author", "原创性": "originality", "许可": "licence", "授权": "licence", "license": "licence", "语言": "language",
    "难度": "difficulty", "关键词": "keywords", "发布时间": "published_at", "发布日期": "published_at", "文件": "file",
    "适用对象": "audience", "audience_zh": "audience", "来源": "source", "source_zh": "source",
}  # fmt: skip
TYPES = {
    "文本": "text", "文档": "text", "演示文稿": "presentation", "课件": "presentation", "幻灯片": "presentation", "图片": "image",
    "图像": "image", "图形图像": "image", "图形（图像）": "image", "音频": "audio", "视频": "video", "微课": "video", "动画": "animation",
    "仿真": "simulation", "虚拟仿真": "simulation", "其他": "other", "其它": "other",
}  # fmt: skip
ORIGINS = {
    "原创": "original", "改编": "adapted", "转载": "third_party", "第三方": "third_party", "引用": "third_party",
    "开放许可": "open", "开放": "open", "公有领域": "open", "人工智能": "ai", "人工智能生成": "ai", "ai生成": "ai", "未知": "unknown", "不详": "unknown",
}  # fmt: skip
LANGUAGES = {
    "zh": "zh-CN",
    "cn": "zh-CN",
    "中文": "zh-CN",
    "汉语": "zh-CN",
    "zh_cn": "zh-CN",
    "zh_hans": "zh-CN",
    "英文": "en",
    "英语": "en",
    "en_us": "en",
}
UPDATABLE = (
    "title",
    "title_en",
    "description",
    "language",
    "keywords",
    "difficulty",
    "audience",
    "source",
    "course",
    "points",
)
TITLE_LIMIT = 200
UNSIGNED = "未署名"
TOLD_EVERY = 200

WORDS = {
    "missing_title": _l("The title is missing."),
    "too_long": _l("The title is longer than %(limit)s characters."),
    "unknown_type": _l("“%(value)s” is no type of resource."),
    "missing_type": _l("The type is missing."),
    "unknown_originality": _l("“%(value)s” is no kind of origin."),
    "originality_unknown": _l("What is of unknown origin cannot be published."),
    "unknown_major": _l("“%(value)s” is no major of this library."),
    "unknown_course": _l("There is no course “%(value)s” in this library."),
    "unknown_point": _l("There is no point “%(value)s” in this library."),
    "bad_difficulty": _l("Difficulty is a number from 1 to 5, not “%(value)s”."),
    "bad_date": _l("“%(value)s” is no date. Write 2026-03-01 or 2026-03-01T09:00."),
    "future_date": _l("%(value)s lies in the future."),
    "no_file": _l("There is no file “%(value)s” beside the sheet."),
    "file_refused": _l("%(value)s: %(reason)s"),
    "missing_content": _l("There is neither a text nor a file."),
    "repeated": _l("“%(value)s” stands in line %(line)s already."),
    "duplicate": _l("The same content is in the library already: “%(value)s”."),
    "content_differs": _l("The content differs from what is here. Revise the resource instead."),
    "bad_line": _l("This line cannot be read."),
    "nothing_said": _l("Not stated; the resource will be listed as incomplete."),
    "taken_third_party": _l("Not stated; taken as third-party material, which helps no figure."),
    "unknown_unit": _l("No unit “%(value)s” is known; the resource stays without a unit."),
    "provisional_author": _l("No account of “%(value)s” is known; an account without sign-in is made."),
}


@dataclass(slots=True)
class Draft:
    """A row as it was understood."""

    row: int
    external_id: str
    fields: dict[str, Any]
    body: str = ""
    file: Path | None = None
    content_hash: str = ""
    originality: str = "unknown"
    licence: str = ""
    author: str = ""
    unit: Unit | None = None
    published_at: dt.datetime | None = None
    known_id: int | None = None
    known: Resource | None = None


@dataclass(slots=True)
class ResourceReport(ImportReport):
    """An import report that also names what is only incomplete."""

    warnings: list[RowProblem] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """For JSON answers."""
        counts = {name: getattr(self, name) for name in ("rows", "created", "updated", "unchanged", "dry_run")}
        errors, warnings = ([p.as_dict() for p in some] for some in (self.problems, self.warnings))
        return {**counts, "errors": errors, "warnings": warnings}


class Reading:
    """The sheet, checked against the library and against itself."""

    def __init__(self, library: Library, beside: Path | None, is_published: bool) -> None:
        self.library, self.beside, self.is_published = library, beside, is_published
        self._files = FilesBeside(beside) if beside is not None else None
        self.problems: list[RowProblem] = []
        self.warnings: list[RowProblem] = []
        self.drafts: list[Draft] = []
        self._seen: dict[str, int] = {}
        self._points = _by_names(knowledge.points_of_library(library))
        self._courses = _by_names(libraries.courses_of(library))
        self._majors = _by_names([library.core_major, *library.served_majors])
        self._units = _by_names(session().scalars(select(Unit)).all())
        known = select(Resource.external_id, Resource.id).where(Resource.library_id == library.id)
        rows = session().execute(known.where(Resource.external_id.is_not(None)))
        self._known: dict[str, int] = {str(external_id): resource_id for external_id, resource_id in rows}

    def read(self, row: Row) -> None:
        """Understands one row; what is wrong with it is noted and the row left out."""
        before = len(self.problems)
        if row.problem is not None:
            self.problems.append(RowProblem(row.number, "", "bad_line", row.problem))
            return
        draft = self._understood(row)
        self._check_own(draft)
        if len(self.problems) == before:
            self.drafts.append(draft)

    def _understood(self, row: Row) -> Draft:
        values = row.values
        draft = Draft(row.number, text_of(values, "external_id"), {"title": self._title(row), "type": self._type(row)})
        draft.fields |= {
            n: text_of(values, n) for n in ("title_en", "description", "audience", "source") if n in values
        }
        draft.fields |= {
            "language": _language(values),
            "keywords": _keywords(values),
            "difficulty": self._difficulty(row),
        }
        draft.fields |= {"course": self._course(row), "points": self._read_points(row), "major": self._major(row)}
        draft.originality, draft.licence = self._originality(row), text_of(values, "licence")
        draft.author, draft.unit = text_of(values, "author", "author_name"), self._unit(row)
        draft.published_at = self._published_at(row)
        draft.body = "" if values.get("body") is None else str(values.get("body", ""))
        draft.file = self._file(row)
        draft.content_hash = self._content_hash(row, draft)
        draft.known_id = self._known.get(draft.external_id) if draft.external_id else None
        return draft

    def refuse(self, row: int, name: str, code: str, /, **words: Any) -> None:
        """Notes a problem."""
        self.problems.append(_problem(row, name, code, words))

    def warn(self, row: int, name: str, code: str, /, **words: Any) -> None:
        """Notes what is only incomplete."""
        self.warnings.append(_problem(row, name, code, words))

    def _title(self, row: Row) -> str:
        title = text_of(row.values, "title")
        if not title:
            self.refuse(row.number, "title", "missing_title")
        elif len(title) > TITLE_LIMIT:
            self.refuse(row.number, "title", "too_long", limit=TITLE_LIMIT)
        return title

    def _type(self, row: Row) -> str:
        given = text_of(row.values, "type")
        kind = TYPES.get(given, TYPES.get(given.removesuffix("类"), given.lower()))
        if not given:
            self.refuse(row.number, "type", "missing_type")
        elif kind not in RESOURCE_TYPES:
            self.refuse(row.number, "type", "unknown_type", value=given)
        return kind

    def _originality(self, row: Row) -> str:
        given = text_of(row.values, "originality")
        if not given:
            if self.is_published:
                self.warn(row.number, "originality", "taken_third_party")
            return "third_party" if self.is_published else "unknown"
        origin = ORIGINS.get(given.lower(), given.lower().replace("-", "_").replace(" ", "_"))
        if origin not in ORIGINALITY:
            self.refuse(row.number, "originality", "unknown_originality", value=given)
        elif origin == "unknown" and self.is_published:
            self.refuse(row.number, "originality", "originality_unknown")
        return origin

    def _course(self, row: Row) -> Course | None:
        return self._one(row, "course", self._courses, "unknown_course")

    def _major(self, row: Row) -> Major | None:
        return self._one(row, "major", self._majors, "unknown_major")

    def _one(self, row: Row, name: str, known: Mapping[str, Any], reason: str) -> Any:
        given = text_of(row.values, name)
        found = known.get(given.casefold())
        if given and found is None:
            self.refuse(row.number, name, reason, value=given)
        elif not given and self.is_published and name == "course":
            self.warn(row.number, name, "nothing_said")
        return found

    def _unit(self, row: Row) -> Unit | None:
        given = text_of(row.values, "unit")
        found: Unit | None = self._units.get(given.casefold())
        if given and found is None:
            self.warn(row.number, "unit", "unknown_unit", value=given)
        return found

    def _read_points(self, row: Row) -> list[Point]:
        found: list[Point] = []
        for name in ("points", "skill_points"):
            for given in list_of(row.values, name) or []:
                point = self._points.get(given.casefold())
                if point is None:
                    self.refuse(row.number, name, "unknown_point", value=given)
                elif point not in found:
                    found.append(point)
        if not found and self.is_published:
            self.warn(row.number, "points", "nothing_said")
        return found

    def _difficulty(self, row: Row) -> int | None:
        given = text_of(row.values, "difficulty")
        if given in ("", "1", "2", "3", "4", "5"):
            return int(given) if given else None
        self.refuse(row.number, "difficulty", "bad_difficulty", value=given)
        return None

    def _published_at(self, row: Row) -> dt.datetime | None:
        given = row.values.get("published_at")
        if given in (None, ""):
            return None
        moment = _moment(given)
        if moment is None:
            self.refuse(row.number, "published_at", "bad_date", value=given)
        elif moment > clock.now() and not _is_today(given):
            self.refuse(row.number, "published_at", "future_date", value=given)
        return min(moment, clock.now()) if moment else None

    def _file(self, row: Row) -> Path | None:
        given = text_of(row.values, "file")
        if not given:
            return None
        path = self._files.find(given) if self._files is not None else None
        if path is None:
            self.refuse(row.number, "file", "no_file", value=given)
            return None
        self._look_into(row, path)
        return path

    def _look_into(self, row: Row, path: Path) -> None:
        try:
            sniff(path, path.name)
        except MediaError as problem:
            self.refuse(row.number, "file", "file_refused", value=path.name, reason=sentence_of(problem))
        if path.stat().st_size > MAX_BYTES:
            self.refuse(row.number, "file", "file_refused", value=path.name, reason=f"> {MAX_BYTES >> 30} GB")

    def _content_hash(self, row: Row, draft: Draft) -> str:
        if draft.file is not None:
            with draft.file.open("rb") as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
        if draft.body.strip():
            return hash_text(draft.body)
        says_something = draft.fields.get("description") or text_of(row.values, "file")
        if self.is_published and draft.fields.get("type") == "text" and not says_something:
            self.refuse(row.number, "body", "missing_content")
        return _stands_elsewhere(draft) if self.is_published else ""

    def _check_own(self, draft: Draft) -> None:
        """A row against the rows before it, and against what is stored under its number."""
        for name, key in (("external_id", draft.external_id), ("body", draft.content_hash)):
            if key and f"{name}:{key}" in self._seen:
                value = draft.external_id if name == "external_id" else draft.fields["title"]
                self.refuse(draft.row, name, "repeated", value=value, line=self._seen[f"{name}:{key}"])
            elif key:
                self._seen[f"{name}:{key}"] = draft.row
        if self.is_published and not draft.licence:
            self.warn(draft.row, "licence", "nothing_said")

    def finish(self) -> None:
        """What is asked for all rows at once: which resources are known, and which content is here already (R23)."""
        self._find_known()
        self._refuse_other_content()
        self._refuse_copies()

    def warn_of_authors(self) -> None:
        """Names the rows whose author has no account; one is made for them when they are written."""
        known = _known_authors({draft.author for draft in self.drafts if draft.author})
        for draft in self.drafts:
            if draft.author and draft.author not in known and draft.known_id is None:
                self.warn(draft.row, "author", "provisional_author", value=draft.author)

    def _find_known(self) -> None:
        wanted = [d.known_id for d in self.drafts if d.known_id is not None]
        found: dict[int, Resource] = {}
        for some in _batches(wanted):
            query = select(Resource).where(Resource.id.in_(some)).options(selectinload(Resource.points))
            found |= {resource.id: resource for resource in session().scalars(query)}
        for draft in self.drafts:
            draft.known = found.get(draft.known_id or 0)

    def _refuse_other_content(self) -> None:
        hashes = _hashes_of([d.known_id for d in self.drafts if d.known_id is not None])
        good = []
        for draft in self.drafts:
            if draft.known_id is not None and draft.content_hash not in hashes.get(draft.known_id, set()):
                self.refuse(draft.row, "body", "content_differs")
            else:
                good.append(draft)
        self.drafts = good

    def _refuse_copies(self) -> None:
        taken = _taken(self.library, [d.content_hash for d in self.drafts if d.content_hash])
        good = []
        for draft in self.drafts:
            other = taken.get(draft.content_hash)
            if other is not None and other[0] != draft.known_id:
                self.refuse(draft.row, "body", "duplicate", value=other[1])
            else:
                good.append(draft)
        self.drafts = good


class FilesBeside:
    """The files that lie beside a sheet, found as people write them: with / or \\, in folders, or by name alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()

    def find(self, given: str) -> Path | None:
        """The file meant, below the folder and nowhere else; None where there is none, or several of one name."""
        written = unicodedata.normalize("NFC", given.replace("\\", "/")).lstrip("./")
        path = (self.folder / written).resolve()
        if path.is_relative_to(self.folder) and path.is_file():
            return path
        same = self._by_name.get(written.rsplit("/", 1)[-1].casefold(), [])
        return same[0] if len(same) == 1 and "/" not in written else None

    @cached_property
    def _by_name(self) -> dict[str, list[Path]]:
        found: dict[str, list[Path]] = {}
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                found.setdefault(unicodedata.normalize("NFC", path.name).casefold(), []).append(path)
        return found


def check_rows(
    library: Library,
    rows: Iterable[Row],
    *,
    beside: Path | None = None,
    is_published: bool = False,
    told: Callable[[int], None] | None = None,
) -> Reading:
    """The sheet understood: `drafts` are the good rows, `problems` and `warnings` name the others. Writes nothing.

    `told` hears now and then how many rows were read.
    """
    reading = Reading(library, beside, is_published)
    for number, row in enumerate(rows, start=1):
        reading.read(row)
        if told is not None and number % TOLD_EVERY == 0:
            told(number)
    reading.finish()
    reading.problems.sort(key=lambda problem: problem.row)
    reading.warnings.sort(key=lambda problem: problem.row)
    return reading


def import_resources(
    library: Library,
    rows: Iterable[Row],
    *,
    beside: Path | None = None,
    publish: Publish | None = None,
    dry_run: bool = False,
) -> ResourceReport:
    """Checks all rows, then writes the good ones: as drafts, or published as imported through `publish`.

    `beside` is the folder in which files of the sheet lie. A dry run writes nothing. The caller answers for the right.
    """
    given = list(rows)
    reading = check_rows(library, given, beside=beside, is_published=publish is not None)
    report = ResourceReport(rows=len(given), dry_run=dry_run, problems=reading.problems, warnings=reading.warnings)
    writing = Writing(library, reading, publish)
    for draft in reading.drafts:
        _count(report, writing.write(draft) if not dry_run else would(draft))
    report.problems.sort(key=lambda problem: problem.row)
    if not dry_run:
        auditlog.record(
            "resource.import", None, about=library, details={"created": report.created, "updated": report.updated}
        )
    return report


class Writing:
    """Writing the good rows, each for itself: one that a rule refuses after all takes no other with it.

    `actor` is the author of rows that name none; without one it is an account for what nobody signed.
    """

    def __init__(
        self, library: Library, reading: Reading, publish: Publish | None = None, actor: User | None = None
    ) -> None:
        self.library, self.reading, self.publish, self.actor = library, reading, publish, actor
        self.brought: dict[Path, Checked] = {}
        self._authors: dict[str, User] = {}

    def write(self, draft: Draft) -> str:
        """Writes a row: "created", "updated", "unchanged", or "" when a rule refuses it (noted as a problem).

        Afterwards `draft.known` is the resource of the row.
        """
        try:
            with session().begin_nested():
                return self._update(draft, draft.known) if draft.known is not None else self._create(draft)
        except DomainError as refused:
            self.reading.problems.append(
                RowProblem(draft.row, "file" if draft.file else "", refused.code, refused.sentence())
            )
            return ""

    def _create(self, draft: Draft) -> str:
        author = self._author(draft)
        asset = self._asset(draft.file, author) if draft.file is not None else None
        fields = {name: value for name, value in draft.fields.items() if value not in (None, [], "")}
        resource = services.create_resource(
            author, self.library, asset=asset, body=draft.body, content_hash=draft.content_hash, originality=draft.originality,
            licence=draft.licence, unit=draft.unit, external_id=draft.external_id or None, is_imported=self.publish is not None, **fields,
        )  # fmt: skip
        if self.publish is not None and resource.draft_version is not None:
            self.publish(resource.draft_version, draft.published_at or clock.now())
        draft.known = resource
        return "created"

    def _asset(self, file: Path, author: User) -> Asset:
        checked = self.brought.get(file)
        if checked is None:
            return store_file(file, file.name, author)
        return register(author, checked, file.name, key_of(checked.sha256), priority=WHENEVER)

    def _update(self, draft: Draft, known: Resource) -> str:
        changed = changes(draft, known)
        if not changed:
            return "unchanged"
        services.edit_metadata(self._author(draft), known, changed)
        return "updated"

    def _author(self, draft: Draft) -> User:
        if draft.known is not None:
            return draft.known.author
        if not draft.author and self.actor is not None:
            return self.actor
        name = draft.author or UNSIGNED
        if name not in self._authors:
            self._authors[name] = _account_of(name) or self._provisional(draft, name)
        return self._authors[name]

    def _provisional(self, draft: Draft, name: str) -> User:
        self.reading.warn(draft.row, "author", "provisional_author", value=name)
        digest = hashlib.sha256(name.encode()).hexdigest()[:20]
        key = f"imported-{digest}"
        return accounts.create_user(
            f"{key}@import.invalid", name, unit=draft.unit, roles=[Role.TEACHER], key=key, verified=False
        )


def _account_of(name: str) -> User | None:
    """The account meant by a key, an address or a name; several people of one name are nobody."""
    digest = hashlib.sha256(name.encode()).hexdigest()[:20]
    exact = select(User).where((User.key == name) | (User.email == name.lower()) | (User.key == f"imported-{digest}"))
    found = session().scalar(exact.limit(1))
    if found is not None:
        return found
    same = session().scalars(select(User).where(User.name == name, User.closed_at.is_(None)).limit(2)).all()
    return same[0] if len(same) == 1 and same[0].has_role(Role.TEACHER) else None


def _known_authors(names: Iterable[str]) -> set[str]:
    """Those of `names` that mean an account, as `_account_of` finds it; two queries for five hundred names."""
    found: set[str] = set()
    for some in _batches(sorted(names)):
        digests = {f"imported-{hashlib.sha256(name.encode()).hexdigest()[:20]}": name for name in some}
        exact = select(User.key, User.email).where(
            User.key.in_([*some, *digests]) | User.email.in_([name.lower() for name in some])
        )
        seen = {value for row in session().execute(exact) for value in row}
        found |= {name for name in some if name in seen or name.lower() in seen} | {
            digests[k] for k in digests if k in seen
        }
        same: dict[str, list[User]] = {}
        for user in session().scalars(select(User).where(User.name.in_(some), User.closed_at.is_(None))):
            same.setdefault(user.name, []).append(user)
        found |= {name for name, users in same.items() if len(users) == 1 and users[0].has_role(Role.TEACHER)}
    return found


def _problem(row: int, name: str, reason: str, words: Mapping[str, Any]) -> RowProblem:
    return RowProblem(row, name, reason, str(WORDS[reason]) % words if words else WORDS[reason])


def _by_names(things: Iterable[Any]) -> dict[str, Any]:
    """Things by code, key and name, whatever the case; what is more exact wins."""
    known: dict[str, Any] = {}
    all_things = list(things)
    for attribute in ("name_en", "name", "code", "key"):
        known |= {str(value).casefold(): t for t in all_things if (value := getattr(t, attribute, ""))}
    aliases = {alias.name.casefold(): t for t in all_things for alias in getattr(t, "aliases", ())}
    return {**aliases, **known}


def _language(values: Mapping[str, Any]) -> str:
    given = text_of(values, "language")
    return LANGUAGES.get(given.lower().replace("-", "_"), given) or "zh-CN"


def _keywords(values: Mapping[str, Any]) -> list[str]:
    return [word for word in (list_of(values, "keywords") or []) if word]


def _moment(given: Any) -> dt.datetime | None:
    """An instant; a time without a zone is Shanghai time, a date alone is its end (metrics.md)."""
    if isinstance(given, dt.datetime):
        return _with_zone(given) if given.time() != dt.time() else clock.end_of_day(given.date())
    if isinstance(given, dt.date):
        return clock.end_of_day(given)
    text = str(given).strip().replace("/", "-").replace("Z", "+00:00")
    try:
        return (
            clock.end_of_day(dt.date.fromisoformat(text))
            if len(text) <= 10
            else _with_zone(dt.datetime.fromisoformat(text))
        )
    except ValueError:
        return None


def _with_zone(moment: dt.datetime) -> dt.datetime:
    return (
        moment.astimezone(dt.UTC) if moment.tzinfo else moment.replace(tzinfo=clock.REPORTING_ZONE).astimezone(dt.UTC)
    )


def _is_today(given: Any) -> bool:
    """Whether it is today's date, whose end has not come yet."""
    moment = _moment(given)
    today = clock.end_of_day(clock.now().astimezone(clock.REPORTING_ZONE).date())
    return moment == today


def _stands_elsewhere(draft: Draft) -> str:
    """The fingerprint of an imported resource whose file is not here: by its number in the old system, or what it says."""
    text = draft.external_id or "\0".join((draft.fields["title"], str(draft.fields.get("description", ""))))
    return hashlib.sha256(b"imported\0" + text.encode()).hexdigest()


def _hashes_of(ids: Sequence[int]) -> dict[int, set[str]]:
    """The fingerprints of all versions, by resource."""
    found: dict[int, set[str]] = {}
    for some in _batches(ids):
        query = select(ResourceVersion.resource_id, ResourceVersion.content_hash)
        for resource_id, content_hash in session().execute(query.where(ResourceVersion.resource_id.in_(some))):
            found.setdefault(resource_id, set()).add(content_hash)
    return found


def _batches(things: Sequence[T]) -> Iterator[Sequence[T]]:
    yield from (things[at : at + 500] for at in range(0, len(things), 500))


def _taken(library: Library, hashes: Sequence[str]) -> dict[str, tuple[int, str]]:
    found: dict[str, tuple[int, str]] = {}
    query = select(ResourceVersion.content_hash, Resource.id, Resource.title).join(
        Resource, Resource.id == ResourceVersion.resource_id
    )
    for some in _batches(hashes):
        part = query.where(Resource.library_id == library.id, ResourceVersion.content_hash.in_(some))
        found |= {content_hash: (resource_id, title) for content_hash, resource_id, title in session().execute(part)}
    return found


def changes(draft: Draft, known: Resource) -> dict[str, Any]:
    """What the row says otherwise than the resource it names."""
    given = {name: draft.fields[name] for name in UPDATABLE if draft.fields.get(name) not in (None, [], "")}
    return {name: value for name, value in given.items() if _current(known, name) != value}


def _current(known: Resource, name: str) -> Any:
    value = getattr(known, name)
    return list(value) if name in ("points", "keywords") else value


def would(draft: Draft) -> str:
    """What writing the row would do."""
    if draft.known is None:
        return "created"
    return "updated" if changes(draft, draft.known) else "unchanged"


def _count(report: ResourceReport, outcome: str) -> None:
    if outcome:
        setattr(report, outcome, getattr(report, outcome) + 1)
