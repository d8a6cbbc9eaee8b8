"""The player in a real browser: plays, seeks by the transcript, goes on after a reload, remembers, and its captions are edited beside it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.media.samples import made_by_ffmpeg, sample_mp4
from tests.pages.axe import sticks_out
from tests.pages.steps import follow
from tests.pages.world import World, speaking_mp4, wait_for_jobs
from tests.servers.site import LiveSite

X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
VIDEO = "document.querySelector('[data-player] video')"
TIME = "() => document.querySelector('[data-player] video').currentTime"


@pytest.mark.timeout(180)
def test_playback_advances_seeks_by_transcript_and_goes_on_after_a_reload(
    open_as: Callable[..., Page], world: World
) -> None:
    page = open_as(None, width=360, height=780)
    page.goto(world.path("resources", "video"))
    page.locator("[data-player] .big").click()
    page.wait_for_function(f"() => ({TIME})() > 1")
    page.locator("details.spoken summary").click()
    line = page.locator("[data-transcript] [data-start]").nth(1)
    start = float(line.get_attribute("data-start") or 0)
    page.evaluate(f"() => {VIDEO}.addEventListener('seeked', () => (window.kkLed = ({TIME})()), {{ once: true }})")
    line.locator("a").click()
    page.wait_for_function("() => window.kkLed !== undefined")
    assert page.evaluate("() => window.kkLed") == pytest.approx(start, abs=1)
    page.wait_for_function(f"() => ({TIME})() > {start} + 0.3")
    words = line.locator("span").inner_text()
    page.fill("[data-transcript-filter]", words[:3])
    expect(page.locator("[data-transcript] mark").first).to_have_text(words[:3])
    expect(page.locator("[data-transcript-count]")).not_to_be_empty()
    page.locator(".kk-ctl button").first.focus()
    page.keyboard.press("?")
    expect(page.locator(".kk-player .keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".kk-player .keys")).to_have_count(0)
    page.keyboard.press(">")
    page.keyboard.press("k")
    assert page.evaluate("() => document.querySelector('video').paused")
    stopped: float = page.evaluate(TIME)
    page.reload()
    page.wait_for_function(f"() => Math.abs(({TIME})() - {stopped}) < 1")
    page.wait_for_function(f"() => {VIDEO}.playbackRate === 1.25")
    assert sticks_out(page) == []


@pytest.mark.timeout(120)
def test_a_phone_fetches_a_recording_when_somebody_reaches_for_it(open_as: Callable[..., Page], world: World) -> None:
    page = open_as(None, width=390, height=844, has_touch=True, is_mobile=True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(world.path("resources", "video"), wait_until="networkidle")
    expect(page.locator("[data-player] .big")).to_be_visible()
    assert not [one for one in asked if "chunk-hls" in one or ".m4s" in one], "a page that is only read costs no data"
    page.locator("[data-player] .big").tap()
    page.wait_for_function(f"() => ({TIME})() > 0.5")
    assert [one for one in asked if "chunk-hls" in one]


@pytest.mark.timeout(180)
def test_two_people_edit_captions_and_nobody_loses_a_word(open_as: Callable[..., Page], world: World) -> None:
    page, other = open_as("teacher"), open_as("teacher", width=390)
    address = world.path("teach/resources", "video", "/captions/en/edit")
    page.goto(address)
    follow(page, "form[action$='/open'] button")
    other.goto(address)
    for one in (page, other):
        one.locator(".cues textarea").first.wait_for()
    with page.expect_response("**/cues"):
        page.locator(".cues textarea").first.fill("The first to save")
    other.locator(".cues textarea").first.fill("The second")
    expect(other.locator("[data-conflict]")).to_be_visible()
    expect(other.locator(".cues textarea").first).to_have_value("The second")
    lines = page.locator(".cues li").count()
    page.locator(".cues textarea").first.press("Alt+Enter")
    expect(page.locator(".cues li")).to_have_count(lines + 1)
    page.keyboard.press("Control+z")
    expect(page.locator(".cues li")).to_have_count(lines)
    split_join_and_shift(page)
    page.locator(".cues .n").first.click()
    expect(page.locator(".kk-player .cap")).to_have_text("The first to save")
    page.click("[data-act=save]")
    page.wait_for_url("**/edit#captions")
    expect(page.locator(".kk-flashes .ok")).to_be_visible()
    assert sticks_out(other) == []


def split_join_and_shift(page: Page) -> None:
    """By keys and buttons, in the first line of the editor; afterwards it is as it was."""
    texts, start = page.locator(".cues textarea"), page.locator(".cues [data-field=start]").nth(1)
    texts.first.evaluate("box => box.setSelectionRange(9, 9)")
    texts.first.press("Alt+s")
    expect(texts.first).to_have_value("The first")
    expect(texts.nth(1)).to_have_value("to save")
    page.locator(".cues li").first.locator("textarea").press("Alt+j")
    expect(texts.first).to_have_value("The first to save")
    before = start.input_value()
    page.fill("#shift", "+1.5")
    page.click("[data-act=shift]")
    expect(start).not_to_have_value(before)
    page.click("[data-act=undo]")
    expect(start).to_have_value(before)


HEARD = """
    window.kkGains = [];
    const create = AudioContext.prototype.createGain;
    AudioContext.prototype.createGain = function () { const made = create.call(this); window.kkGains.push(made); return made; };
