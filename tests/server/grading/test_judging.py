"""A worker whose sandbox does not start waits in front of the queue instead of using up the tries of what is in it."""

import pytest

from grader.sandbox.base import GraderFailure, Isolation
from server.grading import judging, tasks
from server.grading.warming import isolations
from server.models import State


class Reluctant:
    """Gets warm at the n-th try."""

    def __init__(self, tries: int) -> None:
        self.tries = tries

    def warm(self) -> None:
        self.tries -= 1
        if self.tries > 0:
            raise GraderFailure("the engine does not answer")


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch, settings) -> Reluctant:
    reluctant = Reluctant(tries=3)
    monkeypatch.setattr(judging, "_sandboxes", dict.fromkeys(isolations(settings), reluctant))
    monkeypatch.setattr(judging, "PAUSE_S", 0.01)
    monkeypatch.setattr(tasks, "get_settings", lambda: settings)
    return reluctant


def test_it_takes_up_work_as_soon_as_the_sandbox_is_there(sandbox: Reluctant, settings) -> None:
    assert isolations(settings) == [Isolation.fork, Isolation.fresh]  # a homework and a competition
    assert judging.wait_until_ready(settings)
    assert sandbox.tries == -1  # the third try was the first to succeed, for one kind; then the other was asked once


def test_a_job_waits_untouched_while_there_is_none(
    sandbox: Reluctant, monkeypatch: pytest.MonkeyPatch, session, hand_in, assignment, student
) -> None:
    sandbox.tries = 10**6
    monkeypatch.setattr(judging, "PATIENCE_S", 0.05)
    submission = hand_in(assignment, student)
    tasks.grade_submission(submission.job.id)
    session.expire_all()
    assert (submission.job.state, submission.job.tries, submission.run) == (State.received, 0, None)
