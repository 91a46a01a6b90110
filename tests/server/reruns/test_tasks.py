"""A worker judges a preview for real, in a sandbox, and leaves runs alone."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.grading import judging
from server.grading.models import Run
from server.models import PreviewReport, Submission
from server.reruns import tasks
from server.reruns.models import Preview, PreviewJobState
from server.settings import Settings


@pytest.fixture
def worker(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(tasks, "get_settings", lambda: settings)
    yield
    judging.close_sandboxes()


def test_a_preview_is_judged_while_nobody_waits_and_beside_the_runs(
    session: Session, worker: None, assignment: Assignment, student: User, works: dict[str, Submission],
    begin: Callable[..., Preview], hand_in: Callable[..., Submission], grade: Callable[..., Run],
) -> None:  # fmt: skip
    preview = begin(ids=(works["ada"].id,))
    live = hand_in(assignment, student)
    tasks.judge_next(preview.id)
    session.expire_all()
    assert [each.state for each in preview.jobs] == [PreviewJobState.waiting]
    grade(live, 10)
    tasks.judge_next(preview.id)
    session.expire_all()
    assert [each.state for each in preview.jobs] == [PreviewJobState.judged]
    report = session.scalars(select(PreviewReport)).one()
    run = session.get_one(Submission, works["ada"].id).run
    assert (report.score, run.score, session.scalar(select(func.count()).select_from(Run))) == (report.max_score, 50, 3)
    assert report.versions["assignment"] and report.versions["torch"] and report.read_report().seed
