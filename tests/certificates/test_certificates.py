"""Certificates: issued with the last step, frozen, named only with consent, checked by a code that nobody guesses."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from courseware.auditlog.models import AuditEntry
from courseware.certificates import queries, services
from courseware.certificates.codes import ALPHABET, LENGTH, grouped, masked, new_code, normalised
from courseware.certificates.errors import AlreadyRevoked, NotRevoked, OwnCertificate, ReasonNeeded
from courseware.certificates.models import Certificate
from courseware.core.database import session
from courseware.core.errors import NotAllowed
from courseware.core.roles import Role
from courseware.enrollment import services as enrollment
from courseware.guidance.queries import own_of
from courseware.progress import services as progress
from tests.catalog.world import World

REASON = "经核实由他人代学，证明撤销。"
CODES = st.text(ALPHABET, min_size=LENGTH, max_size=LENGTH)


def completed(world: World, user: Any = None) -> Certificate:
    """The certificate of a learner who did the only lesson of the course."""
    user = user or world.student
    lesson = world.lesson({"kind": "text", "title": "小结", "text": "记住角度。"})
    world.enrol(user)
    progress.mark_done(user, lesson, lesson.published_version.activities[0].key)
    found = queries.certificates_of(user)
    assert len(found) == 1
    return found[0]


def test_the_last_step_of_a_course_brings_one_certificate_with_what_was_true_that_day(world: World, clock: Any) -> None:
    now = clock("2026-03-02 10:00")
    certificate = completed(world)
    assert (certificate.course_name, certificate.hours, certificate.run_key) == ("焊接机器人操作基础", 48, "1")
    assert certificate.completed_at == certificate.issued_at == now
    assert (certificate.rule["name"], certificate.rule["version"]) == ("all", services.RULE_VERSION)
    assert (certificate.rule["needed"], certificate.rule["lessons"], certificate.rule["steps"]) == (1, 1, 1)
    assert certificate.units == [["海川职业技术学院", ""]]
    assert certificate.number == f"KK-2026-{certificate.id:06d}"
    world.course.name, world.student.name = "改名以后的课程", "改名以后的人"
    world.lesson(world.resource(), title="后来加的课")
    session().flush()
    progress.complete_course(world.student, world.course)
    again = queries.verify(certificate.code)
    assert again is not None
    assert again.course_name == "焊接机器人操作基础"
    assert session().scalars(select(Certificate)).all() == [certificate]
    assert certificate.holder_name == "苏听澜"


def test_who_is_half_way_or_a_test_account_gets_none(world: World) -> None:
    lesson = world.lesson({"kind": "text", "title": "一", "text": "…"}, {"kind": "task", "title": "二"})
    tester = world.person("测试号", Role.STUDENT, is_test=True)
    for person in (world.student, tester):
        world.enrol(person)
        progress.mark_done(person, lesson, lesson.published_version.activities[0].key)
    progress.mark_done(tester, lesson, lesson.published_version.activities[1].key)
    assert enrollment.place_of(tester, world.course).completed_at is not None
    assert session().scalars(select(Certificate)).all() == []
    assert services.issue_missing() == 0


def test_completions_from_before_are_made_up_for_once(world: World) -> None:
    certificate = completed(world)
    completed_at = certificate.completed_at
    session().delete(certificate)
    session().flush()
    assert services.issue_missing() == 1
    assert services.issue_missing() == 0
    assert queries.certificates_of(world.student)[0].completed_at == completed_at
    assert queries.certificates_of(world.classmate) == []


def test_the_name_stands_on_it_only_when_its_holder_said_so(world: World) -> None:
    certificate = completed(world)
    assert certificate.printed_name == ""
    assert queries.verify(certificate.code).name == ""
    with pytest.raises(NotAllowed):
        services.choose_name(world.classmate, certificate, "named")
    services.choose_name(world.student, certificate, "named")
    assert queries.verify(certificate.code).name == "苏**"
    services.choose_name(world.student, certificate, "unnamed")
    assert queries.verify(certificate.code).name == ""


def test_a_revoked_certificate_says_so_with_the_reason_and_everything_is_in_the_log(world: World) -> None:
    certificate = completed(world)
    librarian = world.person("何书棠", Role.LIBRARIAN)
    with pytest.raises(NotAllowed):
        services.revoke(world.teacher, certificate, REASON)
    with pytest.raises(ReasonNeeded):
        services.revoke(librarian, certificate, "  太短  ")
    with pytest.raises(NotRevoked):
        services.reinstate(librarian, certificate, REASON)
    services.revoke(librarian, certificate, REASON)
    with pytest.raises(AlreadyRevoked):
        services.revoke(librarian, certificate, REASON)
    found = queries.verify(certificate.code)
    assert (found.revoked_at is not None, found.revoked_because) == (True, REASON)
    assert own_of(world.student).certificates == 0
    assert services.issue_missing() == 0, "what was revoked is not issued anew"
    services.reinstate(librarian, certificate, "复核后确认为本人学习。")
    assert queries.verify(certificate.code).revoked_at is None
    actions = (
        session()
        .scalars(select(AuditEntry.action).where(AuditEntry.action.like("certificate.%")).order_by(AuditEntry.id))
        .all()
    )
    assert actions == ["certificate.issue", "certificate.revoke", "certificate.reinstate"]


def test_nobody_judges_their_own(world: World) -> None:
    librarian = world.person("何书棠", Role.LIBRARIAN)
    with pytest.raises(OwnCertificate):
        services.revoke(librarian, completed(world, librarian), REASON)


def test_keepers_find_certificates_of_their_libraries_only(world: World) -> None:
    certificate = completed(world)
    librarian, stranger = world.person("何书棠", Role.LIBRARIAN), world.person("外校馆员", Role.LIBRARIAN)
    stranger.unit = None
    session().flush()
    for text in ("", certificate.number, grouped(certificate.code).lower(), "苏听", "焊接机器人"):
        assert queries.kept_by(librarian, text) == [certificate]
        assert queries.kept_by(stranger, text) == []
    assert queries.kept_by(librarian, "KK-2026-999999") == []
    assert queries.kept_by(librarian, "%") == []


@given(CODES, st.sampled_from(["-", " ", "", "—"]))
def test_a_code_is_understood_however_it_is_typed(code: str, between: str) -> None:
    typed = between.join(code[at : at + 4] for at in range(0, LENGTH, 4))
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in code)
    assert normalised(grouped(code)) == normalised(typed.lower()) == normalised(wide) == code
    assert normalised(code.replace("0", "O").replace("1", "l")) == code


@given(st.text(max_size=300))
def test_whatever_is_typed_is_a_code_or_nothing(text: str) -> None:
    found = normalised(text)
    assert found is None or (len(found) == LENGTH and set(found) <= set(ALPHABET))


@given(st.text(min_size=1, max_size=40))
def test_a_masked_name_shows_the_first_letter_of_each_word_and_no_more(name: str) -> None:
    assert masked(name) == " ".join(f"{word[0]}**" for word in name.split())
    assert all(len(word) == 3 for word in masked(name).split())


def test_new_codes_are_unlike_each_other() -> None:
    assert len({new_code() for _ in range(500)}) == 500


@pytest.mark.parametrize("language", ["zh_Hans", "en"])
def test_anybody_checks_a_certificate_and_learns_little_of_the_person(client: Any, world: World, language: str) -> None:
    certificate = completed(world)
    services.choose_name(world.student, certificate, "named")
    session().commit()
    client.set_cookie("kk_lang", language)
    answer = client.get(f"/verify?code={grouped(certificate.code).lower()}")
    assert certificate.number in answer.text
    assert "苏**" in answer.text
    assert "苏听澜" not in answer.text
    assert "example.org" not in answer.text
    assert (answer.headers["X-Robots-Tag"], answer.headers["Cache-Control"]) == ("noindex", "no-store")
    wrong = client.get("/verify?code=0000-0000-0000-0000")
    assert "KK-" not in wrong.text
    assert 'role="alert"' in wrong.text
    assert client.get("/verify?code=<script>").status_code == 200


def test_checking_by_script_is_slowed_down(make_app: Any) -> None:
    app: Flask = make_app(rate_limits="on", testing="")
    with app.test_client() as client:
        answers = [client.get(f"/verify?code={number:016d}").status_code for number in range(22)]
    assert answers[:20] == [200] * 20
    assert answers[20:] == [429] * 2


def test_the_sheet_is_for_its_holder_and_keepers_and_is_worded_as_ours(client: Any, world: World) -> None:
    certificate = completed(world)
    session().commit()
    path = f"/my-learning/certificates/{certificate.uuid}"
    assert client.get(path).status_code == 302
    client.sign_in(world.classmate)
    assert client.get(path).status_code == 404
    client.sign_in(world.student)
    page = client.get(path).text
    assert "苏听澜" not in re.sub(r"<form.*?</form>|<header class=\"kk-header\".*?</header>", "", page, flags=re.S)
    assert "Course certificate" in page
    assert "课程学习证明" in page
    assert "国家证书" in page
    assert "no state certificate" in page
    assert "<svg" in page.split('class="check"')[1]
    client.post(f"{path}/name", data={"choice": "named"})
    assert "苏听澜" in client.get(path).text.split('class="says"')[1]
