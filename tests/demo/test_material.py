"""The demonstration files: of the right kind, as long as stated, the same each time, drawn with real characters."""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import av
import openpyxl
import pypdf
import pytest
from PIL import Image
from pptx import Presentation

from courseware.demo.material import Material, changes_until, make_all, make_cover, make_material, parse_content
from courseware.demo.material.build import QUICK_S, wanted
from courseware.demo.material.canvas import Canvas
from courseware.demo.material.captions import to_vtt
from courseware.demo.material.corpus import Record, body_of, corpus
from courseware.demo.material.fonts import font, has_chinese
from courseware.demo.material.frames import Reel, shortened
from courseware.demo.material.scenes import SCENES
from courseware.demo.material.script import Script, clauses, make_script

SUFFIXES = {
    "text": {".md"},
    "presentation": {".pdf", ".pptx"},
    "image": {".png"},
    "audio": {".m4a"},
    "video": {".mp4"},
    "animation": {".mp4"},
    "simulation": {".zip"},
    "other": {".xlsx", ".zip"},
}
MAGIC = {".pdf": b"%PDF", ".png": b"\x89PNG", ".zip": b"PK", ".pptx": b"PK", ".xlsx": b"PK"}
CUE = re.compile(r"(\d\d):(\d\d):(\d\d\.\d{3}) --> (\d\d):(\d\d):(\d\d\.\d{3})")
Made = dict[tuple[str, int], Material]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_all(tmp_path_factory.mktemp("material"), jobs=2, quick=True)


def resource(key: str) -> Record:
    return corpus().resources[key]


def scripts() -> Iterator[tuple[Record, int, Script]]:
    """The real script of every recording in every version."""
    for key, version in wanted():
        item = resource(key)
        if item.get("duration_s"):
            yield item, version, make_script(item, corpus().lesson_of(item), version, float(item["duration_s"]))


def test_every_resource_has_a_file_of_its_kind(made: Made) -> None:
    assert {key for key, _ in made} == set(corpus().resources)
    for (key, _), material in made.items():
        suffix = material.path.suffix
        assert suffix in SUFFIXES[resource(key)["type"]], key
        start = material.path.read_bytes()[:12]
        assert start[4:8] == b"ftyp" if suffix in (".mp4", ".m4a") else start.startswith(MAGIC.get(suffix, b"# "))


def test_every_resource_has_a_thumbnail(made: Made) -> None:
    for material in made.values():
        assert material.poster is not None
        with Image.open(material.poster) as picture:
            assert picture.size == (640, 360)


def test_thumbnails_differ(made: Made) -> None:
    pictures = [m.poster.read_bytes() for (_, version), m in made.items() if m.poster and version == 1]
    assert len(set(pictures)) == len(pictures)


def test_recordings_are_as_long_as_asked(made: Made) -> None:
    for material in made.values():
        if material.path.suffix in (".mp4", ".m4a"):
            with av.open(str(material.path)) as file:
                assert abs((file.duration or 0) / 1_000_000 - QUICK_S) < 0.3


def test_videos_are_h264_with_sound(made: Made) -> None:
    with av.open(str(made["r153", 1].path)) as file:
        kinds = {stream.type: stream.codec_context.name for stream in file.streams}
    assert kinds == {"video": "h264", "audio": "aac"}


def test_a_script_fills_exactly_the_stated_time() -> None:
    for item, _, script in scripts():
        assert script.sections[0].start_s == 0
        assert script.sections[-1].end_s == script.duration_s == item["duration_s"], item["key"]
        for before, after in zip(script.sections, script.sections[1:], strict=False):
            assert before.end_s == after.start_s


def test_a_reel_has_the_frames_of_its_time() -> None:
    item = resource("r158")
    script = make_script(item, corpus().lesson_of(item), 1, 99.0)
    reel = Reel(shortened(script, 7.3), 4)
    assert sum(1 for _ in reel) == reel.total == 29


def test_no_video_is_a_still_page() -> None:
    for _, _, script in scripts():
        assert len(script.sections) >= 4
        assert len({(s.layout, s.title, s.scene) for s in script.sections}) >= 3


def test_captions_and_ranges_lie_inside() -> None:
    for item, _, script in scripts():
        last = 0.0
        for cue in script.cues:
            assert last <= cue.start_s < cue.end_s <= script.duration_s, item["key"]
            last = cue.end_s
        for part in script.ranges:
            assert 0 <= part.start_s < part.end_s <= script.duration_s


def test_captions_can_be_parsed(made: Made) -> None:
    material = made["r153", 1]
    assert set(material.captions) == {"zh", "en"}
    for text in material.captions.values():
        assert text.startswith("WEBVTT\n\n")
        assert len(CUE.findall(text)) == 13


def test_lesson_videos_keep_the_written_cues_and_ranges() -> None:
    item, lesson = resource("r158"), corpus().lessons["si-l05"]
    script = make_script(item, lesson, 1, 99.0)
    assert [c.zh for c in script.cues] == [c["text_zh"] for c in lesson["narration"]["cues"]]
    assert [(r.point, r.start_s) for r in script.ranges] == [
        (r["point"], r["start_s"]) for r in lesson["narration"]["point_ranges"]
    ]


