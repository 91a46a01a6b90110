"""Tokens and people over HTTP."""

from collections.abc import Callable

from fastapi.testclient import TestClient

from server.accounts import rules
from server.accounts.models import User

PASSWORD = "correct horse battery"


def sign_in(client: TestClient, password: str = PASSWORD, **extra: object):
    return client.post("/api/v1/tokens", json={"login": "ada", "password": password, **extra})


def test_a_token_is_shown_once_and_opens_the_door(app_client: TestClient, student: User) -> None:
    answer = sign_in(app_client, name="laptop")
    assert answer.status_code == 201
    headers = {"Authorization": f"Bearer {answer.json()['token']}"}
    assert app_client.get("/api/v1/me", headers=headers).json()["login"] == "ada"
    listed = app_client.get("/api/v1/tokens", headers=headers).json()
    assert [row["name"] for row in listed] == ["laptop"]
    assert answer.json()["token"] not in str(listed)


def test_a_revoked_token_opens_nothing(client_as: Callable[[User], TestClient], student: User) -> None:
    client = client_as(student)
    token_id = client.get("/api/v1/tokens").json()[0]["id"]
    assert client.delete(f"/api/v1/tokens/{token_id}").status_code == 204
    assert client.get("/api/v1/me").status_code == 401


def test_a_wrong_password_and_a_missing_person_look_the_same(app_client: TestClient, student: User) -> None:
    wrong = sign_in(app_client, "wrong")
    missing = app_client.post("/api/v1/tokens", json={"login": "nobody", "password": "wrong"})
    assert (wrong.status_code, wrong.json()) == (missing.status_code, missing.json())
    assert wrong.status_code == 401
    assert wrong.headers["content-type"] == "application/problem+json"
    assert set(wrong.json()["message"]) == {"en", "zh"}


def test_guessing_passwords_soon_takes_too_long(app_client: TestClient, student: User) -> None:
    for _ in range(rules.FAILURES_PER_PLACE):
        assert sign_in(app_client, "wrong").status_code == 401
    refused = sign_in(app_client)  # even the right one
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= rules.FIRST_PAUSE.total_seconds()


def test_nobody_can_slip_in_fields_that_are_not_asked_for(app_client: TestClient, student: User) -> None:
    refused = sign_in(app_client, user_id=1, role="instructor")
    assert refused.status_code == 422
    assert PASSWORD not in refused.text


def test_a_password_that_is_too_short_to_be_a_string_of_ours_is_no_crash(app_client: TestClient) -> None:
    assert app_client.post("/api/v1/tokens", content=b"\xff\x00", headers={"content-type": "application/json"}).status_code == 422
