"""One student's way through a whole course in a real browser: answering, marks, a question about them, the grade, a fix.

Staff work in English at 1280 px; the student once in English there, and once in Chinese on a phone.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.expected_conditions import staleness_of
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts import service as accounts
from server.assignments import service as assignments
from server.assignments.models import Assignment
from server.courses import service as courses
from server.courses.models import Course, Role
from server.database import current_time, session_factory
from server.gradebook import setup
from tests.browser.conftest import HOMEWORKS, PASSWORD, Browser, World

COURSE = "/courses/path-2026"
PAPER = f"{COURSE}/assignments/paper"
MARKING = f"{PAPER}/marking"
QUESTIONS = next(each for each in HOMEWORKS if each.name == "questions-cnn")
SAME_PAGE_AGAIN = "fetch(location.pathname).then((answer) => answer.text()).then(arguments[0])"
UNANSWERED = ("batch_norm_modes", "residuals", "dropout_scale", "augmentation", "zero_weights", "field_drawing")


@dataclass(frozen=True)
class Reader:
    """Of a page: who, in which language, how wide."""

    login: str
    language: str
    width: int


STAFF = Reader("ines-path", "en", 1280)
STUDENTS = [Reader("mei", "en", 1280), Reader("rui", "zh_CN", 375)]


@pytest.fixture(scope="module")
def paper(world: World) -> Iterator[Path]:
    """A course whose one assignment is a copy of the questions, so that it can be repaired; and a gradebook that is shown."""
    folder = world.settings.assignments / "paper"
    shutil.copytree(QUESTIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    manifest = folder / "assignment.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('id = "questions-cnn"', 'id = "paper"'), encoding="utf-8")
    with session_factory.begin() as session:
        furnish_path(session, world.settings.assignments)
    yield folder
    shutil.rmtree(folder)


def furnish_path(session: Session, root: Path) -> None:
    course = courses.create_course(session, slug="path-2026", title_en="The Path", title_zh="全程", time_zone="Asia/Shanghai")
    people = {}
    for login, role in ((STAFF.login, Role.instructor), *((each.login, Role.student) for each in STUDENTS)):
        people[login] = accounts.create_user(session, login=login, display_name=login.title(), password=PASSWORD)
        courses.enroll(session, course=course, user=people[login], role=role)
    now = current_time(session)
    assignments.create_assignment(
        session, course=course, slug="paper", opens_at=now - timedelta(days=7), due_at=now + timedelta(days=1),
        closes_at=now + timedelta(days=2), attempt_limit=50, per_day=50,
    )  # fmt: skip
    offered, version = setup.offered(session, course=course, root=root)
    setup.set_up(session, course=course, wanted=replace(offered, is_shown=True), by=people[STAFF.login], version=version)


def be(browser: Browser, reader: Reader) -> None:
    """Somebody else sits down at the browser."""
    browser.begin_anew()
    browser.resize(reader.width)
    browser.open("/sign-in")
    browser.speak(reader.language)
    browser.sign_in(reader.login)


def looked_at(browser: Browser, reader: Reader, name: str) -> None:
    """Nothing is wider than the screen. `GRADUS_PICTURES` names a folder that gets a picture of each page, light and dark."""
    assert browser.execute_script("return document.documentElement.scrollWidth") <= reader.width, name
    if folder := os.environ.get("GRADUS_PICTURES"):
        for scheme in ("light", "dark"):
            wish = {"name": "prefers-color-scheme", "value": scheme}
            browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [wish]})
            height = browser.execute_script("return document.documentElement.scrollHeight")
            browser.resize(reader.width, min(height, 4000))
            browser.save_screenshot(str(Path(folder) / f"{reader.login}-{name}-{scheme}.png"))
        browser.resize(reader.width)
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def click(browser: Browser, selector: str) -> None:
    """Wherever it stands on the page."""
    found = browser.one(selector)
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", found)
    found.click()


def type_into(browser: Browser, selector: str, text: str) -> None:
    found = browser.one(selector)
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", found)
    found.clear()
    found.send_keys(text)


def score_on(browser: Browser) -> Decimal:
    return Decimal(browser.one(".score").text.split("/")[0].strip())


def number_of(browser: Browser) -> str:
    return browser.current_url.partition("/submissions/")[2].partition("#")[0]


def close_for_all(is_closed: bool) -> None:
    """Its dates are over, or to come."""
    with session_factory.begin() as session:
        course = select(Course.id).where(Course.slug == "path-2026").scalar_subquery()
        found = session.scalars(select(Assignment).where(Assignment.course_id == course)).one()
        now = current_time(session)
        found.due_at, found.closes_at = (now, now) if is_closed else (now + timedelta(days=1), now + timedelta(days=2))


@pytest.mark.parametrize("student", STUDENTS, ids=lambda each: each.language)
def test_from_an_answer_to_the_grade_and_back(browser: Browser, paper: Path, student: Reader) -> None:
    close_for_all(False)
    shutil.copy(QUESTIONS / "questions.py", paper)
    work = answers_and_hands_in(browser, student)
    staff_mark_by_keyboard(browser, work)
    staff_publish(browser)
    marked = student_reads_marks_and_asks(browser, student, work)
    staff_answer_with_points(browser)
    answered = student_reads_the_answer(browser, student, work, marked)
    student_plays_with_the_grade(browser, student, answered)
    staff_see_the_table(browser, student)
    staff_judge_again(browser, paper, student)
    close_for_all(True)
    staff_return_it(browser, work)
    student_hands_in_the_fix(browser, student)


def answers_and_hands_in(browser: Browser, student: Reader) -> str:
    """The draft saves itself, and is there when the page comes again. Returns the submission's number."""
    be(browser, student)
    browser.open(PAPER)
    looked_at(browser, student, "01-paper")
    type_into(browser, "[name='answer.output_size']", "3")
    type_into(browser, "[name='answer.first_loss']", "9")
    type_into(browser, "[name='answer.what_conv2d_computes']", "互相关")
    type_into(browser, "[name='answer.small_kernels']", "Same field,\nfewer parameters: $2\\cdot 9 < 25$.")
    browser.wait_for(lambda browser: "fewer parameters" in browser.execute_async_script(SAME_PAGE_AGAIN))
    browser.open(PAPER)
    assert "$2" in browser.one("[name='answer.small_kernels']").get_attribute("value")
    click(browser, ".asked [value='nothing']")
    click(browser, "#send")
    browser.wait_for(lambda browser: "/submissions/" in browser.current_url)
    browser.wait_for(lambda browser: browser.find_elements("css selector", "#state .pass"))
    assert score_on(browser) == 5, "the short answer is right, the numbers are not"
    assert browser.find_elements("css selector", "#to-be-marked"), "the rest is given by people"
    looked_at(browser, student, "02-handed-in")
    assert browser.complaints() == []
    return number_of(browser)


