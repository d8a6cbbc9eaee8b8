"""Small packages, written here: what other platforms export, and what nobody should send."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from sqlalchemy import select

from courseware.core.database import session
from courseware.exchange import imports, services
from courseware.exchange.models import CourseImport, CoursePackage
from courseware.jobs.models import Job
from courseware.jobs.runner import run_here
from courseware.resources.storage import store
from tests.catalog.world import World

Files = Mapping[str, str | bytes]
CP = "http://www.imsglobal.org/xsd/imsccv1p{n}/imscp_v1p1"
LINK = (
    '<webLink xmlns="http://www.imsglobal.org/xsd/imsccv1p1/imswl_v1p1"><title>标准</title><url href="{}"/></webLink>'
)
TOPIC = '<topic xmlns="http://www.imsglobal.org/xsd/imsccv1p1/imsdt_v1p1"><title>站位</title><text texttype="text/html">&lt;p&gt;监护人站在哪里？&lt;/p&gt;</text></topic>'


def zipped(path: Path, files: Files) -> Path:
    """A zip of these files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def tarred(path: Path, files: Files) -> Path:
    """A tar.gz of these files, as Open edX exports."""
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def manifest(items: str, resources: str, *, version: str = "1.1.0", title: str = "外来课程") -> str:
    """A manifest of the form that Canvas and Moodle write."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><manifest identifier="m" xmlns="{CP.format(n=version[2])}" xmlns:l="urn:lom">'
        f"<metadata><schema>IMS Common Cartridge</schema><schemaversion>{version}</schemaversion>"
        f"<l:lom><l:general><l:title><l:string>{escape(title)}</l:string></l:title></l:general></l:lom></metadata>"
        f'<organizations><organization identifier="o" structure="rooted-hierarchy"><item identifier="root">{items}</item>'
        f"</organization></organizations><resources>{resources}</resources></manifest>"
    )


def item(title: str, refers: str = "", below: str = "") -> str:
    """A line of the outline."""
    refers = f' identifierref="{refers}"' if refers else ""
    return f'<item identifier="i-{abs(hash((title, refers)))}"{refers}><title>{escape(title)}</title>{below}</item>'


def resource(identifier: str, kind: str, href: str) -> str:
    """A line of the resources."""
    shown = escape(href, {'"': "&quot;"})
    return f'<resource identifier="{identifier}" type="{kind}" href="{shown}"><file href="{shown}"/></resource>'


def cartridge(path: Path) -> Path:
    """A module with a page, a link, a discussion, a document and, under a heading, a test and a tool."""
    below = (
        item("安全须知", "page") + item("国家标准", "link") + item("站位", "topic") + item("检查表", "doc")
        + item("课后") + item("小测", "quiz") + item("外部工具", "tool")
    )  # fmt: skip
    entries = (
        resource("page", "webcontent", "wiki/safety.html") + resource("link", "imswl_xmlv1p1", "link.xml")
        + resource("topic", "imsdt_xmlv1p1", "topic.xml") + resource("doc", "webcontent", "files/check.txt")
        + resource("quiz", "imsqti_xmlv1p2/imscc_xmlv1p1/assessment", "quiz.xml")
        + resource("tool", "imsbasiclti_xmlv1p0", "tool.xml")
        + resource("settings", "associatedcontent/imscc_xmlv1p1/learning-application-resource", "course_settings/canvas.txt")
        + resource("lost", "webcontent", "files/nobody.txt")
    )  # fmt: skip
    page = '<html><head><title>x</title></head><body><h2>进站</h2><p onclick="x()">先<b>确认</b>模式。<script>alert(1)</script></p><img src="../files/robot.png"></body></html>'
    return zipped(path, {
        "imsmanifest.xml": manifest(item("第一章 安全", below=below), entries), "wiki/safety.html": page,
        "link.xml": LINK.format("https://openstd.samr.gov.cn/"), "topic.xml": TOPIC, "files/check.txt": "一、着装\n二、模式\n",
        "quiz.xml": "<questestinterop/>", "tool.xml": "<x/>", "course_settings/canvas.txt": "q", "files/nobody.txt": "无人问津",
    })  # fmt: skip


def olx() -> dict[str, str]:
    """A course of Open edX: two ways to write a component, a video elsewhere, a problem, something that is missing."""
    return {
        "course/course.xml": '<course url_name="run" org="KK" course="ROB"/>',
        "course/course/run.xml": '<course display_name="机器人"><chapter url_name="c1"/><chapter url_name="gone"/><wiki slug="x"/></course>',
        "course/chapter/c1.xml": '<chapter display_name="第一章"><sequential url_name="s1"/></chapter>',
        "course/sequential/s1.xml": '<sequential display_name="第一节"><vertical url_name="v1"/></sequential>',
        "course/vertical/v1.xml": '<vertical display_name="单元"><html url_name="h1"/><html url_name="h2"/><video url_name="w1"/><problem url_name="p1"/>'
        '<lti_consumer url_name="l1" display_name="工具"/></vertical>',
        "course/html/h1.xml": '<html filename="h1" display_name="课文"/>',
        "course/html/h1.html": "<p>五确认：着装、<em>模式</em>。</p><img src='/static/%E5%9B%BE.txt'>",
        "course/html/h2.xml": '<html display_name="短文"><p>先低速。</p></html>',
        "course/video/w1.xml": '<video display_name="短片" youtube_id_1_0="abc_123"/>',
        "course/problem/p1.xml": '<problem display_name="题一"/>',
        "course/static/图.txt": "示意",
    }


def sent(world: World, path: Path, course: Any = None) -> CourseImport:
    """The package after its dry run."""
    with path.open("rb") as stream:
        incoming = imports.take_in(world.teacher, course or world.course, path.name, stream)
    return worked(incoming)


def worked(incoming: CourseImport) -> CourseImport:
    """The import after the job it waits for."""
    job = imports.job_of(incoming)
    assert job is not None
    run_here(job)
    session().expire_all()
    return incoming


def done(world: World, incoming: CourseImport) -> CourseImport:
    """The import after it was confirmed and done."""
    imports.begin(world.teacher, incoming)
    return worked(incoming)


def made(package: CoursePackage) -> CoursePackage:
    """The package after its job."""
    job = services.job_of(package)
    assert job is not None
    run_here(job)
    session().expire_all()
    return package


def opened(package: CoursePackage) -> zipfile.ZipFile:
    """The package as a zip."""
    return zipfile.ZipFile(io.BytesIO(b"".join(store().get_range(package.store_key))))


def saved(package: CoursePackage, folder: Path) -> Path:
    """The package as a file."""
    path = folder / ("course.imscc" if package.format == "cc" else "course.zip")
    path.write_bytes(b"".join(store().get_range(package.store_key)))
    return path


def process(asset: Any) -> None:
    """The asset after the worker looked at it."""
    session().commit()
    run_here(session().scalars(select(Job).where(Job.payload["asset"].as_string() == str(asset.uuid))).one())
    session().expire_all()


def index_of(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    """The search list of an offline folder."""
    text = archive.read(name).decode()
    found: list[dict[str, str]] = json.loads(text[text.index("[") : text.rindex("]") + 1])
    return found
