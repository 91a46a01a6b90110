"""Signing in at another institution, against a provider that speaks the protocol over real connections."""

import re
import time
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from server import wire
from server.accounts.access import SESSION_COOKIE
from server.accounts.models import User
from server.app import create_app
from server.identities import oauth
from server.identities.models import Identity, LinkedBy, TurnedAway
from server.identities.pages import COOKIE
from server.settings import Settings
from tests.server.identities.provider import CLIENT_ID, CLIENT_SECRET, FakeProvider, new_key, running
from tests.server.moments import FromNow, reckoned

RETURN = "/sign-in/oidc/return"
TOKEN = re.compile(r'name="csrf_token" value="(\w+)"')
RIGHT = {"login": "ada", "password": "correct horse battery"}


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    with running() as provider:
        yield provider


@pytest.fixture
def open_site(settings: Settings, provider: FakeProvider, tables: Engine) -> Callable[..., TestClient]:
    """A browser at a platform that knows the provider."""

    def open_site(**fields: object) -> TestClient:
        known = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT_ID, "oidc_client_secret": CLIENT_SECRET}
        app = create_app(Settings(**{**settings.model_dump(), "secret": "test secret", **known, **fields}))
        return TestClient(app, base_url="http://gradus.test", follow_redirects=False)

    return open_site


@pytest.fixture
def browser(open_site: Callable[..., TestClient]) -> TestClient:
    return open_site(oidc_number_claim="number", oidc_links_by=["number", "email"])


def leave(browser: TestClient, next: str = "/tokens") -> str:
    """To the provider and up to its answer: the address to which it sends the browser."""
    answer = browser.get(f"/sign-in/oidc?{urlencode({'next': next})}")
    assert answer.status_code == 303, answer.text
    return sent_back(answer.headers["location"])


def sent_back(address: str) -> str:
    back = urlsplit(httpx.get(address).headers["location"])
    assert back.netloc == "gradus.test" and back.path == RETURN
    return f"{back.path}?{back.query}"


def signs_in(browser: TestClient, **kwargs: str) -> bool:
    answer = browser.get(leave(browser, **kwargs))
    assert (answer.status_code == 303) == (SESSION_COOKIE in browser.cookies), answer.text
    return answer.status_code == 303


def link(session: Session, user: User, issuer: str, subject: str = "u-1") -> Identity:
    made = Identity(user_id=user.id, issuer=issuer, subject=subject, label="ada", linked_by=LinkedBy.person)
    session.add(made)
    session.commit()
    return made


@pytest.fixture
def ada(session: Session, student: User, provider: FakeProvider) -> User:
    link(session, student, provider.issuer)
    return student


def test_a_linked_person_signs_in_and_comes_back_to_the_page_asked_for(browser: TestClient, ada: User) -> None:
    answer = browser.get(leave(browser, "/tokens?x=1"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/tokens?x=1")
    assert "Ada" in browser.get("/tokens").text


@pytest.mark.parametrize("next", ["https://evil.test/", "//evil.test", "/\\evil.test"])
def test_no_way_back_leads_to_another_site(browser: TestClient, ada: User, next: str) -> None:
    assert browser.get(leave(browser, next)).headers["location"] == "/"


def test_the_sign_in_page_offers_both_ways_in_both_languages(browser: TestClient, student: User) -> None:
    page = browser.get("/sign-in?next=/tokens", headers={"accept-language": "en"}).text
    assert "Sign in with university account" in page and 'href="/sign-in/oidc?next=/tokens"' in page and 'name="password"' in page
    assert "使用统一身份认证登录" in browser.get("/sign-in", headers={"accept-language": "zh-CN"}).text
    assert browser.post("/sign-in", data=RIGHT).status_code == 303


def test_where_none_is_set_up_no_button_is_shown(app_client: TestClient) -> None:
    assert "/sign-in/oidc" not in app_client.get("/sign-in").text


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "somebody else"},
        {"aud": [CLIENT_ID, "other"]},
        {"aud": [CLIENT_ID, "other"], "azp": "other"},
        {"azp": "other"},
        {"iss": "https://evil.test"},
        {"exp": FromNow(-61)},
        {"exp": None},
        {"exp": True},
        {"iat": FromNow(300)},
        {"iat": FromNow(-3600)},
        {"nbf": FromNow(300)},
        {"sub": ""},
        {"sub": None},
        {"sub": 7},
    ],
    ids=str,
)
def test_a_token_that_says_the_wrong_thing_lets_nobody_in(
    browser: TestClient, provider: FakeProvider, ada: User, claims: dict[str, object]
) -> None:
    provider.claims = reckoned(claims)
    assert browser.get(leave(browser)).status_code == 401
    assert SESSION_COOKIE not in browser.cookies


