"""The two catalogues: take texts out of the code, bring them up to date, compile them.

    python tools/catalogues.py update     new texts of code and templates into both catalogues; gone ones leave
    python tools/catalogues.py merge      translations of translations/pending/*.po into the catalogues
    python tools/catalogues.py compile    .mo files beside the .po files

Texts in the code are English, so the English catalogue may leave a translation empty: the text stands for itself.
A pending file is a .po; its Language header says which catalogue it is for (zh_Hans when it says nothing).
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LOCALES = ("zh_Hans", "en")
HEADER = "# Texts of Keku. `make translations` keeps this file; people write the msgstr lines only."
PENDING = ROOT / "translations" / "pending"

# Beside gettext and its kin: the marks for texts that are translated later than they are written.
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "_l": None,
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "lazy_pgettext": ((1, "c"), 2),
    "N_": None,
}


def catalogue_path(locale: str) -> Path:
    """Where the catalogue of `locale` is kept."""
    return ROOT / "translations" / locale / "LC_MESSAGES" / "messages.po"


def read_catalogue(path: Path, locale: str | None = None) -> Catalog:
    """A catalogue from its file; an empty one when there is none yet."""
    if not path.exists():
        return Catalog(locale=locale, domain="messages", project="Keku", charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=locale, charset="utf-8")


def extract() -> Catalog:
    """Every text that code and templates mark for translation, found afresh."""
    mapping = (ROOT / "tools" / "babel.cfg").read_text(encoding="utf-8")
    methods, options = parse_mapping_cfg(io.StringIO(mapping))
    found = Catalog(domain="messages", project="Keku", charset="utf-8", fuzzy=False)
    texts = extract_from_dir(
        str(ROOT),
        methods,
        options,
        KEYWORDS,
        comment_tags=("Translators:",),
        strip_comment_tags=True,
        directory_filter=_is_ours,
    )
    for filename, _line, message, comments, context in sorted(texts, key=lambda text: (text[0], text[1])):
        # Without line numbers: a catalogue changes when a text does, not when code above it moves.
        found.add(message, None, [(filename, 0)], auto_comments=comments, context=context)
    return found


def _is_ours(folder: str) -> bool:
    relative = Path(folder).relative_to(ROOT)
    return not relative.parts or relative.parts[0] in {"courseware", "search", "media", "templates"}


def update() -> None:
    """Brings both catalogues to the texts of today. No fuzzy guesses: a wrong sentence is worse than a missing one."""
    template = extract()
    for locale in LOCALES:
        path = catalogue_path(locale)
        catalogue = read_catalogue(path, locale)
        catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
        catalogue.obsolete.clear()
        write(path, catalogue)
        print(f"{locale}: {len(catalogue)} texts, {len(untranslated(catalogue))} without translation")


def merge() -> None:
    """Moves translations of pending files into the catalogues. Texts the code does not know are named, not taken."""
    for path in sorted(PENDING.glob("*.po")):
        pending = read_catalogue(path, LOCALES[0])  # Chinese plurals have one form, also where no header says so
        locale = str(pending.locale or "zh_Hans")
        if locale not in LOCALES:
            sys.exit(f"{path.relative_to(ROOT)}: Language is {locale}; catalogues are {', '.join(LOCALES)}")
        catalogue = read_catalogue(catalogue_path(locale), locale)
        taken, unknown = 0, []
        for message in pending:
            if not message.id or not _is_translated(message.string):
                continue
            known = catalogue.get(message.id, message.context)
            if known is None:
                unknown.append(message.id)
                continue
            known.string = message.string
            known.flags.discard("fuzzy")
            taken += 1
        write(catalogue_path(locale), catalogue)
        print(
            f"{path.name} → {locale}: {taken} taken, {len(unknown)} not in the code"
            + (f", such as {unknown[0]!r}" if unknown else "")
        )


def compile_all() -> None:
    """Writes the .mo files that the site reads."""
    for locale in LOCALES:
        path = catalogue_path(locale)
        if path.exists():
            with path.with_suffix(".mo").open("wb") as file:
                write_mo(file, read_catalogue(path, locale))


def write(path: Path, catalogue: Catalog) -> None:
    """Writes a catalogue, sorted, so that two branches that add texts seldom meet in the same line."""
    catalogue.fuzzy = False
    catalogue.header_comment = HEADER
    catalogue.last_translator, catalogue.language_team, catalogue.msgid_bugs_address = "", "", ""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=110, sort_output=True, ignore_obsolete=True, include_lineno=False)


def untranslated(catalogue: Catalog) -> list[str]:
    """Texts without a translation, in the catalogue's order."""
    return [str(message.id) for message in catalogue if message.id and not _is_translated(message.string)]


def _is_translated(string: str | tuple[str, ...] | list[str]) -> bool:
    return bool(string) if isinstance(string, str) else bool(string) and all(string)


if __name__ == "__main__":
    actions = {"update": update, "merge": merge, "compile": compile_all}
    if len(sys.argv) != 2 or sys.argv[1] not in actions:
        sys.exit(__doc__)
    actions[sys.argv[1]]()
