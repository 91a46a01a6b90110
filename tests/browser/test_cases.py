"""A case in a real browser: its pages fit a phone, work by keyboard, and its file is printed whole."""

import re
import subprocess
import zlib
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from selenium.webdriver.common.keys import Keys

from server.accounts.models import User
from server.cases import service
from server.cases.service import NewExhibit
from server.database import current_time, session_factory
from server.submissions.models import Submission
from tests.browser.conftest import CHROMIUM, FLAGS, World
from tests.browser.test_pages import too_wide
from tests.thorough import one_in

LINES = 400
LAST = "the_last_line_of_the_second_work"
CASES = "/courses/dl-2026/cases"


def side(user: User, last: str) -> dict:
    lines = [f"value_{number} = {number}  # {'long ' * 40 if number == 7 else ''}" for number in range(LINES)]
    known = {"student": user.id, "login": user.login, "name": user.display_name, "attempt": 1, "archive": None, "declared": []}
    return {
        **known,
        "received_at": "2026-03-20T12:00:00+00:00",
        "files": [{"name": "solution.py", "lines": [*lines, f"{last} = 1"]}],
    }


@pytest.fixture(scope="module")
def case(world: World) -> int:
    """Bob is told and has two days left; the other side is Cleo's."""
    with session_factory.begin() as session:
        people = {login: session.query(User).filter_by(login=login).one() for login in ("bob", "cleo", "tia")}
        work, now = session.get_one(Submission, world.submissions["graded"]), current_time(session)
        shades = {"solution.py": ["unique"] * 20 + ["common"] * (LINES - 19)}
        span = {"file": "solution.py", "name": "f" * 60, "first": 3, "last": 20}
        part = {"left": span, "right": span, "shared": 9, "few": 9, "unique": 9}
        evidence = {"parts": [part], "matches": [], "texts": [], "left": shades, "right": shades}
        content = {"similarity": 0.9, "left": side(people["bob"], "left"), "right": side(people["cleo"], LAST)}
        content |= {"evidence": evidence, "facts": [{"kind": "close_in_time", "minutes": 14, "first": "left"}]}
        exhibits = [NewExhibit(work, None, content)]
        known = {"assignment": work.assignment, "opened_by": people["tia"], "reason": "W" * 300, "logins": ["bob"]}
        opened = service.open_case(session, **known, exhibits=exhibits, now=now)
        told = {"message": "Tell us, please.", "heard_until": now + timedelta(days=2), "version": opened.parties[0].version}
        service.tell(session, party=opened.parties[0], staff=people["tia"], **told, now=now)
        return opened.id


@pytest.mark.parametrize("language", one_in(2, ["en", "zh_CN"]))
def test_pages_of_a_case_fit_a_phone(browser, case: int, language: str) -> None:
    for login, pages in (
        ("tia", [CASES, f"{CASES}/{case}", f"{CASES}/{case}?anonymous=true"]),
        ("bob", [CASES, f"{CASES}/{case}"]),
    ):
        browser.begin_anew()
        browser.sign_in(login)
        browser.speak(language)
        assert [page for page in pages if too_wide(browser, page)] == []
        assert browser.complaints() == []


def test_a_student_answers_by_keyboard(browser, case: int) -> None:
    browser.sign_in("bob")
    browser.open("/courses/dl-2026")
    browser.one(f"a[href='{CASES}/{case}']").send_keys(Keys.ENTER)
    browser.wait_for(lambda browser: browser.current_url.endswith(f"/cases/{case}"))
    browser.one("#state-text").send_keys("I wrote it myself.", Keys.TAB, Keys.ENTER)
    browser.wait_for_text("#statements", "I wrote it myself.")
    assert "Cleo" not in browser.page_source and "0.9" not in browser.one("main").text