def test_every_lesson_slide_is_shown() -> None:
    item, lesson = resource("r158"), corpus().lessons["si-l05"]
    shown = [s.title for s in make_script(item, lesson, 1, 99.0).sections]
    assert shown == [s["title"] for s in lesson["slides"]]


def test_no_english_captions_without_english_words() -> None:
    script = make_script(resource("r053"), None, 1, 226.0)
    assert to_vtt(script.cues, "en") == ""


@pytest.mark.parametrize("key", ["r001", "r023", "r121", "r130", "r148", "r152", "r171", "r175", "r091", "r137"])
def test_the_same_bytes_twice(key: str, tmp_path: Path) -> None:
    twice = [make_material(resource(key), None, 1, tmp_path / side, quick=True) for side in "ab"]
    assert twice[0].path.read_bytes() == twice[1].path.read_bytes()
    assert twice[0].captions == twice[1].captions


@pytest.mark.parametrize(
    ("key", "version"),
    [("r186", 2), ("r186", 3), ("r081", 4), ("r124", 2), ("r124", 4), ("r002", 2), ("r170", 3), ("r117", 2)],
)
def test_a_revision_changes_the_file(made: Made, key: str, version: int) -> None:
    assert made[key, version].path.read_bytes() != made[key, version - 1].path.read_bytes()


def test_no_two_files_are_alike(made: Made) -> None:
    """Equal bytes would be refused as a duplicate."""
    assert len({material.path.read_bytes() for material in made.values()}) == len(made)


def test_a_revision_replaces_the_stated_share() -> None:
    for key in ("r081", "r162", "r153", "r073"):
        item, change = resource(key), changes_until(key, 2)[0]
        script = make_script(item, corpus().lesson_of(item), 2, float(item["duration_s"]))
        fresh = sum(s.end_s - s.start_s for s in script.sections if s.note)
        assert fresh == pytest.approx(change.seconds, abs=0.2)


def test_texts_take_their_versions_from_the_history() -> None:
    assert body_of(resource("r002"), 1) == resource("r002")["body_zh"]
    assert len({body_of(resource("r002"), version) for version in (1, 2, 3)}) == 3


def test_equal_content_is_equal_bytes(tmp_path: Path) -> None:
    assert changes_until("r053", 1) == []
    assert parse_content("r053-v1") == (resource("r053"), 1)
    assert parse_content("x-self-v1") is None
    assert parse_content("一、着装：帽、鞋") is None


def test_an_unknown_resource_is_made_all_the_same(tmp_path: Path) -> None:
    strange: Record = {"key": "x-self", "type": "video", "title_zh": "自审示例", "duration_s": 90, "points": ["rp01"]}
    material = make_material(strange, None, 1, tmp_path, quick=True)
    assert material.path.stat().st_size > 1000


def test_a_second_run_does_nothing(made: Made) -> None:
    folder = made["r001", 1].path.parent
    before = {path.name: path.stat().st_mtime_ns for path in folder.glob("r*")}
    told: list[tuple[int, int]] = []
    again = make_all(folder, jobs=2, progress=lambda n, total, _: told.append((n, total)), quick=True)
    assert {path.name: path.stat().st_mtime_ns for path in folder.glob("r*")} == before
    assert told[-1] == (len(made), len(made))
    assert again["r153", 1] == replace(made["r153", 1])


def test_slides_can_be_searched(made: Made) -> None:
    pdf = pypdf.PdfReader(made["r171", 1].path)
    assert len(pdf.pages) == 8
    assert "三位置使能开关" in pdf.pages[4].extract_text()


def test_office_files_open(made: Made) -> None:
    deck = Presentation(str(made["r175", 1].path))
    assert len(deck.slides) == 8
    assert openpyxl.load_workbook(made["r149", 1].path)["保养计划"].max_row == 7


def test_simulations_bring_all_they_need(made: Made) -> None:
    for (key, _), material in made.items():
        if resource(key)["type"] == "simulation":
            with zipfile.ZipFile(material.path) as pack:
                page, text = pack.read("index.html").decode(), "".join(pack.read(n).decode() for n in pack.namelist())
                assert set(re.findall(r'(?:src|href)="([^"]+)"', page)) <= set(pack.namelist())
            assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)
            assert resource(key)["title_zh"] in text


def test_chinese_is_drawn_as_characters() -> None:
    assert has_chinese(), "no Chinese face: pictures would hold boxes"
    boxes = {bytes(font(32).getmask(char)) for char in "\U0010fffe"}
    words = "".join(r["title_zh"] + r.get("description_zh", "") for r in corpus().resources.values())
    for char in sorted({c for c in words if not c.isspace()}):
        assert bytes(font(32).getmask(char)) not in boxes, char
    assert bytes(font(32).getmask("机")) != bytes(font(32).getmask("器"))


def test_every_drawing_moves() -> None:
    for name, draw in SCENES.items():
        seen = set()
        for t in (0.1, 0.45, 0.8):
            canvas = Canvas((160, 90))
            draw(canvas, t, 0)
            seen.add(canvas.finish().tobytes())
        assert len(seen) > 1, name


def test_captions_are_short_enough_to_read() -> None:
    assert max(len(piece) for piece in clauses("一，" * 40)) <= 36


def test_every_course_has_a_cover(tmp_path: Path) -> None:
    covers = [make_cover(course, tmp_path) for course in corpus().courses.values()]
    assert len({cover.read_bytes() for cover in covers}) == 8
