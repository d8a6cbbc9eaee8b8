"""Letters over a real mail server on this machine, and what is said when it refuses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from courseware.core.mail import Letter, MailRefused, MailWaits, send
from courseware.core.settings import Settings
from tests.servers.mailbox import Mailbox, running_mail_server


@pytest.fixture
def server() -> Iterator[tuple[Mailbox, Settings]]:
    with running_mail_server("keku", "s3cret") as (box, port):
        yield box, site(port)


def site(port: int, **more: str) -> Settings:
    base = {"smtp_user": "keku", "smtp_password": "s3cret", **more}
    return Settings(smtp_host="127.0.0.1", smtp_port=str(port), smtp_security="none", mail_from="课库 <keku@school.example>", public_url="https://keku.example", **base)  # fmt: skip


LETTER = Letter(
    "冯@school.example".replace("冯", "feng"),
    "年度数据\n还差 3 项",
    "请在 12 月 15 日前完成。\nhttps://keku.example/monitor",
    "abc",
)


def test_a_letter_in_chinese_arrives_as_it_was_written(server: tuple[Mailbox, Settings]) -> None:
    box, settings = server
    send(settings, LETTER)
    (letter,) = box.letters
    assert (letter["To"], letter["Subject"]) == ("feng@school.example", "年度数据 还差 3 项")
    assert letter.get_content().splitlines() == LETTER.text.splitlines()
    assert letter["Message-ID"] == "<abc@school.example>"
    assert letter["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(("words", "kind"), [("550 no such user", MailRefused), ("451 come back later", MailWaits)])
def test_a_refusal_says_why_and_whether_it_may_pass(
    server: tuple[Mailbox, Settings], words: str, kind: type[MailRefused]
) -> None:
    box, settings = server
    box.refusal = words
    with pytest.raises(kind, match=words[4:]) as refused:
        send(settings, LETTER)
    assert type(refused.value) is kind


def test_a_wrong_password_and_a_silent_server_are_told_apart(server: tuple[Mailbox, Settings]) -> None:
    _box, settings = server
    with pytest.raises(MailRefused) as wrong:
        send(site(int(settings.smtp_port), smtp_password="other"), LETTER)
    assert type(wrong.value) is MailRefused
    with pytest.raises(MailWaits):
        send(site(1), LETTER)


def test_settings_of_mail_are_checked_together() -> None:
    problems = Settings(smtp_host="mail", smtp_port="x", smtp_user="a").problems()
    assert len(problems) == 4
    assert not Settings().problems()
