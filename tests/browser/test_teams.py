"""A team from its founding to its end in a real browser, with a name as long as it can be."""

import pytest

from server.teams.rules import MAX_NAME
from tests.browser.test_pages import too_wide

PAGE = "/courses/homeworks/assignments/final-digits/team"


@pytest.mark.parametrize(("language", "last_one"), [("en", "the team ends with this"), ("zh_CN", "队伍随之解散")])
def test_a_team_is_founded_and_left_and_its_page_fits_a_phone(browser, language: str, last_one: str) -> None:
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
    assert too_wide(browser, PAGE) == []
    browser.one("#leave summary").click()
    browser.wait_for_text("#leave form", last_one)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= 1280
    browser.one("#leave form .button").click()
    browser.wait_for(lambda browser: browser.one("#create-name").is_displayed())
    expected = "status of 404"  # nobody has that login
    assert [complaint for complaint in browser.complaints() if expected not in complaint] == []
