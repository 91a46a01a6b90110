"""An exam in a browser that fails in every way that browsers, networks and servers do: nothing typed is lost, no time either."""

import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.keys import Keys
from sqlalchemy import select

from server.accounts import service as accounts
from server.assignments import service as assignments
from server.assignments.models import Counts
from server.courses import service as courses
from server.courses.models import Course, Role
from server.database import current_time, session_factory
from server.exams import places, queries
from server.exams.models import Exam, Missed, MissedSave, Sitting
from server.submissions.models import Submission
from tests.browser.conftest import PASSWORD, Browser, World, started_browser

MIXED = Path(__file__).parents[1] / "server" / "content" / "mixed"
COURSE = "exams-2026"
ESSAY, SUM, CODE = "question:essay", "question:total", "file:solution.py"
WRONG_CLOCK = """
(() => {
  const right = Date;
  window.offBy = 5 * 3600 * 1000;
  window.Date = class extends right {
    constructor(...values) { super(...(values.length ? values : [right.now() + window.offBy])); }
    static now() { return right.now() + window.offBy; }
  };
})();
"""

FASTER = """
const times = arguments[0], clock = performance.now.bind(performance), later = window.setTimeout.bind(window);
const began = clock(), fetching = window.fetch;
window.passed = () => times * (clock() - began);
window.tries = 0;
performance.now = () => began + window.passed();
window.setTimeout = (act, ms, ...more) => later(act, (ms || 0) / times, ...more);
window.fetch = (...what) => { window.tries += 1; return fetching(...what); };
window.asBefore = () => {
  const [jumped, at] = [performance.now(), clock()];
  performance.now = () => jumped + clock() - at;
  window.setTimeout = later;
};
"""  # this page's time, from here on
HURRY = """
const [essay, code, done] = arguments;
const saver = new Saver({
  api: room.api, key: room.key, copies: new LocalCopies("test"), saved: {}, flags: [],
  told: { changed() {}, connected() {}, refused() {} },
});
saver.stop();
Object.assign(saver.field(essay), { value: "short enough", version: room.saver.field(essay).version });
saver.field(code).value = "#".repeat(300 << 10);
saver.hurry().then(({ status }) => done(status), (error) => done(String(error)));
"""


@pytest.fixture(scope="module")
def exams(world: World) -> None:
    """A practice exam and one that counts, of all kinds of questions and code."""
    for slug in ("rehearsal", "midterm"):
        folder = world.settings.assignments / slug
        shutil.copytree(MIXED, folder)
        manifest = folder / "assignment.toml"
        manifest.write_text(manifest.read_text(encoding="utf-8").replace('"mixed"', f'"{slug}"', 1), encoding="utf-8")
    with session_factory.begin() as session:
        course = courses.create_course(session, slug=COURSE, title_en="Exams", title_zh="考试", time_zone="Asia/Shanghai")
        grace = accounts.create_user(session, login="grace", display_name="Grace", password=PASSWORD)
        courses.enroll(session, course=course, user=grace, role=Role.ta)
        now = current_time(session)
        for slug in ("rehearsal", "midterm"):
            dates = {
                "opens_at": now - timedelta(hours=1),
                "due_at": now + timedelta(hours=5),
                "closes_at": now + timedelta(hours=5),
            }
            assignment = assignments.create_assignment(session, course=course, slug=slug, attempt_limit=50, per_day=50, **dates)
            assignment.is_exam, assignment.counts = True, Counts.latest
            session.add(Exam(assignment=assignment, minutes=60, is_practice=slug == "rehearsal"))


