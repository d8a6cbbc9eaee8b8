"""`flask search` and `flask index`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from flask.cli import AppGroup, with_appcontext

from courseware.core.cli import import_group, plain_errors, print_json, refuse
from courseware.core.unit_of_work import unit_of_work
from courseware.discovery import indexing, services, vocabulary
from courseware.discovery.engine import engine
from courseware.jobs.queries import work_state
from courseware.libraries.errors import UnknownLibrary
from courseware.libraries.queries import find_library
from search.documents import KINDS
from search.engine import IndexUnavailable, WriterBusy
from search.evaluation import LabelledSetUnusable, evaluate, read_labelled_set
from search.whoosh_engine import WhooshEngine

index = AppGroup("index", help="The search index.")


@click.command("search")
@click.argument("words", nargs=-1, required=True, metavar="QUERY | eval FILE")
@click.option("--kind", type=click.Choice(["all", *KINDS]), default="all", show_default=True)
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 100))
@click.option("--facets", is_flag=True, help="Count what was found by type, course, year …")
@click.option("--json", "as_json", is_flag=True)
@with_appcontext
def search(words: tuple[str, ...], kind: str, limit: int, facets: bool, as_json: bool) -> None:
    """Searches as the site does, as an anonymous visitor. `search eval FILE` scores a labelled set instead
    (one file, or a folder of docs.jsonl, queries.jsonl, qrels.jsonl): recall@10 and nDCG@10 by category."""
    if len(words) == 2 and words[0] == "eval" and Path(words[1]).exists():
        _evaluate(Path(words[1]), as_json)
        return
    query = " ".join(words)
    wanted = None if kind == "all" else next(k for k in KINDS if k == kind)
    try:
        answer = services.search(None, query, kind=wanted, limit=limit, facets=services.FACETS if facets else ())
    except IndexUnavailable as reason:
        refuse(f"The search index cannot be read ({reason.code}). Run: flask index rebuild")
        return
    if as_json:
        document = services.answer_as_dict(answer)
        print_json(document if facets else {**document, "facets": {}})
        return
    click.echo(f"{answer.result.total} found in {answer.result.took_ms:.1f} ms")
    for found in answer.hits:
        at = f" {found.start_s:.0f}–{found.end_s:.0f} s" if found.start_s is not None else ""
        click.echo(f"{found.kind:9}{''.join(p.text for p in found.title)}{at}\n         {found.url}")


def _evaluate(place: Path, as_json: bool) -> None:
    """Answers the queries over the set's own documents, in an index beside the site's."""
    with TemporaryDirectory() as scratch:
        try:
            labelled = read_labelled_set(place)
        except LabelledSetUnusable as problem:
            refuse(str(problem))
            return
        aside = WhooshEngine(Path(scratch))
        aside.rebuild(labelled.documents)
        scores = evaluate(aside, labelled)
        aside.close()
    if as_json:
        overall = asdict(scores.pop("all"))
        categories = {category: asdict(score) for category, score in scores.items()}
        print_json({"documents": len(labelled.documents), **overall, "categories": categories})
        return
    click.echo(f"{len(labelled.documents)} documents\n{'category':14}queries  recall@10  nDCG@10       ms")
    for category, score in scores.items():
        click.echo(f"{category:14}{score.queries:7}  {score.recall:9.3f}  {score.ndcg:7.3f}  {score.took_ms:7.2f}")


@index.command("rebuild")
@click.option("--json", "as_json", is_flag=True)
def rebuild(as_json: bool) -> None:
    """Builds the index anew beside the live one and swaps; searching goes on meanwhile."""
    try:
        status = engine().rebuild(indexing.all_documents())
    except WriterBusy:
        refuse("Another process is rebuilding the index. Wait until it has finished.")
        return
    print_json({"documents": status.documents}) if as_json else click.echo(f"{status.documents} documents indexed.")


@index.command("status")
@click.option("--json", "as_json", is_flag=True)
def show_status(as_json: bool) -> None:
    """Documents, seconds behind the database, tokenizer."""
    lag = work_state(indexing.TOPIC).outbox_lag_s
    try:
        status = engine().status()
    except IndexUnavailable as reason:
        refuse(f"The search index cannot be read ({reason.code}). Run: flask index rebuild")
        return
    answer = {
        "documents": status.documents,
        "lag_s": round(lag, 1),
        "tokenizer": status.tokenizer,
        "segments": status.segments,
    }
    print_json(answer) if as_json else click.echo("\n".join(f"{name}: {value}" for name, value in answer.items()))


@import_group.command("aliases")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--library", "code", required=True, help="Code of the library.")
@click.option("--dry-run", is_flag=True, help="Count, write nothing.")
@click.option("--json", "as_json", is_flag=True)
@plain_errors
def import_aliases(file: Path, code: str, dry_run: bool, as_json: bool) -> None:
    """Other names of points from FILE: lines of {"name": "…", "aliases": ["…"]}. Points are found by any of the names."""
    with unit_of_work():
        library = find_library(code)
        if library is None:
            raise UnknownLibrary(library=code)
        taken = vocabulary.import_aliases(library, file, dry_run=dry_run)
    text = f"{taken.added} names added, {taken.known} were there, {taken.missing} lines name no point of the library."
    print_json(taken.as_dict()) if as_json else click.echo(text)


commands = (search, index, import_group)
