"""Takes names and addresses out of what people write, before it is kept: who wrote and who is meant stays unsaid."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

HIDDEN = "〔…〕"
ADDRESS = re.compile(r"[^\s@，。；]+@[^\s@，。；]+|https?://\S+|(?<!\d)\d[\d -]{5,}\d(?!\d)", re.ASCII)
CHINESE = re.compile(r"[\u3400-\u9fff]{2,}")
LATIN = re.compile(r"[A-Za-z][A-Za-z'’-]*")
SHORTEST, LONGEST, WORDS = 2, 4, 4


def possible_names(text: str) -> set[str]:
    """Every piece of the text that may be a name: 2 to 4 Chinese letters, 2 to 4 Latin words in a row."""
    return {*_chinese(text), *_latin(text)}


def without(text: str, names: Iterable[str]) -> str:
    """The text with names, e-mail addresses, links and long numbers (telephone, student number) put out."""
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, HIDDEN)
    return ADDRESS.sub(HIDDEN, text)


def _chinese(text: str) -> Iterator[str]:
    for run in CHINESE.findall(text):
        for length in range(SHORTEST, LONGEST + 1):
            yield from (run[start : start + length] for start in range(len(run) - length + 1))


def _latin(text: str) -> Iterator[str]:
    words = list(LATIN.finditer(text))
    for first, word in enumerate(words):
        for last in words[first + 1 : first + WORDS]:
            yield text[word.start() : last.end()]
