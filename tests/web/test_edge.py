"""The web edge: headers, numbers to quote, forms' tokens, errors as pages and as problem+json, health."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from courseware.accounts import services as accounts
from courseware.core.database import session
from courseware.core.errors import Conflict, Invalid
from courseware.core.roles import Role
from courseware.web import health

pytestmark = pytest.mark.one_database

Make = Callable[..., Flask]


# --- headers ----------------------------------------------------------------------------------------------------------


def policy_of(answer: Any) -> dict[str, str]:
    parts = [part.strip().partition(" ") for part in answer.headers["Content-Security-Policy"].split(";")]
    return {name: values for name, _blank, values in parts}


@pytest.mark.parametrize("path", ["/sign-in", "/nowhere", "/api/v1/courses"])
def test_scripts_come_from_here_and_never_from_within_the_page(client: Any, path: str) -> None:
    policy = policy_of(client.get(path))
    assert policy["script-src"] == "'self'"
    assert policy["default-src"] == "'self'"
    assert policy["object-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe-eval" not in str(policy)
    assert "'unsafe-inline'" not in policy["style-src"]


def test_no_page_holds_a_script_or_a_handler_of_its_own(client: Any) -> None:
    for path in ("/sign-in", "/sign-up", "/nowhere"):
        page = client.get(path).text
        inline = re.findall(r"<script(?![^>]*\ssrc=)(?![^>]*type=\"application/json\")[^>]*>", page)
        assert inline == []
        assert re.findall(r"\son(click|load|submit|error|change)=", page) == []


def test_the_object_store_may_be_reached_when_there_is_one(make_app: Make) -> None:
    keys = {"s3_access_key": "a", "s3_secret_key": "b"}
    app = make_app(store="s3", s3_endpoint="store.example:9000", s3_secure="off", **keys)
    policy = policy_of(app.test_client().get("/healthz"))
    assert "http://store.example:9000" in policy["media-src"]
    assert policy["script-src"] == "'self'"


def test_browsers_are_told_not_to_guess_and_not_to_tell(client: Any) -> None:
    headers = client.get("/sign-in").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"


def test_https_makes_cookies_secure_and_stays(make_app: Make) -> None:
    answer = make_app(https="on").test_client().get("/sign-in", base_url="https://localhost")
    assert "max-age" in answer.headers["Strict-Transport-Security"]
    assert all("Secure" in c for c in answer.headers.getlist("Set-Cookie") if c.startswith("session="))


# --- the number to quote ----------------------------------------------------------------------------------------------


def test_every_answer_has_a_number_and_the_error_page_shows_it(client: Any) -> None:
    first, second = client.get("/nowhere"), client.get("/nowhere")
    assert first.headers["X-Request-Id"] in first.text
    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]


def test_a_proxy_may_give_the_number(client: Any) -> None:
    assert client.get("/nowhere", headers={"X-Request-Id": "edge-1.a:7"}).headers["X-Request-Id"] == "edge-1.a:7"


@pytest.mark.parametrize("given", ["<b>", "a b", "x" * 65, "数", "a\tb", ""])
def test_a_number_that_does_not_belong_into_a_log_is_replaced(client: Any, given: str) -> None:
    assert client.get("/nowhere", headers={"X-Request-Id": given.encode("utf-8").decode("latin-1")}).headers[
        "X-Request-Id"
    ] not in ("", given)


def test_the_log_holds_no_one_time_token(app: Flask, client: Any, capsys: pytest.CaptureFixture[str]) -> None:
    client.get("/setup/planted-token-of-a-person")
    assert "planted-token" not in capsys.readouterr().err


# --- errors -----------------------------------------------------------------------------------------------------------


def test_people_get_a_page_in_their_language_and_programs_problem_json(client: Any) -> None:
    page = client.get("/nowhere", headers={"Accept": "text/html"})
    assert page.mimetype == "text/html"
    assert 'lang="zh-Hans"' in page.text
    client.set_cookie("kk_lang", "en")
    assert "There is nothing here" in client.get("/nowhere").text
    for answer in (client.get("/nowhere", headers={"Accept": "application/json"}), client.get("/api/v1/nowhere")):
        assert answer.mimetype == "application/problem+json"
        assert answer.status_code == 404


def raising(app: Flask, error: Exception) -> str:
    """A page that raises, for one test."""

    def view() -> str:
        raise error

    path = f"/raises-{id(error)}"
    app.add_url_rule(path, endpoint=path, view_func=view, methods=["GET", "POST"])
    return path


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [(Conflict(), 409, "conflict"), (Invalid({"title": ["Too long."]}), 422, "invalid"),
     (RuntimeError("planted detail"), 500, "unexpected"), (OverflowError("int too large"), 400, "unusable_value"),
     (IntegrityError("INSERT planted detail", {}, Exception("unique")), 409, "conflict")],
)  # fmt: skip
def test_what_is_raised_is_told_alike_and_without_insides(
    make_app: Make, error: Exception, status: int, code: str
) -> None:
    app = make_app(testing=False)
    path = raising(app, error)
    client = app.test_client()
    page = client.get(path)
    assert page.status_code == status
    assert "planted detail" not in page.text
    told = client.get(path, headers={"Accept": "application/json"})
    assert told.status_code == status
    assert told.json["code"] == code
    assert told.json["title"]
    assert "planted detail" not in told.text


def test_a_refused_request_leaves_nothing_behind(make_app: Make) -> None:
    app = make_app(testing=False)

    def view() -> str:
        accounts.create_user("half@example.invalid", "半", unit=None, roles=[Role.STUDENT])
        raise Conflict()

    app.add_url_rule("/half-done", endpoint="half", view_func=view, methods=["POST"])
    app.config["WTF_CSRF_ENABLED"] = False
    assert app.test_client().post("/half-done").status_code == 409
    with app.app_context():
        from courseware.accounts.queries import user_by_email

        assert user_by_email("half@example.invalid") is None


def test_what_a_page_writes_while_it_is_read_is_kept(make_app: Make) -> None:
    app = make_app(testing=False)

    def view() -> str:
        accounts.create_unit("visited", "示例", "school")
        return "done"

    app.add_url_rule("/visit", endpoint="visit", view_func=view)
    assert app.test_client().get("/visit").status_code == 200
    with app.app_context():
        from courseware.accounts.queries import unit_by_key

        assert unit_by_key("visited") is not None


@pytest.mark.parametrize("path", ["/libraries/%00", "/api/v1/courses?library=%00"])
def test_a_nul_in_a_path_or_of_a_program_is_refused_before_anything_reads_it(client: Any, path: str) -> None:
    assert client.get(path).status_code == 400


@pytest.mark.parametrize(
    "path", ["/search?q=a%00b%1F%7f", "/libraries?%00=1", "/courses?kind=a%00b", "/search?%01q=ab"]
)
def test_a_page_reads_its_address_as_if_control_characters_were_not_there(client: Any, path: str) -> None:
    answer = client.get(path)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert not set(page).intersection(map(chr, (*range(9), *range(14, 32), 127)))
    assert "q=ab" in page or not path.startswith("/search")


@pytest.mark.parametrize("number", ["-1", "99999999999999999999999", "abc", "1.5", "", "0x10"])
def test_page_numbers_that_are_none_show_the_first_page(app: Flask, client: Any, number: str) -> None:
    admin = accounts.create_user("admin@example.invalid", "管理员", unit=None, roles=[Role.ADMINISTRATOR])
    session().commit()
    client.sign_in(admin)
    assert client.get(f"/admin/users?after={number}").status_code == 200
    assert client.get(f"/admin/audit?before={number}").status_code == 200


def test_very_often_in_a_short_time_is_too_often(make_app: Make) -> None:
    client = make_app(testing=False, rate_limits="on").test_client()
    form = {"email": "nobody@example.invalid", "password": "x"}
    answers = [client.post("/sign-in", data=form).status_code for _time in range(31)]
    assert answers[-1] == 429
    assert client.get("/healthz").status_code == 200


# --- health -----------------------------------------------------------------------------------------------------------


def test_the_process_says_that_it_lives(client: Any) -> None:
    assert client.get("/healthz").json == {"status": "ok"}


def test_ready_means_that_every_part_can_do_its_work(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "checks", {"database": health.checks["database"]})
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (200, "ready")
    assert answer.json["parts"]["database"]["ok"] is True


def test_a_part_that_fails_is_named_and_the_site_is_not_ready(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> tuple[bool, str]:
        raise OSError("planted detail")

    monkeypatch.setitem(health.checks, "store", broken)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["parts"]["store"] == {"ok": False, "detail": "OSError"}


def test_every_part_of_the_site_is_asked(app: Flask) -> None:
    assert {"database", "index", "worker", "store"} <= set(health.checks)


def metrics(client: Any, address: str = "127.0.0.1", **headers: str) -> int:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return int(client.get("/metrics", headers=sent, environ_base={"REMOTE_ADDR": address}).status_code)


def test_figures_are_for_this_machine_only(client: Any) -> None:
    assert metrics(client) == 200
    assert metrics(client, "::1") == 200
    assert metrics(client, "203.0.113.7") == 403
    assert metrics(client, Authorization="Bearer ") == 200
    assert metrics(client, X_Forwarded_For="203.0.113.7") == 403, "a proxy on this machine asks for somebody else"


def test_with_a_token_figures_are_for_whoever_shows_it(make_app: Make) -> None:
    client = make_app(metrics_token="planted-token").test_client()
    assert metrics(client) == 403
    assert metrics(client, "203.0.113.7", Authorization="Bearer planted-token") == 200
    assert metrics(client, "203.0.113.7", Authorization="Bearer planted-tokem") == 403
