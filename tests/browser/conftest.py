"""The whole platform with a real worker, and headless Chromium in front of it."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait
from sqlalchemy.orm import Session

from grader.protocol import (
    CheckResult,
    Detail,
    Environment,
    Fault,
    Logged,
    Mistake,
    Outcome,
    Report,
    Series,
    Status,
    Text,
    Timing,
    Visibility,
    Whose,
    Word,
)
from server import database
from server.accounts import service as accounts
from server.accounts.models import User
from server.assignments import service as assignments
from server.assignments.models import Assignment
from server.cli.platform import Platform, running_platform
from server.courses import service as courses
from server.courses.models import Role
from server.database import current_time, session_factory
from server.grading import service as grading
from server.settings import Settings
from server.submissions import service as submissions
from server.submissions.models import Queue, Submission
from server.submissions.service import Upload
from tests.server.contest import write_contest

REPOSITORY = Path(__file__).resolve().parents[2]
HOMEWORKS = sorted(path.parent for path in (REPOSITORY / "assignments").glob("*/assignment.toml"))
PASSWORD = "correct horse battery"
FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
PATIENCE_S = 60
LONG = "a_very_long_name_without_a_break_" * 6
BROKEN = Fault(whose=Whose.assignment, code="broken", message=Text(en=f"{LONG} failed.", zh=f"{LONG} 出错。"))
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")


QUICK = ("test_from_the_door_to_the_receipt", "test_no_page_is_wider_than_the_screen_and_none_complains[zh_CN]")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All on one platform, so all in one process. `make test` is content with every page once, and an exam."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))
            if item.name not in QUICK:
                item.add_marker(pytest.mark.long)


@pytest.fixture(scope="session")
def chromium() -> None:
    """Skips without a browser, except where one is required."""
    if CHROMIUM and DRIVER:
        return
    message = "Chromium or chromedriver is not installed"
    if "browser" in os.environ.get("GRADUS_REQUIRE", ""):
        pytest.fail(message)
    pytest.skip(message)


@dataclass(frozen=True)
class World:
    """Where the platform answers, and what can be looked at there."""

    url: str
    settings: Settings
    submissions: dict[str, int]
    platform: Platform  # to be broken and mended


@pytest.fixture(scope="session")
def world(chromium: None) -> Iterator[World]:
    folder = Path(tempfile.mkdtemp(prefix="gradus-browser-"))
    folder.chmod(0o711)  # PostgreSQL's account has to pass through
    content = folder / "content"
    write_contest(content)  # with tiny beside it
    for assignment in HOMEWORKS:
        (content / assignment.name).symlink_to(assignment)
    settings = Settings(data=folder / "data", assignments=content, secret="test secret", database_url=None, redis_url=None)
    try:
        with running_platform(settings, port=None, workers=1, tell=print) as platform:
            database.connect(platform.settings.database_url)
            with session_factory.begin() as session:
                seeded = furnish(session, platform.settings)
            yield World(platform.url, platform.settings, seeded, platform)
    finally:
        shutil.rmtree(folder)


def furnish(session: Session, settings: Settings) -> dict[str, int]:
    """A course with people, an assignment, and a submission in every state; another one with all the homeworks."""
    course = courses.create_course(
        session, slug="dl-2026", title_en="Deep Learning 2026", title_zh="深度学习 2026", time_zone="Asia/Shanghai"
    )
    people = {}
    for login, role in (("ada", Role.student), ("bob", Role.student), ("cleo", Role.student), ("tia", Role.ta)):
        people[login] = accounts.create_user(session, login=login, display_name=login.title(), password=PASSWORD)
        courses.enroll(session, course=course, user=people[login], role=role)
    now = current_time(session)
    assignment = assignments.create_assignment(
        session, course=course, slug="tiny", opens_at=now - timedelta(days=7), due_at=now + timedelta(days=1),
        closes_at=now + timedelta(days=2), attempt_limit=50, per_day=50,
    )  # fmt: skip
    others = courses.create_course(session, slug="homeworks", title_en="Homeworks", title_zh="作业", time_zone="Asia/Shanghai")
    courses.enroll(session, course=others, user=people["bob"], role=Role.student)
    for homework in HOMEWORKS:
        assignments.create_assignment(
            session, course=others, slug=homework.name, opens_at=now - timedelta(days=7), due_at=now + timedelta(days=1),
            closes_at=now + timedelta(days=2), attempt_limit=50, per_day=50,
        )  # fmt: skip
    hand_in = HandIn(session, settings, assignment)
    return {
        "graded": hand_in(people["bob"], make_report()).id,
        "better": hand_in(people["bob"], make_report(points=40)).id,
        "needs_staff": hand_in(people["bob"], make_report(status=Status.system_fault, fault=BROKEN)).id,
        "running": hand_in(people["bob"], None).id,
    }


class HandIn:
    """Hands in and judges in one transaction, so that the worker never sees the job."""

    def __init__(self, session: Session, settings: Settings, assignment: Assignment) -> None:
        self.session, self.settings, self.assignment = session, settings, assignment

    def __call__(self, author: User, report: Report | None) -> Submission:
        files = {"solution.py": b"def double(x):\n    return x\n"}
        submission = submissions.submit(
            self.session, assignment=self.assignment, author=author, upload=Upload(uploaded=files, collected=files),
            store=self.settings.blob_store, queue=Queue.cpu, now=current_time(self.session),
        )  # fmt: skip
        claim = grading.claim(self.session, job_id=submission.job.id, lease_s=3600)
        if report is not None:
            grading.record_report(self.session, claim=claim, report=report, versions={})
        self.session.expire_all()
        return submission


def make_report(*, points: int = 0, status: Status = Status.graded, fault: Fault | None = None) -> Report:
    """Long lines, long titles, a heat map: whatever could be too wide for a small screen."""
    detail = Detail(
        call=f"double(x: 16×16, {LONG}: 3)", expected="float32 16×16", actual="float32 16×16", largest_error=0.31,
        where=[4, 2], error_map=[[row * column / 225 for column in range(16)] for row in range(16)], line=2,
        source=[(1, "def double(x):"), (2, f"    return x  # {LONG}")], traceback=LONG, output=f"<b>{LONG}</b>\n" * 3,
    )  # fmt: skip
    shared = {"part": "doubling", "visibility": Visibility.public, "seconds": 0.1}
    failed = CheckResult(
        id="one", title=Text(en=f"A vector {LONG}", zh="向量" * 40), points=Decimal(0), max_points=Decimal(60),
        outcome=Outcome.failed, message=Text(en=f"`{LONG}` differs.", zh="数值不一致。" * 20), word=Word.wrong_value,
        mistake=Mistake(id="m", message=Text(en=f"Twice? {LONG}", zh="两倍？" * 30)), detail=detail, **shared,
    )  # fmt: skip
    other = CheckResult(
        id="two", title=Text(en="A matrix", zh="矩阵"), points=Decimal(points), max_points=Decimal(40),
        outcome=Outcome.passed if points else Outcome.failed, message=Text(en="", zh=""),
        word=Word.passed if points else Word.wrong_shape, **(shared | {"visibility": Visibility.hidden}),
    )  # fmt: skip
    return Report(
        assignment="tiny", status=status, fault=fault, score=Decimal(points), max_score=Decimal(100), seed="ab" * 32,
        checks=[failed, other],
        environment=Environment(python="3", torch="2", device="cpu", sandbox="fake", isolation="fork"),
        timing=Timing(sandbox=0, student=0, total=0), training=[Logged(check="one", series=[*map(make_series, NAMES)])],
    )  # fmt: skip


NAMES = ("loss", "w" * 32, "m_" * 16)


def make_series(name: str) -> Series:
    """As long as it can be, with numbers that take room and a gap."""
    values = [-1.234e29 if step % 7 else None for step in range(400)]
    return Series(name=name, steps=[(1 << 52) + step for step in range(400)], values=values, total=10**9)


class Browser(Chrome):
    """Chromium at our platform."""

    base = ""

    def open(self, path: str) -> None:
        self.get(self.base + path)

    def one(self, selector: str):
        return self.find_element(By.CSS_SELECTOR, selector)

    def wait_for(self, condition: Callable[["Browser"], object]) -> None:
        swapped = [NoSuchElementException, StaleElementReferenceException]  # the page was drawn again while we looked
        WebDriverWait(self, PATIENCE_S, poll_frequency=0.1, ignored_exceptions=swapped).until(condition)

    def wait_for_text(self, selector: str, text: str) -> None:
        self.wait_for(lambda browser: text in browser.one(selector).text)

    def sign_in(self, login: str) -> None:
        self.open("/sign-in")
        self.one("#login").send_keys(login)
        self.one("#password").send_keys(PASSWORD)
        self.one("main button").click()
        self.wait_for(lambda browser: "/sign-in" not in browser.current_url)

    def speak(self, language: str) -> None:
        self.add_cookie({"name": "gradus_language", "value": language})

    def resize(self, width: int, height: int = 800) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def complaints(self) -> list[str]:
        """What the browser wrote into its console since it was last asked."""
        return [entry["message"] for entry in self.get_log("browser")]

    def begin_anew(self) -> None:
        """As if it had just been started."""
        self.get("about:blank")
        self.execute_cdp_cmd("Network.clearBrowserCookies", {})
        self.execute_cdp_cmd("Storage.clearDataForOrigin", {"origin": self.base, "storageTypes": "all"})
        self.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        self.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
        self.complaints()


@contextmanager
def started_browser(world: World, *, scripts: bool = True) -> Iterator[Browser]:
    options = ChromeOptions()
    options.binary_location = CHROMIUM
    with tempfile.TemporaryDirectory(prefix="gradus-profile-", ignore_cleanup_errors=True) as profile:
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        if not scripts:
            options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        browser = Browser(options=options, service=Service(DRIVER))
        browser.base = world.url
        browser.set_page_load_timeout(PATIENCE_S)
        try:
            yield browser
        finally:
            browser.quit()


@pytest.fixture(scope="session")
def _shared_browser(world: World) -> Iterator[Browser]:
    with started_browser(world) as browser:
        yield browser


@pytest.fixture
def browser(_shared_browser: Browser) -> Browser:
    _shared_browser.begin_anew()
    return _shared_browser


@pytest.fixture
def browser_without_scripts(world: World) -> Iterator[Browser]:
    with started_browser(world, scripts=False) as browser:
        yield browser
