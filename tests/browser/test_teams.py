"""A team from its founding to its end in a real browser, with a name as long as it can be."""

import pytest

from server.accounts import service as accounts
from server.courses import service as courses
from server.courses.models import Course, Role
from server.database import session_factory
from server.teams.rules import MAX_NAME
from tests.browser.conftest import PASSWORD
from tests.browser.test_pages import too_wide
from tests.thorough import one_in

PAGE = "/courses/homeworks/assignments/final-digits/team"


@pytest.fixture(scope="module")
def guest(world) -> str:
    """Another student of the course: a login."""
    with session_factory.begin() as session:
        course = session.query(Course).filter_by(slug="homeworks").one()
        person = accounts.create_user(session, login="guest", display_name="Guinevere", password=PASSWORD)
        courses.enroll(session, course=course, user=person, role=Role.student)
    return "guest"


@pytest.mark.parametrize(("language", "last_one"), one_in(2, [("en", "the team ends with this"), ("zh_CN", "队伍随之解散")]))
def test_a_team_is_founded_and_left_and_its_page_fits_a_phone(browser, guest: str, language: str, last_one: str) -> None:
    browser.sign_in("bob")
    browser.speak(language)
    browser.open(PAGE)
    browser.one("#create-name").send_keys("W" * MAX_NAME)
    browser.one("main form .button").click()
    browser.wait_for_text("#own", "W" * MAX_NAME)
    browser.one("#invite-login").send_keys("nobody-at-all")
    browser.one("main form .button").click()
    browser.wait_for_text("#problem", "nobody-at-all")
    assert browser.one("#invite-login").get_attribute("value") == "nobody-at-all", "what was typed is kept"
    browser.one("#invite-login").clear()
    browser.one("#invite-login").send_keys(guest)
    browser.one("main form:has(#invite-login) .button").click()
    browser.wait_for(lambda browser: browser.one(".members .linklike").is_displayed())
    assert too_wide(browser, PAGE) == []
    browser.resize(375)
    edge, button = browser.one(".members").rect, browser.one(".members .linklike").rect
    assert button["x"] + button["width"] <= edge["x"] + edge["width"] and button["height"] >= 24
    browser.one(".members .linklike").click()
    browser.wait_for(lambda browser: guest not in browser.one(".members").text)
    browser.resize(1280)
    browser.one("#leave summary").click()
    browser.wait_for_text("#leave form", last_one)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 1280
    browser.one("#leave form .button").click()
    browser.wait_for(lambda browser: browser.one("#create-name").is_displayed())
    expected = "status of 404"  # nobody has that login
    assert [complaint for complaint in browser.complaints() if expected not in complaint] == []