@dataclass
class Student:
    """One who sits, each test with somebody else."""

    login: str
    slug: str = "midterm"

    @property
    def path(self) -> str:
        return f"/courses/{COURSE}/exams/{self.slug}"

    def sit(self, browser: Browser) -> None:
        browser.sign_in(self.login)
        self.start(browser)

    def start(self, browser: Browser) -> None:
        browser.open(self.path)
        browser.wait_for(lambda browser: browser.one("#start button").is_enabled())
        browser.one("[name=accepts_honour]").click()
        browser.one("#start button").click()
        browser.wait_for(lambda browser: screen_of(browser) == "writing")

    def sitting(self, session: Any) -> Sitting:
        found = session.scalars(select(Sitting).where(Sitting.student.has(login=self.login)).order_by(Sitting.id.desc()))
        return found.first()

    def saved(self) -> dict[str, Any]:
        with session_factory() as session:
            return {name: each.value for name, each in queries.saved_of(session, self.sitting(session)).items()}

    def missed(self) -> list[tuple[str, Any, Missed]]:
        with session_factory() as session:
            query = select(MissedSave).where(MissedSave.sitting_id == self.sitting(session).id).order_by(MissedSave.id)
            return [(each.field, each.value, each.why) for each in session.scalars(query)]

    def ends_at(self) -> datetime:
        with session_factory() as session:
            return queries.end_of(session, self.sitting(session))

    def end_in(self, seconds: float) -> None:
        """Move the sitting so that its time is over soon."""
        with session_factory.begin() as session:
            sitting = self.sitting(session)
            sitting.started_at = current_time(session) + timedelta(seconds=seconds - sitting.working_s)

    def pass_by(self, seconds: float) -> None:
        """So much time of the sitting."""
        with session_factory.begin() as session:
            self.sitting(session).started_at -= timedelta(seconds=seconds)


@pytest.fixture
def student(exams: None, request: pytest.FixtureRequest) -> Callable[..., Student]:
    def make(slug: str = "midterm") -> Student:
        login = f"s{abs(hash(request.node.name)) % 10**9}"
        with session_factory.begin() as session:
            course = session.scalars(select(Course).where(Course.slug == COURSE)).one()
            user = accounts.create_user(session, login=login, display_name="Lin Xiao", password=PASSWORD)
            courses.enroll(session, course=course, user=user, role=Role.student)
        return Student(login, slug)

    return make


@pytest.fixture
def elsewhere(world: World) -> Iterator[Browser]:
    """Another computer."""
    with started_browser(world) as browser:
        yield browser


def screen_of(browser: Browser) -> str:
    return browser.execute_script("return typeof room === 'undefined' ? '' : room.screen || ''")


def wait_for_screen(browser: Browser, screen: str) -> None:
    browser.wait_for(lambda browser: screen_of(browser) == screen)


def leaf(browser: Browser, field: str, selector: str = "textarea, input"):
    browser.execute_script("room.desk.open(arguments[0])", field)
    return browser.one(f'[data-leaf="{field}"] :is({selector})')


def write(browser: Browser, field: str, text: str) -> None:
    leaf(browser, field).send_keys(text)


def wait_until_saved(browser: Browser) -> None:
    browser.wait_for(lambda browser: browser.one("#saving").text.startswith("all saved"))


def seconds_left(browser: Browser) -> int:
    browser.wait_for(lambda browser: browser.one("#time-left").text)
    total = 0
    for part in browser.one("#time-left").text.split(":"):
        total = 60 * total + int(part)
    return total


def is_right(browser: Browser, student: Student) -> bool:
    """The time that is shown, against the server's."""
    with session_factory() as session:
        left = (student.ends_at() - current_time(session)).total_seconds()
    return abs(seconds_left(browser) - left) <= 2


def kept_here(browser: Browser) -> list[str]:
    return browser.execute_script("return Object.keys(localStorage).filter((key) => key.startsWith('gradus.exam'))")


