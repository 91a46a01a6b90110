"""Teams, final choices and the audit log as people click through them, without scripts."""

from collections.abc import Callable

import pytest

from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import Role
from server.models import Run, Submission
from tests.server.web.conftest import Visitor

CONTEST = "/courses/dl-2026/assignments/contest"
TEAM = f"{CONTEST}/team"

Visit = Callable[..., Visitor]
Member = Callable[..., User]


@pytest.fixture
def contest(make_assignment: Callable[..., Assignment]) -> Assignment:
    return make_assignment(slug="contest")


def test_found_invite_and_join(contest: Assignment, visit: Visit, make_member: Member) -> None:
    ada, bob = visit(make_member("ada")), visit(make_member("bob"))
    assert "Found a team" in ada.get(CONTEST).text
    assert ada.submit_form(TEAM, TEAM, name="Alpha").status_code == 303
    assert ada.submit_form(TEAM, f"{TEAM}/invite", login="bob").status_code == 303
    assert "You are invited into a team" in bob.get(CONTEST).text
    page = bob.get(TEAM).text
    assert "You are invited into Alpha" in page and "Ada" in page
    team = page.split('name="team" value="')[1].split('"')[0]
    assert bob.submit_form(TEAM, f"{TEAM}/accept", team=team).status_code == 303
    assert "<h1>Alpha</h1>" in bob.get(TEAM).text and "Team Alpha" in bob.get(CONTEST).text
    assert bob.submit_form(TEAM, f"{TEAM}/leave").status_code == 303
    assert "Found a team" in bob.get(TEAM).text


def test_a_refusal_keeps_what_was_typed(contest: Assignment, visit: Visit, make_member: Member) -> None:
    ada = visit(make_member("ada"), language="zh_CN")
    ada.submit_form(TEAM, TEAM, name="甲队")
    answer = ada.submit_form(TEAM, f"{TEAM}/invite", login="nobody-here")
    assert answer.status_code == 404
    assert "没有学号为 nobody-here 的学生" in answer.text and 'value="nobody-here"' in answer.text


def test_staff_change_a_team_with_a_reason_and_everybody_concerned_reads_it(
    contest: Assignment, visit: Visit, make_member: Member, hand_in: Callable[..., Submission]
) -> None:
    ada, bob, staff = make_member("ada"), make_member("bob"), visit(make_member("ta", Role.ta))
    visit(ada).submit_form(TEAM, TEAM, name="Alpha")
    hand_in(contest, ada)
    assert "only the staff can change it" in visit(ada).get(TEAM).text
    refused = staff.submit_form(TEAM, f"{TEAM}/1/change", action="add", value="bob", reason="  ")
    assert refused.status_code == 422 and "Say why" in refused.text
    assert staff.submit_form(TEAM, f"{TEAM}/1/change", action="add", value="bob", reason="was ill").status_code == 303
    for reader in (visit(ada), visit(bob), staff):
        assert "put bob into the team Alpha of contest" in reader.get(TEAM).text
    log = staff.get("/courses/dl-2026/audit").text
    assert "Ta" in log and "<q>was ill</q>" in log
    assert visit(ada).get("/courses/dl-2026/audit").status_code == 403


def test_a_homework_has_no_team_page_to_speak_of(assignment: Assignment, visit: Visit, student: User) -> None:
    page = visit(student).get("/courses/dl-2026/assignments/tiny/team").text
    assert "everybody stands alone" in page and "<form" not in page.split("<main")[1]


def test_marking_as_final_and_taking_it_back(
    contest: Assignment, visit: Visit, student: User, hand_in: Callable[..., Submission], grade: Callable[..., Run],
    measured: Callable[..., object],
) -> None:  # fmt: skip
    visitor, pages = visit(student), []
    for right in (100, 120, 140):
        submission = hand_in(contest, student, source=f"# {right}\n")
        grade(submission, 100, measured=measured(right))
        pages.append(f"/submissions/{submission.id}")
    for page in pages[:2]:
        assert visitor.submit_form(page, f"{page}/choice").status_code == 303
        assert "marked as final" in visitor.get(page).text
    assert "Take one back first" in visitor.get(pages[2]).text
    refused = visitor.submit_form(pages[2], f"{pages[2]}/choice")
    assert refused.status_code == 409 and "At most 2 submissions are final" in refused.text
    assert visitor.get(f"{CONTEST}/submissions").text.count('<span class="tag">final</span>') == 2
    assert visitor.submit_form(pages[0], f"{pages[0]}/choice", undo="true").status_code == 303
    assert "Mark as final" in visitor.get(pages[0]).text
