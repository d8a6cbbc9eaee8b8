"""Addresses of what the browser side build made (assets/ → static/dist).

The build names each file by its content and writes `static/dist/manifest.json`. Pages ask for the stable
name; the answer may be cached for ever by browsers, because new content has a new address.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Hashable
from functools import lru_cache
from pathlib import Path

from flask import Flask, current_app, has_request_context, render_template, request, url_for
from flask_babel import get_locale
from markupsafe import Markup, escape

from courseware.web.i18n import language

logger = logging.getLogger(__name__)

#: Some hundred bytes each.
KEPT_DRAWINGS = 5_000

BUILD_HINT = "The browser side is not built. Run `npm ci && npm run build`, or `make setup`."


class AssetsNotBuiltError(RuntimeError):
    """The manifest is missing, or does not know a name a page asks for."""


class Assets:
    """The manifest, read once; in debug mode read again whenever the build wrote it anew."""

    def __init__(self, folder: Path, address: str, *, reload: bool) -> None:
        self.address = address  # of the folder above, below the root of the site
        self._path = folder / "manifest.json"
        self._reload = reload
        self._lock = threading.Lock()
        self._read_at: int | None = None
        self._files: dict[str, str] = {}
        self._preloads: dict[str, list[str]] = {}

    def file(self, name: str) -> str:
        """Return the hashed file name of `name` ("app.css"), relative to static/."""
        self._read()
        try:
            return self._files[name]
        except KeyError:
            raise AssetsNotBuiltError(f"{name!r} is not among the built assets. {BUILD_HINT}") from None

    def preloads(self, name: str) -> list[str]:
        """Return the shared files that `name` imports at once, so that a page can fetch them side by side."""
        self._read()
        return self._preloads.get(name, [])

    def _read(self) -> None:
        if self._files and not self._reload:
            return
        try:
            written_at = self._path.stat().st_mtime_ns
        except FileNotFoundError:
            raise AssetsNotBuiltError(f"{self._path} is missing. {BUILD_HINT}") from None
        if written_at == self._read_at:
            return
        with self._lock:
            try:
                manifest = json.loads(self._path.read_text(encoding="utf-8"))
                files, preloads = dict(manifest["files"]), dict(manifest.get("preloads", {}))
            except (ValueError, KeyError, TypeError) as error:
                raise AssetsNotBuiltError(f"{self._path} cannot be read ({error}). {BUILD_HINT}") from error
            self._files, self._preloads, self._read_at = files, preloads, written_at


def asset_file(name: str) -> str:
    """Return the path of a built file below static/."""
    return _assets().file(name)


def asset_url(name: str) -> str:
    """Return the address of a built file: `asset_url("app.css")`. Put together here: every icon asks for it."""
    assets = _assets()
    return _address(assets, assets.file(name))


def _address(assets: Assets, file: str) -> str:
    if not has_request_context():
        return url_for("static", filename=file)
    return f"{request.script_root}{assets.address}/{file}"


def icon(name: str, label: str | None = None, cls: str = "") -> Markup:
    """One icon of the sprite. Without a label it is decoration beside a word; with one it is an image that a screen reader names.

    Every page draws dozens, hence not a macro; templates import it from macros/icon.html.
    """
    return _drawn_icon(asset_url("icons.svg"), name, label or "", cls)


@lru_cache(2_000)
def _drawn_icon(sprite: str, name: str, label: str, cls: str) -> Markup:
    classes = f"kk-ti {cls}" if cls else "kk-ti"
    about = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    drawn = '<svg class="{}" {} focusable="false"><use href="{}#{}"></use></svg>'
    return Markup(drawn).format(classes, about, sprite, name)  # noqa: S704  constant, the rest is escaped


def built_file(name: str) -> Path:
    """Return where a built file lies on this machine, for what leaves the site as a file."""
    return Path(current_app.static_folder or "static") / _assets().file(name)


def asset_script(name: str) -> Markup:
    """Return the script element of a module: `asset_script("player")`. Modules are deferred by nature."""
    file, assets = f"{name}.js", _assets()
    return _script_element(asset_url(file), tuple(_address(assets, shared) for shared in assets.preloads(file)))


@lru_cache(200)
def _script_element(address: str, shared: tuple[str, ...]) -> Markup:
    hints = [Markup('<link rel="modulepreload" href="{}">').format(one) for one in shared]
    return Markup("").join([*hints, Markup('<script type="module" src="{}"></script>').format(address)])


def script_words() -> Markup:
    """Return the words that scripts show, as JSON. Rendered once a language: every page carries the same ones."""
    kept: dict[str, Markup] = current_app.extensions["keku_script_words"]
    language = str(get_locale())
    if language not in kept or current_app.debug:
        # The template's only expression is a tojson filter, which escapes for use inside <script>.
        kept[language] = Markup(render_template("macros/_script_words.html"))  # noqa: S704
    return kept[language]


def make_kept() -> Callable[..., Markup]:
    """`kept(macro, …)` of templates: what a macro draws from these values, drawn once a language. For macros that know nothing
    but their values, which have to be hashable: pictures and kinds of units, a dozen to a list and the same on many pages."""

    @lru_cache(KEPT_DRAWINGS)
    def drawn(macro: Callable[..., Markup], values: tuple[Hashable, ...], _language: str, _icons: str) -> Markup:
        return macro(*values)

    def kept(macro: Callable[..., Markup], *values: Hashable) -> Markup:
        return drawn(macro, values, language(), asset_url("icons.svg"))

    return kept


def init_assets(app: Flask) -> None:
    """Give templates `asset_url`, `asset_script`, `script_words`, `draw_icon` and `kept`, and say clearly when nothing has been built."""
    assets = Assets(Path(app.static_folder or "static") / "dist", app.static_url_path or "", reload=app.debug)
    app.extensions["keku_assets"] = assets
    app.extensions["keku_script_words"] = {}
    app.jinja_env.globals.update(
        asset_url=asset_url, asset_script=asset_script, script_words=script_words, draw_icon=icon, kept=make_kept()
    )
    app.register_error_handler(AssetsNotBuiltError, _explain)
    try:
        assets.file("app.css")
    except AssetsNotBuiltError as error:
        logger.error("%s", error)


def _assets() -> Assets:
    assets: Assets = current_app.extensions["keku_assets"]
    return assets


def _explain(error: AssetsNotBuiltError) -> tuple[str, int, dict[str, str]]:
    # The layout itself needs the assets, so this page must stand alone: no style, no script, no template.
    logger.error("%s", error)
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Keku</title>'
        "<h1>课库 Keku</h1><p lang='zh-Hans'>网站前端尚未构建，请联系管理员。</p>"
        f"<p>{escape(BUILD_HINT)}</p></html>"
    )
    return page, 503, {"Content-Type": "text/html; charset=utf-8", "Retry-After": "60"}