"""
DRAWN = """() => {
    const canvas = document.querySelector('canvas.wave');
    if (!canvas || !canvas.width) return 0;
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return data.filter((value, at) => at % 4 === 3 && value > 0).length;
}"""


def sent_by_the_teacher(page: Page, path: Path, site: LiveSite) -> None:
    """Sends the file and opens its draft when the worker is done with it."""
    page.goto("/teach/resources")
    page.set_input_files("[data-uploader] input[type=file]", str(path))
    done = page.locator(".kk-uploads li", has_text=path.name).locator("a")
    expect(done).to_be_visible(timeout=60_000)
    wait_for_jobs(site)
    page.goto(str(done.get_attribute("href")))


@pytest.mark.timeout(180)
def test_a_quiet_recording_shows_its_waveform_and_is_heard_as_loud_as_others(
    open_as: Callable[..., Page], world: World, live_site: LiveSite, tmp_path: Path
) -> None:
    quiet = tmp_path / "quiet.mp3"
    swelling = "aevalsrc='0.02*sin(2*PI*300*t)*abs(sin(2*PI*t))':s=48000:d=6"
    quiet.write_bytes(made_by_ffmpeg("mp3", "-f", "lavfi", "-i", swelling))
    page = open_as("teacher", width=390)
    page.add_init_script(HEARD)
    sent_by_the_teacher(page, quiet, live_site)
    page.wait_for_function(f"() => ({DRAWN})() > 500")
    page.locator("[data-player] .kk-ctl button").first.click()
    page.wait_for_function(f"() => ({TIME})() > 0.5")
    gain_db = float(page.locator("[data-player]").get_attribute("data-gain") or 0)
    assert gain_db > 3, "it is quiet, and the worker measured it"
    assert page.evaluate("() => window.kkGains.map((node) => node.gain.value)") == [
        pytest.approx(10 ** (min(gain_db, 12) / 20), rel=0.01)
    ]
    box = page.locator("canvas.wave").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.75, box["y"] + box["height"] / 2)
    page.wait_for_function(f"() => ({TIME})() > 4")
    assert sticks_out(page) == []


@pytest.mark.timeout(180)
def test_speed_and_captions_follow_the_person_to_another_device(open_as: Callable[..., Page], world: World) -> None:
    first = open_as("student", locale="en")
    first.goto(world.path("resources", "video"))
    first.get_by_role("button", name="Speed").click()
    with first.expect_response("**/player/choices"):
        first.get_by_role("menuitemradio", name="1.5×").click()
    first.get_by_role("button", name="Captions").click()
    with first.expect_response("**/player/choices"):
        first.get_by_role("menuitemradio", name="English").click()
    second = open_as("student", locale="en", width=390)
    second.goto(world.path("resources", "video"))
    second.wait_for_function(f"() => {VIDEO}.playbackRate === 1.5")
    second.wait_for_function(
        f"() => [...{VIDEO}.textTracks].some((one) => one.language === 'en' && one.mode === 'hidden')"
    )
    second.get_by_role("button", name="Speed").click()
    with second.expect_response("**/player/choices"):
        second.get_by_role("menuitemradio", name="1×", exact=True).click()


@pytest.mark.timeout(180)
def test_a_browser_without_media_source_plays_by_itself_and_floats_where_it_can(
    open_as: Callable[..., Page], world: World
) -> None:
    """As on iPhones: no buffers of ours, so the video gets the address; and no picture in picture, so no button for it."""
    page = open_as(None)
    page.add_init_script("""
        delete window.MediaSource; delete window.ManagedMediaSource; delete window.WebKitMediaSource;
        Object.defineProperty(document, "pictureInPictureEnabled", { get: () => false });
    """)
    page.goto(world.path("resources", "video"))
    expect(page.locator("[data-player] video")).to_have_attribute("src", re.compile(r"master\.m3u8$"))
    assert page.locator("[data-player] [aria-label*='画中画']").count() == 0
    other = open_as(None)
    other.add_init_script("""
        Object.defineProperty(document, "pictureInPictureEnabled", { get: () => true });
        HTMLVideoElement.prototype.requestPictureInPicture = function () { window.kkFloats = this; return Promise.resolve({}); };
    """)
    other.goto(world.path("resources", "video"))
    other.locator("[data-player] [aria-label*='画中画']").first.click()
    assert other.evaluate(f"() => window.kkFloats === {VIDEO}")


@pytest.mark.timeout(240)
def test_on_a_slow_line_a_phone_gets_a_small_picture_and_it_plays_to_the_end(
    open_as: Callable[..., Page], world: World, live_site: LiveSite, tmp_path: Path
) -> None:
    """A megabit a second and a tenth of a second there and back."""
    teacher = open_as("teacher")
    large = sample_mp4(tmp_path / "large.mp4", 6, 1280, 720, fps=10, encoder=(*X264, "-crf", "16", "-bf", "2"))
    sent_by_the_teacher(teacher, large, live_site)
    page = open_as("teacher", width=360, height=780)
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    bytes_s = 1_000_000 / 8
    line.send("Network.emulateNetworkConditions", {"offline": False, "latency": 100, "downloadThroughput": bytes_s, "uploadThroughput": bytes_s})  # fmt: skip
    page.goto(teacher.url)
    page.locator("[data-player] .big").click()
    page.wait_for_function(f"() => ({TIME})() > 1")
    assert page.evaluate(f"() => {VIDEO}.videoHeight") <= 480
    page.evaluate(f"() => {{ {VIDEO}.currentTime = {VIDEO}.duration - 1.5 }}")
    page.wait_for_function(f"() => {VIDEO}.ended")


SPOKEN = """1
00:00:10,000 --> 00:00:20,000
下面标定工具坐标系
"""


@pytest.mark.timeout(180)
def test_points_are_tied_to_seconds_by_dragging_in_passing_and_from_captions_and_lead_there(
    open_as: Callable[..., Page], world: World, live_site: LiveSite, tmp_path: Path
) -> None:
    page = open_as("teacher", locale="en")
    sent_by_the_teacher(page, speaking_mp4(tmp_path / "moments.mp4", 31), live_site)
    (tmp_path / "spoken.srt").write_text(SPOKEN, encoding="gb18030")
    page.set_input_files("#captions input[type=file]", str(tmp_path / "spoken.srt"))
    follow(page, "#captions form.capt button")
    page.wait_for_function(f"() => {VIDEO}.readyState > 0")  # it has its height, and can be led to a second
    bar, blocks = page.locator("[data-moments-bar]"), page.locator("[data-moments-bar] .mo")
    bar.scroll_into_view_if_needed()
    box = bar.bounding_box()
    assert box is not None
    second = lambda at: box["x"] + box["width"] * at / 31  # noqa: E731  # where a second lies on the bar
    middle = box["y"] + box["height"] / 2
    page.mouse.move(second(2), middle)
    page.mouse.down()
    page.mouse.move(second(5), middle)
    page.mouse.move(second(8), middle)
    page.mouse.up()
    starts, ends, points = (page.locator(f"[data-ranges] [name=range-{name}]") for name in ("start", "end", "point"))
    assert times(starts.first, ends.first) == [pytest.approx(2, abs=0.2), pytest.approx(8, abs=0.2)]
    points.first.select_option(label="Joint frame")
    blocks.first.locator(".end").press("ArrowRight")
    assert times(ends.first) == [pytest.approx(8.5, abs=0.2)]
    page.evaluate(f"() => {{ {VIDEO}.currentTime = 25 }}")
    page.wait_for_function(f"() => !{VIDEO}.seeking")
    page.click("[data-moments-from]")
    page.evaluate(f"() => {{ {VIDEO}.currentTime = 29 }}")
    page.wait_for_function(f"() => !{VIDEO}.seeking")
    page.click("[data-moments-to]")
    assert times(starts.nth(1), ends.nth(1)) == [pytest.approx(25, abs=0.1), pytest.approx(29, abs=0.1)]
    points.nth(1).select_option(label="Four-point calibration")
    page.locator("[data-proposal]", has_text="Tool frame").locator("[data-accept]").click()
    expect(page.locator("[data-proposals]")).to_have_count(0)
    expect(blocks).to_have_count(3)
    follow(page, "#draft button[value=save]")
    expect(page.locator(".kk-tl .rgs i")).to_have_count(3)
    expect(blocks).to_have_text(["Joint frame", "Tool frame", "Four-point calibration"])
    page.locator(".kk-tl .sl").hover()
    expect(page.locator(".kk-tl .tip .pic")).to_be_visible()
    expect(page.locator(".kk-tl .tip")).to_contain_text("Tool frame")
    page.locator(".kk-ctl .chapters > button").click()
    page.get_by_role("menuitemradio", name="Four-point calibration").click()
    page.wait_for_function(f"() => Math.abs(({TIME})() - 25) < 0.5")


def times(*fields: Locator) -> list[float]:
    """What stands in fields of the table, in seconds."""
    return [float(seconds) + 60 * int(minutes) for minutes, seconds in (f.input_value().split(":") for f in fields)]
