"""The library of the resource tests, with reviewers beside it."""

from tests.resources.conftest import world  # noqa: F401 - a fixture
