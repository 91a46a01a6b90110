"""Two graded works, a preview of both, and its verdicts by the way that a worker goes."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from grader.protocol import Report
from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import Role
from server.grading import service as grading
from server.grading.models import Run
from server.models import Submission
from server.reruns import claims, service
from server.reruns.models import Preview
from server.reruns.selection import Wanted
from server.settings import Settings

JudgeAll = Callable[[Preview, float], None]


@pytest.fixture
def tia(make_member: Callable[..., User]) -> User:
    return make_member("tia", Role.ta)


@pytest.fixture
def works(
    assignment: Assignment, student: User, make_member: Callable[..., User], hand_in: Callable[..., Submission],
    grade: Callable[..., Run],
) -> dict[str, Submission]:  # fmt: skip
    found = {"ada": hand_in(assignment, student), "bob": hand_in(assignment, make_member("bob"))}
    grade(found["ada"], 50)
    grade(found["bob"], 80)
    return found


@pytest.fixture
def begin(
    session: Session, settings: Settings, assignment: Assignment, tia: User, works: dict[str, Submission]
) -> Callable[..., Preview]:
    def begin(**wanted: object) -> Preview:
        choice = Wanted(**wanted)
        found = service.preview(
            session, assignment=assignment, wanted=choice, reason="A tolerance.", by=tia, root=settings.assignments
        )
        session.commit()
        return found

    return begin


@pytest.fixture
def judge_one(session: Session, make_report: Callable[..., Report]) -> Callable[[Preview, float], bool]:
    def judge_one(preview: Preview, score: float) -> bool:
        claim = claims.claim(session, preview_id=preview.id, lease_s=15)
        if claim is not None:
            claims.record_report(session, claim=claim, report=make_report(score), versions={"assignment": "new"})
        session.commit()
        session.expire_all()
        return claim is not None

    return judge_one


@pytest.fixture
def judge_all(judge_one: Callable[[Preview, float], bool]) -> JudgeAll:
    def judge_all(preview: Preview, score: float) -> None:
        while judge_one(preview, score):
            pass

    return judge_all


@pytest.fixture
def rerun(session: Session, grade: Callable[..., Run]) -> Callable[[Submission, float], None]:
    """By itself, beside any preview."""

    def rerun(submission: Submission, score: float) -> None:
        found = session.get_one(Submission, submission.id)
        grading.rerun(session, submission=found, requested_by=None)
        session.commit()
        session.expire_all()
        grade(found, score)

    return rerun
