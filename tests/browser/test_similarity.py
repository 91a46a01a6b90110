"""A teaching assistant decides pair after pair with the keyboard alone: nothing is lost, the focus is always seen."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from selenium.webdriver.common.keys import Keys
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts import service as accounts
from server.assignments import service as assignments
from server.assignments.models import Assignment
from server.courses import service as courses
from server.courses.models import Role
from server.database import current_time, session_factory
from server.settings import Settings
from server.similarity.models import Review
from server.submissions import service as submissions
from server.submissions.models import Queue, Submission
from server.submissions.service import Upload
from tests.browser.conftest import PASSWORD
from tests.browser.test_pages import too_wide
from tests.server.similar_pairs import FACTS, add_comparison, add_pair, copy_of, found_in, write_work
from tests.thorough import one_in

PAIRS = 22
PAGE = "/courses/alike-2026/assignments/tiny/similarity"
OTHER = "/courses/alike-2026/assignments/mlp/similarity"


@dataclass(frozen=True)
class Alike:
    """Ids of the pairs, the most alike first."""

    assignment_id: int
    pairs: list[int]


def seed_class(session: Session, settings: Settings) -> dict[str, Alike]:
    """Two assignments in which everybody stands in a pair or two; the longest code is that of the first pair."""
    course = courses.create_course(session, slug="alike-2026", title_en="Alike", title_zh="相似", time_zone="Asia/Shanghai")
    tia = accounts.create_user(session, login="tia-alike", display_name="Tia", password=PASSWORD)
    courses.enroll(session, course=course, user=tia, role=Role.ta)
    people = []
    for number in range(PAIRS + 2):
        people.append(accounts.create_user(session, login=f"alike-{number:02}", display_name=f"Student {number:02}"))
        courses.enroll(session, course=course, user=people[-1], role=Role.student)
    now, seeded = current_time(session), {}
    for slug in ("tiny", "mlp"):
        assignment = assignments.create_assignment(
            session, course=course, slug=slug, opens_at=now - timedelta(days=9), due_at=now + timedelta(days=1),
            closes_at=now + timedelta(days=1), attempt_limit=50, per_day=50,
        )  # fmt: skip
        seeded[slug] = Alike(assignment.id, write_pairs(session, settings, assignment, people))
    return seeded


def write_pairs(session: Session, settings: Settings, assignment: Assignment, people: list) -> list[int]:
    sources = [long_work() if place == 0 else write_work(place // 3) for place in range(len(people))]
    sources = [copy_of(sources[place - place % 3]) if place % 3 else source for place, source in enumerate(sources)]
    works = [keep(session, settings, assignment, person, source) for person, source in zip(people, sources, strict=True)]
    comparison = add_comparison(session, assignment)
    ends = [(place, place + 1) for place in range(len(works) - 1)][:PAIRS]
    found = []
    for rank, (left, right) in enumerate(ends):
        evidence = found_in(sources[left], sources[right])
        facts = FACTS[: rank % 4]
        found.append(
            add_pair(session, comparison, works[left], works[right], 0.97 - rank / 30, evidence=evidence, facts=facts).id
        )
    return found


def long_work() -> str:
    more = "\n".join(f"def layer_{number}(x):\n    y = x + {number}\n    return y * {number}\n" for number in range(60))
    return write_work(7) + more


def keep(session: Session, settings: Settings, assignment: Assignment, author, source: str) -> Submission:
    """Handed in twice, and never judged."""
    for text in (source + "# first\n", source):
        files = {"solution.py": text.encode()}
        submission = submissions.submit(
            session, assignment=assignment, author=author, upload=Upload(uploaded=files, collected=files),
            store=settings.blob_store, queue=Queue.gpu, now=current_time(session),
        )  # fmt: skip
    return submission


@pytest.fixture(scope="module")
def alike(world) -> dict[str, Alike]:
    with session_factory.begin() as session:
        return seed_class(session, world.settings)


def press(browser, key: str) -> None:
    """A key for whatever has the focus."""
    browser.switch_to.active_element.send_keys(key)


def focus_is_seen(browser) -> bool:
    """Nothing is focused, or an outline stands around what is, in sight."""
    look = (
        "const at = document.activeElement; if (at === document.body) return true;"
        "const box = at.getBoundingClientRect();"
        "return getComputedStyle(at).outlineStyle !== 'none' && box.bottom > 0 && box.top < innerHeight"
    )
    return browser.execute_script(look)


def shown_pair(browser) -> int:
    return int(browser.current_url.split("/pairs/")[1].split("?")[0])


def kept_reviews(assignment_id: int) -> list[tuple[str | None, str | None]]:
    with session_factory() as session:
        query = select(Review).where(Review.assignment_id == assignment_id).order_by(Review.id)
        return [(review.opinion and review.opinion.value, review.note) for review in session.scalars(query)]


def requests_made(browser) -> int:
    """Of this page, its own included, without its styles and scripts."""
    count = "return performance.getEntriesByType('resource').filter(each => !each.name.includes('/static/')).length + 1"
    return browser.execute_script(count)


def test_a_ta_decides_every_pair_without_a_mouse(browser, alike: dict[str, Alike]) -> None:
    tiny, keystrokes, requests = alike["tiny"], 0, 0
    browser.sign_in("tia-alike")
    browser.resize(1280)
    browser.open(f"{PAGE}?opinion=open")
    for key in ("j", Keys.ENTER):
        press(browser, key)
        keystrokes += 1
    decided = []
    for place, pair_id in enumerate(tiny.pairs):
        browser.wait_for(lambda browser, pair_id=pair_id: shown_pair(browser) == pair_id)
        browser.wait_for(lambda browser: browser.execute_script("return document.readyState") == "complete")
        if place:
            browser.wait_for_text("#saved", "Saved")
        assert focus_is_seen(browser), pair_id
        requests += requests_made(browser)
        for key in ("n", "12"[place % 2]):
            press(browser, key)
            keystrokes += 1
            if key == "n":
                assert browser.find_elements("css selector", ".code .here"), "both sides stand at a match"
                assert focus_is_seen(browser), pair_id
        decided.append(("nothing", "unsure")[place % 2])
    browser.wait_for(lambda browser: "/pairs/" not in browser.current_url)
    assert [opinion for opinion, _ in kept_reviews(tiny.assignment_id)] == decided
    assert "No pair is like that" in browser.one("main").text, "what was asked for were the open ones"
    assert keystrokes == 2 * PAIRS + 2
    assert requests <= 2 * PAIRS, "a page and a decision for each pair"
    assert browser.complaints() == []


def test_undo_goes_back_and_a_note_is_no_decision(browser, alike: dict[str, Alike]) -> None:
    other = alike["mlp"]
    before = len(kept_reviews(other.assignment_id))
    browser.sign_in("tia-alike")
    browser.open(f"{OTHER}/pairs/{other.pairs[0]}")
    press(browser, "m")
    press(browser, "the same tutorial?")
    press(browser, Keys.ENTER)
    assert kept_reviews(other.assignment_id)[before:] == [], "Enter ends the note"
    press(browser, "2")
    browser.wait_for(lambda browser: shown_pair(browser) == other.pairs[1])
    press(browser, "u")
    browser.wait_for(lambda browser: shown_pair(browser) == other.pairs[0])
    assert kept_reviews(other.assignment_id)[before:] == [("unsure", "the same tutorial?"), (None, None)]
    for key, expected in (("j", 1), ("j", 2), ("k", 1)):
        press(browser, key)
        browser.wait_for(lambda browser, expected=expected: shown_pair(browser) == other.pairs[expected])
    press(browser, "3")
    browser.wait_for(lambda browser: browser.current_url.endswith(f"/courses/alike-2026/cases/new?pair={other.pairs[1]}"))


def test_a_decision_made_offline_is_kept_and_sent_later(browser, alike: dict[str, Alike]) -> None:
    other = alike["mlp"]
    before = len(kept_reviews(other.assignment_id))
    browser.sign_in("tia-alike")
    browser.open(f"{OTHER}/pairs/{other.pairs[5]}")
    browser.set_network_conditions(offline=True, latency=0, throughput=0)
    press(browser, "1")
    browser.wait_for_text("#keeping", "Not saved yet")
    press(browser, "2")  # changed one's mind meanwhile
    assert kept_reviews(other.assignment_id)[before:] == []
    browser.set_network_conditions(offline=False, latency=0, throughput=-1)
    browser.wait_for_text("#saved", "unsure")
    assert [opinion for opinion, _ in kept_reviews(other.assignment_id)[before:]] == ["unsure"]
    failed = [complaint for complaint in browser.complaints() if "ERR_INTERNET_DISCONNECTED" not in complaint]
    assert failed == []


def test_both_sides_scroll_by_what_answers_each_other(browser, alike: dict[str, Alike]) -> None:
    browser.sign_in("tia-alike")
    browser.resize(1280)
    browser.open(f"{PAGE}/pairs/{alike['tiny'].pairs[0]}")
    left, right = browser.find_elements("css selector", ".pane .text")
    left.click()
    browser.execute_script("arguments[0].scrollTop = 1500", left)
    browser.wait_for(lambda browser: browser.execute_script("return arguments[0].scrollTop", right) > 1000)
    assert row_in_sight(browser, right) - row_in_sight(browser, left) in (2, 3, 4), "three lines more stand above on the right"
    lines = len(browser.find_elements("css selector", "#left-0"))
    press(browser, "t")
    assert lines and not browser.one("#left-0").is_displayed() and browser.one(".fold").is_displayed()
    press(browser, "t")
    press(browser, "?")
    assert browser.one("#keys").is_displayed()
    press(browser, Keys.ESCAPE)
    assert browser.complaints() == []


def row_in_sight(browser, pane) -> int:
    first = (
        "const pane = arguments[0]; return [...pane.querySelectorAll('li[id]')]"
        ".find(line => line.offsetTop + line.offsetHeight > pane.scrollTop + pane.clientHeight / 3).id"
    )
    return int(browser.execute_script(first, pane).split("-")[1])


@pytest.mark.parametrize("language", one_in(2, ["en", "zh_CN"]))
def test_the_pages_fit_a_phone_where_one_side_shows_at_a_time(browser, alike: dict[str, Alike], language: str) -> None:
    browser.sign_in("tia-alike")
    browser.speak(language)
    pair = f"{OTHER}/pairs/{alike['mlp'].pairs[3]}"
    pages = [OTHER, f"{OTHER}?person=nobody", f"{OTHER}/graph?least=0.3", f"{OTHER}/graph?least=0.95", pair]
    assert [page for path in pages for page in too_wide(browser, path)] == []
    browser.resize(375)
    browser.open(pair)
    assert [pane.is_displayed() for pane in browser.find_elements("css selector", ".pane")] == [True, False]
    browser.execute_script("document.querySelector('.which').scrollIntoView({block: 'center'})")
    browser.one("[name=side][value=right]").click()
    assert [pane.is_displayed() for pane in browser.find_elements("css selector", ".pane")] == [False, True]
    assert browser.complaints() == []


def test_without_scripts_pairs_are_decided_by_forms(browser_without_scripts, alike: dict[str, Alike]) -> None:
    browser, other = browser_without_scripts, alike["mlp"]
    before = len(kept_reviews(other.assignment_id))
    browser.sign_in("tia-alike")
    browser.open(f"{OTHER}/pairs/{other.pairs[10]}")
    browser.one("#note").send_keys("plain form")
    browser.one("#decide [value=nothing]").click()
    browser.wait_for_text("#saved", "nothing to follow up")
    browser.one("[data-undo] button").click()
    browser.wait_for(lambda browser: shown_pair(browser) == other.pairs[10])
    assert kept_reviews(other.assignment_id)[before:] == [("nothing", "plain form"), (None, None)]