def test_clocks_may_differ_by_a_minute(browser: TestClient, provider: FakeProvider, ada: User) -> None:
    provider.claims = {"exp": int(time.time()) - 30, "iat": int(time.time()) + 30}
    assert signs_in(browser)


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_only_a_private_key_can_sign(browser: TestClient, provider: FakeProvider, ada: User, algorithm: str) -> None:
    provider.algorithm = algorithm
    provider.metadata = {"id_token_signing_alg_values_supported": ["RS256", algorithm]}
    page = browser.get(leave(browser))
    assert page.status_code == 401 and "an algorithm that is not allowed" in page.text
    assert SESSION_COOKIE not in browser.cookies


def test_an_algorithm_that_the_provider_does_not_name_is_refused(browser: TestClient, provider: FakeProvider, ada: User) -> None:
    provider.metadata = {"id_token_signing_alg_values_supported": ["ES256"]}
    assert not signs_in(browser)


def test_a_signature_of_somebody_elses_key_is_refused(browser: TestClient, provider: FakeProvider, ada: User) -> None:
    provider.key = new_key("first")  # the same name
    assert "a wrong signature" in browser.get(leave(browser)).text
    assert SESSION_COOKIE not in browser.cookies


def test_a_new_key_is_looked_up_once(browser: TestClient, provider: FakeProvider, ada: User, monkeypatch) -> None:
    assert signs_in(browser)
    browser.cookies.delete(SESSION_COOKIE)
    [keyring] = browser.app.state.provider.keyrings.values()
    provider.key = provider.published = new_key("second")
    assert not signs_in(browser)  # looked up a moment ago
    keyring.kept.read_at -= 61
    assert signs_in(browser)
    asked = provider.asked.count("/jwks")
    browser.cookies.delete(SESSION_COOKIE)
    provider.key = new_key("never published")
    assert not any(signs_in(browser) for _ in range(3))
    assert provider.asked.count("/jwks") == asked


def test_a_state_is_used_up_by_its_first_return(browser: TestClient, ada: User) -> None:
    back = leave(browser)
    assert browser.get(back).status_code == 303
    browser.cookies.delete(SESSION_COOKIE)
    assert browser.get(back).status_code == 400
    assert SESSION_COOKIE not in browser.cookies


def test_a_state_is_used_up_by_a_failure_too(browser: TestClient, provider: FakeProvider, ada: User) -> None:
    provider.claims = {"nonce": "another"}
    back = leave(browser)
    assert browser.get(back).status_code == 401
    provider.claims = {}
    assert browser.get(back).status_code == 400


def test_a_code_that_was_used_already_is_refused(browser: TestClient, provider: FakeProvider, ada: User) -> None:
    back = leave(browser)
    provider.codes.clear()
    answer = browser.get(back)
    assert answer.status_code == 502
    assert "has been used up" in answer.text


def test_the_way_back_works_only_in_the_browser_that_left(browser: TestClient, ada: User) -> None:
    back = leave(browser)
    victim = TestClient(browser.app, base_url="http://gradus.test", follow_redirects=False)
    assert victim.get(back).status_code == 400
    victim.get("/sign-in/oidc")  # has a cookie of its own now
    assert victim.get(back).status_code == 400
    assert SESSION_COOKIE not in victim.cookies
    assert browser.get(back).status_code == 303  # and what others tried has not used it up


def test_two_tabs_do_not_end_each_others_sign_in(browser: TestClient, ada: User) -> None:
    first, second = leave(browser, "/tokens"), leave(browser, "/identities")
    assert browser.get(first).headers["location"] == "/tokens"
    assert browser.get(second).headers["location"] == "/identities"


def test_the_cookie_is_out_of_reach_of_scripts(browser: TestClient) -> None:
    [cookie] = browser.get("/sign-in/oidc").headers.get_list("set-cookie")
    assert cookie.startswith(COOKIE) and "HttpOnly" in cookie and "SameSite=lax" in cookie