def offline(browser: Browser, is_offline: bool) -> None:
    conditions = {"offline": is_offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    browser.execute_cdp_cmd("Network.enable", {})
    browser.execute_cdp_cmd("Network.emulateNetworkConditions", conditions)


def test_from_the_door_to_the_receipt(browser: Browser, student: Callable[..., Student]) -> None:
    lin = student("rehearsal")
    lin.sit(browser)
    write(browser, SUM, "12x")
    browser.wait_for_text(f"#problem-{SUM.removeprefix('question:')}", "not a number")
    leaf(browser, SUM).clear()
    write(browser, SUM, "1200")
    write(browser, ESSAY, "Because 因为")
    leaf(browser, "question:pick", "input[value=B]").click()
    browser.find_element("css selector", "body").send_keys("f")  # flags it
    code = leaf(browser, CODE)
    code.send_keys(Keys.CONTROL, "a")
    code.send_keys("def double(x):\nreturn 2 * x\n")  # the editor indents
    wait_until_saved(browser)
    browser.execute_script("document.querySelector('[data-run]').scrollIntoView({block: 'center'})")
    browser.one("[data-run]").click()
    browser.wait_for_text("[data-run-state]", "1 of 1 public checks passed")
    shown = browser.execute_script("return showSaid(document.createElement('p'), 'no `<b>` here').innerHTML")
    assert shown == "no <code>&lt;b&gt;</code> here", "a name in a message stands in code type"
    browser.refresh()
    wait_for_screen(browser, "writing")
    assert browser.one(".leaf:not([hidden]) h1").text == "solution.py", "where one was"
    assert leaf(browser, ESSAY).get_attribute("value") == "Because 因为"
    assert "is-flagged" in browser.one('[data-to="question:pick"]').get_attribute("class")
    browser.one("#to-summary").click()
    browser.wait_for_text("#counts", "4 of 10 answered")
    browser.one("#hand-in").click()
    browser.wait_for_text("#ended-how", "You handed in")
    with session_factory() as session:
        submission = session.get_one(Submission, lin.sitting(session).submission_id)
        assert browser.one("#receipt code").text == submission.sha256
    assert lin.saved() | {CODE: ""} == {SUM: "1200", ESSAY: "Because 因为", "question:pick": "B", CODE: ""}
    assert "    return 2 * x" in lin.saved()[CODE]
    assert kept_here(browser) == []
    browser.one("[data-screen=ended] a").click()
    browser.wait_for_text("#start button", "Start again")
    assert browser.complaints() == []


def test_a_killed_browser_goes_on_elsewhere_with_permission_and_everything_is_there(
    world: World, elsewhere: Browser, student: Callable[..., Student]
) -> None:
    lin = student()
    with started_browser(world) as first:
        lin.sit(first)
        write(first, ESSAY, "written before")
        write(first, CODE, "# also this\n")
        time.sleep(10)
        with suppress(WebDriverException):
            first.execute_cdp_cmd("Browser.crash", {})
    elsewhere.sign_in(lin.login)
    elsewhere.open(lin.path)
    assert "permission" in elsewhere.one(".door-main").text
    elsewhere.one(".door-main .button").click()
    wait_for_screen(elsewhere, "waiting")
    assert elsewhere.find_elements("css selector", ".leaf") == [], "nothing of the paper before"
    with session_factory.begin() as session:
        sitting = lin.sitting(session)
        [waiting] = places.list_waiting(session, sitting)
        grace = accounts.find_user(session, login="grace")
        places.permit(session, sitting=sitting, place=waiting, by=grace, is_permitted=True, now=current_time(session))
    wait_for_screen(elsewhere, "writing")
    assert leaf(elsewhere, ESSAY).get_attribute("value") == "written before"
    assert "# also this" in leaf(elsewhere, CODE).get_attribute("value")
    assert is_right(elsewhere, lin)


def test_the_second_tab_takes_over_and_the_first_says_so(browser: Browser, student: Callable[..., Student]) -> None:
    lin = student()
    lin.sit(browser)
    write(browser, ESSAY, "first")
    wait_until_saved(browser)
    first = browser.current_window_handle
    browser.switch_to.new_window("tab")
    try:
        browser.open(f"{lin.path}/room")
        wait_for_screen(browser, "writing")
        write(browser, ESSAY, " second")
        wait_until_saved(browser)
        second = browser.current_window_handle
        browser.switch_to.window(first)
        wait_for_screen(browser, "left")
        browser.one("[data-screen=left] [data-enter]").click()
        wait_for_screen(browser, "writing")
        assert leaf(browser, ESSAY).get_attribute("value") == "first second"
        browser.switch_to.window(second)
        wait_for_screen(browser, "left")
        browser.close()
    finally:
        browser.switch_to.window(first)
    assert lin.missed() == []


def test_a_clock_that_is_wrong_by_hours_and_is_set_in_the_middle_changes_nothing(
    browser: Browser, student: Callable[..., Student]
) -> None:
    lin = student()
    wrong = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WRONG_CLOCK})
    try:
        browser.sign_in(lin.login)
        browser.open(lin.path)
        browser.wait_for_text('[data-check="clock"]', "5 h fast")
        lin.start(browser)
        assert is_right(browser, lin)
        browser.execute_script("window.offBy = -7 * 3600 * 1000")
        time.sleep(2)
        assert is_right(browser, lin)
        write(browser, ESSAY, "in time")
        wait_until_saved(browser)
        assert lin.saved()[ESSAY] == "in time"
    finally:
        browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", wrong)


