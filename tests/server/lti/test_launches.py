"""From a click in a platform into a course, over real connections."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.access import SESSION_COOKIE
from server.accounts.models import User
from server.assignments.models import Assignment
from server.audit import list_lines
from server.courses.models import Course, Enrollment, Role
from server.database import current_time
from server.identities.models import Identity, TurnedAway
from server.lti import launches, service
from server.lti.models import LearningPlatform, ResourceLink
from server.lti.rules import Launch
from server.settings import Settings
from tests.server.lti.conftest import Browser
from tests.server.lti.platform import CLAIM, CLIENT_ID, DEEP, INSTRUCTOR, LEARNER, FakePlatform, new_key
from tests.server.moments import FromNow, reckoned

TOKEN = re.compile(r'name="csrf_token" value="(\w+)"')
PLACE = "/courses/dl-2026/assignments/tiny"


@pytest.fixture
def teacher(make_member: Callable[..., User]) -> User:
    return make_member("zhou", Role.instructor)


@pytest.fixture
def bind(session: Session, platform: LearningPlatform, assignment: Assignment, teacher: User) -> Callable[..., ResourceLink]:
    def bind(*, lets_in: bool = False) -> ResourceLink:
        launch = Launch("LtiResourceLinkRequest", "1", resource="link-1")
        link = launches.bind(session, platform, launch, assignment.course, assignment, lets_in=lets_in, by=teacher)
        session.commit()
        return link

    return bind


@pytest.fixture
def ada(student: User, know: Callable[..., None], bind: Callable[..., ResourceLink]) -> User:
    """A student whom the platform knows, and a link that leads to an assignment."""
    know(student)
    bind()
    return student


def form_on(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)
    return {name: unescape(value) for name, value in found}


def test_a_student_comes_straight_to_the_assignment(browser: Browser, ada: User) -> None:
    answer = browser.click()
    assert (answer.status_code, answer.headers["location"]) == (303, PLACE)
    assert browser.get(PLACE).status_code == 200


def test_a_platform_may_ask_by_form(browser: Browser, lms: FakePlatform, ada: User) -> None:
    asked = {"iss": lms.issuer, "login_hint": "hint", "lti_message_hint": "message", "client_id": CLIENT_ID}
    answer = browser.post("/lti/login", data=asked, headers={"origin": lms.issuer})
    assert answer.status_code == 303 and answer.headers["location"].startswith("/lti/login?")
    assert browser.get(answer.headers["location"]).headers["location"].startswith(f"{lms.issuer}/auth?")


def test_the_cookie_comes_back_with_a_form_of_another_site(browser: Browser, lms: FakePlatform) -> None:
    asked = {"iss": lms.issuer, "login_hint": "hint"}
    [cookie] = browser.get("/lti/login", params=asked).headers.get_list("set-cookie")
    assert {"HttpOnly", "Secure", "SameSite=none"} <= {each.strip() for each in cookie.split(";")}


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"aud": "another"},
        {"aud": [CLIENT_ID, "other"]},
        {"azp": "other"},
        {"iss": "https://evil.test"},
        {"exp": FromNow(-61)},
        {"iat": FromNow(300)},
        {"sub": None},
        {f"{CLAIM}deployment_id": "2"},
        {f"{CLAIM}deployment_id": None},
        {f"{CLAIM}version": "1.1.0"},
        {f"{CLAIM}message_type": "Another"},
        {f"{CLAIM}resource_link": None},
    ],
    ids=str,
)
def test_a_token_that_says_the_wrong_thing_lets_nobody_in(
    browser: Browser, lms: FakePlatform, ada: User, claims: dict[str, Any]
) -> None:
    lms.claims = reckoned(claims)
    assert browser.click().status_code == 401
    assert SESSION_COOKIE not in browser.cookies


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_only_the_platforms_private_key_can_sign(browser: Browser, lms: FakePlatform, ada: User, algorithm: str) -> None:
    lms.algorithm = algorithm
    page = browser.click()
    assert page.status_code == 401 and "an algorithm that is not allowed" in page.text


def test_a_signature_of_somebody_elses_key_is_refused(browser: Browser, lms: FakePlatform, ada: User) -> None:
    lms.key = new_key("first")
    assert browser.click().status_code == 401


def test_a_state_is_used_up_and_belongs_to_one_browser(open_browser: Callable[[], Browser], ada: User) -> None:
    own, other = open_browser(), open_browser()
    form = own.leave()
    assert other.arrive(form).status_code == 400
    assert own.arrive(form).status_code == 303
    assert own.arrive(form).status_code == 400


def test_who_is_not_registered_or_not_approved_leads_nowhere(
    browser: Browser, platform: LearningPlatform, session: Session, ada: User
) -> None:
    assert browser.get("/lti/login?iss=https://evil.test&login_hint=x").status_code == 404
    form = browser.leave()
    platform.approved_at = None
    session.commit()
    assert browser.arrive(form).status_code == 404
    assert browser.get(f"/lti/login?iss={platform.issuer}&login_hint=x").status_code == 404


def test_inside_a_frame_it_asks_for_a_window_of_its_own(browser: Browser, lms: FakePlatform) -> None:
    asked = {"iss": lms.issuer, "login_hint": "hint", "lti_message_hint": "message"}
    page = browser.get("/lti/login", params=asked, headers={"sec-fetch-dest": "iframe"})
    assert page.status_code == 200 and "frame-ancestors https:" in page.headers["content-security-policy"]
    address = unescape(re.search(r'class="button" href="([^"]+)" target="_blank"', page.text)[1])
    assert browser.get(address).headers["location"].startswith(f"{lms.issuer}/auth?")
    assert "frame-ancestors 'none'" in browser.get("/sign-in").headers["content-security-policy"]


def test_a_learner_joins_only_where_the_link_lets_him_in(
    browser: Browser, lms: FakePlatform, bind, know, make_user, session: Session, course: Course
) -> None:
    user = make_user("lin")
    know(user)
    link = bind()
    page = browser.click()
    assert page.status_code == 403 and "Ask its instructor to add you" in page.text
    link.lets_in = True
    session.commit()
    assert browser.click().status_code == 303
    member = session.scalars(select(Enrollment).where(Enrollment.user_id == user.id)).one()
    assert member.role is Role.student
    assert list_lines(session, course=course)[0].action == "lti.joined"


def test_nobody_teaches_because_a_platform_says_so(browser: Browser, lms: FakePlatform, bind, know, make_user, session) -> None:
    user = make_user("eve")
    know(user)
    bind(lets_in=True)
    lms.roles = [INSTRUCTOR, LEARNER]
    assert browser.click().status_code == 403
    assert session.scalars(select(Enrollment).where(Enrollment.user_id == user.id)).all() == []


def test_who_has_withdrawn_does_not_come_back_by_a_link(browser: Browser, bind, know, make_member, session: Session) -> None:
    from server.courses.roster import set_withdrawn

    user = make_member("lin")
    know(user)
    bind(lets_in=True)
    member = session.scalars(select(Enrollment).where(Enrollment.user_id == user.id)).one()
    set_withdrawn(member, by=None, now=current_time(session))
    session.commit()
    assert browser.click().status_code == 403


def test_a_stranger_links_his_account_by_signing_in_once(
    browser: Browser, student: User, bind, session: Session, platform: LearningPlatform
) -> None:
    bind()
    page = browser.click()
    code = session.scalars(select(TurnedAway.code)).one()
    assert page.status_code == 403 and code in page.text and SESSION_COOKIE not in browser.cookies
    address = unescape(re.search(r'class="button" href="(/lti/link[^"]+)"', page.text)[1])
    assert "/sign-in?next=" in browser.get(address).headers["location"]
    browser.post("/sign-in", data={"login": "ada", "password": "correct horse battery"})
    asked = browser.get(address).text
    assert "is that both you?" in asked
    assert browser.post("/lti/link", data=form_on(asked)).status_code == 303
    made = session.scalars(select(Identity)).one()
    assert (made.user_id, made.issuer, made.subject) == (student.id, platform.namespace, "s-1")
    assert browser.click().headers["location"] == PLACE


def test_a_platform_finds_accounts_only_as_the_operator_has_said(
    browser: Browser, student: User, bind, session: Session, platform: LearningPlatform
) -> None:
    bind()
    student.student_number = "2026001"
    session.commit()
    assert browser.click().status_code == 403
    service.approve(session, platform, links_by=["number"], creates_accounts=False, now=current_time(session))
    session.commit()
    assert browser.click().headers["location"] == PLACE


def test_one_platform_never_speaks_for_the_people_of_another(
    browser: Browser, lms: FakePlatform, ada: User, platform: LearningPlatform, session: Session
) -> None:
    """The same subject, from a second registration of the same issuer."""
    fields = {name: getattr(platform, name) for name in ("issuer", "auth_url", "token_url", "jwks_url")}
    fields |= {"name": "Evil", "client_id": "client-8", "deployments": "1"}
    reach = launches.reach_of(Settings(lti_private=True))
    service.register(session, fields=fields, course=None, by=None, reach=reach, now=current_time(session))
    session.commit()
    lms.claims = {"aud": "client-8"}
    answer = browser.get(f"/lti/login?iss={lms.issuer}&login_hint=hint&lti_message_hint=message&client_id=client-8")
    assert "client_id=client-8" in answer.headers["location"]
    assert browser.get(f"/lti/login?iss={lms.issuer}&login_hint=hint").status_code == 404  # which of the two?
    assert session.scalars(select(Identity)).one().issuer == platform.namespace


def test_a_link_that_leads_nowhere_is_set_by_staff_once(
    browser: Browser,
    open_browser,
    lms: FakePlatform,
    assignment: Assignment,
    teacher: User,
    student: User,
    know,
    session: Session,
) -> None:
    know(student)
    know(teacher, "t-1")
    assert "an instructor has to open it once" in browser.click().text
    lms.roles, lms.subject = [INSTRUCTOR], "t-1"
    staff = open_browser()
    page = staff.get(staff.click().headers["location"]).text
    answer = staff.post("/lti/pick", data={**form_on(page), "place": "dl-2026/tiny", "lets_in": "true"})
    assert answer.headers["location"] == "/courses/dl-2026/lti"
    link = session.scalars(select(ResourceLink)).one()
    assert (link.assignment_id, link.lets_in, link.bound_by_id) == (assignment.id, True, teacher.id)
    assert link.lineitems_url == f"{lms.issuer}/items"
    lms.roles, lms.subject = [LEARNER], "s-1"
    assert browser.click().headers["location"] == PLACE


def test_staff_of_one_course_never_choose_another(
    browser: Browser, lms: FakePlatform, assignment: Assignment, make_member, make_course, know, session: Session
) -> None:
    know(make_member("eve", Role.ta, of=make_course("cv-2026")))
    lms.roles = [INSTRUCTOR]
    page = browser.get(browser.click().headers["location"]).text
    assert "dl-2026" not in page
    assert browser.post("/lti/pick", data={**form_on(page), "place": "dl-2026/tiny"}).status_code == 404
    assert session.scalars(select(ResourceLink)).all() == []


def pick(browser: Browser, lms: FakePlatform) -> dict[str, Any]:
    """By deep linking; what comes back to the platform."""
    lms.claims, lms.roles, lms.subject = lms.picking(), [INSTRUCTOR], "t-1"
    page = browser.get(browser.click().headers["location"]).text
    answer = browser.post("/lti/pick", data={**form_on(page), "place": "dl-2026/tiny"})
    assert answer.status_code == 200, answer.text
    assert f"form-action 'self' {lms.issuer};" in answer.headers["content-security-policy"]
    assert f'action="{lms.issuer}/return"' in answer.text
    lms.claims, lms.roles, lms.subject = {}, [LEARNER], "s-1"
    return lms.read(form_on(answer.text)["JWT"])


def test_staff_choose_in_the_platform_and_the_link_leads_there(
    browser: Browser,
    open_browser,
    lms: FakePlatform,
    assignment: Assignment,
    teacher: User,
    student: User,
    know,
    session: Session,
) -> None:
    know(teacher, "t-1")
    know(student)
    said = pick(browser, lms)
    assert (said["iss"], said["aud"], said[f"{DEEP}data"]) == (CLIENT_ID, lms.issuer, "opaque")
    [item] = said[f"{DEEP}content_items"]
    assert item["type"] == "ltiResourceLink" and item["lineItem"]["scoreMaximum"] == 100
    lms.resource, lms.claims = "link-9", {f"{CLAIM}custom": item["custom"]}
    assert open_browser().click().headers["location"] == PLACE
    assert session.scalars(select(ResourceLink)).one().resource == "link-9"


def test_a_place_that_we_have_not_signed_leads_nowhere(
    browser: Browser, lms: FakePlatform, assignment: Assignment, teacher: User, student: User, know, session: Session
) -> None:
    know(teacher, "t-1")
    know(student)
    [item] = pick(browser, lms)[f"{DEEP}content_items"]
    body, _, signature = item["custom"]["gradus"].partition(".")
    for forged in (f"{body}.{'0' * 64}", f"{body[:-4]}AAAA.{signature}", body, "."):
        lms.claims = {f"{CLAIM}custom": {"gradus": forged}}
        assert browser.click().status_code == 409
    assert session.scalars(select(ResourceLink)).all() == []


def test_a_choice_is_made_by_the_person_who_came(
    browser: Browser, lms: FakePlatform, assignment, teacher, make_member, know
) -> None:
    know(teacher, "t-1")
    lms.roles, lms.subject = [INSTRUCTOR], "t-1"
    address = browser.click().headers["location"]
    make_member("eve", Role.instructor)
    browser.cookies.delete(SESSION_COOKIE)
    browser.post("/sign-in", data={"login": "eve", "password": "correct horse battery"})
    assert browser.get(address).status_code == 400
