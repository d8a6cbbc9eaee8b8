"""create_app(): wiring only."""

from __future__ import annotations

import importlib
import sys

from flask import Flask
from flask_migrate import Migrate

from courseware.core import memory
from courseware.core.database import db, init_database
from courseware.core.settings import Settings, SettingsError
from courseware.discovery.engine import warm_up
from courseware.web.api import init_api
from courseware.web.assets import init_assets
from courseware.web.errors import init_errors
from courseware.web.frame import init_frame
from courseware.web.health import init_health
from courseware.web.i18n import init_i18n
from courseware.web.logs import init_logs
from courseware.web.offline import init_offline
from courseware.web.requests import init_requests
from courseware.web.security import init_security
from courseware.web.sessions import init_sessions
from courseware.web.static_files import init_static_files
from courseware.web.templating import init_templating

SUBJECTS = (
    "jobs", "auditlog", "accounts", "libraries", "knowledge", "resources", "review", "bulk", "catalog", "enrollment",
    "assessment", "progress", "notes", "discussion", "classes", "certificates", "guidance", "feedback", "exchange",
    "monitoring", "discovery", "demo", "backup",
)  # fmt: skip

# A subject may have any of these modules; importing them registers models, listeners and job handlers,
# `blueprint` (or `blueprints`) and `commands` are picked up by name.
PARTS = ("models", "listeners", "indexing", "jobs", "views", "media_views", "api", "cli")


@memory.loading()
def create_app(settings: Settings | None = None, **overrides: object) -> Flask:
    """The whole application. `overrides` change single settings; settings that cannot work end the process with words."""
    settings = settings or _settings(**overrides)
    app = Flask(__name__)
    app.config.update(
        KEKU=settings,
        SECRET_KEY=settings.signing_key(),
        SQLALCHEMY_DATABASE_URI=settings.sqlalchemy_url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings),
        TESTING=settings.testing,
    )
    settings.data_path.mkdir(parents=True, exist_ok=True)
    init_logs(settings)
    init_templating(app)
    init_requests(app)
    init_database(app)
    Migrate(app, db, directory="migrations", render_as_batch=True, compare_type=True)
    init_i18n(app)
    init_security(app, settings)
    init_sessions(app)
    init_errors(app)
    init_health(app)
    init_frame(app)
    init_assets(app)
    init_static_files(app)
    init_offline(app)
    _register_subjects(app)
    init_api(app)
    return app


def create_site() -> Flask:
    """The application in a web process of its own (`flask serve`, or any WSGI server)."""
    app = create_app()
    with app.app_context():
        warm_up()
    memory.settle()
    return app


def _settings(**overrides: object) -> Settings:
    try:
        return Settings.from_env(None, **overrides)
    except SettingsError as problem:
        sys.stderr.write(f"Keku cannot start with these settings:\n{problem}\n")
        raise SystemExit(2) from problem


def _engine_options(settings: Settings) -> dict[str, object]:
    if settings.sqlalchemy_url.startswith("sqlite"):
        return {}
    return {"pool_size": 8, "max_overflow": 8, "pool_pre_ping": True}


def _register_subjects(app: Flask) -> None:
    for subject in SUBJECTS:
        for part in PARTS:
            module = _optional(f"courseware.{subject}.{part}")
            for blueprint in getattr(module, "blueprints", [getattr(module, "blueprint", None)]):
                if blueprint is not None:
                    app.register_blueprint(blueprint)
            for command in getattr(module, "commands", ()):
                if command.name not in app.cli.commands:
                    app.cli.add_command(command)


def _optional(name: str) -> object | None:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as missing:
        if missing.name == name:
            return None
        raise
