"""Teams at a browser: found, invited, joined, left; refusals keep what was typed; staff change them with a reason."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.audit import list_lines
from server.courses.models import Role
from server.database import current_time
from server.models import Submission
from server.teams import queries
from server.teams.models import Team

CONTEST = "/courses/dl-2026/assignments/contest"
PAGE = f"{CONTEST}/team"

Visit = Callable[..., TestClient]
Member = Callable[..., User]


@pytest.fixture
def contest(make_assignment: Callable[..., Assignment]) -> Assignment:
    return make_assignment(slug="contest", attempt_limit=5, per_day=4)


@pytest.fixture
def teams_of(session: Session, contest: Assignment) -> Callable[[], dict[str, list[str]]]:
    """Name of each team → logins of those who have joined."""

    def teams_of() -> dict[str, list[str]]:
        session.expire_all()
        found = queries.list_teams(session, assignment=contest)
        return {team.name: [member.user.login for member in team.members if member.joined_at] for team in found}

    return teams_of


@pytest.fixture
def team(session: Session, contest: Assignment, visit: Visit, make_member: Member) -> Team:
    """Ada's, with Bob in it."""
    ada, bob = visit(make_member("ada")), visit(make_member("bob"))
    ada.submit_form(PAGE, PAGE, name="Alpha")
    ada.submit_form(PAGE, f"{PAGE}/invitations", login="bob")
    (team,) = queries.list_teams(session, assignment=contest)
    bob.submit_form(PAGE, f"{PAGE}/accept", team_id=team.id)
    session.expire_all()
    return team


def person(session: Session, login: str) -> User:
    return session.query(User).filter(User.login == login).one()


def test_who_is_in_no_team_reads_what_one_is_before_founding_it(
    contest: Assignment, visit: Visit, student: User, teams_of: Callable
) -> None:
    visitor = visit(student)
    html = visitor.get(PAGE).text
    for sentence in ("Up to 3 students hand in together", "before joining counts for the team", "only the staff can change it"):
        assert sentence in html
    assert visitor.submit_form(PAGE, PAGE, name="Alpha").headers["location"] == PAGE
    assert teams_of() == {"Alpha": ["ada"]}
    assert 'id="invite-login"' in visitor.get(PAGE).text


def test_an_invitation_is_accepted_or_declined_on_the_page(
    contest: Assignment, visit: Visit, make_member: Member, teams_of: Callable, session: Session
) -> None:
    ada, bob, eve = (visit(make_member(login)) for login in ("ada", "bob", "eve"))
    ada.submit_form(PAGE, PAGE, name="Alpha")
    for login in ("bob", "eve"):
        ada.submit_form(PAGE, f"{PAGE}/invitations", login=login)
    assert ada.get(PAGE).text.count("invited, has not answered") == 2
    assert "The team is full, open invitations included." in ada.get(PAGE).text
    assert "You are invited into the team “Alpha”" in bob.get(PAGE).text
    (team,) = queries.list_teams(session, assignment=contest)
    bob.submit_form(PAGE, f"{PAGE}/accept", team_id=team.id)
    eve.submit_form(PAGE, f"{PAGE}/decline", team_id=team.id)
    assert teams_of() == {"Alpha": ["ada", "bob"]}
    assert "You are invited" not in eve.get(PAGE).text


def test_an_invitation_is_taken_back_on_the_page(
    contest: Assignment, visit: Visit, make_member: Member, teams_of: Callable, session: Session
) -> None:
    ada, bob = (visit(make_member(login)) for login in ("ada", "bob"))
    ada.submit_form(PAGE, PAGE, name="Alpha")
    ada.submit_form(PAGE, f"{PAGE}/invitations", login="bob")
    assert 'aria-label="withdraw the invitation of Bob"' in ada.get(PAGE).text
    ada.submit_form(PAGE, f"{PAGE}/invitations/withdraw", login="bob")
    assert "invited, has not answered" not in ada.get(PAGE).text
    assert "You are invited" not in bob.get(PAGE).text
    again = ada.submit_form(PAGE, f"{PAGE}/invitations/withdraw", login="bob")
    assert (again.status_code, "bob has no open invitation into this team" in again.text) == (409, True)
    assert teams_of() == {"Alpha": ["ada"]}


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "No student of this course has the login nobdy."), ("zh_CN", "本课程没有学号为 nobdy 的学生。")],
)
def test_a_refusal_stands_on_the_page_and_keeps_what_was_typed(
    team: Team, visit: Visit, session: Session, language: str, sentence: str
) -> None:
    answer = visit(person(session, "ada"), language=language).submit_form(PAGE, f"{PAGE}/invitations", login="nobdy")
    assert answer.status_code == 404
    assert sentence in answer.text.split('id="problem"')[1].split("</div>")[0]
    assert 'value="nobdy"' in answer.text