def test_what_is_typed_without_a_network_is_kept_over_a_reload_and_sent_when_it_is_back(
    browser: Browser, student: Callable[..., Student]
) -> None:
    lin = student()
    lin.sit(browser)
    write(browser, ESSAY, "before, ")
    wait_until_saved(browser)
    offline(browser, True)
    try:
        write(browser, ESSAY, "during")
        browser.wait_for_text("#connection", "offline since")
        browser.wait_for_text(f'[data-leaf="{ESSAY}"] [data-state]', "kept in this browser")
        assert len(kept_here(browser)) == 1
        assert is_right(browser, lin), "the time goes on"
        browser.execute_script("window.onbeforeunload = null; room.saver.stop(); room.isFinished = true")  # as if it were killed
    finally:
        offline(browser, False)
    assert lin.saved()[ESSAY] == "before, "
    browser.refresh()
    wait_for_screen(browser, "writing")
    browser.wait_for_text("#notices", "brought back: 1")
    wait_until_saved(browser)
    assert lin.saved()[ESSAY] == "before, during"
    assert (kept_here(browser), lin.missed()) == ([], [])


def test_ten_minutes_without_a_network_are_no_other_than_ten_seconds(browser: Browser, student: Callable[..., Student]) -> None:
    """In a page whose time goes 150 times faster, while the sitting goes on by as much."""
    lin = student()
    lin.sit(browser)
    write(browser, ESSAY, "before, ")
    wait_until_saved(browser)
    offline(browser, True)
    try:
        browser.execute_script(FASTER, 150)
        write(browser, ESSAY, "during, ")
        write(browser, CODE, "# also this\n")
        browser.wait_for(lambda browser: browser.execute_script("return window.passed() > 10 * 60 * 1000"))
        write(browser, ESSAY, "and at the last.")
        browser.wait_for(lambda browser: browser.execute_script("return window.passed() > 11 * 60 * 1000"))
        assert len(kept_here(browser)) == 2, "both fields are kept in this browser"
        assert browser.execute_script("return window.tries") > 40, "it never stops trying"
        assert screen_of(browser) == "writing"
        browser.execute_script("window.asBefore()")
        lin.pass_by(11 * 60)
    finally:
        offline(browser, False)
    wait_until_saved(browser)
    assert lin.saved()[ESSAY] == "before, during, and at the last."
    assert "# also this" in lin.saved()[CODE]
    assert (kept_here(browser), lin.missed()) == ([], [])
    browser.wait_for(lambda browser: is_right(browser, lin))
    assert browser.execute_async_script(HURRY, ESSAY, CODE) == 413, "one that is too long is refused"
    assert lin.saved()[ESSAY] == "short enough", "and holds up no other"


def test_a_server_that_is_killed_in_the_middle_loses_nothing(
    browser: Browser, world: World, student: Callable[..., Student]
) -> None:
    lin = student()
    lin.sit(browser)
    text = "one two three four five six seven eight nine ten"
    for number, word in enumerate(text.split()):
        write(browser, ESSAY, f"{' ' if number else ''}{word}")
        if number == 3:
            world.platform.supervisor.named("web").signal_group(signal.SIGKILL)
        time.sleep(0.4)
    wait_until_saved(browser)
    browser.wait_for(lambda _: lin.saved()[ESSAY] == text)
    assert lin.missed() == [], "what came twice is no conflict"
    assert is_right(browser, lin)


def test_what_arrives_after_the_end_is_kept_and_the_page_says_so(browser: Browser, student: Callable[..., Student]) -> None:
    lin = student()
    lin.sit(browser)
    write(browser, ESSAY, "in time")
    wait_until_saved(browser)
    lin.end_in(12)
    browser.wait_for(lambda browser: seconds_left(browser) < 20)
    browser.wait_for_text("#notices", "1 minute left")
    offline(browser, True)
    try:
        write(browser, ESSAY, ", and too late")
        wait_for_screen(browser, "ended")
        assert not browser.find_elements("css selector", "#receipt:not([hidden])"), "nothing is claimed that is not known"
    finally:
        offline(browser, False)
    browser.wait_for_text("#ended-missed", "after the end: 1")
    assert browser.one("#receipt code").text
    assert lin.saved()[ESSAY] == "in time"
    assert lin.missed() == [(ESSAY, "in time, and too late", Missed.ended)]


def test_without_scripts_the_room_says_what_it_needs(browser_without_scripts: Browser, student: Callable[..., Student]) -> None:
    browser = browser_without_scripts
    lin = student()
    browser.sign_in(lin.login)
    browser.open(lin.path)
    assert "needs JavaScript" in browser.one("#door").text
    assert "your time has not begun" in browser.one("#door").text
