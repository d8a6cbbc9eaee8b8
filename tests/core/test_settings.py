"""Settings that cannot work are named all at once, in words, before anything starts."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from courseware.core.settings import Settings, SettingsError

ROOT = Path(__file__).resolve().parent.parent.parent

WRONG = {
    "KEKU_STORE": "cupboard",
    "KEKU_SEARCH": "oracle",
    "KEKU_DATABASE_URL": "mysql://somewhere/keku",
    "KEKU_LOG_LEVEL": "shout",
    "KEKU_PROXIES": "one",
    "KEKU_PUBLIC_URL": "keku.example",
}


def test_without_any_setting_everything_has_a_default_that_works() -> None:
    settings = Settings.from_env({})
    assert settings.sqlalchemy_url.startswith("sqlite:///")
    assert settings.problems() == []


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_env(WRONG)
    lines = str(refused.value).splitlines()
    assert len(lines) == len(WRONG)
    for name in WRONG:
        assert any(line.startswith(name) for line in lines), name


def test_what_an_s3_store_needs_is_named_by_its_variable() -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_env({"KEKU_STORE": "s3"})
    for name in ("S3_ENDPOINT", "S3_ACCESS_KEY", "S3_SECRET_KEY"):
        assert name in str(refused.value)


def test_a_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="KEKU_DATA_DIR"):
        Settings.from_env({"KEKU_DATA_DIR": str(tmp_path / "file" / "below")})


def test_a_program_with_wrong_settings_ends_with_2_and_words_instead_of_a_traceback(tmp_path: Path) -> None:
    env = {**os.environ, "FLASK_APP": "app:create_app", "KEKU_DATA_DIR": str(tmp_path), **WRONG}
    ended = subprocess.run(
        [sys.executable, "-m", "flask", "routes"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    for name in WRONG:
        assert name in ended.stderr


def test_settings_do_not_change_after_the_start() -> None:
    with pytest.raises(AttributeError):
        Settings.from_env({}).store = "s3"  # type: ignore[misc]


def test_the_signing_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    settings = Settings.from_env({"KEKU_DATA_DIR": str(tmp_path)})
    key = settings.signing_key()
    assert len(key) > 40
    assert Settings.from_env({"KEKU_DATA_DIR": str(tmp_path)}).signing_key() == key
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_a_postgresql_address_is_taken_by_its_usual_name() -> None:
    settings = Settings.from_env({"KEKU_DATABASE_URL": "postgresql://u:p@h/db"})
    assert settings.sqlalchemy_url == "postgresql+psycopg://u:p@h/db"
    assert settings.jobs_url == "postgresql://u:p@h/db"
