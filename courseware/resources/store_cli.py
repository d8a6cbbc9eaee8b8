"""`flask store check`, `flask store move`, `flask store sweep`."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict, replace
from typing import Any, cast

import click
from flask import current_app
from flask.cli import AppGroup
from flask_babel import gettext as _

from courseware.core.cli import plain_errors, print_json, refuse
from courseware.core.unit_of_work import unit_of_work
from courseware.resources import moving, orphans, storage, uploads
from courseware.resources.jobs import sweeping
from courseware.resources.reasons import sentence_of
from courseware.resources.store_words import ABOUT, sentence_of_finding
from media.errors import StoreUnavailable
from media.stores.examining import BAD, WARNING, Found, examine
from media.stores.moving import PassReport

store_group = AppGroup("store", help="Where files are kept: examine, move, clear up.")
MARKS = {BAD: "✗", WARNING: "!"}


@store_group.command("check")
@click.option("--store", "kind", type=click.Choice(["folder", "s3"]), help="The store to look at; else the one in use.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@plain_errors
def check(kind: str | None, as_json: bool) -> None:
    """Uses the store as uploads and players do, and says in words what is wrong and what to do.

    Exit 0: everything is well. 1: it works, with warnings. 2: it cannot work like this.
    """
    settings = current_app.config["KEKU"]
    place = _place()
    used = kind or (place.params.get("kind") if place.code else None) or settings.store
    wanted = replace(storage.store_settings(settings), kind=cast(Any, used))
    found = [*([place] if place.code else []), *examine(wanted, settings.data_path / "work", settings.public_url)]
    level = next((level for level in (BAD, WARNING) if any(f.level == level for f in found)), "good")
    if as_json:
        print_json({"store": used, "verdict": level, "findings": [_plain(f) for f in found]})
    else:
        click.echo("\n".join(f"{MARKS.get(f.level, '✓')} {ABOUT[f.about]}: {sentence_of_finding(f)}" for f in found))
    sys.exit({BAD: 2, WARNING: 1}.get(level, 0))


@store_group.command("move")
@click.option("--to", "kind", type=click.Choice(["folder", "s3"]), help="Where the library goes.")
@click.option("--stop", "is_stopped", is_flag=True, help="Give up a move that has not switched yet.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@plain_errors
def move(kind: str | None, is_stopped: bool, as_json: bool) -> None:
    """Copies the whole library to the other store while people go on working, and switches at the end.

    Each object is verified by its hash. Interrupted, the same command goes on where it stopped. Nothing is deleted from
    the old store. The site has to run with the settings of both stores.
    """
    if is_stopped:
        moving.stop()
        click.echo(_("The move was given up; the library stays where it was."))
        return
    if kind is None:
        refuse(_("Say where the library goes: --to s3 or --to folder."))
    try:
        moved = moving.move(str(kind), _teller())
    except StoreUnavailable as problem:
        refuse(f"{_words(problem)} {_('Run the same command again, and it goes on where it stopped.')}")
        raise
    if as_json:
        print_json(asdict(moved))
        return
    click.echo(
        _(
            "%(objects)s files are in the new store: %(copied)s copied (%(size)s MB), %(found)s were there already. Every one was compared by its hash.",
            objects=moved.objects,
            copied=moved.copied,
            found=moved.found,
            size=round(moved.bytes / 1024**2),
        )
    )
    click.echo(
        _(
            "Keku uses the new store from now on. Set KEKU_STORE=%(kind)s, so that the settings say so too.",
            kind=moved.to,
        )
    )


@store_group.command("sweep")
@click.option("--remove", "is_real", is_flag=True, help="Do it; without this the command only looks.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@plain_errors
def sweep(is_real: bool, as_json: bool) -> None:
    """Says what in the store nothing names any more. The worker does the same once a day, and removes it.

    With --remove: unfinished uploads of more than three days go with their parts, what was noted a day ago and is still
    named by nobody goes, and what is found now is noted to go in a day. Files of versions, uploads, evidence, frozen years,
    packages and copies of own data stay, however old or withdrawn.
    """
    try:
        answer = _swept() if is_real else orphans.look().plain()
    except StoreUnavailable as problem:
        refuse(_words(problem))
        raise
    print_json(answer) if as_json else click.echo("\n".join(_sweep_lines(answer, is_real)))


def _swept() -> dict[str, Any]:
    with unit_of_work():
        dropped = uploads.sweep()
    removed = sweeping.remove_leftovers()
    return {
        **orphans.note().plain(), "uploads": dropped, "halves": sweeping.clear_halves(),
        "removed": {"objects": removed.objects, "bytes": removed.bytes},
    }  # fmt: skip


def _sweep_lines(answer: dict[str, Any], is_real: bool) -> list[str]:
    lines = [_("%(count)s files in the store (%(size)s).", **_amount(answer["seen"]))]
    if is_real:
        lines += [
            _("%(count)s unfinished uploads dropped.", count=answer["uploads"]),
            _("Removed now, noted a day ago or more: %(count)s files (%(size)s).", **_amount(answer["removed"])),
            _("Half-written files of processes that were killed: %(size)s cleared.", size=_size(answer["halves"])),
            _(
                "Named by nothing, noted to leave in 24 hours: %(count)s files (%(size)s).",
                **_amount(answer["orphans"]),
            ),
        ]
    else:
        lines.append(_("Named by nothing: %(count)s files (%(size)s).", **_amount(answer["orphans"])))
    others = {
        "waiting": _("Noted before, they leave in their time: %(count)s files (%(size)s).", **_amount(answer["waiting"])),
        "young": _("Named by nothing yet, younger than three days, left alone: %(count)s files (%(size)s).", **_amount(answer["young"])),
        "unknown": _("In folders Keku does not know, never touched: %(count)s files (%(size)s).", **_amount(answer["unknown"])),
    }  # fmt: skip
    lines += [line for name, line in others.items() if answer[name]["objects"]]
    return lines if is_real else [*lines, _("Nothing was changed. With --remove it is done.")]


def _amount(count: dict[str, int]) -> dict[str, Any]:
    return {"count": count["objects"], "size": _size(count["bytes"])}


def _size(count: int) -> str:
    return f"{count / 1024**2:,.1f} MB"


def start_words() -> tuple[str, bool]:
    """What the start of the site has to say about settings and the last move, and whether it cannot go on; empty when they agree."""
    found = _place()
    return (sentence_of_finding(found), found.level == BAD) if found.code else ("", False)


def _place() -> Found:
    code = storage.conflict()
    if not code:
        return Found("place")
    newest = storage.newest_move()
    assert newest is not None
    kind = newest.to_kind if newest.state == "done" else newest.from_kind
    level = BAD if code == "store_moved" else WARNING
    return Found("place", level, code, {"place": newest.to_place, "kind": kind})


def _plain(found: Found) -> dict[str, Any]:
    return {
        "about": found.about, "level": found.level, "code": found.code, "sentence": sentence_of_finding(found), **found.params,
    }  # fmt: skip


def _words(problem: StoreUnavailable) -> str:
    return (
        sentence_of(problem)
        if problem.code != "copy_differs"
        else sentence_of_finding(Found("objects", BAD, problem.code, problem.params))
    )


def _teller() -> moving.Tell:
    told = 0.0

    def tell(state: str, report: PassReport) -> None:
        nonlocal told
        if time.monotonic() - told < 2:
            return
        told = time.monotonic()
        size = round(report.bytes / 1024**2)
        click.echo(f"{state}: {report.seen} seen, {report.copied} copied, {size} MB", err=True)

    return tell
