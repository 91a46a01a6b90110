"""Refusals as problem objects, and headers on everything."""

from collections.abc import Callable
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.accounts.models import User
from server.protection import HEADERS


@pytest.fixture
def student_client(client_as: Callable[[User], TestClient], student: User) -> TestClient:
    return client_as(student)


def test_an_unknown_path_is_a_problem_in_both_languages(app_client: TestClient) -> None:
    answer = app_client.get("/api/v1/none-such", headers={"Accept-Language": "zh-CN"})
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["status"] == answer.status_code == 404
    assert problem["detail"] == problem["message"]["zh"]
    assert {"type", "title", "status", "detail", "instance"} <= set(problem)


def test_a_wrong_method_says_so(app_client: TestClient) -> None:
    answer = app_client.put("/api/v1/me")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


@given(st.text(max_size=30), st.integers(-(2**70), 2**70))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_name_and_no_number_makes_it_crash(student_client: TestClient, name: str, number: int) -> None:
    slug = quote(name, safe="", errors="surrogatepass")
    paths = (f"/api/v1/courses/{slug}", f"/courses/dl-2026/assignments/{slug}", f"/api/v1/submissions/{number}")
    seen = [student_client.get(path).status_code for path in paths]
    guess = student_client.post("/api/v1/tokens", json={"login": name, "password": name})
    assert all(status < 500 for status in [*seen, guess.status_code])


def test_every_answer_carries_the_security_headers(app_client: TestClient) -> None:
    for path in ("/healthz", "/api/v1/me", "/api/v1/none-such", "/sign-in", "/none-such"):
        headers = app_client.get(path).headers
        assert {name: headers[name] for name in HEADERS} == HEADERS
        assert headers["cache-control"] == "private, no-store"
    assert "unsafe" not in HEADERS["content-security-policy"]


def test_a_crash_tells_nothing_about_itself(app_client: TestClient) -> None:
    def crash() -> None:
        raise RuntimeError("the database password is swordfish")

    app_client.app.add_api_route("/api/v1/crash", crash)
    client = TestClient(app_client.app, raise_server_exceptions=False)
    answer = client.get("/api/v1/crash")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "swordfish" not in answer.text