def staff_mark_by_keyboard(browser: Browser, work: str) -> None:
    """Numbers tick items; Ctrl+Enter saves and goes on; what nobody answered gets 0 at once."""
    be(browser, STAFF)
    browser.open(f"{MARKING}/questions/small_kernels/works/{work}")
    looked_at(browser, STAFF, "03-mark")
    body = browser.one("body")
    body.send_keys("1")
    body.send_keys("2")
    assert len(browser.find_elements("css selector", "[name=items]:checked")) == 2
    browser.one("#comment").send_keys("Say what the second one **adds**.", Keys.CONTROL, Keys.ENTER)
    browser.wait_for(lambda browser: not browser.current_url.endswith(f"small_kernels/works/{work}"))
    browser.open(f"{MARKING}/questions/small_kernels/works/{work}")
    ticked = browser.find_elements("css selector", "[name=items]:checked")
    assert [each.get_attribute("data-number") for each in ticked] == ["1", "2"]
    for name in UNANSWERED:
        browser.open(f"{MARKING}/questions/{name}")
        before = browser.one("main")
        click(browser, "form[action$='/unanswered'] button")
        browser.wait_for(staleness_of(before))
    looked_at(browser, STAFF, "04-question")
    browser.open(MARKING)
    looked_at(browser, STAFF, "04-marking")
    assert browser.complaints() == []


def staff_publish(browser: Browser) -> None:
    """Once for everybody: marks that come later are seen at once."""
    if not browser.find_elements("css selector", f"form[action='{MARKING}/publish']"):
        return
    click(browser, f"form[action='{MARKING}/publish'] button")
    looked_at(browser, STAFF, "05-published")
    browser.wait_for_text("[aria-labelledby=published]", "Published to all")


def student_reads_marks_and_asks(browser: Browser, student: Reader, work: str) -> Decimal:
    """Told by a message; asks about a question that people marked and about one that the judge did. Returns the score."""
    be(browser, student)
    if student is STUDENTS[0]:
        click(browser, "a.unread")
        looked_at(browser, student, "06-messages")
        assert browser.find_elements("css selector", f"a[href^='{COURSE}'], a[href='/submissions/{work}']")
    browser.open(f"/submissions/{work}")
    assert "adds" in browser.one("[aria-labelledby=by-hand]").text
    looked_at(browser, student, "07-marks")
    total = score_on(browser)
    for slug, why in (("question-small_kernels", "The third item holds too."), ("first_loss", "I took base 2.")):
        click(browser, f"#ask-{slug} summary")
        type_into(browser, f"#statement-{slug}", why)
        looked_at(browser, student, f"08-ask-{slug}")
        click(browser, f"#ask-{slug} form button")
        browser.wait_for(lambda browser: "/regrades" in browser.current_url or "#" in browser.current_url)
        browser.open(f"/submissions/{work}")
    browser.open(f"{COURSE}/regrades")
    assert len(browser.find_elements("css selector", "tbody tr")) == 2
    looked_at(browser, student, "09-requests")
    assert browser.complaints() == []
    return total


