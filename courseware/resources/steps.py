"""What the steps of processing are called for people."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

STEPS: dict[str, Any] = {
    "probe": _l("looking into the file"),
    "sound": _l("preparing the sound"),
    "playable": _l("making it playable"),
    "first": _l("making it playable"),
    "publish": _l("releasing it for playing"),
    "poster": _l("drawing the cover picture"),
    "thumbnails": _l("drawing pictures of the timeline"),
    "loudness": _l("measuring the sound"),
    "sizes": _l("making other picture sizes"),
    "check": _l("checking the result"),
    "switch": _l("switching to the new sizes"),
    "quality": _l("looking at the picture quality"),
    "marks": _l("keeping marks for finding copies"),
    "thumbnail": _l("making a small picture"),
    "unpack": _l("unpacking"),
    "text": _l("reading the text"),
    "pages": _l("drawing the pages"),
    "first page": _l("drawing the first page"),
    "compare": _l("comparing with the published version"),
    "keep": _l("noting the comparison"),
    "alike": _l("looking for copies"),
}


def step_name(name: str) -> str:
    """The step in words: "sizes 3/12" is a piece of a long recording, "sizes join" puts the pieces together."""
    if name in STEPS:
        return str(STEPS[name])
    kind, _blank, part = name.partition(" ")
    if kind not in STEPS or not part:
        return name
    if part == "join":
        return _("%(step)s: joining the pieces", step=STEPS[kind])
    return _("%(step)s: piece %(part)s", step=STEPS[kind], part=part)
