"""Saying what was used, in a real browser on a phone: one row after the other, kept, corrected."""

from pathlib import Path

import pytest
from selenium.webdriver.support.select import Select

from server.accounts import service as accounts
from server.courses import service as courses
from server.courses.models import Course, Role
from server.database import session_factory
from tests.browser.conftest import PASSWORD
from tests.browser.test_pages import too_wide

TINY = "/courses/dl-2026/assignments/tiny"


@pytest.fixture(scope="module")
def dee(world) -> str:
    """A student of the course: a login."""
    with session_factory.begin() as session:
        course = session.query(Course).filter_by(slug="dl-2026").one()
        person = accounts.create_user(session, login="dee", display_name="Dee", password=PASSWORD)
        courses.enroll(session, course=course, user=person, role=Role.student)
    return "dee"


def shown(browser, selector: str) -> list:
    return [each for each in browser.find_elements("css selector", selector) if each.is_displayed()]


def test_sources_are_declared_with_a_submission_and_corrected_afterwards(browser, dee: str, tmp_path: Path) -> None:
    (tmp_path / "solution.py").write_text("def double(x):\n    return x + x\n")
    browser.sign_in(dee)
    browser.resize(375)
    browser.open(TINY)
    assert shown(browser, ".source") == [], "a line as long as nothing is to be named"
    assert browser.one(".bar").rect["height"] < 200
    browser.one(".asked [value='some']").click()
    assert len(shown(browser, ".source")) == 1
    browser.one(".source .what").send_keys("ChatGPT")
    assert len(shown(browser, ".source")) == 2, "the next row comes once the one before has something in it"
    Select(browser.one(".source select")).select_by_value("ai")
    browser.one(".source [name='used_for']").send_keys("what broadcasting is")
    browser.one(".for-names summary").click()
    browser.one(".for-names input").click()
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 375
    browser.one("#files").send_keys(str(tmp_path / "solution.py"))
    browser.one(".bar .button:not(.second)").click()
    browser.wait_for_text("#sources", "ChatGPT")
    assert "what broadcasting is" in browser.one("#sources").text and "double" in browser.one("#sources").text
    browser.wait_for(lambda browser: browser.one("#state").text == "graded")
    path = browser.current_url.removeprefix(browser.base)
    assert too_wide(browser, path) == []
    browser.one("#sources .ask summary").click()
    browser.one("#sources [value='nothing']").click()
    browser.one("#declare .button").click()
    browser.wait_for_text("#sources", "said before: 1 time")
    browser.open(TINY)
    assert shown(browser, ".source") == [] and browser.find_elements("css selector", "[name='used']:checked") == []
    assert browser.complaints() == []
