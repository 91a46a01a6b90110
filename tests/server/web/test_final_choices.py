"""Marking submissions as final on their page and in the history."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from grader.protocol import Measured
from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import Role
from server.database import current_time
from server.models import Run, Submission
from server.teams import service as teams

CONTEST = "/courses/dl-2026/assignments/contest"
HISTORY = f"{CONTEST}/submissions"

Visit = Callable[..., TestClient]
Score = Callable[..., Submission]


@pytest.fixture
def contest(make_assignment: Callable[..., Assignment]) -> Assignment:
    """Two submissions may be final."""
    return make_assignment(slug="contest")


@pytest.fixture
def score(contest: Assignment, hand_in: Score, grade: Callable[..., Run], measured: Callable[..., Measured]) -> Score:
    def score(author: User, public: int) -> Submission:
        submission = hand_in(contest, author, source=f"# {public}\n")
        grade(submission, 100, measured=measured(public))
        return submission

    return score


def test_marked_on_its_page_and_taken_back(visit: Visit, student: User, score: Score) -> None:
    submission, visitor = score(student, 100), visit(student)
    page = f"/submissions/{submission.id}"
    assert "0 of 2 marked as final. Without a mark the best on the public board counts." in visitor.get(page).text
    assert visitor.submit_form(page, f"{page}/choice", place="submission").headers["location"] == page
    marked = visitor.get(page).text
    assert "final ✓" in marked and "1 of 2 marked as final." in marked and "Mark as final" not in marked
    visitor.submit_form(page, f"{page}/choice/withdraw", place="submission")
    assert "final ✓" not in visitor.get(page).text


@pytest.mark.parametrize(("language", "word"), [("en", "final ✓"), ("zh_CN", "最终 ✓")])
def test_the_history_shows_which_and_offers_no_third(visit: Visit, student: User, score: Score, language: str, word: str) -> None:
    first, second, third = (score(student, right) for right in (100, 120, 140))
    visitor = visit(student, language=language)
    for each in (first, second):
        answer = visitor.submit_form(HISTORY, f"/submissions/{each.id}/choice", place="history")
        assert answer.headers["location"] == HISTORY
    rows = visitor.get(HISTORY).text.split("<tr>")[2:]
    assert [word in row for row in rows] == [False, True, True]
    assert f'action="/submissions/{third.id}/choice"' not in rows[0]


def test_one_mark_too_many_is_refused_where_the_button_stood(visit: Visit, student: User, score: Score) -> None:
    marked, third = [score(student, right) for right in (100, 120)], score(student, 140)
    visitor = visit(student)
    for each in marked:
        visitor.submit_form(HISTORY, f"/submissions/{each.id}/choice")
    for place, heading in (("history", "My attempts"), ("submission", "Attempt 3")):
        refused = visitor.submit_form(HISTORY, f"/submissions/{third.id}/choice", place=place)
        assert refused.status_code == 409
        assert "At most 2 submissions are final" in refused.text.split('id="problem"')[1].split("</div>")[0]
        assert heading in refused.text.split("<h1>")[1].split("</h1>")[0]


def test_what_has_no_score_has_no_button(
    visit: Visit, student: User, contest: Assignment, hand_in: Score, grade: Callable[..., Run]
) -> None:
    failed = hand_in(contest, student)
    grade(failed, 0)
    for page in (HISTORY, f"/submissions/{failed.id}"):
        assert "/choice" not in visit(student).get(page).text


def test_after_the_close_marks_stand_still(
    visit: Visit, student: User, contest: Assignment, score: Score, session: Session
) -> None:
    submission, visitor = score(student, 100), visit(student)
    visitor.submit_form(HISTORY, f"/submissions/{submission.id}/choice")
    contest.due_at = contest.closes_at = current_time(session) - timedelta(minutes=1)
    session.commit()
    for page in (HISTORY, f"/submissions/{submission.id}"):
        html = visitor.get(page).text
        assert "final ✓" in html and "/choice" not in html and "Marks could change until" in html


def test_the_team_shares_the_marks_and_staff_only_see_them(
    visit: Visit, student: User, contest: Assignment, score: Score, session: Session, make_member: Callable[..., User]
) -> None:
    bob, now = make_member("bob"), current_time(session)
    team = teams.create_team(session, assignment=contest, founder=student, name="Alpha", now=now)
    teams.add_member(session, team=team, user=bob, invited_by=student, joined_at=now)
    session.commit()
    submission = score(student, 100)
    page = f"/submissions/{submission.id}"
    mate = visit(bob)
    assert "Ada" in mate.get(page).text.split("<h1>")[1].split("</h1>")[0], "whose it is"
    mate.submit_form(page, f"{page}/choice")
    assert "final ✓" in visit(student).get(HISTORY).text
    seen = visit(make_member("ta", Role.ta)).get(page).text
    assert "final ✓" in seen and "/choice" not in seen


def test_a_homework_has_nothing_to_mark(
    visit: Visit, student: User, assignment: Assignment, hand_in: Score, grade: Callable[..., Run]
) -> None:
    submission = hand_in(assignment, student)
    grade(submission, 100)
    for page in (f"/submissions/{submission.id}", "/courses/dl-2026/assignments/tiny/submissions"):
        html = visit(student).get(page).text
        assert "/choice" not in html and "marked as final" not in html
