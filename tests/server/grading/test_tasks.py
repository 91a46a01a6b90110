"""Whatever goes wrong around a verdict is told to the job at once, with its reason."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from grader.protocol import Report
from grader.spec import BrokenAssignment
from server.accounts.models import User
from server.assignments.models import Assignment
from server.database import session_factory
from server.grading import rules, service, tasks
from server.grading.fleet import Place
from server.grading.service import Claim
from server.models import Job, State, Submission

REFUSED = {"text with a NUL": {"seed": "\0"}, "no number": {"score": Decimal("NaN")}}


@pytest.fixture
def job(hand_in: Callable[..., Submission], assignment: Assignment, student: User) -> Job:
    return hand_in(assignment, student).job


@pytest.fixture
def claim(session: Session, job: Job) -> Callable[[], Claim]:
    def claim() -> Claim:
        with session_factory.begin() as own:
            return service.claim(own, job_id=job.id, lease_s=15)

    return claim


def look_at(session: Session, job: Job) -> Job:
    session.expire_all()
    session.rollback()
    return session.get(Job, job.id)


@pytest.mark.parametrize("refused", REFUSED.values(), ids=REFUSED)
def test_a_report_that_the_database_refuses_is_a_failed_try_of_ours_at_once(
    session: Session, job: Job, claim: Callable[[], Claim], make_report: Callable[..., Report], monkeypatch, refused: dict
) -> None:
    report = make_report().model_copy(update=refused)
    monkeypatch.setattr(tasks, "run", lambda *_: report)
    for tries in range(1, rules.MAX_TRIES + 1):
        tasks.judge_and_record(claim(), Place())
        after = look_at(session, job)
        assert (after.tries, after.state) == (tries, State.needs_staff if tries == rules.MAX_TRIES else State.queued)
        assert after.fault["fault"]["whose"] == "system"
        assert after.fault["fault"]["message"]["en"]
    assert (after.submission.run, after.submission.takes_attempt) == (None, False)


def test_a_reason_with_characters_that_the_database_refuses_is_kept_all_the_same(
    session: Session, job: Job, claim: Callable[[], Claim], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise BrokenAssignment("checks.py", "it says \0 and \udc80")

    monkeypatch.setattr(tasks, "run", fail)
    tasks.judge_and_record(claim(), Place())
    after = look_at(session, job)
    assert after.state is State.needs_staff
    assert r"it says \x00 and \udc80" in after.fault["fault"]["message"]["en"]
