"""Decoding text of unknown encoding: what teachers' machines in China and elsewhere really write."""

from __future__ import annotations

import codecs
import re

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def detect_encoding(data: bytes, whole: bool = True) -> str | None:
    """utf-8, utf-8-sig, utf-16, utf-16-le, utf-16-be, cp950 (Big5) or gb18030; None when the bytes are no text.

    With `whole=False` the data is the beginning of a file and may end inside a character.
    """
    for bom, name in _BOMS:
        if data.startswith(bom):
            return name
    for encoding in (*_utf16_guess(data), "utf-8", *_big5_guess(data), "gb18030"):
        if _reads_as_text(data, encoding, whole):
            return encoding
    return None


def _utf16_guess(data: bytes) -> tuple[str, ...]:
    """Without a mark, the zero bytes of spaces, digits and line ends give UTF-16 away."""
    head = data[:4096]
    if len(head) < 4 or b"\x00" not in head:
        return ()
    odd, even = head[1::2].count(0), head[::2].count(0)
    return ("utf-16-le",) if odd > even else ("utf-16-be",)


def _big5_guess(data: bytes) -> tuple[str, ...]:
    """Nearly all Big5 also reads as GB18030; which of the two writes its common characters with these bytes tells.

    Common characters: the first level of GB 2312 (lead B0-D7, second byte from A1), that of Big5 (lead A4-C6).
    """
    pairs = _double_bytes(data[:65_536])
    if len(pairs) < 4:
        return ()
    mainland = sum(0xB0 <= lead <= 0xD7 and second >= 0xA1 for lead, second in pairs)
    taiwan = sum(0xA4 <= lead <= 0xC6 and (0x40 <= second <= 0x7E or second >= 0xA1) for lead, second in pairs)
    return ("cp950",) if taiwan - mainland > len(pairs) / 5 else ()


def _double_bytes(data: bytes) -> list[tuple[int, int]]:
    pairs, at = [], 0
    while at + 1 < len(data):
        if data[at] < 0x81:
            at += 1
        elif 0x30 <= data[at + 1] <= 0x39:
            at += 4  # the long form of GB18030
        else:
            pairs.append((data[at], data[at + 1]))
            at += 2
    return [pair for pair in pairs if pair[0] >= 0xA4]  # below: punctuation, much alike in both


def _reads_as_text(data: bytes, encoding: str, whole: bool) -> bool:
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(data, final=whole)
    except UnicodeDecodeError:
        return False
    return not _CONTROL.search(text)


def decode_text(data: bytes) -> tuple[str, str]:
    """The text and its encoding; ("", "") when it is no text. Line ends become \\n."""
    encoding = detect_encoding(data)
    if encoding is None:
        return "", ""
    text = data.decode(encoding, errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n"), encoding
