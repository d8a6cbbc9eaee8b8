"""One way to write text, and one way to cut it into words: the same for documents and for queries."""

from __future__ import annotations

import hashlib
import importlib.metadata
import itertools
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

#: Raise when normalisation or the cutting rules below change: every index is then rebuilt.
RULES_VERSION = "1"

_HERE = Path(__file__).parent
_HAN = r"\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_RUNS = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+(?:\+\+|#)?")
_IS_HAN = re.compile(rf"[{_HAN}]")
_NAME = 80
_BLANKS = re.compile(r"\s+")
_HAN_STOP = frozenset("的了是在和与及或吗呢吧啊把被就都也很这那个之为于对从")
_LATIN_STOP = frozenset(
    ("a", "an", "and", "are", "at", "by", "for", "from", "in", "is", "it", "of", "on", "or", "the", "to")
)

Cut = Callable[[str], Iterable[tuple[str, int, int]]]


class Token(NamedTuple):
    """A word and where it begins and ends, in characters of the normalised text."""

    text: str
    start: int
    end: int


# --- normalisation


def normalise(text: str) -> str:
    """One spelling for one meaning: NFKC, lower case, simplified script, single blanks, no controls.

    Applying it twice changes nothing more.
    """
    return _normalised_name(text) if len(text) <= _NAME else _normalised(text)


@lru_cache(maxsize=8192)
def _normalised_name(text: str) -> str:
    """Names and titles come again and again."""
    return _normalised(text)


def _normalised(text: str) -> str:
    previous = None
    while text != previous:
        previous, text = text, _normalise_once(text)
    return text


def _normalise_once(text: str) -> str:
    text = _translated(unicodedata.normalize("NFKC", text).lower(), *_simplified())
    text = replace_variants(text)
    table, pattern = _controls()
    return _BLANKS.sub(" ", text.translate(table) if pattern.search(text) else text).strip()


def _translated(text: str, table: dict[int, str], letters: frozenset[str]) -> str:
    """Few texts hold any of the letters, and looking for them costs a fraction of translating."""
    return text if letters.isdisjoint(text) else text.translate(table)


def replace_variants(text: str) -> str:
    """Usual words for those of `variants.txt`, which are of equal length, so that places stay."""
    variants, pattern = _variants()
    return pattern.sub(lambda match: variants[match[0]], text)


@lru_cache(maxsize=1)
def _controls() -> tuple[dict[int, str], re.Pattern[str]]:
    """Control characters separate words; surrogates, zero-width signs and soft hyphens vanish. Of so few a pattern is quicker to
    look for than a set."""
    table = dict.fromkeys((*range(32), *range(127, 160)), " ")
    table.update(dict.fromkeys((173, 8203, 8204, 8205, 8288, 65279, *range(55296, 57344)), ""))
    return table, re.compile(f"[{''.join(re.escape(chr(number)) for number in sorted(table))}]")


@lru_cache(maxsize=1)
def _simplified() -> tuple[dict[int, str], frozenset[str]]:
    """Character by character, so that offsets survive; both sides of a search take the same path."""
    table: dict[int, str] = {}
    for line in _traditional_lines():
        old, _, new = line.partition("\t")
        new = new.split(" ")[0]
        if len(old) == len(new) == 1 and old != new:
            table[ord(old)] = new
    return table, frozenset(map(chr, table))


@lru_cache(maxsize=1)
def _variants() -> tuple[dict[str, str], re.Pattern[str]]:
    """Whole words written otherwise elsewhere, longest first."""
    table = dict(line.split() for line in _read_lines("variants.txt"))
    return table, re.compile("|".join(sorted(table, key=len, reverse=True)))


def _traditional_lines() -> list[str]:
    import opencc

    folder = Path(opencc.__file__).parent / "dictionary"
    return (folder / "TSCharacters.txt").read_text(encoding="utf-8").splitlines()


def compact(text: str) -> str:
    """The normalised text with nothing but letters, digits and characters: the key under which names meet."""
    return "".join(_RUNS.findall(normalise(text)))


def is_han(text: str) -> bool:
    """Whether any character is Chinese."""
    return _IS_HAN.search(text) is not None


# --- words


