"""A Whoosh codec for the segments that batches and rebuilds become: one file of arrays, mapped by everybody who reads.

Whoosh's own codec writes a posting list a word, and a hundred documents have some five thousand words. Readers of this site look words up
in arrays anyway (`lists.py`), so nothing else is written, and the segment speaks Whoosh's interface over them: Whoosh searches it
and deletes in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from whoosh.codec import base
from whoosh.codec.whoosh3 import W3Segment
from whoosh.formats import Positions
from whoosh.matching import ListMatcher
from whoosh.reading import TermInfo, TermNotFound
from whoosh.system import pack_uint
from whoosh.writing import SegmentWriter

from search.whoosh_engine.arrays import Arrays, Strings, open_arrays, write_arrays
from search.whoosh_engine.fresh import KEY_FIELDS, row_of
from search.whoosh_engine.lists import LISTED_FIELDS, FieldLists
from search.whoosh_engine.schema import TEXT_FIELDS

_EXTENSION, _ALL = ".arrays", 10**9
_Term = tuple[str, bytes]


class BatchCodec(base.Codec):
    """Kept with each segment in the table of contents, so whoever opens the index reads it with this."""

    length_stats = False

    def per_document_writer(self, storage: Any, segment: Any) -> _Nothing:
        return _Nothing()

    def field_writer(self, storage: Any, segment: Any) -> _Nothing:
        return _Nothing()

    def per_document_reader(self, storage: Any, segment: Any) -> BatchDocuments:
        return BatchDocuments(_open(storage, segment), segment)

    def terms_reader(self, storage: Any, segment: Any) -> BatchTerms:
        return BatchTerms(_open(storage, segment))

    def new_segment(self, storage: Any, indexname: str) -> W3Segment:
        return W3Segment(self, indexname)


class BatchWriter(SegmentWriter):
    """Whoosh's writer, with its lock, its deletions and its table of contents; the new segment is written whole by `add_arrays`."""

    def __init__(self, index: Any, timeout: float) -> None:
        super().__init__(index, timeout=timeout, compound=False, codec=BatchCodec())

    def add_arrays(self, arrays: Arrays) -> None:
        """All documents of the segment (`fresh.segment_arrays`), once, before the commit makes them known."""
        write_arrays(Path(self.storage.folder) / self.newsegment.make_filename(_EXTENSION), arrays)
        self.docnum += len(arrays["years"])
        self._added = True


class _Nothing:
    """Stands where Whoosh has its writers of documents and words: `add_arrays` wrote all."""

    def __init__(self) -> None:
        self.is_closed = False

    def add_postings(self, schema: Any, lengths: Any, items: Iterable[Any]) -> None:
        """There are none."""

    def close(self) -> None:
        self.is_closed = True


def _open(storage: Any, segment: Any) -> dict[str, Any]:
    return open_arrays(Path(storage.folder) / segment.make_filename(_EXTENSION))


class BatchDocuments(base.PerDocumentReader):
    """What Whoosh asks about documents."""

    def __init__(self, arrays: dict[str, Any], segment: Any) -> None:
        self._arrays, self._segment = arrays, segment
        self._rows = Strings(arrays["rows.packed"], arrays["rows.starts"])

    def doc_count(self) -> int:
        return int(self._segment.doc_count())

    def doc_count_all(self) -> int:
        return int(self._segment.doc_count_all())

    def has_deletions(self) -> bool:
        return bool(self._segment.has_deletions())

    def is_deleted(self, docnum: int) -> bool:
        return bool(self._segment.is_deleted(docnum))

    def deleted_docs(self) -> Iterable[int]:
        found: Iterable[int] = self._segment.deleted_docs()
        return found

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        return int(self._arrays[f"length.{fieldname}"][docnum]) or default if fieldname in TEXT_FIELDS else default

    def field_length(self, fieldname: str) -> int:
        return int(self._arrays["field_lengths"][TEXT_FIELDS.index(fieldname)]) if fieldname in TEXT_FIELDS else 0

    def min_field_length(self, fieldname: str) -> int:
        return int(self._arrays[f"length.{fieldname}"].min()) if fieldname in TEXT_FIELDS else 0

    def max_field_length(self, fieldname: str) -> int:
        return int(self._arrays[f"length.{fieldname}"].max()) if fieldname in TEXT_FIELDS else 0

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        return {"row": row_of(self._rows.coded(docnum))}


class BatchTerms(base.TermsReader):
    """What Whoosh asks about words."""

    def __init__(self, arrays: dict[str, Any]) -> None:
        self._arrays = arrays
        self._fields = {
            name: FieldLists(arrays, name)
            for name in sorted((*LISTED_FIELDS, *KEY_FIELDS))
            if len(arrays[f"{name}.ids"])
        }

    def __contains__(self, term: _Term) -> bool:
        name, text = term
        return name in self._fields and bool(self._fields[name].count(text.decode()))

    def indexed_field_names(self) -> list[str]:
        return list(self._fields)

    def terms(self) -> Iterator[_Term]:
        return self.terms_from("", b"")

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[_Term]:
        for name in (name for name in self._fields if name >= fieldname):
            words = map(str.encode, self._fields[name].words_starting("", _ALL))
            yield from ((name, word) for word in words if name > fieldname or word >= prefix)

    def items(self) -> Iterator[tuple[_Term, TermInfo]]:
        return ((term, self.term_info(*term)) for term in self.terms())

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[_Term, TermInfo]]:
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        if (fieldname, text) not in self:
            raise TermNotFound(f"{fieldname}:{text!r}")
        ids, weights = self._fields[fieldname].get(text.decode())
        lengths = self._arrays[f"length.{fieldname}"][ids] if fieldname in TEXT_FIELDS else None
        shortest, longest = (None, 0) if lengths is None else (int(lengths.min()), int(lengths.max()))
        return TermInfo(
            float(weights.sum()), len(ids), shortest, longest, float(weights.max()), int(ids[0]), int(ids[-1])
        )

    def frequency(self, fieldname: str, text: bytes) -> float:
        return float(self.term_info(fieldname, text).weight()) if (fieldname, text) in self else 0.0

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        return self._fields[fieldname].count(text.decode()) if fieldname in self._fields else 0

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> ListMatcher:
        info = self.term_info(fieldname, text)
        ids, weights = self._fields[fieldname].get(text.decode())
        values = self._values(fieldname, text.decode(), format_)
        return ListMatcher(
            ids.tolist(), weights.tolist(), values, format_, scorer, term=(fieldname, text), terminfo=info
        )

    def _values(self, fieldname: str, word: str, format_: Any) -> list[bytes | None]:
        """What Whoosh keeps of a word in each document: its places where the field has them, else how often."""
        lists = self._fields[fieldname]
        ids, weights = lists.get(word)
        if isinstance(format_, Positions):
            places = iter(lists.positions(word, ids)[1].tolist())
            return [format_.encode([next(places) for _ in range(int(times))]) for times in weights]
        return [None if fieldname in KEY_FIELDS else pack_uint(int(times)) for times in weights]

    def cursor(self, fieldname: str, fieldobj: Any) -> Any:
        """Whoosh walks words like this for patterns and fuzzy words, which nothing here asks for."""
        raise NotImplementedError
