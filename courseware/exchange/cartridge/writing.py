"""The contents of a cartridge: a page for each thing, files beside it, and the manifest over all of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import current_app
from lxml import etree

from courseware.core.database import session
from courseware.exchange.cartridge import names
from courseware.exchange.cartridge.manifest import Branch, Entry, clean, manifest
from courseware.exchange.cartridge.questions import bank
from courseware.exchange.planned import CoursePlan, LeftOut, LessonPlan, Part
from courseware.exchange.words import PART_NAMES, REASONS
from courseware.exchange.zipping import Packing
from courseware.resources.interop import LICENCE_URLS, lom_xml
from courseware.resources.models import ResourceVersion
from courseware.resources.views.previews import render_markdown
from courseware.resources.words import LICENCES

PAGES = ("text", "question", "task", "page", "recording", "image", "document", "simulation")


@dataclass(slots=True)
class Cartridge:
    """A cartridge being written; files of the plan are in `packing` by now."""

    plan: CoursePlan
    packing: Packing
    site: str = ""
    entries: dict[str, Entry] = field(default_factory=dict)

    def write(self) -> list[LeftOut]:
        """Writes everything; returns the questions that have no place in a cartridge."""
        outline = [
            Branch(module.title, below=[self._lesson(lesson) for lesson in module.lessons])
            for module in self.plan.modules
        ]
        left = self._questions()
        self._add("R_licences", names.WEBCONTENT, [names.LICENCES])
        self.packing.write(names.LICENCES, self._draw("licences", licence_urls=LICENCE_URLS))
        self.packing.write(names.MANIFEST, manifest(self.plan.course, outline, list(self.entries.values())))
        return left

    def _lesson(self, lesson: LessonPlan) -> Branch:
        branch = Branch(lesson.title)
        if lesson.introduction:
            part = Part("text", f"{lesson.num:03d}-00", lesson.title, text=lesson.introduction)
            branch.below.append(Branch(lesson.title, self._page(part, "introduction")))
        for part in lesson.parts:
            title = part.title or str(PART_NAMES[part.kind])
            branch.below.append(Branch(title, self._part(part)))
        return branch

    def _part(self, part: Part) -> str:
        if part.kind == "link" and part.url and not part.text:
            return self._link(part)
        if part.kind == "discussion":
            return self._topic(part)
        return self._page(part, part.kind)

    def _page(self, part: Part, kind: str) -> str:
        name = f"pages/{part.name}.html"
        tracks = self._captions(part)
        own = [place for file in part.files if (place := self.packing.place(file))]
        self.packing.write(
            name, self._draw("page", part=part, kind=kind, tracks=tracks, place=self._beside, markdown=render_markdown)
        )
        needs = [self._file(place) for place in own]
        return self._add(
            f"R_{part.name}", names.WEBCONTENT, [name, *(t["place"] for t in tracks), *self._record(part)], needs
        )

    def _beside(self, file: Any) -> str:
        found = self.packing.place(file)
        return f"../{found}" if found else ""

    def _file(self, place: str) -> str:
        """The entry of a file, which several pages may need."""
        identifier = "F_" + "".join(sign if sign.isalnum() else "_" for sign in place.removeprefix("files/"))
        if identifier not in self.entries:
            self._add(identifier, names.WEBCONTENT, [place])
        return identifier

    def _captions(self, part: Part) -> list[dict[str, str]]:
        found = []
        for track in part.captions:
            language = "".join(sign for sign in track.language if sign.isascii() and (sign.isalnum() or sign == "-"))
            place = f"files/{part.name}.{language}.vtt"
            self.packing.write(place, track.webvtt)
            found.append({"place": place, "language": track.language})
        return found

    def _record(self, part: Part) -> list[str]:
        """The LOM record of a resource, as a file beside its page."""
        version = session().get(ResourceVersion, part.version_id) if part.version_id else None
        if version is None:
            return []
        place = f"lom/{part.name}.xml"
        self.packing.write(place, lom_xml(version.resource, version, f"{self.site}/resources/{version.resource.uuid}"))
        return [place]

    def _link(self, part: Part) -> str:
        root = etree.Element(f"{{{names.WEBLINK}}}webLink", nsmap={None: names.WEBLINK})
        etree.SubElement(root, f"{{{names.WEBLINK}}}title").text = clean(part.title or part.url)
        etree.SubElement(root, f"{{{names.WEBLINK}}}url", href=clean(part.url), target="_blank")
        return self._xml(part, names.WEBLINK_TYPE, root)

    def _topic(self, part: Part) -> str:
        root = etree.Element(f"{{{names.TOPIC}}}topic", nsmap={None: names.TOPIC})
        etree.SubElement(root, f"{{{names.TOPIC}}}title").text = clean(part.title or str(PART_NAMES["discussion"]))
        text = etree.SubElement(root, f"{{{names.TOPIC}}}text", texttype="text/html")
        text.text = clean(str(render_markdown(part.text)))
        return self._xml(part, names.TOPIC_TYPE, root)

    def _xml(self, part: Part, kind: str, root: etree._Element) -> str:
        name = f"pages/{part.name}.xml"
        self.packing.write(name, etree.tostring(root, xml_declaration=True, encoding="UTF-8"))
        return self._add(f"R_{part.name}", kind, [name])

    def _questions(self) -> list[LeftOut]:
        if not self.plan.questions:
            return []
        content, left = bank(self.plan.course.code, self.plan.questions)
        self.packing.write("questions/bank.xml", content)
        self._add("R_bank", names.BANK_TYPE, ["questions/bank.xml"])
        return [LeftOut("", question.key, "question_kind") for question in left]

    def _add(self, identifier: str, kind: str, files: list[str], needs: list[str] | None = None) -> str:
        self.entries[identifier] = Entry(identifier, kind, files, needs or [])
        return identifier

    def _draw(self, template: str, **values: Any) -> str:
        return current_app.jinja_env.get_template(f"exchange/cartridge/{template}.html").render(
            plan=self.plan, course=self.plan.course, licences=LICENCES, reasons=REASONS, marks=names, **values
        )
