"""Names of codes in the language of the reader."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

Words = dict[Any, Any]

FORMAT_NAMES: Words = {"cc": "Common Cartridge 1.3", "offline": _l("Offline folder")}

FORMAT_USES: Words = {
    "cc": _l("For another learning platform (Moodle, Canvas, Open edX and others): the outline with texts, links, files and recordings."),
    "offline": _l("For classrooms and phones without internet: unpack it, open index.html. Recordings play, captions and search work."),
}  # fmt: skip

PART_NAMES: Words = {
    "text": _l("Text"), "question": _l("Question to the class"), "task": _l("Task"), "discussion": _l("Discussion"), "link": _l("Link"),
    "page": _l("Text"), "recording": _l("Recording"), "image": _l("Image"), "document": _l("Document"), "simulation": _l("Virtual simulation"),
}  # fmt: skip

# Why a thing is not in a package.
REASONS: Words = {
    "licence": _l("Its licence does not let copies leave this library"),
    "withdrawn": _l("It was withdrawn"),
    "not_ready": _l("The recording is still being processed, or its processing failed"),
    "no_content": _l("It has no content here"),
    "file_missing": _l("Its file cannot be found in the store; tell the operator"),
    "for_team": _l("Questions with answers are for the teaching team"),
    "question_kind": _l("This kind of question has no place in a cartridge"),
}  # fmt: skip

# What an import does not take, or takes otherwise than it was.
REMARKS: Words = {
    "discussion": _l("Discussion: its question becomes a discussion in the lesson; the posts of others stay there"),
    "discussion_place": _l("Discussion board: every lesson has questions and answers of its own here"),
    "lti": _l("External tool (LTI): it runs on another server and is not taken"),
    "questions": _l("Questions and tests: not taken; enter those you need in the question bank"),
    "assignment": _l("Assignment: its text becomes a task; grades and due dates are not taken"),
    "missing_file": _l("The file is named in the outline but is not in the package"),
    "inner_link": _l("A way to another page of the other platform: its words stay, the way does not"),
    "unreadable_page": _l("The page cannot be read"),
    "empty_page": _l("The page holds no text"),
    "bad_link": _l("The address is no web address"),
    "unknown_kind": _l("Things of this kind are not known here"),
    "unused_file": _l("Nothing in the outline leads to this file"),
    "file_refused": _l("The file was refused"),
    "own_settings": _l("Settings of the other platform"),
    "hosted_video": _l("The video lies on the other platform, not in the package"),
    "too_deep": _l("Deeper levels of the outline were put into their lesson"),
    "long_text": _l("A long text was divided"),
    "long_title": _l("A long title was cut"),
    "no_course_file": _l("The package says that this exists, but its description is missing"),
    "picture_in_text": _l("A picture inside a text became a resource of its own"),
}  # fmt: skip

IMPORT_KINDS: Words = {"cc": "Common Cartridge", "olx": "Open edX (OLX)"}

# Why a file is no course, after "cannot be read as a course:".
WHY: Words = {
    "no_course": _l("there is neither an imsmanifest.xml nor a course.xml in it. Export the course as Common Cartridge or as OLX and send that file."),
    "bad_manifest": _l("its imsmanifest.xml is damaged. Export the course anew."),
    "bad_olx": _l("its course.xml is damaged or leads nowhere. Export the course anew."),
    "too_many": _l("it holds more than 20,000 things. Divide it."),
    "scorm": _l("it is a SCORM package. Upload it as a virtual simulation instead."),
}  # fmt: skip

# What an import makes, in the order it is told.
TAKEN: Words = {
    "modules": _l("modules"), "lessons": _l("lessons"), "text": _l("texts"), "task": _l("tasks"), "question": _l("questions to the class"),
    "discussion": _l("discussions"), "link": _l("links"), "resource": _l("resources"),
}  # fmt: skip
