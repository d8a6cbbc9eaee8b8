"""Two interface languages, one time zone, numbers as people here write them."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any

from flask import Flask, g, has_request_context, request
from flask_babel import Babel, format_date, format_datetime, format_decimal, get_locale, get_translations, ngettext
from flask_login import current_user
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from courseware.core.clock import REPORTING_ZONE

LANGUAGES = ("zh_Hans", "en")
COOKIE = "kk_lang"
_kept_texts: dict[tuple[str, type[str]], Texts] = {}


def init_i18n(app: Flask) -> None:
    """Chooses the language of a request and gives templates their filters."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", "zh_Hans")
    app.config.setdefault("BABEL_DEFAULT_TIMEZONE", str(REPORTING_ZONE))
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", "translations")
    Babel(app, locale_selector=choose_language)
    app.jinja_env.filters.update(
        datetime=show_datetime, date=show_date, duration=show_duration, minutes=show_minutes,
        number=show_number, filesize=show_filesize, percent=show_percent, local=local_text,
    )  # fmt: skip
    app.jinja_env.globals.update(_=translated, gettext=translated, ngettext=translated_count)
    app.context_processor(lambda: {"ui_lang": "en" if is_english() else "zh-Hans"})


def choose_language() -> str:
    """The person's own choice, then the cookie, for the API the header, then Chinese."""
    if not has_request_context():
        return "zh_Hans"
    wanted = _own_language() or request.cookies.get(COOKIE, "") or _asked_by_program()
    return wanted if wanted in LANGUAGES else "zh_Hans"


def _own_language() -> str:
    """What the person chose for their account; of a light request (sessions.py) without loading it."""
    visitor = g.get("visitor")
    if visitor is not None:
        return str(visitor.locale)
    return getattr(current_user, "locale", "") if current_user else ""


@pass_eval_context
def translated(evaluation: EvalContext, message: str, /, **variables: object) -> str:
    """`_("…")` of templates. The usual way asks for domain, context and catalogue anew for each of a page's hundred texts."""
    text = _texts(Markup if evaluation.autoescape else str)[message]
    return text % variables if variables or "%" in text else text


@pass_eval_context
def translated_count(evaluation: EvalContext, singular: str, plural: str, num: int, /, **variables: object) -> str:
    """`ngettext("…", "…", num)` of templates."""
    return _texts(Markup if evaluation.autoescape else str).count(singular, plural, num) % {"num": num, **variables}


def say(message: str, /, **variables: object) -> str:
    """`gettext` for sentences that busy pages put together in Python; import it as `_`, so that the texts are collected."""
    text = _texts(str)[message]
    return text % variables if variables else text


def say_count(singular: str, plural: str, num: int, /, **variables: object) -> str:
    """`ngettext` for sentences that busy pages put together in Python; import it as `ngettext`."""
    return _texts(str).count(singular, plural, num) % {"num": num, **variables}


class Texts(dict[str, str]):
    """The texts of one language as they stand in a page: looked up in the catalogue once a process."""

    def __init__(self, kind: type[str]) -> None:
        self._kind, self._catalogue = kind, get_translations()

    def __missing__(self, message: str) -> str:
        text = self[message] = self._kind(self._catalogue.ugettext(message))
        return text

    def count(self, singular: str, plural: str, num: int) -> str:
        """The form of a text for so many."""
        return self._kind(self._catalogue.ungettext(singular, plural, num))


def _texts(kind: type[str]) -> Texts:
    """Those of the request's language; `kind` says whether they go into HTML."""
    key = (language(), kind)
    if key not in _kept_texts:
        _kept_texts[key] = Texts(kind)
    return _kept_texts[key]


def _asked_by_program() -> str:
    """Programs say their language in the usual header; people choose theirs on the page."""
    if not request.path.startswith("/api/"):
        return ""
    return "en" if request.accept_languages.best_match(["zh", "zh-Hans", "zh-CN", "en"]) == "en" else ""


def language() -> str:
    """The language of this page, "zh" or "en"; empty outside of requests.

    A page asks a hundred times. Flask-Babel finds its answer again through five proxies each time; here it is one.
    """
    try:
        known = g._get_current_object()  # past the proxy: it costs more than the look itself
    except RuntimeError:  # nothing runs: no application, no language
        return ""
    locale = getattr(known.get("_flask_babel"), "babel_locale", None) or get_locale()
    return locale.language if locale is not None else ""


def is_english() -> bool:
    """Whether this page speaks English."""
    return language() == "en"


def local_text(row: Any, field: str) -> str:
    """`field` in the language of the page, or in the other one where it is empty. Rows keep `name` and `name_en`."""
    main, english = getattr(row, field, "") or "", getattr(row, f"{field}_en", "") or ""
    return (english or main) if is_english() else (main or english)


def show_datetime(moment: dt.datetime | None, pattern: str = "yyyy-MM-dd HH:mm") -> str:
    """2026-09-18 21:14, in Asia/Shanghai."""
    return "" if moment is None else format_datetime(moment, pattern)


def show_date(moment: dt.date | None, pattern: str = "yyyy-MM-dd") -> str:
    """2026-09-18; instants are shown by their day in Asia/Shanghai."""
    if moment is None:
        return ""
    day = moment.astimezone(REPORTING_ZONE).date() if isinstance(moment, dt.datetime) else moment
    return day.isoformat() if pattern == "yyyy-MM-dd" else format_date(day, pattern)


def show_duration(seconds: float | None) -> str:
    """3:40, or 1:02:03 from an hour on."""
    if seconds is None:
        return ""
    whole = int(seconds + 0.5)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def show_minutes(minutes: float | None) -> str:
    """45 minutes, in words."""
    return _in_minutes(language(), int((minutes or 0) + 0.5))


@lru_cache(2_000)
def _in_minutes(_language: str, count: int) -> str:
    """Kept: an outline of a course says a few lengths over and over."""
    return ngettext("%(num)d min", "%(num)d min", count)


def show_number(value: float | None) -> str:
    """12,345."""
    return "" if value is None else format_decimal(value)


def show_percent(value: Any) -> str:
    """9.95 %: a number and a blank before the sign; a dash where there is none."""
    return "—" if value is None else f"{value} %"


def show_filesize(size: float | None) -> str:
    """12.3 MB."""
    value = float(size or 0)
    for unit in ("B", "KB", "MB", "GB"):
        if value < 1024 or unit == "GB":
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    return ""
