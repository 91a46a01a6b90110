"""Whatever happens in whatever order: every receipt keeps its bytes, no verdict doubles, no attempt is lost."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import settings as examples
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from grader.protocol import Fault, Report, Status, Text, Whose
from server.accounts.models import User
from server.assignments.models import Assignment
from server.errors import AppError
from server.grading import service
from server.grading.rules import MAX_TRIES
from server.grading.service import Claim
from server.lease import LeaseLost
from server.models import Job, Message, Run, State, Submission, SubmissionFile
from server.settings import Settings
from server.submissions import blobs
from server.submissions.models import Queue
from tests.thorough import THOROUGH

ATTEMPTS = 6
FAULT = Fault(whose=Whose.system, code="disk_full", message=Text(en="disk full", zh="磁盘已满"))


@pytest.fixture
def any_order(
    session: Session, settings: Settings, make_assignment: Callable[..., Assignment], make_member: Callable[..., User],
    hand_in: Callable[..., Submission], make_report: Callable[..., Report],
) -> type[RuleBasedStateMachine]:  # fmt: skip
    assignment = make_assignment(attempt_limit=ATTEMPTS)
    authors = [make_member("ada"), make_member("bob")]

    class AnyOrder(RuleBasedStateMachine):
        """Students, workers that may fall silent, a sweeper and staff, one step at a time."""

        def __init__(self) -> None:
            super().__init__()
            session.rollback()
            session.execute(text("SET LOCAL session_replication_role = replica"))  # else runs refuse to be removed
            for table in (SubmissionFile, Run, Job, Submission, Message):
                session.execute(delete(table))
            session.commit()
            self.claims: list[Claim] = []

        def jobs(self) -> list[Job]:
            session.expire_all()
            return list(session.scalars(select(Job).order_by(Job.id)))

        @rule(author=st.sampled_from(authors))
        def hand_in(self, author: User) -> None:
            try:
                hand_in(assignment, author)
            except AppError:
                session.rollback()

        @rule(data=st.data())
        def deliver(self, data: st.DataObject) -> None:
            """A message arrives: the first time, again, or long after."""
            if jobs := self.jobs():
                job = data.draw(st.sampled_from(jobs))
                claim = service.claim(session, job_id=job.id, lease_s=15)
                self.claims += [claim] if claim else []
                session.commit()

        @rule(data=st.data(), whole=st.booleans(), score=st.integers(0, 100))
        def report(self, data: st.DataObject, whole: bool, score: int) -> None:
            """A worker comes back, perhaps one that everybody had given up, with a verdict or a failure."""
            if not self.claims:
                return
            claim = data.draw(st.sampled_from(self.claims))
            report = make_report(score) if whole else make_report(0, status=Status.system_fault, fault=FAULT)
            job = next(job for job in self.jobs() if job.id == claim.job_id)
            may_write = job.state is State.running and job.fence == claim.fence
            try:
                service.record_report(session, claim=claim, report=report, versions={})
                session.commit()
                accepted = True
            except LeaseLost:
                session.rollback()
                accepted = False
            assert accepted == may_write

        @rule()
        def fall_silent(self) -> None:
            session.execute(update(Job).where(Job.state == State.running).values(lease_until=service.CLOCK))
            session.commit()

        @rule()
        def sweep(self) -> None:
            service.take_over_expired(session)
            service.send_again(session, queue=Queue.cpu, older_than_s=0, in_broker=0)
            session.commit()

        @rule(data=st.data(), action=st.sampled_from([service.cancel, service.rerun]))
        def staff_act(self, data: st.DataObject, action: Callable) -> None:
            if jobs := self.jobs():
                submission = data.draw(st.sampled_from(jobs)).submission
                extra = {"requested_by": authors[0]} if action is service.rerun else {}
                try:
                    action(session, submission=submission, **extra)
                except AppError:
                    session.rollback()
                session.commit()

        @invariant()
        def a_job_has_a_run_exactly_if_it_is_graded(self) -> None:
            graded = sorted(job.id for job in self.jobs() if job.state is State.graded)
            assert sorted(session.scalars(select(Run.job_id))) == graded

        @invariant()
        def tries_are_bounded_and_the_newest_fence_is_the_number_of_tries(self) -> None:
            assert all(job.fence == job.tries <= MAX_TRIES for job in self.jobs())

        @invariant()
        def at_most_one_job_of_each_student_runs(self) -> None:
            running = [job.author_id for job in self.jobs() if job.state is State.running]
            assert len(running) == len(set(running))

        @invariant()
        def no_student_has_more_attempts_than_allowed(self) -> None:
            taken = session.scalars(select(Submission.author_id).where(Submission.takes_attempt)).all()
            assert all(taken.count(author.id) <= ATTEMPTS for author in authors)

        @invariant()
        def only_a_verdict_costs_an_attempt_for_good(self) -> None:
            for submission in session.scalars(select(Submission)):
                if submission.state in (State.needs_staff, State.cancelled) and not submission.runs:
                    assert not submission.takes_attempt

        @invariant()
        def what_was_judged_at_first_costs_its_attempt_whatever_staff_do_then(self) -> None:
            for submission in session.scalars(select(Submission)):
                if submission.jobs[0].state is State.graded:
                    assert submission.takes_attempt

        @invariant()
        def every_receipt_has_its_bytes(self) -> None:
            files = [file for submission in session.scalars(select(Submission)) for file in submission.files]
            assert all(blobs.read(settings.blob_store, file.sha256) for file in files)

        def teardown(self) -> None:
            """When everything works again, every job comes to its end."""
            for _ in range(len(self.jobs()) * (MAX_TRIES + 1)):
                self.fall_silent()
                self.sweep()
                for job_id in {message.arguments[0] for message in session.scalars(select(Message))}:
                    if claim := service.claim(session, job_id=job_id, lease_s=15):
                        service.record_report(session, claim=claim, report=make_report(1), versions={})
                session.commit()
            assert all(job.state.is_final for job in self.jobs())

    return AnyOrder


def test_whatever_happens_in_whatever_order(any_order: type[RuleBasedStateMachine]) -> None:
    # No shrinking: on a database it takes minutes, and twenty steps can be read.
    few = examples(
        phases=[Phase.reuse, Phase.generate],
        max_examples=6 if THOROUGH else 2,
        stateful_step_count=15,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(any_order, settings=few)
