"""Two simulation packages: unpacked, without order, times, top folder and minification (M4)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from media.archives import open_archive, read_member
from media.comparing.documents import classify_text, new_part
from media.comparing.findings import IDENTICAL, MINOR, OTHER_SHARE, RE_ENCODED, SUBSTANTIVE, Finding, heaviest, percent
from media.comparing.texts import fold_text
from media.markup import html_text
from media.text import decode_text

MEMBER_BYTES, MAX_FILES = 8 << 20, 2000
NEW_SCENARIO = 0.3
_REFUSE = re.compile(r"(^|/)(__MACOSX|\.|Thumbs\.db|desktop\.ini)")
_LIBRARY = re.compile(
    r"(^|/)(lib|libs|vendor|node_modules|third_party|dist/vendor)/|\.min\.(js|css)$|jquery|three|vue|react", re.I
)
_CONFIG = re.compile(r"(^|/)(config|settings|manifest|package|options|imsmanifest)\b[^/]*\.(json|js|xml|ya?ml)$", re.I)
_SCENARIOS = re.compile(
    r"scenari|scene|level|task|case|stage|step|exercise|mission|fault|question|情境|场景|任务|关卡|步骤|案例", re.I
)
_STRING = re.compile(r'"((?:[^"\\\n]|\\.)*)"|\'((?:[^\'\\\n]|\\.)*)\'|`((?:[^`\\]|\\.)*)`')
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_READABLE = re.compile(r"[\u3400-\u9fff]|[^\W\d_]{2,}\s+[^\W\d_]{2,}")
_ASSIGNED = re.compile(
    r"^\s*(?:(?:window\.|var |const |let |export default )[\w.]*\s*=?\s*)?([{\[].*[}\]])\s*;?\s*$", re.S
)


@dataclass
class Package:
    """What a learner meets: pages, scenarios by what they say; and everything else by its bare bytes."""

    pages: list[str] = field(default_factory=list)
    scenarios: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    rest: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Everything that is read."""
        return "\n".join([*sorted(self.pages), *self.scenarios, *sorted(self.words)])


def classify_packages(old: Path, new: Path) -> Finding:
    """Text floor over pages and scenarios, or a tenth of the scenarios, at least one, new or replaced.

    Raises UnsafeFile: damaged_archive, archive_bomb, archive_unsafe.
    """
    before, after = read_package(old), read_package(new)
    text = classify_text(before.text, after.text)
    fresh = [s for s in after.scenarios if new_part(before.text, s) >= NEW_SCENARIO]
    share = len(fresh) / max(len(before.scenarios), len(after.scenarios), 1)
    if fresh:
        line = {"code": "scenarios_new", "count": len(fresh), "total": len(after.scenarios), "percent": percent(share)}
        return heaviest(
            [text.at_least(MINOR), Finding(SUBSTANTIVE if share >= OTHER_SHARE else MINOR, share, evidence=(line,))]
        )
    if text.verdict != IDENTICAL:
        return text
    other = sorted(name for name in {*before.rest, *after.rest} if before.rest.get(name) != after.rest.get(name))
    if other:
        return Finding(MINOR, 0.0, evidence=({"code": "package_rest", "count": len(other), "name": other[0]},))
    return Finding(RE_ENCODED, 0.0, evidence=({"code": "package_same"},))


def read_package(path: Path) -> Package:
    """Unpacks in memory, file by file; raises UnsafeFile."""
    package = Package()
    with open_archive(path) as archive:
        names = [n for n in archive.namelist() if not n.endswith("/") and not _REFUSE.search(n)][:MAX_FILES]
        top = _top_folder(names)
        for name in sorted(names):
            _take(package, name.removeprefix(top), read_member(archive, name, MEMBER_BYTES))
    return package


def _top_folder(names: list[str]) -> str:
    first = {name.split("/", 1)[0] for name in names if "/" in name}
    return f"{first.pop()}/" if len(first) == 1 and all("/" in name for name in names) else ""


def _take(package: Package, name: str, data: bytes) -> None:
    ending = PurePosixPath(name).suffix.lower()
    text = (
        decode_text(data)[0]
        if ending in {".html", ".htm", ".json", ".js", ".mjs", ".css", ".txt", ".md", ".xml", ".csv"}
        else ""
    )
    if _CONFIG.search(name) or _LIBRARY.search(name) or not text:
        package.rest[name] = _bare(text, ending) if text else hashlib.sha256(data).hexdigest()
    elif ending in {".html", ".htm"}:
        package.pages.append(html_text(text)[0])
        package.rest[name] = ""
    elif (plain := _data_of(text, ending)) is not None:
        _take_data(package, name, plain)
    else:
        package.words += _readable(text) if ending != ".css" else []
        package.rest[name] = _bare(text, ending)


def _data_of(text: str, ending: str) -> Any:
    """JSON, or a script that is nothing but data; None for anything else."""
    source = (
        text if ending == ".json" else (match.group(1) if (match := _ASSIGNED.match(text)) and ending == ".js" else "")
    )
    try:
        return json.loads(source) if source else None
    except ValueError:
        return None


def _take_data(package: Package, name: str, plain: Any) -> None:
    """Lists named like scenarios give one scenario an entry; other readable strings are words, the rest is configuration."""
    if isinstance(plain, list) and _SCENARIOS.search(name):
        package.scenarios += ["\n".join(_strings(item)) for item in plain]
        return
    values: list[str] = []
    for key, value in plain.items() if isinstance(plain, Mapping) else [("", plain)]:
        if isinstance(value, list | Mapping) and _SCENARIOS.search(str(key)):
            items = value.values() if isinstance(value, Mapping) else value
            package.scenarios += ["\n".join(_strings(item)) for item in items]
        else:
            package.words += [text for text in _strings(value) if _READABLE.search(text)]
            values.append(f"{key}={json.dumps(value, sort_keys=True, ensure_ascii=False)}")
    package.rest[name] = "\n".join(sorted(values))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key in sorted(value):
            yield from _strings(value[key])
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _readable(text: str) -> list[str]:
    found = ("".join(groups) for groups in _STRING.findall(_uncommented(text)))
    return [
        _ESCAPE.sub(lambda m: chr(int(m.group(1), 16)), s)
        for s in found
        if _READABLE.search(_ESCAPE.sub(lambda m: chr(int(m.group(1), 16)), s))
    ]


def _uncommented(text: str) -> str:
    return re.sub(r"/\*.*?\*/", "", re.sub(r"(?m)(^|[\s;{}])//[^\n]*", r"\1", text), flags=re.S)


def _bare(text: str, ending: str) -> str:
    """A script or style without comments, blanks, and what a minifier writes in another way."""
    if ending not in {".js", ".mjs", ".css"}:
        return fold_text(text)
    bare = re.sub(r"\s+", "", _uncommented(text)).replace("'", '"').replace("`", '"')
    return re.sub(r";(?=[}\])])|;$|[,](?=[}\])])", "", bare)
