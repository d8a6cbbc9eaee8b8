"""The five roles and the actor that services take as an argument."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol


class Role(StrEnum):
    """What a person does here (glossary). One person may hold several, save where SEC7 forbids it."""

    STUDENT = "student"
    TEACHER = "teacher"
    REVIEWER = "reviewer"
    LIBRARIAN = "librarian"
    ADMINISTRATOR = "administrator"


class Actor(Protocol):
    """Who acts. Services ask only this; they know no request and no session."""

    @property
    def id(self) -> int: ...
    @property
    def unit_id(self) -> int | None: ...
    @property
    def is_test(self) -> bool: ...
    def has_role(self, *roles: Role) -> bool:
        """Whether the person holds at least one of `roles`."""
        ...
