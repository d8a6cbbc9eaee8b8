"""Addresses of the web in texts people wrote. Pure."""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

LONGEST = 2000
FOUND = re.compile(r"https?://[^\s<>\"'`\\，。；、：！？（）【】《》「」『』“”‘’…]+", re.IGNORECASE)
TRAILING = ".,;:!?*_~|"
PAIRS = {")": "(", "]": "[", "}": "{"}


def addresses_in(text: str) -> list[str]:
    """Every address that `text` names, once each, in the order they stand; without fragments and marks of the sentence."""
    found = (tidy(_without_marks(match)) for match in FOUND.findall(text))
    return list(dict.fromkeys(address for address in found if address))


def tidy(address: str) -> str:
    """Scheme and host in small letters, no fragment; empty for what is no address of the web or absurdly long."""
    try:
        parts = urlsplit(address.strip())
        is_one = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
        whole = urlunsplit((parts.scheme.lower(), parts.netloc.lower(), parts.path or "/", parts.query, ""))
    except ValueError:
        return ""
    return whole if is_one and len(whole) <= LONGEST else ""


def host_of(address: str) -> str:
    """The host of a tidy address."""
    return urlsplit(address).hostname or ""


def _without_marks(address: str) -> str:
    """Without what belongs to the sentence around it: full stops, and closing brackets that were opened outside."""
    while address:
        last = address[-1]
        if last in TRAILING or (last in PAIRS and address.count(last) > address.count(PAIRS[last])):
            address = address[:-1]
        else:
            break
    return address