def test_staff_decide_by_keyboard_and_what_is_refused_stays(browser, case: int) -> None:
    browser.sign_in("tia")
    browser.open(f"{CASES}/{case}")
    browser.one("section.party details:last-of-type > summary").send_keys(Keys.ENTER)
    browser.one("input[value=warning]").send_keys(Keys.SPACE)
    browser.one("textarea[name=reasons]").send_keys("W", Keys.TAB, Keys.ENTER)
    browser.wait_for(lambda browser: browser.one("#problem"))
    assert browser.one("textarea[name=reasons]").get_attribute("value") == "W"
    assert browser.one("input[value=warning]").is_selected()


@pytest.mark.parametrize("anonymous", [False, True])
def test_the_file_is_printed_whole(world: World, browser, case: int, tmp_path: Path, anonymous: bool) -> None:
    browser.sign_in("tia")
    cookies = {cookie["name"]: cookie["value"] for cookie in browser.get_cookies()}
    answer = httpx.get(f"{world.url}{CASES}/{case}/export", params={"anonymous": anonymous}, cookies=cookies)
    page, printed = tmp_path / "case.html", tmp_path / "case.pdf"
    page.write_text(answer.text, encoding="utf-8")
    command = [CHROMIUM, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", f"--print-to-pdf={printed}", page.as_uri()]
    subprocess.run(command, check=True, timeout=60, capture_output=True)
    text = text_of(printed.read_bytes())
    assert LAST in text and "W" * 300 in text and f"value_{LINES - 1}=" in text
    assert text.count(f"value_{LINES // 2}=") == 2, "both works, and each line once"
    assert ("Cleo" in text) != anonymous


def text_of(pdf: bytes) -> str:
    """What Chromium's PDF says, without blanks: glyphs go back to characters by the map of each font."""
    found = re.findall(rb"(\d+) 0 obj(.*?)endobj", pdf, re.S)
    objects = {int(number): body for number, body in found}
    streams = {number: inflated(body) for number, body in objects.items() if b"stream" in body}
    maps = {
        number: glyphs_of(streams[int(to[1])])
        for number, body in objects.items()
        if (to := re.search(rb"/ToUnicode (\d+) 0 R", body))
    }
    pages = [body for body in objects.values() if re.search(rb"/Type\s*/Page\b", body)]
    text = "".join(said_by(page, objects, streams, maps) for page in pages)
    assert pdf.rstrip().endswith(b"%%EOF") and len(pages) > 3
    return re.sub(r"\s", "", text)


def inflated(body: bytes) -> bytes:
    data = body.split(b"stream", 1)[1].lstrip(b"\r\n")
    return zlib.decompressobj().decompress(data) if b"FlateDecode" in body else data


def glyphs_of(cmap: bytes) -> dict[int, str]:
    glyphs = {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", cmap, re.S):
        for glyph, text in re.findall(rb"<(\w+)>\s*<(\w+)>", block):
            glyphs[int(glyph, 16)] = bytes.fromhex(text.decode()).decode("utf-16-be")
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", cmap, re.S):
        for first, last, text in re.findall(rb"<(\w+)>\s*<(\w+)>\s*<(\w+)>", block):
            for step in range(int(last, 16) - int(first, 16) + 1):
                glyphs[int(first, 16) + step] = chr(int(text, 16) + step)
    return glyphs


def said_by(page: bytes, objects: dict[int, bytes], streams: dict[int, bytes], maps: dict[int, dict[int, str]]) -> str:
    fonts = {name: int(number) for name, number in re.findall(rb"/(F\d+) (\d+) 0 R", resources_of(page, objects))}
    contents = re.search(rb"/Contents (\d+) 0 R", page)
    said, font = [], {}
    for name, shown in re.findall(rb"/(F\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)>", streams[int(contents[1])]):
        if name:
            font = maps.get(fonts[name], {})
        else:
            said += [font.get(int(shown[place : place + 4], 16), "") for place in range(0, len(shown), 4)]
    return "".join(said)


def resources_of(page: bytes, objects: dict[int, bytes]) -> bytes:
    elsewhere = re.search(rb"/Resources (\d+) 0 R", page)
    return objects[int(elsewhere[1])] if elsewhere else page
