"""The frame of a page is drawn once for all who see the same, and nobody sees what is another's."""

from __future__ import annotations

import re
from typing import Any

from courseware.accounts import services as accounts
from courseware.accounts.models import RoleGrant
from courseware.core.database import session
from courseware.core.roles import Role

PAGE = "/about/accessibility"


def header(page: str) -> str:
    return page[page.index("<header") : page.index("</header>")]


def test_everybody_sees_their_own_name_and_entries_however_often_others_came_before(client: Any) -> None:
    learner = accounts.create_user("s@example.invalid", "学生甲", unit=None, roles=[Role.STUDENT])
    keeper = accounts.create_user("k@example.invalid", "库管乙", unit=None, roles=[Role.LIBRARIAN])
    session().commit()
    for _visit in range(2):
        client.sign_out()
        guest = header(client.get(PAGE).text)
        first = header(client.sign_in(learner).get(PAGE).text)
        second = header(client.sign_in(keeper).get(PAGE).text)
        assert ("学生甲" in guest, "/sign-in" in guest) == (False, True)
        assert ("学生甲" in first, "库管乙" in first, 'href="/monitor"' in first) == (True, False, False)
        assert ("学生甲" in second, "库管乙" in second, 'href="/monitor"' in second) == (False, True, True)


def test_a_new_name_role_or_language_shows_at_once(client: Any) -> None:
    person = accounts.create_user("p@example.invalid", "旧名", unit=None, roles=[Role.STUDENT])
    session().commit()
    client.sign_in(person)
    assert "旧名" in header(client.get(PAGE).text)
    person.name = "新名"
    person.grants.append(RoleGrant(role=Role.TEACHER))
    session().commit()
    shown = header(client.get(PAGE).text)
    assert ("旧名" in shown, "新名" in shown, 'href="/teach/resources"' in shown) == (False, True, True)
    client.set_cookie("kk_lang", "en")
    assert "Sign out" in header(client.get(PAGE).text)


def test_the_entry_of_the_page_is_marked_and_no_other(client: Any) -> None:
    for path, entry in (("/courses", "/courses"), ("/libraries", "/libraries"), (PAGE, None)):
        marked = set(re.findall(r'href="([^"]+)" aria-current="page"', header(client.get(path).text)))
        assert marked == ({entry} if entry else set())


def test_buttons_of_the_kept_header_carry_the_token_and_the_address_of_this_very_page(client: Any) -> None:
    page = client.get("/courses?sort=hours").text
    assert "csrf_token" not in header(page)
    tools = page[page.index('<form id="kk-tools"') :]
    token, back = re.findall(r'name="csrf_token" value="([^"]+)"|name="next" value="([^"]+)"', tools)[:2]
    assert back[1] == "/courses?sort=hours"
    assert header(page).count('form="kk-tools" formaction="/preferences/language"') == 2
    client.sends_token = False
    answer = client.post("/preferences/language", data={"csrf_token": token[0], "next": back[1], "language": "en"})
    assert (answer.status_code, answer.location) == (302, "/courses?sort=hours")


def test_what_is_searched_stands_in_the_box_escaped_and_in_nobody_elses(client: Any) -> None:
    from courseware.web import frame

    with client.application.test_request_context("/search"):
        assert 'value="&lt;b&gt;焊枪"' in frame.page_header(True, "<b>焊枪")
        assert "kk-search" not in frame.page_header(False, "")
    assert "焊枪" not in header(client.get(PAGE).text)