def test_leaving_asks_once_and_the_last_one_ends_the_team(team: Team, visit: Visit, session: Session, teams_of: Callable) -> None:
    ada, bob = visit(person(session, "ada")), visit(person(session, "bob"))
    assert "Leave the team “Alpha”?" in bob.get(PAGE).text
    bob.submit_form(PAGE, f"{PAGE}/leave")
    assert teams_of() == {"Alpha": ["ada"]}
    assert "the team ends with this" in ada.get(PAGE).text
    ada.submit_form(PAGE, f"{PAGE}/leave")
    assert teams_of() == {}


def test_once_it_has_handed_in_the_page_sends_to_the_staff(
    team: Team, contest: Assignment, visit: Visit, session: Session, hand_in: Callable[..., Submission], teams_of: Callable
) -> None:
    visitor = visit(person(session, "bob"))
    visitor.get(PAGE)
    hand_in(contest, person(session, "ada"))
    html = visitor.get(PAGE).text
    assert "only they can change it now" in html
    assert f'action="{PAGE}/leave"' not in html and 'id="invite-login"' not in html
    refused = visitor.submit_form(PAGE, f"{PAGE}/leave")
    assert (refused.status_code, teams_of()) == (409, {"Alpha": ["ada", "bob"]})
    assert "Ask the staff" in refused.text


def test_after_the_close_there_is_nothing_to_send(
    contest: Assignment, visit: Visit, student: User, session: Session, teams_of: Callable
) -> None:
    contest.due_at = contest.closes_at = current_time(session) - timedelta(hours=1)
    session.commit()
    visitor = visit(student)
    html = visitor.get(PAGE).text
    assert "Teams could change until" in html and "CST" in html
    assert 'id="create-name"' not in html
    assert visitor.submit_form(PAGE, PAGE, name="Late").status_code == 409
    assert teams_of() == {}


def test_staff_see_all_teams_and_change_them_with_a_reason(
    team: Team, contest: Assignment, visit: Visit, make_member: Member, session: Session, teams_of: Callable
) -> None:
    staff = visit(make_member("ta", Role.ta))
    make_member("eve")
    html = staff.get(PAGE).text
    assert "Alpha" in html and "bob" in html
    change = f"{PAGE}/{team.id}"
    refused = staff.submit_form(PAGE, f"{change}/members", login="eve", reason=" x ")
    assert (refused.status_code, teams_of()) == (422, {"Alpha": ["ada", "bob"]})
    opened = refused.text.split("<details open>")[1].split("</details>")[0]
    assert 'value="eve"' in opened and 'value=" x "' in opened
    staff.submit_form(PAGE, f"{change}/members", login="eve", reason="was ill")
    staff.submit_form(PAGE, f"{change}/members/remove", login="bob", reason="left the course")
    staff.submit_form(PAGE, f"{change}/rename", name="Omega", reason="rude name")
    assert teams_of() == {"Omega": ["ada", "eve"]}
    mine = visit(person(session, "eve")).get(PAGE).text
    for words in ("put eve into the team “Alpha”", "was ill", "took bob out", "to “Omega”", "rude name"):
        assert words in mine
    staff.submit_form(PAGE, f"{change}/dissolve", reason="asked for it")
    assert teams_of() == {}
    assert len(list_lines(session, course=contest.course)) == 4