class Tokenizer:
    """Cuts text as for a search index: words, the words inside words, pairs of unknown characters.

    Without the guessing model of the segmenter: a name missing from the dictionary falls into single
    characters, wherever it stands, and neighbouring single characters are joined in pairs. So a name is cut
    alike in a long document and in a short query, which counts for more than guessing right.
    `words` are added to the dictionary; they are part of `version`, because they change the index.
    """

    def __init__(self, words: Iterable[str] | None = None, *, pure_python: bool = False) -> None:
        chosen = sorted({normalise(word) for word in (read_words() if words is None else words)})
        self._cut, segmenter = _python_cutter(chosen) if pure_python else _fastest_cutter(chosen)
        digest = hashlib.sha256("\n".join([*chosen, *_read_lines("variants.txt")]).encode()).hexdigest()[:8]
        parts = (f"rules{RULES_VERSION}", segmenter, _package_version("opencc-python-reimplemented"), digest)
        self.version = "-".join(parts)

    def tokens(self, normalised: str) -> list[Token]:
        """All words in order of their place; `normalised` must come from `normalise`."""
        found: list[Token] = []
        for run in _RUNS.finditer(normalised):
            cut = self._han if is_han(run.group()) else _latin
            found.extend(cut(run.group(), run.start()))
        return found

    def placed(self, text: str) -> list[tuple[int, str]]:
        """The words of a text as written, with their character offsets; between its lines lies a gap."""
        found: list[tuple[int, str]] = []
        base = 0
        for line in text.split("\n"):
            clean = normalise(line)
            found.extend((base + token.start, token.text) for token in self.tokens(clean))
            base += len(clean) + 2
        return found

    def words(self, normalised: str) -> list[Token]:
        """What a query asks for: as `tokens`, without single characters that stand in a pair, and without
        long words that are the sum of shorter ones (a longer name in a document contains only these)."""
        tokens = self.tokens(normalised)
        paired = _paired_places(tokens)
        return [token for token in tokens if not (_is_within(token, paired) or _is_sum(token, tokens))]

    def sums(self, normalised: str) -> list[Token]:
        """The long words that `words` leaves out: not asked for, but worth more where they stand."""
        tokens = self.tokens(normalised)
        return [token for token in tokens if _is_sum(token, tokens)]

    def _han(self, run: str, base: int) -> list[Token]:
        cut = [Token(word, base + start, base + end) for word, start, end in self._cut(run)]
        kept = [token for token in cut if token.text not in _HAN_STOP]
        return sorted([*kept, *_pairs(kept)], key=lambda token: (token.start, token.end))


def _pairs(tokens: list[Token]) -> Iterator[Token]:
    """Neighbouring single characters, joined: how a name that no dictionary has is found exactly."""
    singles = [token for token in tokens if token.end - token.start == 1]
    covered = {place for token in tokens if len(token.text) > 1 for place in range(token.start, token.end)}
    for left, right in itertools.pairwise(singles):
        if right.start == left.end and not {left.start, right.start} & covered:
            yield Token(left.text + right.text, left.start, right.end)


def _paired_places(tokens: list[Token]) -> set[int]:
    singles = {token.start for token in tokens if token.end - token.start == 1}
    pairs = (token.start for token in tokens if token.end - token.start == 2)
    return {place for start in pairs if {start, start + 1} <= singles for place in (start, start + 1)}


def _is_within(token: Token, paired: set[int]) -> bool:
    return token.end - token.start == 1 and token.start in paired


def _is_sum(token: Token, tokens: list[Token]) -> bool:
    if len(token.text) < 4 or not is_han(token.text):
        return False
    inner = [t for t in tokens if token.start <= t.start and t.end <= token.end and t.text != token.text]
    return {place for t in inner for place in range(t.start, t.end)} >= set(range(token.start, token.end))


def _latin(run: str, base: int) -> list[Token]:
    if run in _LATIN_STOP:
        return []
    return [Token(_singular(run), base, base + len(run))]


def _singular(word: str) -> str:
    """`robots` and `robot` meet; nothing cleverer, because most Latin words here are abbreviations."""
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is", "as")):
        return word[:-1]
    return word


# --- segmenters


def _fastest_cutter(words: list[str]) -> tuple[Cut, str]:
    try:
        return _rust_cutter(words)
    except ImportError:
        return _python_cutter(words)


def _rust_cutter(words: list[str]) -> tuple[Cut, str]:
    import rjieba

    segmenter = rjieba.Jieba()
    for word in words:
        segmenter.add_word(word, None, None)
    return lambda run: segmenter.tokenize(run, "search", False), "jieba"


def _python_cutter(words: list[str]) -> tuple[Cut, str]:
    import logging

    import jieba

    jieba.setLogLevel(logging.WARNING)
    segmenter = jieba.Tokenizer()
    for word in words:
        segmenter.add_word(word)
    return lambda run: segmenter.tokenize(run, mode="search", HMM=False), "jieba"


def read_words() -> list[str]:
    """The trade words shipped with the package that the general dictionary lacks."""
    return _read_lines("words.txt")


def _read_lines(name: str) -> list[str]:
    lines = (_HERE / name).read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def _package_version(package: str) -> str:
    return importlib.metadata.version(package)


@lru_cache(maxsize=1)
def default_tokenizer() -> Tokenizer:
    """One per process: the dictionary is several megabytes."""
    return Tokenizer()
