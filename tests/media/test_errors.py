"""Errors keep code and params wherever they travel."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import pytest

from media import errors
from media.errors import DamagedMedia, MediaError, ProcessingFailed, UnsafeFile


@pytest.mark.parametrize("error", [UnsafeFile("too_long", duration_s=9, limit_s=5), DamagedMedia(40, 26.4)])
def test_an_error_survives_pickling(error: MediaError) -> None:
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes
    assert (type(again), again.code, again.params, str(again)) == (type(error), error.code, error.params, str(error))


def test_details_of_tools_stay_out_of_sentences() -> None:
    assert str(ProcessingFailed(detail="/secret/path: broken")) == "The file could not be processed."


def test_every_code_raised_has_a_sentence() -> None:
    kinds = "|".join(
        name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, MediaError)
    )
    raised = set()
    for source in Path(errors.__file__).parent.rglob("*.py"):
        raised |= set(re.findall(rf'(?:{kinds})\(\s*"([a-z_]+)"', source.read_text()))
    assert len(raised) > 20
    assert raised <= set(errors.SENTENCES)
