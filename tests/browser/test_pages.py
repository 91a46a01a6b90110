"""What only a browser can tell: live pages, small screens, the keyboard, and pages without scripts."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from grader.protocol import Logged, Mark, Outcome, Progress, Series, Text, Visibility, Word
from server.database import session_factory
from server.grading import service as grading
from server.grading.service import Claim
from server.submissions.models import Submission
from tests.browser.conftest import HOMEWORKS
from tests.thorough import one_in

TINY = "/courses/dl-2026/assignments/tiny"
RIGHT = "def double(x):\n    return x + x\n"
SYNTAX_ERROR = "def double(x):\n    return (2 * x\n"
PAGES = ["/", "/tokens", "/courses/dl-2026", TINY, f"{TINY}/submissions", f"{TINY}/leaderboard", f"{TINY}/students", "/nowhere"]


@pytest.fixture
def solution(tmp_path: Path) -> Callable[[str], str]:
    def write(source: str) -> str:
        path = tmp_path / "solution.py"
        path.write_text(source)
        return str(path)

    return write


def test_an_upload_becomes_a_score_before_ones_eyes(browser, solution: Callable[[str], str]) -> None:
    browser.sign_in("ada")
    browser.open(TINY)
    browser.one("#files").send_keys(solution(RIGHT))
    browser.wait_for_text("[data-picked]", "solution.py")
    browser.one(".bar .button:not(.second)").click()
    browser.wait_for(lambda browser: "/submissions/" in browser.current_url)
    browser.execute_script("window.neverReloaded = true")
    browser.wait_for(lambda browser: browser.one("#state").text == "graded")
    assert browser.one(".score").text.replace("\n", "") == "100/ 100"
    assert [word.text for word in browser.find_elements("css selector", ".check .word")] == ["passed", "passed"]
    assert browser.execute_script("return window.neverReloaded") is True
    assert browser.one("#announcement").get_attribute("textContent") == "graded", "screen readers are told as well"
    assert browser.complaints() == []


def test_without_scripts_everything_still_works(browser_without_scripts, solution: Callable[[str], str]) -> None:
    browser = browser_without_scripts
    browser.sign_in("cleo")
    browser.open(TINY)
    browser.one("#files").send_keys(solution(SYNTAX_ERROR))
    browser.one(".bar .button:not(.second)").click()
    browser.wait_for_text("#state", "could not be graded")
    assert "return (2 * x" in browser.one(".lines .here").text
    browser.one("header form button").click()
    browser.wait_for_text("h1", "第 1 次提交")


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_no_page_is_wider_than_the_screen_and_none_complains(browser, world, language: str) -> None:
    browser.open("/sign-in")
    browser.speak(language)
    wide = too_wide(browser, "/sign-in")
    for login, pages in (("bob", PAGES), ("tia", [*PAGES[2:], "/submissions/1"])):
        browser.get("about:blank")  # leaves a live page before its session ends
        browser.open("/sign-in")
        browser.delete_cookie("gradus_session")
        browser.sign_in(login)
        submissions = [f"/submissions/{number}" for number in world.submissions.values()]
        wide += [page for path in [*pages, *submissions] for page in too_wide(browser, path)]
    assert wide == []
    expected = ("status of 403", "status of 404")  # pages that are asked for on purpose
    assert [complaint for complaint in browser.complaints() if not any(text in complaint for text in expected)] == []


def test_a_small_screen_leaves_out_what_is_for_wide_ones(browser) -> None:
    """Two numbers without their column heads would be a riddle."""
    browser.sign_in("tia")
    browser.resize(375)
    for path in PAGES:
        browser.open(path)
        shown = [each for each in browser.find_elements("css selector", ".wide-only") if each.is_displayed()]
        assert shown == [], path
    browser.open(f"{TINY}/students")
    assert browser.find_elements("css selector", "td.wide-only") != []
    browser.open("/courses/dl-2026")
    assert browser.one(".stacks[aria-label='Assignments'] tbody td:last-child").text.startswith("Graded ")


@pytest.mark.parametrize("language", one_in(2, ["en", "zh_CN"]))
def test_every_handout_fits_a_phone(browser, language: str) -> None:
    browser.sign_in("bob")
    browser.speak(language)
    pages = ["/courses/homeworks", *(f"/courses/homeworks/assignments/{homework.name}" for homework in HOMEWORKS)]
    assert [page for path in pages for page in too_wide(browser, path)] == []
    assert browser.find_elements("css selector", ".katex, math") != [], "formulas are drawn"
    assert browser.complaints() == []


def too_wide(browser, path: str) -> list[tuple[str, int]]:
    """(path, width) wherever one would have to scroll sideways."""
    found = []
    for width in (375, 1280):
        browser.resize(width)
        browser.open(path)
        if browser.execute_script("return document.documentElement.scrollWidth") > width:
            found.append((path, width))
    return found


def test_the_keyboard_reaches_the_content_first_and_focus_can_be_seen(browser) -> None:
    browser.sign_in("bob")
    browser.open(TINY)
    first = press_tab(browser)
    assert first.get_attribute("href").endswith("#main")
    assert first.rect["y"] >= 0, "the link to the content appears when it has the focus"
    reached = {press_tab(browser).get_attribute("class") or "" for _ in range(40)}
    assert {"unseen", "button"} <= reached, "files can be chosen and sent without a mouse"
    assert browser.execute_script("return getComputedStyle(document.activeElement).outlineStyle") != "none"


def press_tab(browser):
    key = {"type": "keyDown", "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}
    browser.execute_cdp_cmd("Input.dispatchKeyEvent", key)
    browser.execute_cdp_cmd("Input.dispatchKeyEvent", key | {"type": "keyUp"})
    return browser.switch_to.active_element


def test_what_a_reader_opened_stays_open_when_the_page_is_drawn_again(browser, world) -> None:
    browser.sign_in("bob")
    browser.open(f"/submissions/{world.submissions['running']}")
    browser.execute_script("document.getElementById('receipt').open = true")
    browser.execute_script("document.getElementById('live').dataset.old = 'yes'")
    browser.execute_script("htmx.trigger('#live', 'sse:progress')")
    browser.wait_for(lambda browser: browser.one("#live").get_attribute("data-old") is None)
    assert browser.one("#receipt").get_attribute("open") is not None
    assert browser.complaints() == []


def test_a_check_that_ends_changes_its_row_and_what_is_hidden_stays_one_word(browser, world) -> None:
    browser.sign_in("bob")
    browser.open(f"/submissions/{world.submissions['running']}")
    assert browser.find_elements("css selector", ".check") == []
    for done, words in ((0, ["running now", "to come"]), (1, ["passed", "to come"]), (2, ["passed", "wrong value"])):
        tell_progress(world.submissions["running"], done)
        browser.wait_for(lambda browser, words=words: shown_words(browser) == words)
    assert browser.find_elements("css selector", "details[id^=check]") == []
    browser.get(browser.current_url)
    assert shown_words(browser) == ["passed", "wrong value"], "a page that is loaded now says the same"
    assert browser.complaints() == []


def test_a_curve_grows_while_its_check_runs(browser, world) -> None:
    browser.sign_in("bob")
    browser.open(f"/submissions/{world.submissions['running']}")
    for count in (2, 40):
        series = Series(name="loss", steps=list(range(count)), values=[1 / (1 + step) for step in range(count)], total=count)
        tell_progress(world.submissions["running"], 0, logged=[Logged(check="one", series=[series])])
        browser.wait_for(lambda browser, count=count: points_drawn(browser) == count)
    assert browser.one(".training svg").get_attribute("aria-label") == "Course of loss"
    assert browser.one("#check-one").get_attribute("open") is not None
    tell_progress(world.submissions["running"], 0)
    browser.wait_for(lambda browser: points_drawn(browser) == 0)
    assert browser.complaints() == []


def points_drawn(browser) -> int:
    return browser.execute_script("return document.querySelector('.training .line')?.points.length ?? 0")


def shown_words(browser) -> list[str]:
    """All at one moment: the rows may be exchanged between two questions."""
    return browser.execute_script("return [...document.querySelectorAll('.check .word')].map(word => word.innerText.trim())")


def tell_progress(submission_id: int, done: int, logged: Sequence[Logged] = ()) -> None:
    """As a worker does whose hints are lost."""
    shared = {"part": "doubling", "max_points": 50}
    marks = [
        Mark(id="one", title=Text(en="One", zh="一"), visibility=Visibility.public, **shared),
        Mark(id="two", title=Text(en="Two", zh="二"), visibility=Visibility.hidden, **shared),
    ]
    ended = [
        {"outcome": Outcome.passed, "word": Word.passed, "points": 50},
        {"outcome": Outcome.failed, "word": Word.wrong_value},
    ]
    marks[:done] = [mark.model_copy(update=each) for mark, each in zip(marks, ended[:done], strict=False)]
    with session_factory.begin() as session:
        job = session.get_one(Submission, submission_id).job
        claim = Claim(job_id=job.id, submission_id=submission_id, fence=job.fence, tries=job.tries)
        grading.renew(session, claim=claim, lease_s=3600, progress=Progress(done=done, total=2, marks=marks, logged=logged))


def test_the_time_left_moves_on_by_itself(browser) -> None:
    browser.sign_in("bob")
    browser.open("/submissions/1")
    shown = browser.one("[data-relative]").text
    browser.execute_script("document.querySelector('[data-relative]').textContent = 'stale'")
    browser.wait_for(lambda browser: browser.one("[data-relative]").text != "stale")
    assert shown.endswith("ago")
    assert browser.one("[data-relative]").text.endswith("ago")


def test_nothing_moves_for_whoever_asked_for_reduced_motion(browser, world) -> None:
    reduced = {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", reduced)
    browser.sign_in("bob")
    browser.open("/submissions/1")
    moving = "return [...document.querySelectorAll('*')].filter(e => getComputedStyle(e).transitionDuration !== '0s').length"
    assert browser.execute_script(moving) == 0
