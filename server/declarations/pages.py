"""Saying what a submission was made with, on its own page."""

from fastapi import APIRouter
from fastapi.responses import Response

from server.accounts.access import CurrentUser
from server.database import SessionDep
from server.declarations import service
from server.declarations.forms import TypedSources
from server.declarations.rules import DeclarationMissing
from server.errors import AppError
from server.leaderboard.access import BoardsDep
from server.settings import SettingsDep
from server.submissions.access import OwnSubmission, SubmissionView
from server.submissions.pages import show_submission
from server.web.page import PageDep, go_to

router = APIRouter()


@router.post("/submissions/{submission_id}/declarations")
def declare(
    page: PageDep,
    view: SubmissionView,
    submission: OwnSubmission,
    author: CurrentUser,
    typed: TypedSources,
    boards: BoardsDep,
    session: SessionDep,
    settings: SettingsDep,
) -> Response:
    """Back to the submission; or that page at once, with what was typed and what is wrong with it."""
    try:
        declared = typed.read()
        if declared is None:
            raise DeclarationMissing
        service.declare(session, submission=submission, by=author, declared=declared)
    except AppError as refusal:
        template = "submissions/submission.html"
        return show_submission(page, template, view, author, boards, session, settings, refusal=refusal, typed=typed)
    return go_to(f"/submissions/{submission.id}#sources")
