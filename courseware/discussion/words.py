"""What people write, as safe HTML: plain text with its line breaks and its links, no markup of their own."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

_LINK = re.compile(r"https?://[^\s<>\"'（）()，。；、！？]+")
_MANY_LINES = re.compile(r"\n{3,}")


def tidy(text: str) -> str:
    """The text as it is kept: without spaces around it, line ends of one kind, at most one empty line in a row."""
    return _MANY_LINES.sub("\n\n", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def as_html(text: str) -> Markup:
    """Everything escaped; http and https addresses become links that vouch for nothing."""
    parts, at = [], 0
    for found in _LINK.finditer(text):
        parts += [escape(text[at : found.start()]), _link(found.group())]
        at = found.end()
    parts.append(escape(text[at:]))
    return Markup("").join(parts).replace("\n", Markup("<br>"))


def _link(address: str) -> Markup:
    return Markup('<a href="{0}" rel="nofollow ugc noopener noreferrer" target="_blank">{0}</a>').format(address)
