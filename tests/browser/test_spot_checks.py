"""Reading one work after the other by keyboard, without losing what was typed."""

import pytest

from server.accounts import service as accounts
from server.courses import service as courses
from server.courses.models import Course, Role
from server.database import session_factory
from server.submissions.models import Submission
from tests.browser.conftest import PASSWORD, HandIn, make_report
from tests.browser.test_pages import too_wide

PAGE = "/courses/dl-2026/assignments/tiny/spot-checks"


@pytest.fixture(scope="module")
def works(world) -> None:
    """Two students more who have handed in."""
    with session_factory.begin() as session:
        course = session.query(Course).filter_by(slug="dl-2026").one()
        assignment = session.query(Submission).first().assignment
        hand_in = HandIn(session, world.settings, assignment)
        for login in ("fay", "gus"):
            person = accounts.create_user(session, login=login, display_name=login.title(), password=PASSWORD)
            courses.enroll(session, course=course, user=person, role=Role.student)
            hand_in(person, make_report(points=40))


def asks_before_leaving(browser) -> bool:
    """The driver answers the question itself, so it is read from the event."""
    return browser.execute_script(
        "const leave = new Event('beforeunload', { cancelable: true }); return !window.dispatchEvent(leave)"
    )


def test_keys_lead_to_the_next_work_and_what_was_typed_is_not_lost(browser, works: None) -> None:
    browser.sign_in("tia")
    browser.open(PAGE)
    browser.one(".form-line .button").click()
    browser.wait_for(lambda browser: browser.one("td a").is_displayed())
    browser.one("td a").click()
    browser.wait_for(lambda browser: "/draws/" in browser.current_url)
    first = browser.current_url
    browser.one("body").send_keys("j")
    browser.wait_for(lambda browser: browser.current_url != first)
    browser.one("body").send_keys("k")
    browser.wait_for(lambda browser: browser.current_url == first)
    browser.one("[name='answer']").send_keys("jk, explains it well")
    assert browser.current_url == first, "what is typed into a field is no key"
    assert asks_before_leaving(browser)
    browser.one("[name='impression'][value='own_work']").click()
    browser.one(".talk .button").click()
    browser.wait_for(lambda browser: "saved=1" in browser.current_url)
    assert not asks_before_leaving(browser)
    assert browser.one("[name='answer']").get_attribute("value") == "jk, explains it well"
    path = first.removeprefix(browser.base)
    assert too_wide(browser, path) == [] and too_wide(browser, PAGE) == []
    assert browser.complaints() == []