@pytest.mark.parametrize(
    ("language", "taken", "dissolved", "alone"),
    [
        ("en", "took bob out of the team “Alpha”", "dissolved the team “Alpha” of ada", "counts for you alone again"),
        ("zh_CN", "把 bob 移出队伍“Alpha”", "解散了队伍“Alpha”（ada）", "恢复为你个人的成绩"),
    ],
)
def test_who_was_taken_out_or_whose_team_was_dissolved_reads_what_happened_and_why(
    team: Team, visit: Visit, make_member: Member, session: Session, language: str, taken: str, dissolved: str, alone: str
) -> None:
    staff, change = visit(make_member("ta", Role.ta)), f"{PAGE}/{team.id}"
    staff.submit_form(PAGE, f"{change}/members/remove", login="bob", reason="two teams & more")
    staff.submit_form(PAGE, f"{change}/rename", name="Omega", reason="after his time")
    staff.submit_form(PAGE, f"{change}/rename", name="Alpha", reason="again after it")
    staff.submit_form(PAGE, f"{change}/dissolve", reason="asked for it")
    bobs = visit(person(session, "bob"), language=language).get(PAGE).text
    adas = visit(person(session, "ada"), language=language).get(PAGE).text
    for words in (taken, "two teams &amp; more", "<time ", alone):
        assert words in bobs
    for words in (dissolved, "asked for it", alone):
        assert words in adas
    for words in ("after his time", dissolved, "asked for it"):
        assert words not in bobs, "what happened to the others later is theirs"
    assert taken not in adas, "she is in the team no more, so its lines are not hers"
    outsider = visit(make_member("eve"), language=language).get(PAGE).text
    for words in (taken, dissolved, alone):
        assert words not in outsider


def test_what_is_refused_halfway_leaves_no_line(
    team: Team, contest: Assignment, visit: Visit, make_member: Member, session: Session
) -> None:
    make_member("eve")
    staff = visit(make_member("ta", Role.ta))
    answer = staff.submit_form(PAGE, f"{PAGE}/{team.id}/members/remove", login="eve", reason="not even in it")
    assert answer.status_code == 404
    assert list_lines(session, course=contest.course) == []


def test_a_homework_has_no_teams_and_its_page_says_so(visit: Visit, student: User, assignment: Assignment) -> None:
    page = visit(student).get(PAGE.replace("contest", "tiny"))
    assert (page.status_code, "everybody stands alone" in page.text) == (200, True)


def test_names_are_text_and_never_markup(contest: Assignment, visit: Visit, student: User) -> None:
    visitor = visit(student)
    visitor.submit_form(PAGE, PAGE, name="<b>x</b>")
    assert "&lt;b&gt;x&lt;/b&gt;" in visitor.get(PAGE).text
    assert "<b>x</b>" not in visitor.get(PAGE).text


def test_the_assignment_leads_to_the_team_and_says_who_is_invited(
    contest: Assignment, visit: Visit, make_member: Member, team: Team, session: Session
) -> None:
    eve = visit(make_member("eve"))
    assert "none, you stand for yourself" in eve.get(CONTEST).text
    visit(person(session, "ada")).submit_form(PAGE, f"{PAGE}/invitations", login="eve")
    invited = eve.get(CONTEST).text.split('id="invited"')[1].split("</p>")[0]
    assert "Alpha" in invited and f'href="{PAGE}"' in invited
    member = visit(person(session, "bob"))
    assert 'id="invited"' not in member.get(CONTEST).text
    for page in (CONTEST, f"{CONTEST}/leaderboard"):
        assert f'href="{PAGE}"' in member.get(page).text


def test_a_homework_leads_to_no_team(visit: Visit, student: User, assignment: Assignment) -> None:
    for page in ("", "/leaderboard"):
        assert "/team" not in visit(student).get(f"/courses/dl-2026/assignments/tiny{page}").text


def test_the_list_of_students_says_who_is_in_which_team(
    contest: Assignment, visit: Visit, make_member: Member, team: Team
) -> None:
    make_member("eve")
    rows = visit(make_member("ta", Role.ta)).get(f"{CONTEST}/students").text.split("<tr>")[2:]
    assert [(row.split("<td>")[1].split()[0], "Alpha" in row) for row in rows] == [("Ada", True), ("Bob", True), ("Eve", False)]


def test_without_teams_the_list_of_students_has_no_column_for_them(
    contest: Assignment, visit: Visit, student: User, make_member: Member
) -> None:
    assert "<th>Team</th>" not in visit(make_member("ta", Role.ta)).get(f"{CONTEST}/students").text
