"""`gradus case` against the running app: list, show, export."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.orm import Session
from typer.testing import Result

from server.accounts.models import User
from server.assignments.models import Assignment
from server.cases import service
from server.cases.exhibits import exhibit_of_submission
from server.cases.models import Case
from server.cli.exits import ExitCode
from server.courses.models import Role
from server.database import current_time
from server.models import Submission
from server.settings import Settings

Run = Callable[..., Result]


@pytest.fixture
def case(
    session: Session, settings: Settings, assignment: Assignment, student: User, make_member: Callable[..., User],
    hand_in: Callable[..., Submission],
) -> Case:  # fmt: skip
    work, staff, now = hand_in(assignment, student, "# Ada wrote [this]\n"), make_member("tia", Role.ta), current_time(session)
    exhibits = [exhibit_of_submission(session, submission=work, settings=settings)]
    known = {"assignment": assignment, "opened_by": staff, "reason": "Ada could not explain it.", "logins": ["ada"]}
    case = service.open_case(session, **known, exhibits=exhibits, now=now)
    session.commit()
    return case


def test_staff_list_show_and_export_a_case(
    gradus: Run, sign_in: Callable[[User], None], case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    sign_in(case.opened_by)
    listed = gradus("case", "list", "dl-2026").stdout
    assert "open since" in listed and "Ada   ada   ! not told yet" in listed
    assert json.loads(gradus("case", "list", "dl-2026", "--json").stdout)[0]["parties"][0]["awaited"] == "telling"
    shown = gradus("case", "show", "dl-2026", str(case.id)).stdout
    assert "Ada could not explain it." in shown and "Tia opened the case" in shown
    assert "Ada" not in gradus("case", "show", "dl-2026", str(case.id), "--anonymous", "--json").stdout
    assert gradus("case", "export", "dl-2026", str(case.id)).exit_code == 0
    assert "# Ada wrote [this]" in Path(f"case-{case.id}.html").read_text(encoding="utf-8")
    assert gradus("case", "export", "dl-2026", str(case.id)).exit_code == ExitCode.usage, "a file is not written over"
    assert gradus("case", "export", "dl-2026", str(case.id), "--anonymous", "-o", "one.html").exit_code == 0
    text = Path("one.html").read_text(encoding="utf-8")
    assert "# A wrote [this]" in text and "Ada" not in text


def test_an_exhibit_is_added_to_a_case(
    gradus: Run, sign_in: Callable[[User], None], case: Case, assignment: Assignment, student: User,
    make_member: Callable[..., User], hand_in: Callable[..., Submission],
) -> None:  # fmt: skip
    later, others = hand_in(assignment, student, "# later\n"), hand_in(assignment, make_member("bob"), "# of somebody else\n")
    words = ("case", "add-exhibit", "dl-2026", str(case.id))
    sign_in(case.opened_by)
    assert gradus(*words).exit_code == ExitCode.usage
    assert gradus(*words, "--pair", "1", "--submission", "1").exit_code == ExitCode.usage
    assert "exhibit 2 of case" in gradus(*words, "--submission", str(later.id)).stdout
    refused = gradus(*words, "--submission", str(others.id))
    assert refused.exit_code == ExitCode.refused and "open another case" in refused.stderr
    assert "Tia added exhibit 2" in gradus("case", "show", "dl-2026", str(case.id)).stdout
    third = hand_in(assignment, student, "# the last one\n")
    shown = json.loads(gradus(*words, "--submission", str(third.id), "--json").stdout)
    assert [content["left"]["attempt"] for content in shown["contents"]] == [1, 2, 3]
    sign_in(student)
    assert gradus(*words, "--submission", str(later.id)).exit_code == ExitCode.refused


def test_a_student_is_refused(gradus: Run, sign_in: Callable[[User], None], case: Case, student: User) -> None:
    sign_in(student)
    for words in (["list", "dl-2026"], ["show", "dl-2026", str(case.id)], ["export", "dl-2026", str(case.id)]):
        refused = gradus("case", *words)
        assert refused.exit_code == ExitCode.refused and "Only the course staff" in refused.stderr
