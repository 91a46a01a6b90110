"""Headers, static files and error pages."""

import re
from collections.abc import Callable

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from server.accounts.models import User
from server.app import create_app
from server.assignments.models import Assignment
from server.settings import Settings
from server.web.templating import static_url

Visit = Callable[..., TestClient]


@pytest.mark.parametrize("path", ["/", "/courses/dl-2026", "/courses/dl-2026/assignments/tiny", "/tokens", "/nowhere"])
def test_pages_obey_their_own_content_policy(visit: Visit, student: User, assignment: Assignment, path: str) -> None:
    answer = visit(student).get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|href=.javascript:", answer.text)
    assert not re.search(r'(?:src|href)="(?!/|#)', answer.text)


def test_pages_are_kept_by_nobody_and_static_files_for_a_year(visit: Visit, student: User) -> None:
    visitor = visit(student)
    page = visitor.get("/")
    assert "no-store" in page.headers["cache-control"]
    assert "Cookie" in page.headers["vary"]
    assert "immutable" in visitor.get(static_url("base.css")).headers["cache-control"]
    assert "immutable" not in visitor.get("/static/base.css").headers.get("cache-control", "")
    assert visitor.get("/static/mark.svg").headers["content-type"] == "image/svg+xml"


def test_static_files_end_at_their_folder(visit: Visit) -> None:
    assert visit().get("/static/..%2f..%2fsettings.py").status_code == 404
    assert visit().get("/static/nothing.css?v=1").status_code == 404


@pytest.mark.parametrize(
    ("language", "sentence", "way_on"),
    [("en", "There is nothing here", "To your courses"), ("zh_CN", "这里没有内容", "回到课程列表")],
)
def test_a_missing_page_says_where_to_go(visit: Visit, student: User, language: str, sentence: str, way_on: str) -> None:
    answer = visit(student, language=language).get("/courses/none")
    assert answer.status_code == 404
    assert sentence in answer.text
    assert way_on in answer.text
    assert "Ada" in answer.text, "the strip on top still knows who is signed in"


def test_a_refused_form_says_what_is_wrong(visit: Visit, student: User) -> None:
    answer = visit(student).submit_form("/tokens", "/tokens")
    assert answer.status_code == 422
    assert "Something is missing or wrong" in answer.text


@pytest.fixture
def failing_app(settings: Settings, tables: None) -> FastAPI:
    app = create_app(settings)

    @app.get("/breaks")
    def breaks() -> None:
        raise RuntimeError("a secret of the server")

    return app


@pytest.mark.parametrize(("language", "heading"), [("en", "Something broke on our side"), ("zh-CN", "我们这边出了问题")])
def test_our_own_failure_says_whose_it_is_and_tells_no_secrets(failing_app: FastAPI, language: str, heading: str) -> None:
    with TestClient(failing_app, raise_server_exceptions=False) as client:
        answer = client.get("/breaks", headers={"accept-language": language})
    assert answer.status_code == 500
    assert heading in answer.text
    assert "secret" not in answer.text


def test_a_live_page_whose_session_ended_goes_to_sign_in(visit: Visit) -> None:
    answer = visit().get("/submissions/1/live", headers={"hx-request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/sign-in")
