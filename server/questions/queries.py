"""What pages show of questions: the form of a person's paper, and what became of the answers."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.protocol import Text
from grader.spec import Manifest
from server.accounts.models import User
from server.assignments.models import Assignment
from server.assignments.variants import draw_paper_of
from server.questions.answers import answers_of
from server.questions.service import Typed, find_draft, stage_of
from server.questions.views import AnswersView, FormView, answers_view, form_of
from server.settings import Settings
from server.submissions.models import Submission


def find_form(
    session: Session,
    *,
    assignment: Assignment,
    manifest: Manifest,
    user: User,
    settings: Settings,
    typed: Typed | None = None,
    problems: Mapping[str, Text] | None = None,
) -> FormView | None:
    """None where nothing is asked. typed: what came in just now and was refused."""
    if not manifest.questions:
        return None
    paper = draw_paper_of(assignment, manifest, user_id=user.id, settings=settings)
    draft = find_draft(session, assignment=assignment, user=user)
    last = None if typed or (draft and draft.version) else find_last(session, assignment=assignment, user=user)
    if last is not None:
        typed = Typed(answers_of(last, settings.blob_store) or {})
    taken_from = last.attempt if last else None
    return form_of(paper, manifest, draft, typed=typed, problems=problems or {}, taken_from=taken_from)


def find_last(session: Session, *, assignment: Assignment, user: User) -> Submission | None:
    """One's newest attempt, for whoever has handed in from elsewhere and never typed here."""
    mine = Submission.assignment_id == assignment.id, Submission.author_id == user.id
    return session.scalar(select(Submission).where(*mine).order_by(Submission.id.desc()).limit(1))


def answers_shown(
    session: Session, *, submission: Submission, manifest: Manifest, for_staff: bool, settings: Settings, now: datetime
) -> AnswersView | None:
    """With as much of the key as it is time for; None where nothing was asked."""
    if not manifest.questions:
        return None
    assignment = submission.assignment
    return answers_view(
        submission,
        manifest,
        draw_paper_of(assignment, manifest, user_id=submission.author_id, settings=settings),
        answers_of(submission, settings.blob_store),
        submission.run.read_report() if submission.run else None,
        stage=stage_of(session, assignment=assignment, now=now),
        for_staff=for_staff,
    )
