"""Captions as files: WebVTT, SRT, TTML, and the words alone."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape, quoteattr

from media.captions.cues import Cue

PAUSE_S = 2.0  # a silence that long begins a paragraph of the plain text


def to_webvtt(cues: Sequence[Cue]) -> str:
    """The cues as a WebVTT file; parsing it gives the same cues to the millisecond."""
    blocks = [
        f"{timestamp(cue.start_s)} --> {timestamp(cue.end_s)}\n{_full(html.escape(cue.text, quote=False))}"
        for cue in cues
    ]
    return "\n\n".join(["WEBVTT", *blocks]) + "\n"


def to_srt(cues: Sequence[Cue]) -> str:
    """The cues as an SRT file, numbered from 1."""
    blocks = [
        f"{num}\n{timestamp(cue.start_s, ',')} --> {timestamp(cue.end_s, ',')}\n{_full(_unmarked(cue.text))}"
        for num, cue in enumerate(cues, 1)
    ]
    return "\n\n".join(blocks) + "\n"


def to_ttml(cues: Sequence[Cue], language: str) -> str:
    """The cues as a TTML file in `language`."""
    lines = [
        f"<p begin={quoteattr(timestamp(cue.start_s))} end={quoteattr(timestamp(cue.end_s))}>"
        f"{escape(_full(cue.text)).replace(chr(10), '<br/>')}</p>"
        for cue in cues
    ]
    head = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<tt xmlns="http://www.w3.org/ns/ttml" xml:lang={quoteattr(language)}>'
    )
    return "\n".join([head, "<body><div>", *lines, "</div></body>", "</tt>"]) + "\n"


def to_text(cues: Sequence[Cue]) -> str:
    """What is said, without times: a paragraph ends where somebody pauses for two seconds."""
    paragraphs: list[list[str]] = []
    end = None
    for cue in cues:
        if end is None or cue.start_s - end >= PAUSE_S:
            paragraphs.append([])
        paragraphs[-1].append(cue.text.replace("\n", " "))
        end = cue.end_s
    return "\n\n".join("\n".join(lines) for lines in paragraphs) + "\n"


def timestamp(seconds: float, point: str = ".") -> str:
    """HH:MM:SS.mmm as WebVTT writes it."""
    total = max(0, round(seconds * 1000))
    hours, rest = divmod(total, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}{point}{rest % 1000:03}"


def _full(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if line.strip())  # an empty line would end the cue


def _unmarked(text: str) -> str:
    """SRT has no way to write < as a letter where a tag could stand; players show &lt; there, so it stays as it is."""
    return html.escape(text, quote=False) if any(sign in text for sign in ("<", "&", "{\\")) else text


WRITERS: dict[str, Callable[[Sequence[Cue], str], str]] = {
    "vtt": lambda cues, _language: to_webvtt(cues),
    "srt": lambda cues, _language: to_srt(cues),
    "ttml": to_ttml,
    "txt": lambda cues, _language: to_text(cues),
}
