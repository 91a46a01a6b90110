"""Leases and fences: whoever holds the newest claim may write, and nobody else."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from grader.protocol import Fault, Progress, Report, Status, Text, Whose
from server.accounts.models import User
from server.assignments.models import Assignment
from server.grading import rules, service
from server.lease import LeaseLost
from server.models import Job, Message, Run, State, Submission
from server.submissions.models import Queue

HandIn = Callable[..., Submission]
MakeReport = Callable[..., Report]


def messages(session: Session) -> list[int]:
    return [message.arguments[0] for message in session.scalars(select(Message).order_by(Message.id))]


def expire_lease(session: Session, job_id: int) -> None:
    session.execute(update(Job).where(Job.id == job_id).values(lease_until=service.CLOCK - timedelta(seconds=1)))


def fresh(session: Session, job_id: int) -> Job:
    session.expire_all()
    return session.get(Job, job_id)


@pytest.fixture
def job(hand_in: HandIn, assignment: Assignment, student: User, session: Session) -> Job:
    job = hand_in(assignment, student).job
    session.execute(text("DELETE FROM outbox"))
    return job


def test_a_job_is_claimed_once(session: Session, job: Job) -> None:
    claim = service.claim(session, job_id=job.id, lease_s=15)
    assert (claim.fence, claim.tries) == (1, 1)
    assert service.claim(session, job_id=job.id, lease_s=15) is None


def test_a_verdict_ends_the_job(session: Session, job: Job, make_report: MakeReport) -> None:
    claim = service.claim(session, job_id=job.id, lease_s=15)
    run = service.record_report(session, claim=claim, report=make_report(87.5), versions={"torch": "2"})
    assert (run.number, run.score, run.max_score) == (1, Decimal("87.5"), 100)
    assert fresh(session, job.id).state is State.graded
    assert service.claim(session, job_id=job.id, lease_s=15) is None


def test_a_late_writer_is_refused(session: Session, job: Job, make_report: MakeReport) -> None:
    late = service.claim(session, job_id=job.id, lease_s=15)
    expire_lease(session, job.id)
    assert service.take_over_expired(session) == 1
    for write in (
        lambda: service.record_report(session, claim=late, report=make_report(1), versions={}),
        lambda: service.renew(session, claim=late, lease_s=15),
        lambda: service.renew(session, claim=late, lease_s=15, progress=Progress(done=1, total=2)),
        lambda: service.record_failure(session, claim=late, whose=Whose.system, fault={}),
    ):
        with pytest.raises(LeaseLost):
            write()
    current = service.claim(session, job_id=job.id, lease_s=15)
    with pytest.raises(LeaseLost):
        service.record_report(session, claim=late, report=make_report(1), versions={})
    assert service.record_report(session, claim=current, report=make_report(100), versions={}).fence == 2
    assert [run.score for run in session.scalars(select(Run))] == [100]


def test_a_renewed_lease_is_not_taken_over(session: Session, job: Job) -> None:
    claim = service.claim(session, job_id=job.id, lease_s=15)
    expire_lease(session, job.id)
    service.renew(session, claim=claim, lease_s=15)
    assert service.take_over_expired(session) == 0


def test_a_job_whose_worker_fell_silent_three_times_goes_to_the_staff_and_costs_nothing(session: Session, job: Job) -> None:
    for _ in range(rules.MAX_TRIES):
        assert service.claim(session, job_id=job.id, lease_s=15) is not None
        expire_lease(session, job.id)
        service.take_over_expired(session)
    ended = fresh(session, job.id)
    assert ended.state is State.needs_staff
    assert not ended.submission.takes_attempt
    assert ended.fault["fault"]["whose"] == "system"
    assert session.scalars(select(Run)).all() == []
    assert messages(session) == [job.id, job.id]  # sent again after the first two


@pytest.mark.parametrize(("whose", "tries"), [(Whose.system, 3), (Whose.assignment, 1)])
def test_a_fault_that_is_not_the_students_is_never_a_score(
    session: Session, job: Job, make_report: MakeReport, whose: Whose, tries: int
) -> None:
    fault = Fault(whose=whose, code="broken", message=Text(en="broken", zh="坏了"))
    report = make_report(0, status=Status.system_fault, fault=fault)
    for _ in range(tries):
        assert fresh(session, job.id).state is not State.needs_staff
        claim = service.claim(session, job_id=job.id, lease_s=15)
        assert service.record_report(session, claim=claim, report=report, versions={}) is None
    ended = fresh(session, job.id)
    assert (ended.state, ended.submission.takes_attempt) == (State.needs_staff, False)
    assert session.scalars(select(Run)).all() == []


def test_what_the_student_got_wrong_is_a_verdict_at_once(session: Session, job: Job, make_report: MakeReport) -> None:
    fault = Fault(whose=Whose.student, code="syntax", message=Text(en="line 3", zh="第 3 行"), line=3)
    claim = service.claim(session, job_id=job.id, lease_s=15)
    report = make_report(0, status=Status.ungradable, fault=fault)
    assert service.record_report(session, claim=claim, report=report, versions={}).score == 0
    assert fresh(session, job.id).submission.takes_attempt


def test_one_job_per_student_runs_at_a_time_and_the_next_is_sent_when_it_ends(
    session: Session, hand_in: HandIn, assignment: Assignment, make_member: Callable[..., User], make_report: MakeReport
) -> None:
    ada, bob = make_member("ada"), make_member("bob")
    first, second, others = (hand_in(assignment, author).job for author in (ada, ada, bob))
    session.execute(update(Job).values(state=State.queued))
    session.execute(text("DELETE FROM outbox"))
    running = service.claim(session, job_id=first.id, lease_s=15)
    assert service.claim(session, job_id=second.id, lease_s=15) is None
    assert service.claim(session, job_id=others.id, lease_s=15) is not None
    service.record_report(session, claim=running, report=make_report(), versions={})
    assert messages(session) == [second.id]
    assert service.claim(session, job_id=second.id, lease_s=15) is not None


def test_what_the_broker_forgot_is_sent_again_and_what_it_holds_is_not(session: Session, job: Job) -> None:
    session.execute(update(Job).values(state=State.queued, sent_at=service.CLOCK - timedelta(seconds=60)))
    again = {"queue": Queue.cpu, "older_than_s": 20}
    assert service.send_again(session, **again, in_broker=1) == 0
    assert service.send_again(session, **again, in_broker=0) == 1
    assert service.send_again(session, **again, in_broker=0) == 0  # just sent
    assert messages(session) == [job.id]


def test_a_rerun_is_a_new_run_and_the_old_one_stays(
    session: Session, hand_in: HandIn, assignment: Assignment, student: User, grade: Callable[..., Run]
) -> None:
    submission = hand_in(assignment, student)
    grade(submission, 40)
    service.rerun(session, submission=submission, requested_by=student)
    session.commit()
    assert (submission.state, submission.run.score) == (State.received, 40)
    with pytest.raises(rules.StillWaiting):
        service.rerun(session, submission=submission, requested_by=student)
    grade(submission, 90)
    assert [(run.number, run.score) for run in submission.runs] == [(1, 40), (2, 90)]


def test_cancelling_gives_the_attempt_back(session: Session, job: Job) -> None:
    service.cancel(session, submission=job.submission)
    ended = fresh(session, job.id)
    assert (ended.state, ended.submission.takes_attempt) == (State.cancelled, False)
    assert service.claim(session, job_id=job.id, lease_s=15) is None
    with pytest.raises(rules.NotWaiting):
        service.cancel(session, submission=ended.submission)


def cancel_it(session: Session, submission: Submission) -> None:
    service.cancel(session, submission=submission)


def break_it(session: Session, submission: Submission) -> None:
    claim = service.claim(session, job_id=submission.job.id, lease_s=15)
    service.record_failure(session, claim=claim, whose=Whose.assignment, fault={})


def fall_silent(session: Session, submission: Submission) -> None:
    for _ in range(rules.MAX_TRIES):
        assert service.claim(session, job_id=submission.job.id, lease_s=15)
        expire_lease(session, submission.job.id)
        service.take_over_expired(session)


@pytest.mark.parametrize("end", [cancel_it, break_it, fall_silent])
def test_a_rerun_that_comes_to_nothing_leaves_the_attempt_as_it_was(
    session: Session, hand_in: HandIn, assignment: Assignment, student: User, grade: Callable[..., Run], end: Callable
) -> None:
    """Its run is still the one that counts."""
    submission = hand_in(assignment, student)
    grade(submission, 40)
    service.rerun(session, submission=submission, requested_by=student)
    session.expire_all()
    end(session, submission)
    session.expire_all()
    assert submission.state in (State.cancelled, State.needs_staff)
    assert (submission.run.score, submission.takes_attempt) == (40, True)


@pytest.mark.parametrize("score", ["-0.01", "100.01", "NaN", "Infinity"])
def test_no_score_outside_its_range_gets_into_the_table(session: Session, job: Job, make_report: MakeReport, score: str) -> None:
    claim = service.claim(session, job_id=job.id, lease_s=15)
    report = make_report().model_copy(update={"score": Decimal(score)})
    with pytest.raises(DBAPIError):
        service.record_report(session, claim=claim, report=report, versions={})


@pytest.mark.parametrize("change", ["UPDATE runs SET score = 100", "DELETE FROM runs"])
def test_a_run_cannot_be_changed_or_removed(
    session: Session, hand_in: HandIn, assignment: Assignment, student: User, grade: Callable[..., Run], change: str
) -> None:
    grade(hand_in(assignment, student), 10)
    with pytest.raises(DBAPIError, match="only ever added"):
        session.execute(text(change))


def test_a_job_has_at_most_one_run(
    session: Session, hand_in: HandIn, assignment: Assignment, student: User, grade: Callable[..., Run]
) -> None:
    run = grade(hand_in(assignment, student), 10)
    copied = {
        name: getattr(run, name)
        for name in ("job_id", "submission_id", "status", "max_score", "report", "seed", "fence", "versions")
    }
    session.add(Run(**copied, number=2, score=Decimal(100)))
    with pytest.raises(IntegrityError):
        session.flush()


@given(st.sampled_from(Whose), st.integers(1, 10))
def test_only_failures_of_our_own_are_tried_again_and_not_for_ever(whose: Whose, tries: int) -> None:
    assert rules.is_worth_retrying(whose, tries=tries) == (whose is Whose.system and tries < rules.MAX_TRIES)
