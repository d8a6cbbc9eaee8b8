"""Fails when a page could show a text in the wrong language: compares both catalogues with a fresh extraction."""

from __future__ import annotations

import re
import sys

from babel.messages.catalog import Catalog, Message
from catalogues import LOCALES, catalogue_path, extract, read_catalogue

SHOWN_AT_MOST = 20
CHINESE = re.compile(r"[\u3400-\u9fff]")
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]|\{(\w*)\}")
# One word for each thing (decision 32): what must not be written, and what stands in its place.
WORDS = {
    "zh_Hans": (
        (re.compile(r"课次|课节|节课|编课台"), "讲 for a lesson, 备课板 for its board"),
        (re.compile(r"(?<!社会)学习者"), "学员 for who learns"),
    )
}


def problems_of(locale: str, template: Catalog, catalogue: Catalog) -> list[str]:
    """One sentence for each text of `template` that `catalogue` cannot show in the language of `locale`."""
    problems = []
    for wanted in template:
        if not wanted.id:
            continue
        here = catalogue.get(wanted.id, wanted.context)
        if here is None:
            problems.append(f"missing: {wanted.id!r}")
        elif here.fuzzy:
            problems.append(f"fuzzy: {wanted.id!r}")
        else:
            problems += _problems_of_message(locale, here) + _other_words(locale, here)
    return problems


def _other_words(locale: str, message: Message) -> list[str]:
    """Where the translation has a word of its own for what has one everywhere else."""
    shown = "".join(_parts(message.string))
    return [
        f"another word: {message.id!r} says {found.group(0)}; write {wanted}"
        for pattern, wanted in WORDS.get(locale, ())
        if (found := pattern.search(shown))
    ]


def _problems_of_message(locale: str, message: Message) -> list[str]:
    sources, targets = _parts(message.id), _parts(message.string)
    if not targets or not all(targets):
        # English texts stand for themselves; a Chinese text in the code has to be translated both ways.
        speaks_for_itself = locale == "en" and not CHINESE.search("".join(sources))
        return [] if speaks_for_itself else [f"untranslated: {message.id!r}"]
    wanted = _placeholders(sources)
    return [
        f"placeholders differ: {message.id!r} has {sorted(wanted)}, its translation {sorted(_placeholders([target]))}"
        for target in targets
        if not _placeholders([target]) <= wanted or (len(sources) == 1 and _placeholders([target]) != wanted)
    ]


def _parts(text: object) -> list[str]:
    return [text] if isinstance(text, str) and text else list(text) if isinstance(text, (tuple, list)) else []


def _placeholders(texts: list[str]) -> set[str]:
    return {match.group(0) for text in texts for match in PLACEHOLDER.finditer(text)}


def main() -> int:
    """1 when a catalogue is incomplete."""
    template = extract()
    failed = False
    for locale in LOCALES:
        problems = problems_of(locale, template, read_catalogue(catalogue_path(locale), locale))
        print(f"{locale}: {len(template)} texts, {len(problems)} problems")
        for problem in problems[:SHOWN_AT_MOST]:
            print(f"  {problem}")
        if len(problems) > SHOWN_AT_MOST:
            print(f"  … and {len(problems) - SHOWN_AT_MOST} more")
        failed = failed or bool(problems)
    if failed:
        print(
            "`make translations` takes new texts in and merges translations/pending/*.po; what is left needs a translator."
        )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
