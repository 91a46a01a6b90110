"""An exam with a canary in everything that is secret, and people before, in and after it. Imported by the tests that need it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from grader.questions.answers import HandedIn
from grader.questions.paper import Paper, right_answer
from grader.sandbox.base import Isolation
from grader.sandbox.fake import FakeSandbox
from server.accounts.models import User
from server.assignments.models import Assignment
from server.assignments.service import manifest_of
from server.assignments.variants import draw_paper_of
from server.database import current_time
from server.exams.models import Exam, HandedInBy, Sitting
from server.grading import judging
from server.grading import service as grading
from server.settings import Settings
from server.submissions import service as submissions
from server.submissions.models import Queue, Submission
from server.submissions.service import Upload

CONTENT = Path(__file__).parent.parent / "content"
CANARIES = ("CANARY", "SECRET", "canaryfunction", "canaryfile", "canary_hidden", "canary_public", "canarypick", "canarypart")
SOURCE = "def canaryfunction(x):\n    return 2 * x\n"


@pytest.fixture
def exam(make_exam: Callable[..., Exam]) -> Exam:
    """In its window since an hour, for three more."""
    return make_exam(slug="canary", closes_in_s=10_800)


@pytest.fixture
def paper_of(exam: Exam, settings: Settings) -> Callable[[User], Paper]:
    manifest = manifest_of(exam.assignment, root=settings.assignments)
    return lambda user: draw_paper_of(exam.assignment, manifest, user_id=user.id, settings=settings)


@pytest.fixture
def judged(session: Session, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Submission]:
    """The judge's verdict, by the way that a worker goes."""
    fake = FakeSandbox()
    monkeypatch.setattr(judging, "_sandboxes", dict.fromkeys(Isolation, fake))

    def judged(submission_id: int) -> Submission:
        session.expire_all()
        submission = session.get_one(Submission, submission_id)
        claim = grading.claim(session, job_id=submission.job.id, lease_s=15)
        report = judging.run_judge(judging.make_job(submission, settings), settings, progress=lambda _: None)
        grading.record_report(session, claim=claim, report=report, versions={})
        session.commit()
        session.expire_all()
        return submission

    return judged


@pytest.fixture
def sit(session: Session, exam: Exam, settings: Settings, paper_of: Callable[[User], Paper]) -> Callable[..., Sitting]:
    """Somebody has sat and handed in, an hour ago: right answers, but for `wrong` of them, and the code."""

    def sit(student: User, *, wrong: tuple[str, ...] = (), essay: str = "Because.") -> Sitting:
        now = current_time(session)
        answers = {id: value for id, value in right_answers(paper_of(student), essay).items() if id not in wrong}
        files = {"canaryfile.py": SOURCE.encode()}
        upload = Upload(uploaded=files, collected=files, handed_in=HandedIn(answers, {}))
        known = {"assignment": exam.assignment, "author": student, "store": settings.blob_store}
        work = submissions.submit_sitting(session, **known, upload=upload, queue=Queue.cpu, now=now - timedelta(minutes=10))
        found = Sitting(
            exam_id=exam.assignment_id, student_id=student.id, number=1, started_at=now - timedelta(minutes=50),
            working_s=3600, closes_at=exam.assignment.closes_at, honour="mine", last_seen_at=now,
            handed_in_at=now - timedelta(minutes=10), handed_in_by=HandedInBy.student, submission_id=work.id,
        )  # fmt: skip
        session.add(found)
        session.commit()
        return found

    return sit


def right_answers(paper: Paper, essay: str) -> dict[str, object]:
    found = {item.question.id: right_answer(item.asked) for item in paper.items if not item.question.is_manual}
    return found | {"canaryessay": essay, "canaryword": "是", "canaryother": "下"}


@pytest.fixture
def release(session: Session, exam: Exam) -> Callable[[], None]:
    """By hand, as the row says it."""

    def release() -> None:
        now = current_time(session)
        row = session.get_one(Assignment, exam.assignment_id)
        row.due_at = row.closes_at = now - timedelta(minutes=5)
        row.released_at = now
        session.commit()

    return release
