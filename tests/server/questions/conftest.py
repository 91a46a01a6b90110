"""An assignment with code and questions, and a judge for it."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from grader.questions.paper import Paper, right_answer
from grader.sandbox.base import Isolation
from grader.sandbox.fake import FakeSandbox
from server.accounts.models import User
from server.assignments.models import Assignment
from server.assignments.service import manifest_of
from server.assignments.variants import draw_paper_of
from server.grading import judging
from server.grading import service as grading
from server.settings import Settings
from server.submissions.models import Submission

PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)


@pytest.fixture
def mixed(make_assignment: Callable[..., Assignment]) -> Assignment:
    return make_assignment(slug="mixed")


@pytest.fixture
def paper_for(mixed: Assignment, settings: Settings) -> Callable[[User], Paper]:
    manifest = manifest_of(mixed, root=settings.assignments)
    return lambda user: draw_paper_of(mixed, manifest, user_id=user.id, settings=settings)


@pytest.fixture
def right(paper_for: Callable[[User], Paper]) -> Callable[[User], dict[str, object]]:
    """What earns everything, as a form sends it."""

    def right(user: User) -> dict[str, object]:
        fields: dict[str, object] = {}
        for item in paper_for(user).items:
            answer = item.asked.accepted[-1] if item.question.kind == "short" else right_answer(item.asked)
            if item.question.kind == "matrix":
                cells = {f"answer.table.{y}.{x}": cell for y, row in enumerate(answer) for x, cell in enumerate(row)}
                fields |= cells
            elif answer is not None:
                fields[f"answer.{item.question.id}"] = answer
        return fields

    return right


@pytest.fixture
def judged(session: Session, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Submission]:
    """The judge's verdict, by the way that a worker goes."""
    monkeypatch.setattr(judging, "_sandboxes", {Isolation.fork: FakeSandbox()})

    def judged(submission_id: int) -> Submission:
        session.expire_all()
        submission = session.get(Submission, submission_id)
        claim = grading.claim(session, job_id=submission.job.id, lease_s=15)
        report = judging.run_judge(judging.make_job(submission, settings), settings, progress=lambda _: None)
        grading.record_report(session, claim=claim, report=report, versions={})
        session.commit()
        session.expire_all()
        return submission

    return judged
