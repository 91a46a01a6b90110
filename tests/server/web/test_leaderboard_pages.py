"""The board of a competition as pages: rules, ties, baselines, one's own row, phases, points, and what a submission says."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import BoardNames, Course, Role
from server.database import current_time
from server.leaderboard import pages
from server.models import Submission
from server.settings import Settings
from server.teams.models import Team, TeamMember
from tests.server.contest import SLUG, write_contest

Visit = Callable[..., TestClient]
Member = Callable[..., User]
Reach = Callable[..., Submission]
RACE = f"/courses/dl-2026/assignments/{SLUG}"
BOARD = f"{RACE}/leaderboard"


@pytest.fixture
def rules() -> dict[str, object]:
    """Of the competition; a test that needs others overrides them."""
    return {}


@pytest.fixture
def settings(settings: Settings, tmp_path: Path, rules: dict[str, object]) -> Settings:
    return settings.model_copy(update={"assignments": write_contest(tmp_path / "content", **rules)})


@pytest.fixture
def contest(make_assignment: Callable[..., Assignment]) -> Assignment:
    return make_assignment(slug=SLUG)


@pytest.fixture
def close(session: Session, contest: Assignment) -> Callable[[], None]:
    def close() -> None:
        contest.due_at = contest.closes_at = current_time(session) - timedelta(minutes=1)
        session.commit()

    return close


def lines(html: str) -> list[str]:
    """The lines of the board as a reader without eyes gets them: tags away, spaces joined."""
    body = html.rsplit("<tbody>", 1)[1].split("</tbody>")[0]
    return [plain(line) for line in body.split("<tr")[1:]]


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", "<" + html).split())


def test_ranks_ties_and_baselines_stand_in_their_order_and_are_said_in_words(
    visit: Visit, student: User, contest: Assignment, make_member: Member, reach: Reach
) -> None:
    for login, value in (("bob", 0.91), ("cleo", 0.905), ("dan", 0.5)):
        reach(contest, make_member(login), value)
    reach(contest, student, 0.7)
    html = visit(student).get(BOARD).text
    names = [next(name for name in ("Bob", "Cleo", "Ada", "Dan", "Linear", "frequent") if name in line) for line in lines(html)]
    assert names == ["Bob", "Cleo", "Ada", "Linear", "Dan", "frequent"]
    bob = lines(html)[0]
    assert bob.startswith("Ranks 1–2 cannot be told apart. 1 new Bob 0.910 0.890 to 0.930")
    assert 'class="own ' in html and 'aria-current="true"' in html
    assert "You are 3rd of 4." in html
    assert "The best of the course so far" in html
    assert "Ranked by accuracy on the public items, higher is better." in plain(html)


def test_the_rules_are_sentences_with_the_table_of_points(visit: Visit, student: User, contest: Assignment) -> None:
    text = plain(visit(student).get(BOARD).text)
    assert "50 attempts in all, 20 a day." in text
    assert "Up to 3 people share one row" in text
    assert "0.600 Linear model 60 0.900 90" in text
    assert "At least 10 for whoever beats the weakest baseline." in text
    assert "1. +10 , 2. +5 , 3. +3" in text
    assert "Ladder" not in text and "Freeze" not in text, "rules that do not apply are not told"
    assert "These are the baselines to beat." in text, "an empty board tells what comes next"


@pytest.mark.parametrize("rules", [{"ladder": True, "freeze_h": 4, "counts": "chosen", "direction": "min"}])
def test_other_rules_are_told_where_they_apply(visit: Visit, student: User, contest: Assignment, rules: dict) -> None:
    text = plain(visit(student).get(BOARD).text)
    assert "lower is better" in text
    assert "significantly better than your best so far" in text
    assert "students see the board as it stood then" in text
    assert "at most 2; if you mark none" in text
    text = plain(visit(student, language="zh_CN").get(BOARD).text)
    assert "越低越好" in text and "封榜" in text and "Ladder 机制" in text


def test_ones_own_row_is_pinned_where_it_is_on_another_page(
    visit: Visit, student: User, contest: Assignment, make_member: Member, reach: Reach, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "ROWS", 2)
    for number in range(5):
        reach(contest, make_member(f"p{number}"), 0.9 - number / 10)
    reach(contest, student, 0.55)
    visitor = visit(student)
    first = visitor.get(BOARD).text
    assert [line.split()[0] for line in lines(first)] == ["1", "2"]
    pinned = first.split('<tbody class="pinned">')[1]
    assert "Ada" in pinned and f"{BOARD}?start=4#own" in pinned
    assert first.index('<tbody class="pinned">') > first.rindex("<tbody>"), "below, where it will come"
    own = visitor.get(f"{BOARD}?start=4").text
    assert "pinned" not in own and 'rel="prev"' in own and 'rel="next"' not in own
    found = visitor.get(f"{BOARD}?search=P3").text
    assert "1 row whose name holds" in found
    assert found.index('<tbody class="pinned">') < found.rindex("<tbody>")
    assert f'hx-get="{BOARD}/live?search=P3"' in found, "what is drawn anew keeps what was asked for"


def test_the_live_part_is_the_same_as_in_the_page(visit: Visit, student: User, contest: Assignment, reach: Reach) -> None:
    reach(contest, student, 0.8)
    visitor = visit(student)
    page, part = visitor.get(BOARD).text, visitor.get(f"{BOARD}/live").text
    assert part.startswith('<div id="live"')
    assert lines(page) == lines(part)
    assert f'sse-connect="/api/v1{BOARD}/events"' in page


def test_a_wall_has_no_navigation_and_large_leaders(
    visit: Visit, student: User, contest: Assignment, make_member: Member, reach: Reach
) -> None:
    for number in range(4):
        reach(contest, make_member(f"p{number}"), 0.9 - number / 10)
    html = visit(student).get(f"{BOARD}?display=1").text
    assert "<nav" not in html and "<footer" not in html
    assert 'class="display"' in html and "data-clock" in html
    assert html.count('class="leader') == 3
    assert f'hx-get="{BOARD}/live?display=1"' in html


def test_team_members_are_named_except_where_the_course_has_pseudonyms(
    visit: Visit, session: Session, student: User, course: Course, contest: Assignment, make_member: Member, reach: Reach
) -> None:
    bob, cleo = make_member("bob"), make_member("cleo")
    team = Team(assignment_id=contest.id, name="Downhill")
    session.add(team)
    session.flush()
    joined = current_time(session)
    for member in (bob, cleo):
        session.add(TeamMember(team_id=team.id, assignment_id=contest.id, user_id=member.id, joined_at=joined))
    session.commit()
    reach(contest, bob, 0.8)
    visitor, staff = visit(student), visit(make_member("tia", Role.ta))
    assert "Downhill Bob, Cleo" in lines(visitor.get(BOARD).text)[0]
    assert "Bob bob , Cleo cleo" in lines(staff.get(BOARD).text)[0]
    session.merge(course).board_names = BoardNames.pseudonyms
    session.commit()
    assert "Bob" not in lines(visitor.get(BOARD).text)[0]
    assert "Bob bob" in lines(staff.get(BOARD).text)[0]


def test_staff_look_at_the_points_then_release_once_and_may_take_it_back(
    visit: Visit, student: User, contest: Assignment, make_member: Member, reach: Reach, close: Callable[[], None]
) -> None:
    reach(contest, student, 0.75, 0.9)
    reach(contest, make_member("bob"), 0.8, 0.6)
    staff, visitor = visit(make_member("tia", Role.ta)), visit(student)
    assert "/release" not in staff.get(f"{BOARD}/points").text, "not before the close"
    assert "provisional" in staff.get(f"{BOARD}/points").text
    close()
    private = staff.get(f"{BOARD}/points?half=private").text
    assert "what a release would give" in private
    assert [line.split()[:3] for line in lines(private)] == [["1", "Ada", "ada"], ["2", "Bob", "bob"]]
    assert "0.900 90 +10 100 / 100" in lines(private)[0]
    assert "Only staff see this" in staff.get(f"{BOARD}?half=private").text
    assert visitor.get(f"{BOARD}?half=private").status_code == 403
    assert "half=private" not in visitor.get(BOARD).text
    assert staff.submit_form(BOARD, f"{BOARD}/release").headers["location"] == BOARD
    released = visitor.get(BOARD).text
    assert "final" in plain(released.split('class="row base phase"')[1][:900])
    assert lines(released)[0].startswith("1 ↑1 up by 1 Ada")
    assert lines(released)[1].startswith("2 ↓1 down by 1 Bob")
    assert staff.submit_form(BOARD, f"{BOARD}/withdraw").status_code == 303
    assert visitor.get(f"{BOARD}?half=private").status_code == 403


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "1 student whose name or login holds “P2”."), ("zh_CN", "有 1 名学生的姓名或学号包含“P2”。")],
)
def test_points_come_in_pages_are_searched_and_their_spread_is_that_of_all(
    visit: Visit, contest: Assignment, make_member: Member, reach: Reach, monkeypatch: pytest.MonkeyPatch, language: str,
    words: str,
) -> None:  # fmt: skip
    monkeypatch.setattr(pages, "ROWS", 2)
    for number in range(5):
        reach(contest, make_member(f"p{number}"), 0.9 - number / 10)
    staff, points = visit(make_member("tia", Role.ta), language=language), f"{BOARD}/points"
    found, spread, address = [], set(), f"{points}?half=public"
    while address:
        html = staff.get(address).text
        found += [line.split()[1] for line in lines(html)]
        spread.add(html.split('class="histogram"')[1].split("</figure>")[0])
        following = re.search(r'rel="next" href="([^"]+)"', html)
        address = following and following[1].replace("&amp;", "&")
        assert not address or "half=public" in address
    assert (found, len(spread)) == (["P0", "P1", "P2", "P3", "P4"], 1)
    html = staff.get(f"{points}?search=P2").text
    assert [line.split()[:2] for line in lines(html)] == [["3", "P2"]], "with the rank among all"
    assert html.split('class="histogram"')[1].split("</figure>")[0] in spread
    assert words in html
    assert "<table" not in staff.get(f"{points}?search=nobody").text


def test_a_submission_says_its_value_what_it_is_worth_and_where_it_stands(
    visit: Visit, student: User, contest: Assignment, make_member: Member, reach: Reach, close: Callable[[], None]
) -> None:
    reach(contest, make_member("bob"), 0.9)
    submission = reach(contest, student, 0.75, 0.712)
    visitor, address = visit(student), f"/submissions/{submission.id}"
    text = plain(visitor.get(address).text)
    assert "0.750 accuracy on the public items" in text
    assert "The interval is 0.730 to 0.770" in text
    assert "worth by now, provisional 75 / 100" in text
    assert "This submission stands on the board: 2nd of 2" in text
    assert "only say whether the run is complete" in text
    assert "0.712" not in text
    assert f'href="{BOARD}#own"' in visitor.get(address).text
    close()
    visit(make_member("tia", Role.ta)).submit_form(BOARD, f"{BOARD}/release")
    text = plain(visitor.get(address).text)
    assert "accuracy 0.712 on the private items" in text
    assert "provisional" not in text


@pytest.mark.parametrize("rules", [{"ladder": True}])
def test_with_the_ladder_a_value_that_is_no_better_is_nowhere(
    visit: Visit, student: User, contest: Assignment, reach: Reach, rules: dict
) -> None:
    reach(contest, student, 0.75)
    second = reach(contest, student, 0.751)
    visitor = visit(student)
    text = plain(visitor.get(f"/submissions/{second.id}").text)
    assert "Not significantly better than your best so far; the board keeps 0.750." in text
    history = visitor.get(f"{RACE}/submissions").text
    assert "no better" in history
    everything = [visitor.get(path).text for path in (f"/submissions/{second.id}", RACE, f"{RACE}/submissions", BOARD)]
    assert not any("0.751" in html for html in everything)
    for html in (visitor.get(RACE).text, history):
        drawn = html.split('<figure class="progress">')[1].split("</figure>")[0]
        assert re.findall(r"<title>(Attempt[^<]+)</title>", drawn) == ["Attempt 1: 0.750", "Attempt 2: no better"]
        assert (drawn.count('class="dot hole"'), len(set(re.findall(r'class="dot" d="M[\d.]+ ([\d.]+)h0"', drawn)))) == (1, 1)
        assert "empty dots: not significantly better" in drawn


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["The best so far", "3 scored submissions; the best value is 0.750.", "dashed: the baselines", "0.600"]),
        ("zh_CN", ["目前的最好成绩", "共 3 次计分提交，最好成绩为 0.750。", "虚线为基线", "0.600"]),
    ],
)
def test_the_way_of_ones_submissions_is_drawn_and_said(
    visit: Visit, student: User, contest: Assignment, make_member: Member, reach: Reach, language: str, words: list[str]
) -> None:
    reach(contest, make_member("bob"), 0.9)
    visitor = visit(student, language=language)
    assert "<figure" not in visitor.get(f"{RACE}/submissions").text
    for value in (0.7, 0.75, 0.65):
        reach(contest, student, value)
    for address in (RACE, f"{RACE}/submissions"):
        drawn = visitor.get(address).text.split('<figure class="progress">')[1].split("</figure>")[0]
        assert all(word in drawn for word in words)
        assert (drawn.count('class="dot"'), drawn.count('class="level"'), drawn.count("hole")) == (3, 2, 0)
        assert "0.900" not in drawn, "the others are not in it"


def test_course_assignment_and_history_tell_place_and_value(
    visit: Visit, student: User, contest: Assignment, make_member: Member, reach: Reach
) -> None:
    reach(contest, make_member("bob"), 0.9)
    reach(contest, student, 0.75)
    reach(contest, student, 0.7)
    visitor = visit(student)
    assert "2nd of 2 0.750" in plain(visitor.get("/courses/dl-2026").text)
    assert "2nd of 2 · accuracy 0.750" in plain(visitor.get(RACE).text)
    history = visitor.get(f"{RACE}/submissions").text
    assert [line.rsplit(" ", 1)[1] for line in lines(history)] == ["0.700", "0.750"]
    assert "100 / 100" not in plain(history)
    assert "第 2 名，共 2 名" in plain(visit(student, language="zh_CN").get(RACE).text)