def staff_answer_with_points(browser: Browser) -> None:
    be(browser, STAFF)
    browser.open(f"{COURSE}/regrades")
    looked_at(browser, STAFF, "10-queue")
    for points, words in (("2", "Right, **the third** holds."), ("1", "Base 2 is worth something.")):
        browser.open(f"{COURSE}/regrades")
        browser.one("[data-row]").send_keys(Keys.ENTER)
        browser.wait_for(lambda browser: browser.find_elements("css selector", "#text"))
        type_into(browser, "#text", words)
        click(browser, "[name=decision][value=points]")
        type_into(browser, "[name=points]", points)
        looked_at(browser, STAFF, f"11-answer-{points}")
        click(browser, "form[action$='/answer'] button")
        browser.wait_for(lambda browser: not browser.find_elements("css selector", "#text"))
    assert browser.complaints() == []


def student_reads_the_answer(browser: Browser, student: Reader, work: str, before: Decimal) -> Decimal:
    be(browser, student)
    assert browser.one("a.unread b").get_attribute("textContent") >= "2"
    browser.open("/messages")
    looked_at(browser, student, "12-messages")
    browser.open(f"/submissions/{work}")
    assert "3" in browser.one("#points-by-hand").text
    looked_at(browser, student, "13-answered")
    browser.open(COURSE)
    shown = browser.one("td .points b").text
    looked_at(browser, student, "14-course")
    assert Decimal(shown) == before + 3
    return Decimal(shown)


def student_plays_with_the_grade(browser: Browser, student: Reader, points: Decimal) -> None:
    browser.open(f"{COURSE}/gradebook")
    assert f"{points.normalize():f}" in browser.one("#column-paper").text
    looked_at(browser, student, "15-grade")
    type_into(browser, "#if-paper", "100")
    click(browser, "#what-if button")
    browser.wait_for(lambda browser: browser.find_elements("css selector", "#what-if [role=status]"))
    looked_at(browser, student, "16-what-if")
    assert browser.complaints() == []


def staff_see_the_table(browser: Browser, student: Reader) -> None:
    be(browser, STAFF)
    browser.open(f"{COURSE}/gradebook")
    looked_at(browser, STAFF, "17-table")
    browser.open(f"{COURSE}/gradebook/students/{student.login}")
    looked_at(browser, STAFF, "18-sheet")
    assert student.login.title() in browser.one("h1").text


def staff_judge_again(browser: Browser, paper: Path, student: Reader) -> None:
    """After a change: whoever would get other points is shown; the first way drops the preview, the second publishes it."""
    questions = paper / "questions.py"
    changed = questions.read_text(encoding="utf-8").replace("answer=math.log(classes)", "answer=9.0")
    questions.write_text(changed, encoding="utf-8")
    for _ in range(3):  # seen to show nobody now and then, not understood yet: looked at once more, and said if it stays so
        browser.open(f"{PAPER}/reruns")
        type_into(browser, "#reason", "first_loss has another answer")
        click(browser, "main form .button")
        browser.wait_for(lambda browser: browser.find_elements("css selector", "form[action$='/publish']"))
        shown = browser.one("main").text
        if student.login in shown:
            break
        click(browser, "form[action$='/drop'] button:last-child")
        browser.wait_for(lambda browser: not browser.find_elements("css selector", "form[action$='/publish']"))
    assert student.login in shown, shown
    looked_at(browser, STAFF, "19-preview")
    click(browser, f"form[action$='/{'drop' if student is STUDENTS[0] else 'publish'}'] button:last-child")
    browser.wait_for(lambda browser: not browser.find_elements("css selector", "form[action$='/publish']"))
    looked_at(browser, STAFF, "20-decided")
    assert browser.complaints() == []


def staff_return_it(browser: Browser, work: str) -> None:
    browser.open(f"/submissions/{work}")
    click(browser, "#return summary")
    type_into(browser, "#return-reason", "The drawing is missing.")
    looked_at(browser, STAFF, "21-return")
    click(browser, "#return form button")
    browser.wait_for(lambda browser: "The drawing is missing." in browser.one("[aria-labelledby=way-title]").text)
    assert browser.complaints() == []


def student_hands_in_the_fix(browser: Browser, student: Reader) -> None:
    """Although it is closed for everybody."""
    be(browser, student)
    browser.open(COURSE)
    assert "The drawing is missing." in browser.one("#returned").text
    looked_at(browser, student, "22-returned")
    click(browser, "#returned a")
    browser.wait_for(lambda browser: browser.find_elements("css selector", "#send"))
    looked_at(browser, student, "23-fix-form")
    type_into(browser, "[name='answer.residuals']", "A path with factor 1.")
    click(browser, ".asked [value='nothing']")
    click(browser, "#send")
    browser.wait_for(lambda browser: "/submissions/" in browser.current_url)
    browser.wait_for(lambda browser: browser.find_elements("css selector", "#state .pass"))
    looked_at(browser, student, "24-fixed")
    browser.open(COURSE)
    assert not browser.find_elements("css selector", "#returned")
    assert browser.complaints() == []
