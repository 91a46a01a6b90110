"""Teams over HTTP and under two sessions at once: one team each, never too many, closed once it has handed in."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.audit import list_lines
from server.courses.models import Role
from server.database import current_time, session_factory
from server.errors import NotFound
from server.models import Run, Submission, Team, TeamMember
from server.submissions import service as submissions
from server.teams import queries, service
from server.teams.rules import AlreadyInATeam, NameTaken

PATH = "/api/v1/courses/dl-2026/assignments/contest/teams"

Client = Callable[[User], TestClient]
Member = Callable[..., User]
HandIn = Callable[..., Submission]


@pytest.fixture
def contest(make_assignment: Callable[..., Assignment]) -> Assignment:
    """Three people a team at most, says its manifest."""
    return make_assignment(slug="contest", attempt_limit=5, per_day=4)


@pytest.fixture
def team_of(contest: Assignment, client_as: Client) -> Callable[..., int]:
    """The first founds a team, the others are invited and accept."""

    def team_of(founder: User, *others: User) -> int:
        client = client_as(founder)
        team = client.post(PATH, json={"name": f"Team {founder.login}"}).json()["id"]
        for other in others:
            assert client.post(f"{PATH}/invitations", json={"login": other.login}).status_code == 201
            assert client_as(other).post(f"{PATH}/{team}/accept").status_code == 200
        return team

    return team_of


def code(answer) -> str | None:
    return None if answer.is_success else answer.json()["code"]


def test_found_invite_accept_and_see_each_other(contest: Assignment, client_as: Client, make_member: Member) -> None:
    ada, bob = make_member("ada"), make_member("bob")
    hers, his = client_as(ada), client_as(bob)
    team = hers.post(PATH, json={"name": "  Les   Perceptrons "}).json()
    assert (team["name"], [member["login"] for member in team["members"]]) == ("Les Perceptrons", ["ada"])
    hers.post(f"{PATH}/invitations", json={"login": "bob"})
    (invitation,) = his.get(PATH).json()["invitations"]
    assert (invitation["name"], his.get(PATH).json()["team"]) == ("Les Perceptrons", None)
    joined = his.post(f"{PATH}/{team['id']}/accept").json()
    assert [member["login"] for member in joined["team"]["members"] if member["joined_at"]] == ["ada", "bob"]
    assert (joined["invitations"], joined["teams"]) == ([], None)


def test_who_declines_is_asked_no_more_and_may_be_invited_again(
    contest: Assignment, client_as: Client, make_member: Member
) -> None:
    ada, bob = make_member("ada"), make_member("bob")
    team = client_as(ada).post(PATH, json={"name": "A"}).json()["id"]
    for _ in range(2):
        client_as(ada).post(f"{PATH}/invitations", json={"login": "bob"})
        assert client_as(bob).post(f"{PATH}/{team}/decline").json()["invitations"] == []


def test_an_invitation_is_taken_back_by_any_member_until_it_is_answered(
    session: Session, contest: Assignment, client_as: Client, make_member: Member, team_of: Callable[..., int]
) -> None:
    ada, bob, eve, ida = (make_member(login) for login in ("ada", "bob", "eve", "ida"))
    team = team_of(ada, bob)
    client_as(ada).post(f"{PATH}/invitations", json={"login": "eve"})
    left = client_as(bob).delete(f"{PATH}/invitations/EVE").json()
    assert [member["login"] for member in left["team"]["members"]] == ["ada", "bob"]
    assert client_as(eve).get(PATH).json()["invitations"] == []
    assert code(client_as(eve).post(f"{PATH}/{team}/accept")) == "not_found"
    assert code(client_as(ada).post(f"{PATH}/invitations", json={"login": "ida"})) is None, "the place is free again"
    for login in ("eve", "bob"):
        assert code(client_as(ada).delete(f"{PATH}/invitations/{login}")) == "not_invited"
    assert code(client_as(eve).delete(f"{PATH}/invitations/ida")) == "not_in_a_team"
    assert len(client_as(ida).get(PATH).json()["invitations"]) == 1
    assert list_lines(session, course=contest.course) == []


def test_staff_take_an_invitation_back_with_a_line_of_its_own(
    session: Session, contest: Assignment, client_as: Client, make_member: Member, team_of: Callable[..., int]
) -> None:
    ada, bob, staff = make_member("ada"), make_member("bob"), client_as(make_member("ta", Role.ta))
    team = team_of(ada)
    client_as(ada).post(f"{PATH}/invitations", json={"login": "bob"})
    assert staff.delete(f"{PATH}/{team}/members/bob", params={"reason": "wrong Bob"}).status_code == 204
    assert client_as(bob).get(PATH).json()["invitations"] == []
    (line,) = list_lines(session, course=contest.course)
    assert (line.action, line.subject["login"], line.subject["reason"]) == ("team.invitation_withdrawn", "bob", "wrong Bob")


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (lambda client: client.post(PATH, json={"name": "B"}), "already_in_a_team"),
        (lambda client: client.post(f"{PATH}/invitations", json={"login": "nobody"}), "not_a_student_here"),
        (lambda client: client.post(f"{PATH}/invitations", json={"login": "ta"}), "not_a_student_here"),
        (lambda client: client.post(f"{PATH}/99/accept"), "not_found"),
        (lambda client: client.post(PATH, json={"name": " \u200b "}), "bad_team_name"),
        (lambda client: client.patch(f"{PATH}/1", json={"name": "C", "reason": "because"}), "staff_only"),
    ],
)
def test_refusals_say_why(
    contest: Assignment, client_as: Client, make_member: Member, team_of: Callable[..., int], action: Callable, expected: str
) -> None:
    ada = make_member("ada")
    make_member("ta", Role.ta)
    team_of(ada)
    assert code(action(client_as(ada))) == expected


def test_a_team_never_has_more_than_its_size_open_invitations_included(
    contest: Assignment, client_as: Client, make_member: Member, team_of: Callable[..., int]
) -> None:
    people = [make_member(login) for login in ("ada", "bob", "eve", "ida")]
    team_of(people[0], people[1])
    client = client_as(people[0])
    assert code(client.post(f"{PATH}/invitations", json={"login": "eve"})) is None
    assert code(client.post(f"{PATH}/invitations", json={"login": "ida"})) == "team_is_full"


def test_names_are_unique_and_a_homework_has_no_teams(
    contest: Assignment, make_assignment: Callable[..., Assignment], client_as: Client, make_member: Member
) -> None:
    client_as(make_member("ada")).post(PATH, json={"name": "Alpha"})
    assert code(client_as(make_member("bob")).post(PATH, json={"name": "ALPHA"})) == "team_name_taken"
    make_assignment()
    answer = client_as(make_member("eve")).post(PATH.replace("contest", "tiny"), json={"name": "X"})
    assert code(answer) == "no_teams"


def test_once_it_has_handed_in_only_staff_change_it_and_it_is_written_down(
    session: Session, contest: Assignment, client_as: Client, make_member: Member, team_of: Callable[..., int], hand_in: HandIn
) -> None:
    ada, bob, eve, staff = *(make_member(login) for login in ("ada", "bob", "eve")), make_member("ta", Role.ta)
    team = team_of(ada, bob)
    hand_in(contest, bob)
    assert code(client_as(ada).post(f"{PATH}/leave")) == "team_has_submitted"
    assert code(client_as(ada).post(f"{PATH}/invitations", json={"login": "eve"})) == "team_has_submitted"
    client = client_as(staff)
    assert client.put(f"{PATH}/{team}/members/eve", params={"reason": "was ill"}).status_code == 204
    assert client.delete(f"{PATH}/{team}/members/bob", params={"reason": "left the course"}).status_code == 204
    assert client.patch(f"{PATH}/{team}", json={"name": "Omega", "reason": "rude name"}).json()["name"] == "Omega"
    assert [member["login"] for member in client_as(eve).get(PATH).json()["team"]["members"]] == ["ada", "eve"]
    assert client.delete(f"{PATH}/{team}").status_code == 422
    assert client.delete(f"{PATH}/{team}", params={"reason": "asked for it"}).status_code == 204
    assert client_as(eve).get(PATH).json()["team"] is None
    read = {user.login: [change["action"] for change in client_as(user).get(PATH).json()["changes"]] for user in (bob, eve)}
    assert read == {"bob": ["team.member_removed"], "eve": ["team.dissolved", "team.member_added"]}
    lines = list_lines(session, course=contest.course)
    assert [line.action for line in lines] == ["team.dissolved", "team.renamed", "team.member_removed", "team.member_added"]
    told = {"assignment": "contest", "team_id": team, "team": "Team ada", "login": "eve", "reason": "was ill"}
    assert lines[3].subject == told


def test_after_the_close_nobody_joins(
    session: Session, contest: Assignment, client_as: Client, make_member: Member, team_of: Callable[..., int]
) -> None:
    ada = make_member("ada")
    team_of(ada)
    contest.due_at = contest.closes_at = current_time(session) - timedelta(hours=1)
    session.commit()
    assert code(client_as(ada).post(f"{PATH}/invitations", json={"login": "ada"})) == "teams_are_closed"


def test_members_share_submissions_and_quota(
    session: Session, contest: Assignment, client_as: Client, make_member: Member, team_of: Callable[..., int], hand_in: HandIn
) -> None:
    ada, bob, eve = (make_member(login) for login in ("ada", "bob", "eve"))
    team_of(ada, bob)
    first = hand_in(contest, ada)
    assert client_as(bob).get(f"/api/v1/submissions/{first.id}").status_code == 200
    assert client_as(eve).get(f"/api/v1/submissions/{first.id}").status_code == 404
    listed = client_as(bob).get(PATH.replace("teams", "submissions")).json()
    assert [row["author"] for row in listed] == ["ada"]
    for author in (bob, ada, bob):
        hand_in(contest, author, source=f"# {author.login}\n")
    quota = submissions.count_attempts(session, assignment=contest, author=bob, now=current_time(session))
    assert (quota.used, quota.used_today) == (4, 4)
    files = {"files": ("solution.py", b"x = 1")}
    assert code(client_as(ada).post(PATH.replace("teams", "submissions"), files=files)) == "daily_attempts_used_up"


def test_who_together_have_used_too_much_cannot_join(
    contest: Assignment, client_as: Client, make_member: Member, team_of: Callable[..., int], hand_in: HandIn, session: Session
) -> None:
    ada, bob = make_member("ada"), make_member("bob")
    for number in range(3):
        for author in (ada, bob):
            hand_in(contest, author, source=f"# {number}\n").received_at -= timedelta(days=2)
            session.commit()
    client = client_as(ada)
    team = client.post(PATH, json={"name": "A"}).json()["id"]
    client.post(f"{PATH}/invitations", json={"login": "bob"})
    refused = client_as(bob).post(f"{PATH}/{team}/accept")
    assert (code(refused), refused.json()["used"]) == ("too_many_attempts_together", 6)


def test_who_together_have_seen_too_many_scores_cannot_join(
    session: Session, contest: Assignment, client_as: Client, make_member: Member, hand_in: HandIn, grade: Callable[..., Run],
    measured: Callable[..., object],
) -> None:  # fmt: skip
    """Both are below every limit alone, and together below that of attempts."""
    contest.scored_limit = 3
    session.commit()
    ada, bob = make_member("ada"), make_member("bob")
    for number in range(2):
        for author in (ada, bob):
            grade(hand_in(contest, author, source=f"# {number}\n"), 100, measured=measured(100))
    team = client_as(ada).post(PATH, json={"name": "A"}).json()["id"]
    client_as(ada).post(f"{PATH}/invitations", json={"login": "bob"})
    refused = client_as(bob).post(f"{PATH}/{team}/accept")
    assert (code(refused), refused.json()["scored"]) == ("too_many_scored_together", 4)


def test_what_somebody_hands_in_alone_does_not_close_the_team_that_has_invited_him(
    contest: Assignment, client_as: Client, make_member: Member, hand_in: HandIn
) -> None:
    ada, bob, eve = (make_member(login) for login in ("ada", "bob", "eve"))
    hers = client_as(ada)
    team = hers.post(PATH, json={"name": "A"}).json()["id"]
    for login in ("BOB", "eve"):
        hers.post(f"{PATH}/invitations", json={"login": login})
    hand_in(contest, bob)
    for guest in (bob, eve):
        assert code(client_as(guest).post(f"{PATH}/{team}/accept")) is None
    assert code(client_as(bob).post(f"{PATH}/leave")) is None


def test_an_invitation_is_no_place_that_staff_could_not_fill(
    contest: Assignment, client_as: Client, make_member: Member, team_of: Callable[..., int]
) -> None:
    ada, bob, eve, ida = (make_member(login) for login in ("ada", "bob", "eve", "ida"))
    team = team_of(ada, bob)
    client_as(ada).post(f"{PATH}/invitations", json={"login": "eve"})
    client_as(make_member("ta", Role.ta)).put(f"{PATH}/{team}/members/ida", params={"reason": "was ill"})
    assert code(client_as(eve).post(f"{PATH}/{team}/accept")) == "team_is_full"
    assert len([member for member in client_as(ida).get(PATH).json()["team"]["members"] if member["joined_at"]]) == 3


def test_a_team_that_ends_meanwhile_is_not_there_to_join(
    session: Session, contest: Assignment, client_as: Client, make_member: Member
) -> None:
    ada, bob, staff = make_member("ada"), make_member("bob"), client_as(make_member("ta", Role.ta))
    team = client_as(ada).post(PATH, json={"name": "A"}).json()["id"]
    client_as(ada).post(f"{PATH}/invitations", json={"login": "bob"})
    assert staff.delete(f"{PATH}/{team}", params={"reason": "asked for it"}).status_code == 204
    for word in ("accept", "decline"):
        assert code(client_as(bob).post(f"{PATH}/{team}/{word}")) == "not_found"


def test_two_teams_of_one_name_at_the_same_moment_are_one(session: Session, contest: Assignment, make_member: Member) -> None:
    ids, contest_id, outcomes, barrier = [make_member(login).id for login in ("ada", "bob")], contest.id, [], threading.Barrier(2)

    def found(user_id: int) -> None:
        try:
            with session_factory.begin() as own:
                assignment, founder = own.get_one(Assignment, contest_id), own.get_one(User, user_id)
                barrier.wait(10)
                service.create_team(own, assignment=assignment, founder=founder, name="Alpha", now=current_time(own))
            outcomes.append("founded")
        except NameTaken:
            outcomes.append("refused")

    threads = [threading.Thread(target=found, args=(user_id,)) for user_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["founded", "refused"]


def test_one_row_on_the_board_under_the_teams_name(
    contest: Assignment, client_as: Client, make_member: Member, team_of: Callable[..., int], hand_in: HandIn,
    grade: Callable[..., Run], measured: Callable[..., object],
) -> None:  # fmt: skip
    ada, bob, eve = (make_member(login) for login in ("ada", "bob", "eve"))
    team_of(ada, bob)
    for author, right in ((ada, 120), (bob, 170), (eve, 150)):
        grade(hand_in(contest, author, source=f"# {right}\n"), 100, measured=measured(right))
    rows = client_as(ada).get(PATH.replace("teams", "leaderboard")).json()["rows"]
    assert [(row["name"], row["metric"], row["is_me"], row["attempts"]) for row in rows] == [
        ("Team ada", 0.85, True, 2), ("Eve", 0.75, False, 1),
    ]  # fmt: skip


def test_two_invitations_accepted_at_the_same_moment_make_one_team(
    session: Session, contest: Assignment, client_as: Client, make_member: Member
) -> None:
    ada, bob, eve = (make_member(login) for login in ("ada", "bob", "eve"))
    for founder in (ada, bob):
        client_as(founder).post(PATH, json={"name": founder.login})
        client_as(founder).post(f"{PATH}/invitations", json={"login": "eve"})
    outcomes: list[str] = []
    contest_id, eve_id = contest.id, eve.id
    barrier = threading.Barrier(2)

    def join(team_id: int) -> None:
        try:
            with session_factory.begin() as own:
                assignment, user = own.get_one(Assignment, contest_id), own.get_one(User, eve_id)
                barrier.wait(10)
                known = {"assignment": assignment, "user": user, "team_size": 3, "now": current_time(own)}
                service.accept(own, team_id=team_id, **known)
            outcomes.append("joined")
        except (AlreadyInATeam, NotFound):  # the other invitation is gone with the first
            outcomes.append("refused")

    threads = [threading.Thread(target=join, args=(team.id,)) for team in queries.list_teams(session, assignment=contest)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["joined", "refused"]
    joined = session.query(TeamMember).filter(TeamMember.user_id == eve_id, TeamMember.joined_at.is_not(None)).count()
    assert joined == 1


@pytest.mark.parametrize("first", ["accept", "take_back"])
def test_accepting_and_taking_back_come_one_after_the_other(
    session: Session, contest: Assignment, client_as: Client, make_member: Member, first: str
) -> None:
    ada, bob = make_member("ada"), make_member("bob")
    team_id = client_as(ada).post(PATH, json={"name": "A"}).json()["id"]
    client_as(ada).post(f"{PATH}/invitations", json={"login": "bob"})
    requests = {
        "accept": lambda: client_as(bob).post(f"{PATH}/{team_id}/accept"),
        "take_back": lambda: client_as(ada).delete(f"{PATH}/invitations/bob"),
    }
    late = next(name for name in requests if name != first)
    answers: list[str | None] = []
    with session_factory.begin() as own:
        assignment, team = own.get_one(Assignment, contest.id), own.get_one(Team, team_id)
        if first == "accept":
            known = {"user": own.get_one(User, bob.id), "team_size": 3, "now": current_time(own)}
            service.accept(own, team_id=team_id, assignment=assignment, **known)
        else:
            service.take_back(own, team=team, login="bob", by=own.get_one(User, ada.id), assignment=assignment)
        thread = threading.Thread(target=lambda: answers.append(code(requests[late]())))
        thread.start()
        thread.join(0.5)
        assert answers == [], "it waits"
    thread.join(10)
    assert answers == ["not_found" if first == "take_back" else "not_invited"]
    assert len(queries.members_of(session, assignment=contest, user=ada)) == (1 if first == "take_back" else 2)


def test_accepting_waits_for_a_hand_in_of_the_same_person(
    session: Session, contest: Assignment, client_as: Client, make_member: Member, hand_in: HandIn
) -> None:
    """Otherwise the attempt would be counted for neither or both."""
    ada, bob = make_member("ada"), make_member("bob")
    team_id = client_as(ada).post(PATH, json={"name": "A"}).json()["id"]
    client_as(ada).post(f"{PATH}/invitations", json={"login": "bob"})
    ended = threading.Event()

    def join() -> None:
        client_as(bob).post(f"{PATH}/{team_id}/accept")
        ended.set()

    with session_factory.begin() as own:
        submissions.lock_attempts(own, assignment=own.get_one(Assignment, contest.id), author=own.get_one(User, bob.id))
        thread = threading.Thread(target=join)
        thread.start()
        assert not ended.wait(0.5)
    assert ended.wait(10)
    thread.join(10)
    assert len(queries.members_of(session, assignment=contest, user=ada)) == 2