def test_a_refusal_of_the_provider_is_said_in_our_words(browser: TestClient, ada: User) -> None:
    query = parse_qs(urlsplit(leave(browser)).query)
    told = {"state": query["state"][0], "error": "access_denied", "error_description": "<b>call 555-EVIL</b>"}
    page = browser.get(f"{RETURN}?{urlencode(told)}")
    assert "You have not signed in there" in page.text
    assert "EVIL" not in page.text
    assert query["state"][0] not in page.text  # what came back is repeated nowhere


def test_an_answer_that_names_another_issuer_is_refused(browser: TestClient, ada: User) -> None:
    assert browser.get(leave(browser) + "&iss=https%3A%2F%2Fevil.test").status_code == 401


def test_a_dead_provider_leaves_the_password(browser: TestClient, provider: FakeProvider, student: User) -> None:
    provider.server.shutdown()
    provider.server.server_close()
    page = browser.get("/sign-in/oidc?next=/tokens")
    assert page.status_code == 502
    assert "does not work at the moment" in page.text and 'name="next" value="/tokens"' in page.text
    assert browser.post("/sign-in", data=RIGHT).status_code == 303


def test_a_slow_provider_is_not_waited_for(
    browser: TestClient, provider: FakeProvider, student: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.pause_s = 1.0
    monkeypatch.setattr(oauth.wire, "WHOLE_S", 0.2)
    monkeypatch.setattr(wire.send, "__kwdefaults__", {**wire.send.__kwdefaults__, "whole_s": 0.2})
    assert "did not answer in time" in browser.get("/sign-in/oidc").text


def test_a_huge_answer_is_not_read(browser: TestClient, provider: FakeProvider, student: User) -> None:
    provider.padding = " " * (wire.ANSWER_BYTES + 1)
    assert "larger than any that we read" in browser.get("/sign-in/oidc").text


def test_a_document_of_another_issuer_is_refused(browser: TestClient, provider: FakeProvider, student: User) -> None:
    provider.metadata = {"issuer": "https://evil.test"}
    assert "calls itself https://evil.test" in browser.get("/sign-in/oidc").text


def test_nothing_is_sent_to_an_address_without_encryption(browser: TestClient, provider: FakeProvider, student: User) -> None:
    provider.metadata = {"token_endpoint": "http://10.0.0.1/token"}
    assert browser.get("/sign-in/oidc").status_code == 502


@pytest.mark.parametrize(
    ("person", "account", "by"),
    [
        ({"number": "2026001"}, {"student_number": "2026001"}, LinkedBy.number),
        ({"email": "Lin@Example.edu", "email_verified": True}, {"email": "lin@example.EDU"}, LinkedBy.email),
    ],
)
def test_a_stranger_is_linked_to_the_one_account_that_fits(
    browser: TestClient, provider: FakeProvider, make_user: Callable[..., User], session: Session, person, account, by
) -> None:
    user = make_user("lin")
    for name, value in account.items():
        setattr(user, name, value)
    session.commit()
    provider.person = {"sub": "u-9", **person}
    assert signs_in(browser)
    made = session.scalars(select(Identity)).one()
    assert (made.user_id, made.subject, made.linked_by) == (user.id, "u-9", by)


@pytest.mark.parametrize(
    "person",
    [
        {"email": "lin@example.edu"},  # nobody vouches for it
        {"email": "lin@example.edu", "email_verified": False},
        {"number": "2026001", "email": "other@example.edu", "email_verified": True},  # two people
        {"number": None},
        {},
    ],
)
def test_whoever_fits_no_account_or_two_is_told_whom_to_ask(
    browser: TestClient, provider: FakeProvider, make_user: Callable[..., User], session: Session, person: dict[str, object]
) -> None:
    one, other = make_user("lin", email="lin@example.edu"), make_user("other", email="other@example.edu")
    one.student_number = "2026001"
    session.commit()
    provider.person = {"sub": "u-9", "preferred_username": "lin9", **person}
    page = browser.get(leave(browser))
    assert page.status_code == 403 and SESSION_COOKIE not in browser.cookies
    code = session.scalars(select(TurnedAway.code)).one()
    assert code in page.text and "say this code" in page.text
    assert browser.get(leave(browser)).text.count(code) == 1  # who comes again keeps the code
    assert session.scalars(select(Identity)).all() == [] and other.id


def test_without_the_operators_word_nobody_is_linked_by_what_the_provider_says(
    open_site: Callable[..., TestClient], make_user: Callable[..., User], session: Session
) -> None:
    make_user("ada", email="ada@example.edu")
    browser = open_site()
    assert browser.get(leave(browser)).status_code == 403


def test_an_account_that_is_linked_already_is_not_taken_over(
    browser: TestClient, provider: FakeProvider, make_user: Callable[..., User], session: Session
) -> None:
    link(session, make_user("ada", email="ada@example.edu"), provider.issuer, "u-0")
    page = browser.get(leave(browser))
    assert page.status_code == 403 and "belongs to a different sign-in" in page.text


def test_a_closed_account_stays_closed(browser: TestClient, ada: User, session: Session) -> None:
    ada.is_active = False
    session.commit()
    page = browser.get(leave(browser))
    assert page.status_code == 403 and "Your account is closed" in page.text


def test_accounts_are_made_only_where_the_operator_says_so(open_site: Callable[..., TestClient], session: Session) -> None:
    strict = open_site()
    assert strict.get(leave(strict)).status_code == 403
    open_one = open_site(oidc_creates_accounts=True)
    assert open_one.get(leave(open_one)).status_code == 303
    user = session.scalars(select(User)).one()
    assert (user.login, user.display_name, user.email, user.password_hash) == ("ada.l", "Ada L", "ada@example.edu", None)


def test_a_new_account_never_takes_a_login_of_somebody_else(
    open_site: Callable[..., TestClient], make_user: Callable[..., User]
) -> None:
    make_user("ada.l")
    browser = open_site(oidc_creates_accounts=True)
    assert browser.get(leave(browser)).status_code == 403


def test_details_that_come_apart_are_of_the_same_person(browser: TestClient, provider: FakeProvider, make_user, session) -> None:
    user = make_user("lin")
    user.student_number = "2026001"
    session.commit()
    provider.person = {"sub": "u-9"}
    provider.details = {"sub": "u-8", "number": "2026001"}
    assert not signs_in(browser)
    provider.details = {"sub": "u-9", "number": "2026001"}
    assert signs_in(browser)


def start_link(browser: TestClient) -> str:
    """By the form of one's own page, up to the provider's answer."""
    token = TOKEN.search(browser.get("/identities").text)
    page = browser.post("/identities", data={"csrf_token": token[1]})
    address = page.text.split('class="button" href="')[1].split('"')[0].replace("&amp;", "&")
    return sent_back(address)


def test_a_person_links_and_unlinks_by_himself(
    browser: TestClient, provider: FakeProvider, student: User, session: Session
) -> None:
    browser.post("/sign-in", data=RIGHT)
    assert browser.get(start_link(browser)).headers["location"] == "/identities"
    made = session.scalars(select(Identity)).one()
    assert (made.user_id, made.linked_by) == (student.id, LinkedBy.person)
    page = browser.get("/identities").text
    assert "Ada.L" in page
    token = TOKEN.search(page)[1]
    assert browser.post(f"/identities/{made.id}/unlink", data={"csrf_token": token}).status_code == 303
    assert "No account elsewhere is linked" in browser.get("/identities").text


def test_a_link_is_never_begun_by_another_page(browser: TestClient, student: User, session: Session) -> None:
    browser.post("/sign-in", data=RIGHT)
    assert browser.post("/identities").status_code == 403
    assert browser.post("/identities", headers={"origin": "https://evil.test"}).status_code == 403


def test_a_link_is_finished_only_by_the_person_who_began_it(
    browser: TestClient, student: User, make_user: Callable[..., User], session: Session
) -> None:
    make_user("eve")
    browser.post("/sign-in", data=RIGHT)
    back = start_link(browser)
    browser.cookies.delete(SESSION_COOKIE)
    browser.post("/sign-in", data=RIGHT | {"login": "eve"})
    assert browser.get(back).status_code == 400
    assert session.scalars(select(Identity)).all() == []


def test_an_account_elsewhere_belongs_to_one_person_here(
    browser: TestClient, provider: FakeProvider, student: User, make_user: Callable[..., User], session: Session
) -> None:
    link(session, make_user("eve"), provider.issuer)
    browser.post("/sign-in", data=RIGHT)
    page = browser.get(start_link(browser))
    assert page.status_code == 409 and "linked to another person here" in page.text


def test_nobody_cuts_off_his_only_way_in(browser: TestClient, ada: User, session: Session) -> None:
    ada.password_hash = None
    session.commit()
    assert signs_in(browser)
    made = session.scalars(select(Identity)).one()
    token = TOKEN.search(browser.get("/identities").text)[1]
    page = browser.post(f"/identities/{made.id}/unlink", data={"csrf_token": token})
    assert page.status_code == 409 and "only way to sign in" in page.text
