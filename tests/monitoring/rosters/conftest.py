"""A librarian, and files as schools send them."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from courseware.accounts import services as accounts
from courseware.accounts.models import Unit, User


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """A file with this content; lists of texts become a sheet of Excel, dictionaries a zip of csv files."""

    def write(content: Any, name: str = "名册.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        if isinstance(content, list):
            book = Workbook()
            for row in content:
                book.active.append(row)  # type: ignore[union-attr]
            book.save(path)
        elif isinstance(content, dict):
            with zipfile.ZipFile(path, "w") as archive:
                for inside, text in content.items():
                    archive.writestr(inside, text)
        else:
            path.write_bytes(content.encode(encoding))
        return path

    return write


@pytest.fixture
def keeper(school: Unit) -> User:
    return accounts.create_user("lib@example.org", "馆员", unit=school, roles=["librarian"])
