"""A paper, a sitting and its clock as plain values. Of a paper nothing of the key, of a run its public checks alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from grader.disclosure import PublicPart
from grader.protocol import Text
from grader.spec import Manifest
from server.accounts.models import User
from server.assignments.models import Assignment
from server.assignments.service import manifest_of
from server.assignments.variants import draw_paper_of, own_handout, own_starter
from server.courses.models import Enrollment
from server.exams import queries
from server.exams.fields import FILE
from server.exams.models import Exam, ExamNotice, SavedAnswer, Sitting, TimeGrant
from server.grading.queries import take_snapshot
from server.questions.views import FormView, form_of
from server.settings import Settings
from server.submissions.models import Submission
from server.submissions.views import public_results

OUR_HONOUR = Text(
    en="I take this exam alone. I use only what is allowed, I neither give nor take help, and I do not pass the questions on.",
    zh="我独立完成本次考试，只使用允许的资料，不给予也不接受他人帮助，并且不向他人透露题目。",
)


@dataclass(frozen=True)
class CodeFile:
    """A file of code to write. starter: what it begins with."""

    field: str
    name: str
    starter: str


@dataclass(frozen=True)
class PaperView:
    """What a student sees of his own paper while he sits."""

    title: Text
    handout: Text
    form: FormView | None
    files: Sequence[CodeFile]
    saved: dict[str, SavedAnswer]
    flags: Sequence[str]
    has_checks: bool


@dataclass(frozen=True)
class CheckRun:
    """The newest run of the public checks."""

    attempt: int
    state: str
    shown: PublicPart


@dataclass(frozen=True)
class Clock:
    ends_at: datetime
    granted: Sequence[TimeGrant]
    notices: Sequence[ExamNotice]
    checks_used: int
    newest: CheckRun | None


def honour_of(exam: Exam, manifest: Manifest) -> Text:
    """The exam's own wording, the paper's, or ours."""
    of_paper = manifest.exam.honour if manifest.exam else None
    return Text(
        en=exam.honour_en or (of_paper or OUR_HONOUR).en,
        zh=exam.honour_zh or (of_paper or OUR_HONOUR).zh,
    )


def paper_of_sitting(session: Session, *, sitting: Sitting, settings: Settings) -> PaperView:
    assignment = sitting.exam.assignment
    manifest = manifest_of(assignment, root=settings.assignments)
    saved = queries.saved_of(session, sitting)
    return PaperView(
        title=manifest.title,
        handout=handout_of(assignment, manifest, sitting.student, settings),
        form=form_of_paper(assignment, manifest, sitting.student, settings),
        files=files_of(assignment, manifest, sitting.student, settings),
        saved=saved,
        flags=sitting.flags,
        has_checks=manifest.wants_code and sitting.exam.check_limit > 0,
    )


def handout_of(assignment: Assignment, manifest: Manifest, student: User, settings: Settings) -> Text:
    """With the student's own constants."""
    texts = {
        language: own_handout(assignment, manifest, user_id=student.id, language=language, settings=settings)
        for language in ("en", "zh")
    }
    return Text(**texts)


def form_of_paper(assignment: Assignment, manifest: Manifest, student: User, settings: Settings) -> FormView | None:
    """Empty: what is saved stands beside it, by field."""
    if not manifest.questions:
        return None
    paper = draw_paper_of(assignment, manifest, user_id=student.id, settings=settings)
    return form_of(paper, manifest, None, typed=None, problems={})


def files_of(assignment: Assignment, manifest: Manifest, student: User, settings: Settings) -> list[CodeFile]:
    if not manifest.wants_code:
        return []
    starter = own_starter(assignment, manifest, user_id=student.id, settings=settings)
    return [CodeFile(f"{FILE}{starter.name}", starter.name, starter.data.decode())]


def clock_of(
    session: Session, *, sitting: Sitting, member: Enrollment, attempts: Sequence[Submission], ends_at: datetime
) -> Clock:
    return Clock(
        ends_at=ends_at,
        granted=queries.grants_of(session, exam_id=sitting.exam_id, student_id=sitting.student_id),
        notices=queries.notices_for(session, exam=sitting.exam, member=member),
        checks_used=len(attempts),
        newest=check_run(session, attempts[-1]) if attempts else None,
    )


def check_run(session: Session, submission: Submission) -> CheckRun:
    """Only what the public checks of code have to say."""
    snapshot = take_snapshot(session, submission.id)
    return CheckRun(submission.attempt, snapshot.state.value, public_results(submission, snapshot))
