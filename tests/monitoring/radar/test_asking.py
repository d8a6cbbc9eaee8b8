"""Asking an address of the web: what it answers, where it is never asked, when it is called dead."""

from __future__ import annotations

import datetime as dt
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.monitoring.radar.addresses import addresses_in
from courseware.monitoring.radar.asking import Answer, ask, is_public
from courseware.monitoring.radar.looking import Looked
from courseware.monitoring.radar.pace import Record, after

NOON, DAY = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC), dt.timedelta(days=1)
LATER, NEWS = NOON + 30 * DAY, Record("new", 0, None, NOON)


class Site(BaseHTTPRequestHandler):
    """A small site: the path says what to answer; what was asked is kept."""

    asked: list[str] = []

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        Site.asked.append(f"{self.command} {self.path}")
        word = self.path.strip("/")
        if word == "loop":
            word = "302=/loop"
        status = 405 if word == "nohead" and self.command == "HEAD" else 200 if word == "nohead" else int(word[:3])
        self.send_response(status)
        if status in (301, 302):
            self.send_header("Location", word[4:] or "/200")
        if status == 429:
            self.send_header("Retry-After", "7200")
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Quiet."""


@pytest.fixture
def site() -> Iterator[str]:
    Site.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def asked(address: str) -> Answer:
    return ask(address, "Keku", lambda ip, _port: ip == "127.0.0.1")


@pytest.mark.parametrize(
    ("path", "outcome", "said", "questions"),
    [("200", "alive", "200", 1), ("204", "alive", "204", 1), ("404", "failed", "404", 2), ("410", "failed", "410", 1),
     ("401", "closed", "401", 1), ("403", "closed", "403", 2), ("429", "busy", "429", 1), ("500", "failed", "500", 1),
     ("nohead", "alive", "200", 2), ("302=/200", "alive", "200", 2), ("loop", "failed", "redirects", 6)],
)  # fmt: skip
def test_what_a_server_says_is_what_is_kept(site: str, path: str, outcome: str, said: str, questions: int) -> None:
    found = asked(f"{site}/{path}")
    assert (found.outcome, found.said) == (outcome, said)
    assert len(Site.asked) == questions


def test_a_page_that_moved_for_good_says_where_and_a_detour_of_today_does_not(site: str) -> None:
    assert asked(f"{site}/301=/200").moved_to == f"{site}/200"
    assert asked(f"{site}/302=/200").moved_to == ""
    assert asked(f"{site}/429").wait_s == 7200


def test_nobody_behind_a_port_or_a_name_is_silence(site: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert asked(f"http://127.0.0.1:{free.getsockname()[1]}/").outcome == "silent"
    assert asked("http://keku.invalid/").said == "name"


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1/", "http://localhost/", "http://10.1.2.3/", "http://192.168.1.1/", "http://169.254.169.254/latest/",
     "http://[::1]/", "http://[fd00::1]/", "http://[::ffff:10.0.0.1]/", "http://[64:ff9b::a00:1]/", "http://0.0.0.0/",
     "http://2130706433/", "http://user:secret@93.184.216.34/", "http://93.184.216.34:22/", "http://100.64.0.1/", "http://224.0.0.1/"],
)  # fmt: skip
def test_a_private_network_is_never_asked(address: str) -> None:
    assert ask(address, "Keku").outcome == "barred"


def test_a_redirect_into_the_house_is_not_followed(site: str) -> None:
    host = site.removeprefix("http://")
    found = ask(f"{site}/302=http://10.0.0.1/", "Keku", lambda ip, _port: ip == "127.0.0.1" and host in site)
    assert (found.outcome, found.said) == ("barred", "private")
    assert Site.asked == ["HEAD /302=http://10.0.0.1/"]


@given(st.ip_addresses(v=4, network="10.0.0.0/8") | st.ip_addresses(v=6, network="fc00::/7") | st.ip_addresses(v=4, network="127.0.0.0/8"))  # fmt: skip
def test_no_address_of_a_private_range_is_public(address: object) -> None:
    assert not is_public(str(address), 443)
    assert is_public("93.184.216.34", 443)


# --- addresses in texts


def test_addresses_are_found_without_the_marks_of_the_sentence() -> None:
    text = (
        "见[标准](https://Std.Samr.gov.cn/gb/(2019))，或 http://a.cn/x?y=1#top。再见https://b.cn/路径；(http://c.cn/d)."
    )
    assert addresses_in(text) == [
        "https://std.samr.gov.cn/gb/(2019)", "http://a.cn/x?y=1", "https://b.cn/路径", "http://c.cn/d",
    ]  # fmt: skip


@given(st.text())
def test_any_text_is_read_and_each_address_stands_once(text: str) -> None:
    found = addresses_in(text + " http://a.cn/ " + text)
    assert "http://a.cn/" in found
    assert len(found) == len(set(found))


# --- when an address is dead


def replies(*outcomes: tuple[str, float]) -> Record:
    record = NEWS
    for outcome, day in outcomes:
        record = after(record, Answer(outcome, ""), NOON + dt.timedelta(days=day))
    return record


def test_dead_is_what_failed_three_times_over_three_days() -> None:
    assert replies(("silent", 0), ("failed", 1)).state == "failing"
    assert replies(("silent", 0), ("failed", 1), ("failed", 3)).state == "dead"
    assert replies(("silent", 0), ("failed", 0.1), ("failed", 0.2)).state == "failing"
    assert replies(("silent", 0), ("failed", 1), ("alive", 2), ("failed", 3)).failures == 1


def test_it_is_asked_less_and_less_and_a_busy_server_is_left_alone() -> None:
    failing = [("failed", float(day)) for day in range(7)]
    pauses = [(replies(*failing[: n + 1]).next_at - NOON - n * DAY).days for n in range(7)]
    assert pauses == [1, 2, 4, 8, 16, 30, 30]
    busy = after(NEWS, Answer("busy", "429", wait_s=10_000_000), NOON)
    assert (busy.state, busy.failures, busy.next_at) == ("new", 0, NOON + 7 * DAY)
    assert replies(("alive", 0)).next_at == LATER


def test_silence_proves_nothing_until_some_server_has_spoken() -> None:
    looked, silent, spoken = Looked(), (1, Answer("silent", "name")), (2, Answer("failed", "404"))
    assert looked.take([silent]) == []
    assert looked.silent == 1
    assert looked.take([spoken]) == [silent, spoken]
    assert looked.take([silent]) == [silent]
    assert looked.silent == 0
