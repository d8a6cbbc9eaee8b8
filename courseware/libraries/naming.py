"""The template by which a library names its resources (R19): what may stand in it."""

from __future__ import annotations

import string
from typing import Any

from flask_babel import lazy_gettext as _l

FIELDS = ("major", "course", "point", "type", "seq", "title")
LONGEST = 200

TOO_LONG = _l("A template has at most %(limit)s characters.")
UNREADABLE = _l("Braces come in pairs around a field, such as {title}.")
UNKNOWN = _l("“%(field)s” is no field. There are: %(fields)s.")
FORMATTED = _l("A field stands alone in its braces: {%(field)s}.")
NOTHING = _l("A template holds {title} or {seq}: otherwise many resources have one name.")


def template_problem(template: str) -> Any | None:
    """The first thing that is wrong with a template, as a sentence; None when it can be used.

    A field may stand in it several times: then it has the same value each time.
    """
    try:
        pieces = list(string.Formatter().parse(template))
    except ValueError:
        return UNREADABLE
    if len(template) > LONGEST:
        return _filled(TOO_LONG, limit=LONGEST)
    named = [(name, spec, conversion) for _text, name, spec, conversion in pieces if name is not None]
    for name, spec, conversion in named:
        if name not in FIELDS:
            return _filled(UNKNOWN, field=name, fields=", ".join(FIELDS))
        if spec or conversion:
            return _filled(FORMATTED, field=name)
    return None if {"title", "seq"} & {name for name, _spec, _conversion in named} else NOTHING


def _filled(sentence: Any, **words: Any) -> str:
    return str(sentence) % words
