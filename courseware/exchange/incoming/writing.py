"""An outline becomes drafts: a lesson and its resources at a time, each whole or not at all.

What is made is noted beside it in the same transaction, so that a stopped import goes on behind it and its undo finds it.
Files pass the gate and reach the store before the transaction begins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from sqlalchemy import select

from courseware.accounts.models import User
from courseware.catalog import services as catalog
from courseware.catalog.models import Lesson, Module
from courseware.core.database import session
from courseware.core.errors import DomainError, Invalid
from courseware.core.unit_of_work import unit_of_work
from courseware.exchange.incoming.archive import PackageFiles
from courseware.exchange.incoming.outline import Incoming, LessonOutline, ModuleOutline, Outline, Remark
from courseware.exchange.models import CourseImport, ImportedPart
from courseware.resources import assets, ledger, ranges, services
from courseware.resources.content import hash_content
from courseware.resources.models import Resource, ResourceVersion
from courseware.resources.words import LICENCES
from media.errors import UnsafeFile

CAPTION_BYTES = 2 << 20
Item = dict[str, object]


@dataclass(slots=True)
class Writing:
    """The writing of one import. `brought` are files that passed the gate, by their name in the package."""

    import_id: int
    files: PackageFiles
    outline: Outline
    folder: Path
    brought: dict[str, assets.Checked] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)

    def bring(self, lesson: LessonOutline) -> None:
        """Gate and store for the files of a lesson. What is refused is noted and left out."""
        for item in lesson.items:
            if item.file and item.file not in self.brought:
                self._bring(item, lesson.title)

    def write(self, path: str, module: ModuleOutline, lesson: LessonOutline) -> None:
        """Makes the lesson at `path` in a transaction of its own, its module before it where it is the first."""
        with unit_of_work():
            incoming = session().get_one(CourseImport, self.import_id)
            if self._part("lesson", path) is not None:
                return
            row = self._module(incoming, path.split(".")[0], module)
            made = catalog.create_lesson(incoming.actor, row, lesson.title)
            items = [found for item in lesson.items if (found := self._item(incoming, item, lesson.title)) is not None]
            draft = catalog.save_draft(incoming.actor, made, items, introduction=lesson.introduction[:4000])
            self._note("lesson", path, made, draft.revision)

    def write_empty(self, path: str, module: ModuleOutline) -> None:
        """Makes a module that holds no lesson."""
        with unit_of_work():
            self._module(session().get_one(CourseImport, self.import_id), path, module)

    # --- rows ----------------------------------------------------------------------------------------------------------

    def _module(self, incoming: CourseImport, path: str, module: ModuleOutline) -> Module:
        part = self._part("module", path)
        known = session().scalar(select(Module).where(Module.uuid == part.made_uuid)) if part is not None else None
        if known is not None:
            return known
        made = catalog.add_module(incoming.actor, incoming.course, module.title)
        if part is None:
            self._note("module", path, made)
        else:
            part.made_uuid = made.uuid  # somebody deleted it while the import was stopped
        return made

    def _item(self, incoming: CourseImport, item: Incoming, where: str) -> Item | None:
        if item.kind != "resource":
            return {"kind": item.kind, "title": item.title, "text": item.text, "url": item.url}
        resource = self._resource(incoming, item, where)
        return None if resource is None else {"kind": "resource", "title": "", "resource": resource}

    def _resource(self, incoming: CourseImport, item: Incoming, where: str) -> Resource | None:
        part = self._part("resource", _place(item))
        known = session().scalar(select(Resource).where(Resource.uuid == part.made_uuid)) if part is not None else None
        if known is not None:
            return known
        checked = self.brought.get(item.file)
        if item.file and checked is None:
            return None
        try:
            with session().begin_nested():
                return self._make(incoming, item, where, checked)
        except DomainError as refused:
            self._remark("file_refused", f"{item.title}: {refused.sentence()}", where)
            return None

    def _make(self, incoming: CourseImport, item: Incoming, where: str, checked: assets.Checked | None) -> Resource:
        actor, library = incoming.actor, incoming.course.library
        digest = checked.sha256 if checked is not None else hash_content(None, item.text)
        copy = ledger.find_copy(library.id, digest)
        if copy is not None:
            return copy
        asset = None
        if checked is not None:
            name = PurePosixPath(item.file).name[-200:]
            asset = assets.register(actor, checked, name, assets.key_of(checked.sha256), priority=assets.WHENEVER)
        made = services.create_resource(
            actor, library, type=_type_of(checked), title=item.title or PurePosixPath(item.file).stem[:200], course=incoming.course,
            asset=asset, body="" if asset is not None else item.text, licence=item.licence if item.licence in LICENCES else "",
            description=item.text[:4000] if asset is not None else "", source=(item.source or self.outline.title)[:500],
        )  # fmt: skip
        self._captions(actor, made, item, where)
        self._note("resource", _place(item), made, made.lock_version)
        return made

    def _captions(self, actor: User, made: Resource, item: Incoming, where: str) -> None:
        version: ResourceVersion | None = made.draft_version
        for language, name in item.captions:
            try:
                if version is not None:
                    ranges.set_captions(version, language or "zh", self.files.read(name, CAPTION_BYTES), actor=actor)
            except (Invalid, UnsafeFile):
                self._remark("file_refused", name, where)

    # --- notes ---------------------------------------------------------------------------------------------------------

    def _part(self, kind: str, path: str) -> ImportedPart | None:
        query = select(ImportedPart).where(ImportedPart.import_id == self.import_id, ImportedPart.kind == kind)
        return session().scalar(query.where(ImportedPart.path == path))

    def _note(self, kind: str, path: str, made: Module | Lesson | Resource, revision: int = 0) -> None:
        session().add(
            ImportedPart(import_id=self.import_id, kind=kind, path=path, made_uuid=made.uuid, revision=revision)
        )
        session().flush()

    def _bring(self, item: Incoming, where: str) -> None:
        target = self.folder / f"in-{len(self.brought)}"
        try:
            self.files.copy(item.file, target)
            self.brought[item.file] = assets.bring(target, PurePosixPath(item.file).name)
        except UnsafeFile as problem:
            self._remark("file_refused", f"{item.file}: {assets.refusal(problem).sentence()}", where)
        except DomainError as refused:
            self._remark("file_refused", f"{item.file}: {refused.sentence()}", where)
        finally:
            target.unlink(missing_ok=True)

    def _remark(self, code: str, title: str, where: str) -> None:
        if not any(one.title == title for one in self.remarks):
            self.remarks.append(Remark(code, title, where))


def _place(item: Incoming) -> str:
    """The same for the same resource: its file, or what its text says."""
    return item.file or f"text:{hash_content(None, item.text)}"


def _type_of(checked: assets.Checked | None) -> str:
    """The type of the resource: as the file truly is."""
    if checked is None:
        return "text"
    return str(checked.info.kind) if checked.info is not None else str(checked.kind.resource_type)


def counts_of(made: Mapping[str, int], remarks: list[Remark]) -> dict[str, object]:
    """What was done, for the report."""
    return {"made": dict(made), "refused": [one.as_dict() for one in remarks[:500]]}
