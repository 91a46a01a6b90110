"""No page of others can make a browser act for us."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from server.accounts import service
from server.accounts.access import CSRF_FIELD, CSRF_HEADER, SAFE_METHODS, SESSION_COOKIE
from server.accounts.credentials import csrf_token
from server.accounts.models import User
from server.assignments.models import Assignment
from server.database import current_time
from server.settings import Settings

PATH = "/api/v1/courses/dl-2026/assignments/tiny/submissions"
FILES = {"files": ("solution.py", b"x = 1\n")}


@pytest.fixture
def cookie(session: Session, student: User) -> str:
    token = service.open_web_session(session, user=student, now=current_time(session), hours=1)
    session.commit()
    return token


@pytest.fixture
def browser(app_client: TestClient, cookie: str) -> TestClient:
    app_client.cookies.set(SESSION_COOKIE, cookie)
    return app_client


@pytest.fixture
def token(settings: Settings, cookie: str) -> str:
    return csrf_token(settings.derive_key("csrf"), cookie)


def test_a_cookie_alone_may_look_but_not_act(browser: TestClient, assignment: Assignment) -> None:
    assert browser.get("/api/v1/me").json()["login"] == "ada"
    assert browser.post(PATH, files=FILES).status_code == 403


@pytest.mark.parametrize("wrong", ["", "0" * 64, "ü"])
def test_a_wrong_token_is_as_good_as_none(browser: TestClient, assignment: Assignment, wrong: str) -> None:
    assert browser.post(PATH, files=FILES, headers={CSRF_HEADER: wrong.encode()}).status_code == 403


def test_the_token_goes_by_header_or_by_form(browser: TestClient, assignment: Assignment, token: str) -> None:
    assert browser.post(PATH, files=FILES, headers={CSRF_HEADER: token}).status_code == 201
    assert browser.post(PATH, files=FILES, data={CSRF_FIELD: token}).status_code == 201


def test_the_token_of_another_session_is_worth_nothing(browser: TestClient, assignment: Assignment, settings: Settings) -> None:
    others = csrf_token(settings.derive_key("csrf"), "another session")
    assert browser.post(PATH, files=FILES, headers={CSRF_HEADER: others}).status_code == 403


@pytest.mark.parametrize("origin", ["http://evil.test", "null", "http://gradus.test.evil.test", ""])
def test_another_origin_is_refused_even_with_the_token(
    browser: TestClient, assignment: Assignment, token: str, origin: str
) -> None:
    headers = {CSRF_HEADER: token, "Origin": origin}
    assert browser.post(PATH, files=FILES, headers=headers).status_code == 403


def test_our_own_origin_is_welcome(browser: TestClient, assignment: Assignment, token: str) -> None:
    headers = {CSRF_HEADER: token, "Origin": "http://gradus.test"}
    assert browser.post(PATH, files=FILES, headers=headers).status_code == 201


def test_programs_with_a_bearer_token_need_none_of_this(
    client_as: Callable[[User], TestClient], student: User, assignment: Assignment
) -> None:
    assert client_as(student).post(PATH, files=FILES, headers={"Origin": "http://elsewhere.test"}).status_code == 201


def test_a_bad_bearer_token_does_not_fall_back_to_the_cookie(browser: TestClient) -> None:
    assert browser.get("/api/v1/me", headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_the_guard_stands_before_every_unsafe_route(app_client: TestClient, browser: TestClient) -> None:
    from_elsewhere = {"Origin": "http://evil.test"}
    schema = app_client.get("/api/v1/openapi.json").json()
    unsafe = [
        (method, path) for path, methods in schema["paths"].items() for method in methods if method.upper() not in SAFE_METHODS
    ]
    assert len(unsafe) >= 5
    answers = {pair: browser.request(*pair, headers=from_elsewhere).status_code for pair in unsafe}
    assert set(answers.values()) == {403}


def test_a_session_ends_at_its_time_and_at_signing_out(session: Session, student: User, browser: TestClient, cookie: str) -> None:
    service.close_web_session(session, token=cookie)
    session.commit()
    assert browser.get("/api/v1/me").status_code == 401
    short = service.open_web_session(session, user=student, now=current_time(session), hours=0)
    assert service.find_web_session(session, token=short, now=current_time(session)) is None


def test_signing_in_ends_the_session_that_was_there_before(
    session: Session, student: User, browser: TestClient, cookie: str, token: str
) -> None:
    form = {"login": "ada", "password": "correct horse battery", CSRF_FIELD: token}
    answer = browser.post("/sign-in", data=form, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.cookies[SESSION_COOKIE] != cookie
    assert service.find_web_session(session, token=cookie, now=current_time(session)) is None
    flags = answer.headers["set-cookie"].lower()
    assert "httponly" in flags and "samesite=lax" in flags


def test_what_the_table_holds_cannot_be_used_as_a_cookie(session: Session, student: User) -> None:
    token = service.open_web_session(session, user=student, now=current_time(session), hours=1)
    stored = service.find_web_session(session, token=token, now=current_time(session)).token_hash
    assert token.encode() not in stored
    assert service.find_web_session(session, token=stored.hex(), now=current_time(session)) is None
