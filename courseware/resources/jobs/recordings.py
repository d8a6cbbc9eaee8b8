"""Video and sound: playable first, then pictures and figures, then the other sizes; long ones in pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from courseware.core.unit_of_work import unit_of_work
from courseware.resources.jobs.marks import mark_recording
from courseware.resources.jobs.publishing import finish, tell_search
from courseware.resources.jobs.work import THUMBNAIL, Work, asset_of, put_rendition, sized
from courseware.resources.storage import store
from media import hls, pictures, pieces, quality
from media.errors import DamagedMedia, ObjectNotFound
from media.gate import MediaInfo, inspect_media, tolerance_s
from media.ladder import Rung, can_remux_video, first_rung, rungs
from media.loudness import PEAKS, measure_sound
from media.pieces import Piece, name_of
from media.playlists import MASTER
from media.playlists import Rendition as Playlist
from media.stores import pull_object
from media.stores.transfer import push_file

LONG_S, PIECE_S = pieces.LONG_S, pieces.PIECE_S
AFTERWARDS = 10  # added to the priority once it plays: every file becomes playable before any gets its other sizes

Plain = dict[str, Any]


def process_recording(work: Work) -> Plain:
    """The steps of a recording, by name; each may be retried alone."""
    found = work.run.step("probe", lambda: _probe(work), (0, 4))
    info, plan = MediaInfo(**found["info"]), tuple(Piece(**piece) for piece in found["pieces"])
    made = _playable(work, info, plan)
    work.run.step("publish", lambda: _publish(work, info, made), (40, 42))
    work.run.give_way(AFTERWARDS)
    _look_and_listen(work, info)
    more = _other_sizes(work, info, plan, made)
    everything = [*made, *more]
    if more:
        work.run.step("check", lambda: _check(work, info, everything), (94, 95))
        work.run.step("switch", lambda: _switch(work, everything), (95, 96))
    work.run.step("quality", lambda: _measure_quality(work, info), (96, 97))
    work.run.step("marks", lambda: mark_recording(work, info), (97, 99))
    return finish(work, {"playlists": [p["name"] for p in everything]})


def _probe(work: Work) -> Plain:
    """What the file is, whether there is room, and where a long one is cut."""
    source = work.source()
    info = inspect_media(source)
    hls.check_disk(work.folder, info)
    plan = pieces.plan_pieces(source, info, LONG_S, PIECE_S)
    return {"info": asdict(info), "pieces": [asdict(piece) for piece in plan]}


def _playable(work: Work, info: MediaInfo, plan: Sequence[Piece]) -> list[Plain]:
    if not plan or can_remux_video(info):
        return work.run.step("playable", lambda: _make_playable(work, info), (4, 40))
    sound = work.run.step("sound", lambda: _make_sound(work, info), (4, 10))
    return [*_in_pieces(work, info, plan, [first_rung(rungs(info))], "first", (10, 40)), *sound]


def _make_playable(work: Work, info: MediaInfo) -> list[Plain]:
    out = work.output("hls")
    made = hls.make_playable(work.source(), info, out, work.run.step_progress, work.run.cancelled)
    work.push("hls", out)
    return [_plain(p) for p in made]


def _make_sound(work: Work, info: MediaInfo) -> list[Plain]:
    out = work.output("hls")
    made = hls.make_sound(work.source(), info, out, work.run.step_progress, work.run.cancelled)
    work.push("hls", out)
    return [_plain(p) for p in made]


def _publish(work: Work, info: MediaInfo, made: Sequence[Plain]) -> None:
    """From here on it plays."""
    _push_master(work, made)
    with unit_of_work():
        asset = asset_of(work.asset_uuid)
        asset.duration_s = info.duration_s
        asset.width, asset.height = info.width or None, info.height or None
        put_rendition(asset, work, "hls", "hls", _facts(made))
        asset.state = "ready"
        tell_search(asset)


def _push_master(work: Work, made: Sequence[Plain]) -> None:
    """The master names what is in the store already: whoever reads it finds everything."""
    out = work.output("master")
    hls.write_master(out, [_playlist(p) for p in made])
    work.run.confirm()
    push_file(store(), out / MASTER, f"{work.prefix('hls')}/{MASTER}")


def _facts(made: Sequence[Plain]) -> Plain:
    names = ("kind", "name", "width", "height", "duration_s", "size", "bandwidth", "codecs")
    return {
        "file": MASTER, "rungs": [p["name"] for p in made], "playlists": [{name: p[name] for name in names} for p in made],
        "warnings": sum(bool(p["complaints"]) for p in made),
    }  # fmt: skip


# --- pictures and figures ---------------------------------------------------------------------------------------------


def _look_and_listen(work: Work, info: MediaInfo) -> None:
    if info.kind == "video":
        work.run.step("poster", lambda: _make_poster(work, info), (42, 44))
        work.run.step("thumbnails", lambda: _make_thumbnails(work, info), (44, 46))
    work.run.step("loudness", lambda: _measure_sound(work, info), (46, 50))


def _make_poster(work: Work, info: MediaInfo) -> None:
    out = work.output("poster")
    poster = pictures.make_poster(work.source(), info, out / "poster.jpg")
    size = pictures.make_thumbnail(poster, out / THUMBNAIL)
    work.push("pictures", out)
    with unit_of_work():
        asset = asset_of(work.asset_uuid)
        put_rendition(asset, work, "poster", "pictures", {"file": poster.name})
        put_rendition(asset, work, "thumbnail", "pictures", sized(size))


def _make_thumbnails(work: Work, info: MediaInfo) -> None:
    out = work.output("thumbnails")
    pictures.make_sprite(work.source(), info, out)
    work.push("pictures", out)
    with unit_of_work():
        put_rendition(asset_of(work.asset_uuid), work, "sprite", "pictures", {"file": "thumbs.vtt"})


def _measure_sound(work: Work, info: MediaInfo) -> Plain:
    """Waveform, loudness and the gain a player adds. A recording without sound says so."""
    if not info.has_audio:
        _note(work, {"has_sound": False})
        return {}
    out = work.output("sound")
    found = measure_sound(work.source(), info, out, work.run.step_progress, work.run.cancelled)
    work.push("sound", out)
    with unit_of_work():
        asset = asset_of(work.asset_uuid)
        asset.gain_db = found.gain_db
        asset.facts = {**asset.facts, "has_sound": True, "peak_db": found.peak_db, "loudness_lufs": found.lufs}
        put_rendition(asset, work, "peaks", "sound", {"file": PEAKS})
    return asdict(found)


def _measure_quality(work: Work, info: MediaInfo) -> None:
    """What a reviewer is told beside the recording: the share of still picture. No file fails for it."""
    _note(work, quality.measure(work.source(), info, work.output("quality")))


def _note(work: Work, facts: Plain) -> None:
    with unit_of_work():
        asset = asset_of(work.asset_uuid)
        asset.facts = {**asset.facts, **facts}


# --- the other sizes --------------------------------------------------------------------------------------------------


def _other_sizes(work: Work, info: MediaInfo, plan: Sequence[Piece], made: Sequence[Plain]) -> list[Plain]:
    missing = _missing(info, made)
    if not missing:
        return []
    work.run.give_way()
    if plan:
        return _in_pieces(work, info, plan, missing, "sizes", (50, 94))
    return work.run.step("sizes", lambda: _make_rungs(work, info, made), (50, 94))


def _missing(info: MediaInfo, made: Sequence[Plain]) -> list[Rung]:
    have = {p["name"] for p in made}
    return [rung for rung in rungs(info) if rung.name not in have] if info.kind == "video" else []


def _make_rungs(work: Work, info: MediaInfo, made: Sequence[Plain]) -> list[Plain]:
    have, out = [_playlist(p) for p in made], work.output("rungs")
    more = hls.make_rungs(work.source(), info, out, have, work.run.step_progress, work.run.cancelled)
    work.push("hls", out)
    return [_plain(p) for p in more]


def _check(work: Work, info: MediaInfo, everything: Sequence[Plain]) -> int:
    """Every file that playlists name is in the store, and all sizes are equally long. Returns how many files.

    Raises DamagedMedia.
    """
    prefix = work.prefix("hls")
    here = {found.key.removeprefix(f"{prefix}/") for found in store().list(f"{prefix}/") if found.size}
    named = [file for p in everything for file in p["files"]]
    seen = [p["duration_s"] for p in everything if p["kind"] == "video"]
    if set(named) - here or max(seen) - min(seen) > tolerance_s(info.duration_s):
        raise DamagedMedia(info.duration_s, min(seen, default=0.0))
    return len(named)


def _switch(work: Work, everything: Sequence[Plain]) -> None:
    """The master over all sizes replaces the first one."""
    _push_master(work, everything)
    with unit_of_work():
        put_rendition(asset_of(work.asset_uuid), work, "hls", "hls", _facts(everything))


def _in_pieces(
    work: Work, info: MediaInfo, plan: Sequence[Piece], wanted: Sequence[Rung], name: str, span: tuple[float, float]
) -> list[Plain]:
    """Each piece is a step of its own and lies in the store when it is done; between pieces others may go first."""
    width = (span[1] - span[0]) / (len(plan) + 1)
    for piece in plan:
        if piece.num:
            work.run.give_way()
        start = span[0] + piece.num * width
        encode = partial(_encode_piece, work, info, piece, wanted)
        work.run.step(f"{name} {piece.num + 1}/{len(plan)}", encode, (start, start + width))
    return work.run.step(f"{name} join", lambda: _join(work, info, plan, wanted), (span[1] - width, span[1]))


def _encode_piece(work: Work, info: MediaInfo, piece: Piece, wanted: Sequence[Rung]) -> None:
    out = work.output("pieces")
    made = pieces.encode_piece(work.source(), info, piece, wanted, out, work.run.step_progress, work.run.cancelled)
    work.run.confirm()
    for path in made:
        push_file(store(), path, f"{work.prefix('pieces')}/{path.name}")
        path.unlink()


def _join(work: Work, info: MediaInfo, plan: Sequence[Piece], wanted: Sequence[Rung]) -> list[Plain]:
    files = {rung.name: [_fetched(work, info, piece, wanted, rung) for piece in plan] for rung in wanted}
    out = work.output(f"joined-{wanted[0].name}")
    made = pieces.join(files, plan, info, out, work.run.step_progress, work.run.cancelled)
    work.push("hls", out)
    for key in [f"{work.prefix('pieces')}/{path.name}" for paths in files.values() for path in paths]:
        store().delete(key)
    return [_plain(p) for p in made]


def _fetched(work: Work, info: MediaInfo, piece: Piece, wanted: Sequence[Rung], rung: Rung) -> Path:
    """A piece of one rung. One that is gone is made anew: joining ended before it was noted, or is done once more."""
    name = name_of(rung.name, piece)
    key, target = f"{work.prefix('pieces')}/{name}", work.output("pieces") / name
    try:
        return pull_object(store(), key, target)
    except ObjectNotFound:
        _encode_piece(work, info, piece, wanted)
        return pull_object(store(), key, target)


def _plain(playlist: Playlist) -> Plain:
    return {**asdict(playlist), "files": list(playlist.files)}


def _playlist(facts: Plain) -> Playlist:
    return Playlist(**{**facts, "files": tuple(facts["files"])})
