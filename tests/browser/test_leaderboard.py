"""A board that changes while one looks: rows move, one's own stays in sight, nothing else does."""

from datetime import timedelta
from decimal import Decimal

import pytest

from grader.protocol import Environment, Report, Status, Timing
from server.accounts import service as accounts
from server.accounts.models import User
from server.assignments import service as assignments
from server.assignments.models import Assignment
from server.courses import service as courses
from server.courses.models import Role
from server.database import current_time, session_factory
from tests.browser.conftest import PASSWORD, HandIn
from tests.browser.test_pages import too_wide
from tests.server.contest import SLUG, measured
from tests.thorough import one_in

PEOPLE = 30
CONTEST = f"/courses/contest-2026/assignments/{SLUG}"
BOARD = f"{CONTEST}/leaderboard"


@pytest.fixture(scope="module")
def race(world) -> int:
    """A course whose 30 students have one value each, the first the best; the assignment's id."""
    with session_factory.begin() as session:
        course = courses.create_course(
            session, slug="contest-2026", title_en="Contest", title_zh="竞赛", time_zone="Asia/Shanghai"
        )
        now = current_time(session)
        contest = assignments.create_assignment(
            session, course=course, slug=SLUG, opens_at=now - timedelta(days=7), due_at=now + timedelta(days=1),
            closes_at=now + timedelta(days=1), attempt_limit=50, per_day=50,
        )  # fmt: skip
        for number in range(1, PEOPLE + 1):
            login = f"racer-{number}"
            person = accounts.create_user(session, login=login, display_name=f"Racer {number}", password=PASSWORD)
            courses.enroll(session, course=course, user=person, role=Role.student)
            HandIn(session, world.settings, contest)(person, report_of(0.95 - number / 100))
        return contest.id


def report_of(public: float) -> Report:
    return Report(
        assignment=SLUG, status=Status.graded, score=Decimal(100), max_score=Decimal(100), seed="ab" * 32, checks=[],
        environment=Environment(python="3", torch="2", device="cpu", sandbox="fake", isolation="fork"),
        timing=Timing(sandbox=0, student=0, total=0), measured=measured(public),
    )  # fmt: skip


def reach(world, race: int, login: str, public: float) -> None:
    with session_factory.begin() as session:
        person = session.query(User).filter_by(login=login).one()
        HandIn(session, world.settings, session.get_one(Assignment, race))(person, report_of(public))


def shown_ranks(browser) -> list[str]:
    names = (
        "return [...document.querySelectorAll('.board tbody tr:not(.baseline) .name')].map(name => name.firstChild.data.trim())"
    )
    return browser.execute_script(names)


def is_in_sight(browser, selector: str) -> bool:
    edges = "const box = document.querySelector(arguments[0]).getBoundingClientRect(); return [box.top, box.bottom, innerHeight]"
    top, bottom, height = browser.execute_script(edges, selector)
    return top >= -1 and bottom <= height + 1


def test_a_row_climbs_before_ones_eyes_and_focus_and_scroll_stay(browser, world, race: int) -> None:
    browser.sign_in("racer-5")
    browser.resize(1280, 700)
    browser.open(BOARD)
    assert shown_ranks(browser)[:3] == ["Racer 1", "Racer 2", "Racer 3"]
    browser.execute_script("window.neverReloaded = true; document.getElementById('search').focus(); window.scrollTo(0, 400)")
    browser.execute_script("window.slid = []; Element.prototype.animate = function () { window.slid.push(this.id) }")
    reach(world, race, "racer-30", 0.97)
    browser.wait_for(lambda browser: shown_ranks(browser)[:2] == ["Racer 30", "Racer 1"])
    assert browser.execute_script("return [window.neverReloaded, document.activeElement.id, scrollY]") == [True, "search", 400]
    assert len(browser.execute_script("return window.slid")) >= PEOPLE - 1, "everybody below has moved"
    assert browser.one("#announcement").get_attribute("textContent") == "You are 6th of 30.", "screen readers are told as well"
    assert browser.complaints() == []


@pytest.mark.parametrize("language", one_in(2, ["en", "zh_CN"]))
def test_on_a_phone_ones_own_row_is_in_sight_wherever_one_scrolls(browser, race: int, language: str) -> None:
    browser.sign_in("racer-20")
    browser.speak(language)
    browser.resize(375, 667)
    browser.open(BOARD)
    assert is_in_sight(browser, "#state"), "before the table begins, a line says it"
    for row in ("tr:first-child", "tr:nth-child(10)", "tr:last-child"):
        browser.execute_script("document.querySelector(arguments[0]).scrollIntoView({block: 'center'})", f".board tbody {row}")
        assert is_in_sight(browser, "tr.own td.people"), row
    assert browser.execute_script("return document.documentElement.scrollWidth") == 375
    assert browser.complaints() == []


@pytest.mark.parametrize("language", one_in(2, ["en", "zh_CN"]))
def test_ones_own_way_fits_a_phone_with_all_its_dots_on_the_paper(browser, world, race: int, language: str) -> None:
    for value in (0.6, 0.7, 0.65):
        reach(world, race, "racer-25", value)
    browser.sign_in("racer-25")
    browser.speak(language)
    for page in (CONTEST, f"{CONTEST}/submissions"):
        assert too_wide(browser, page) == []
        browser.resize(375)
        boxes = "return [...document.querySelectorAll('.progress .dot')].map(dot => dot.getBoundingClientRect().x)"
        dots = browser.execute_script(boxes)
        assert len(dots) >= 4 and dots == sorted(dots) and 0 <= dots[0] < dots[-1] <= 375 - 16
    assert browser.complaints() == []


def test_a_wall_scrolls_by_itself_and_stands_still_for_whoever_asked_for_that(browser, race: int) -> None:
    browser.sign_in("racer-20")
    browser.resize(1280, 700)
    browser.open(f"{BOARD}?display=1")
    browser.wait_for(lambda browser: browser.execute_script("return scrollY") > 10)
    reduced = {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", reduced)
    browser.open(f"{BOARD}?display=1")
    browser.execute_script("restUntil = 0")
    browser.execute_async_script("setTimeout(arguments[0], 600)")
    assert browser.execute_script("return scrollY") == 0
    assert browser.complaints() == []
