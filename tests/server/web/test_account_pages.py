"""Sign in and out, language, access tokens."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from server.accounts.access import BROWSER_COOKIE, SESSION_COOKIE
from server.accounts.models import Language, SignInFailure, User
from server.accounts.rules import FAILURES_PER_PLACE, LONGEST_PAUSE
from server.app import create_app
from server.database import current_time
from server.settings import Settings
from server.web.i18n import COOKIE

Visit = Callable[..., TestClient]
RIGHT = {"login": "ada", "password": "correct horse battery"}


@pytest.mark.parametrize(("language", "title"), [("en", "Sign in"), ("zh_CN", "登录")])
def test_whoever_is_not_signed_in_is_led_to_sign_in_and_back(visit: Visit, student: User, language: str, title: str) -> None:
    visitor = visit(language=language)
    answer = visitor.get("/tokens?x=1")
    assert f"<title>{title} · Gradus 梯度</title>" in answer.text
    assert 'name="next" value="/tokens?x=1"' in answer.text
    signed_in = visitor.post("/sign-in", data=RIGHT | {"next": "/tokens?x=1"}, follow_redirects=False)
    assert (signed_in.status_code, signed_in.headers["location"]) == (303, "/tokens?x=1")


@pytest.mark.parametrize("next", ["https://evil.test/", "//evil.test", "/\\evil.test", "javascript:0", "/\t/evil.test", ""])
def test_signing_in_never_leads_to_another_site(visit: Visit, student: User, next: str) -> None:
    answer = visit().post("/sign-in", data=RIGHT | {"next": next}, follow_redirects=False)
    assert answer.headers["location"] == "/"


def test_a_wrong_password_keeps_the_login_and_says_so(visit: Visit, student: User) -> None:
    visitor = visit(language="zh_CN")
    answer = visitor.post("/sign-in", data={"login": 'ada"><b>', "password": "wrong"})
    assert answer.status_code == 401
    assert "用户名或密码不正确。" in answer.text
    assert 'value="ada&#34;&gt;&lt;b&gt;"' in answer.text
    assert "wrong" not in answer.text
    assert SESSION_COOKIE not in visitor.cookies


def test_too_many_wrong_passwords_are_told_to_wait(visit: Visit, student: User) -> None:
    visitor = visit()
    for _ in range(FAILURES_PER_PLACE):
        visitor.post("/sign-in", data=RIGHT | {"password": "wrong"})
    answer = visitor.post("/sign-in", data=RIGHT)
    assert answer.status_code == 429
    assert "Too many wrong passwords. Please wait" in answer.text


def test_a_classmate_who_guesses_at_the_same_address_slows_no_browser_down_in_which_its_owner_has_signed_in(
    visit: Visit, student: User, make_member: Callable[..., User], session: Session
) -> None:
    own, classmate = visit(student), visit(make_member("eve"))
    for each in (own, classmate):
        each.submit_form("/", "/sign-out")
    session.add_all(SignInFailure(login="ada", address="testclient", failed_at=current_time(session)) for _ in range(200))
    session.commit()
    assert classmate.post("/sign-in", data=RIGHT).status_code == 429  # a browser known for somebody else is a stranger's
    assert own.post("/sign-in", data=RIGHT, follow_redirects=False).status_code == 303


def test_a_known_browser_has_to_wait_for_its_own_mistakes(visit: Visit, student: User) -> None:
    visitor = visit(student)
    visitor.submit_form("/", "/sign-out")
    answers = [visitor.post("/sign-in", data=RIGHT | {"password": "wrong"}).status_code for _ in range(FAILURES_PER_PLACE + 1)]
    assert answers == [401] * FAILURES_PER_PLACE + [429]


def test_after_the_pause_the_right_password_opens_the_door_however_many_were_wrong(
    visit: Visit, student: User, session: Session
) -> None:
    session.add_all(
        SignInFailure(login="ada", address="testclient", failed_at=current_time(session) - LONGEST_PAUSE) for _ in range(200)
    )
    session.commit()
    assert visit().post("/sign-in", data=RIGHT, follow_redirects=False).status_code == 303


def test_the_mark_of_a_browser_is_out_of_reach_of_scripts_and_of_plain_http(
    settings: Settings, student: User, tables: Engine
) -> None:
    behind_tls = settings.model_copy(update={"public_url": "https://gradus.test"})
    client = TestClient(create_app(behind_tls), base_url="http://gradus.test")
    answer = client.post("/sign-in", data=RIGHT, follow_redirects=False)
    cookies = answer.headers.get_list("set-cookie")
    assert {cookie.split("=")[0] for cookie in cookies} == {SESSION_COOKIE, BROWSER_COOKIE}
    assert all("Secure" in cookie and "HttpOnly" in cookie for cookie in cookies)


def test_signing_out_ends_the_session(visit: Visit, student: User) -> None:
    visitor = visit(student)
    stolen = visitor.cookies[SESSION_COOKIE]
    assert visitor.submit_form("/", "/sign-out").headers["location"] == "/sign-in"
    assert SESSION_COOKIE not in visitor.cookies
    thief = visit()
    thief.cookies.set(SESSION_COOKIE, stolen)
    assert "/sign-in" in thief.get("/", follow_redirects=False).headers["location"]


def test_a_language_once_chosen_stays_in_the_browser_and_in_the_account(visit: Visit, student: User, session: Session) -> None:
    visitor = visit(student)
    assert "Your courses" in visitor.get("/").text
    answer = visitor.submit_form("/", "/language", language="zh_CN", next="/tokens")
    assert answer.headers["location"] == "/tokens"
    assert visitor.cookies[COOKIE] == "zh_CN"
    assert '<html lang="zh-CN"' in visitor.get("/").text
    session.expire_all()
    assert student.language is Language.zh


def test_the_accounts_language_counts_in_a_browser_without_a_choice(
    visit: Visit, make_user: Callable[..., User], app_client: TestClient
) -> None:
    person = make_user("lin", language=Language.zh)
    visitor = visit(person)
    visitor.cookies.delete(COOKIE)
    assert "我的课程" in visitor.get("/", headers={"accept-language": "en"}).text
    assert "登录" in TestClient(app_client.app).get("/sign-in", headers={"accept-language": "zh-CN,en;q=0.5"}).text


def test_a_new_token_is_shown_once_and_works(visit: Visit, student: User, app_client: TestClient) -> None:
    visitor = visit(student)
    page = visitor.submit_form("/tokens", "/tokens", name="<b>laptop</b>")
    token = page.text.split('id="fresh-token">')[1].split("<")[0]
    assert app_client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).json()["login"] == "ada"
    later = visitor.get("/tokens").text
    assert token not in later
    assert token[:13] in later
    assert "&lt;b&gt;laptop&lt;/b&gt;" in later


def test_a_revoked_token_is_gone(visit: Visit, student: User, app_client: TestClient, bearer: Callable[..., dict]) -> None:
    headers = bearer(student)
    visitor = visit(student)
    address = visitor.get("/tokens").text.split('action="/tokens/')[1].split('"')[0]
    assert visitor.submit_form("/tokens", f"/tokens/{address}").status_code == 303
    assert app_client.get("/api/v1/me", headers=headers).status_code == 401
    assert "No tokens yet" in visitor.get("/tokens").text


def test_a_form_without_the_pages_token_changes_nothing(visit: Visit, student: User) -> None:
    visitor = visit(student)
    answer = visitor.post("/tokens", data={"name": "forged"})
    assert answer.status_code == 403
    assert "did not come from a page of ours" in answer.text
    assert "No tokens yet" in visitor.get("/tokens").text
