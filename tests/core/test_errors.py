"""A refusal is a sentence for a person, in the person's language, and a code for a machine."""

from __future__ import annotations

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import text

from courseware.core.cli import plain_errors
from courseware.core.database import session
from courseware.core.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, SignInNeeded

pytestmark = pytest.mark.one_database


def kinds(of: type[DomainError] = DomainError) -> list[type[DomainError]]:
    return [of, *(kind for below in of.__subclasses__() for kind in kinds(below))]


def test_the_kinds_have_the_statuses_of_http() -> None:
    statuses = {kind: kind.status for kind in (NotFound, NotAllowed, SignInNeeded, Invalid, Conflict)}
    assert list(statuses.values()) == [404, 403, 401, 422, 409]


def test_every_error_of_the_product_has_a_code_a_status_and_a_sentence(app: Flask) -> None:
    for kind in kinds():
        with force_locale("en"):
            assert str(kind.message).strip().endswith((".", "?", "!", ")", "s", "”")), kind
        assert kind.code
        assert kind.code == kind.code.lower(), kind
        assert 400 <= kind.status < 600, kind


def test_gaps_of_a_sentence_are_filled(app: Flask) -> None:
    class Small(DomainError):
        message = "Only %(count)s are left."

    assert Small(count=3).sentence() == "Only 3 are left."
    assert Small.message in str(Small())


def test_a_refused_command_says_so_and_ends_with_2(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    @plain_errors
    def command() -> None:
        raise Invalid({"name": ["Too long."], "kind": ["Unknown."]})

    with pytest.raises(SystemExit) as ended, force_locale("en"):
        command()
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "name: Too long." in said.err
    assert "kind: Unknown." in said.err


def test_a_command_on_a_database_that_is_not_set_up_says_what_to_do(
    app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    @plain_errors
    def command() -> None:
        session().execute(text("SELECT 1 FROM no_such_table"))

    with pytest.raises(SystemExit) as ended, force_locale("en"):
        command()
    session().rollback()
    assert ended.value.code == 2
    assert "flask db upgrade" in capsys.readouterr().err
