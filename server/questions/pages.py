"""Saving answers while one types, and the files that answer a question."""

from typing import Annotated

from fastapi import APIRouter, Header
from fastapi.responses import Response

from server.assignments.pages import show_assignment
from server.database import Now, SessionDep
from server.errors import AppError
from server.leaderboard.access import BoardsDep
from server.questions.access import AskedAssignment
from server.questions.attachments import attachment_of, saved_attachment
from server.questions.forms import Fields, read_form
from server.questions.rules import SavedElsewhere
from server.questions.service import save_draft
from server.settings import SettingsDep
from server.submissions.access import VisibleSubmission
from server.web.page import PageDep, go_to

router = APIRouter()

ASSIGNMENT = "/courses/{course}/assignments/{assignment}"


@router.post(ASSIGNMENT + "/answers")
def save(
    page: PageDep,
    asked: AskedAssignment,
    fields: Fields,
    boards: BoardsDep,
    session: SessionDep,
    settings: SettingsDep,
    now: Now,
    hx_request: Annotated[bool, Header()] = False,
) -> Response:
    """While one types: the line that says when it was saved, or why not. From the button: back to the page."""
    assignment, typed = asked.assignment, read_form(fields, asked.paper)
    refusal, version, saved_at = None, typed.version, None
    try:
        draft = save_draft(session, assignment=assignment, user=asked.user, typed=typed, store=settings.blob_store, now=now)
        version, saved_at = draft.version, draft.saved_at
    except AppError as problem:
        refusal = problem
    if hx_request:
        return page.show(
            "questions/saved.html",
            zone=assignment.course.time_zone,
            address=f"/courses/{assignment.course.slug}/assignments/{assignment.slug}",
            version=version,
            saved_at=saved_at,
            problem=refusal and refusal.message,
            other_version=refusal.version if isinstance(refusal, SavedElsewhere) else None,
        )
    if refusal:
        return show_assignment(page, session, settings, boards, assignment, asked.membership, refusal=refusal, answered=typed)
    return go_to(f"/courses/{assignment.course.slug}/assignments/{assignment.slug}#answers")


@router.get("/submissions/{submission_id}/attachments/{name}")
def attachment(submission: VisibleSubmission, name: str, settings: SettingsDep) -> Response:
    return attachment_of(submission, name, store=settings.blob_store)


@router.get(ASSIGNMENT + "/answers/{question}/file")
def saved_file(asked: AskedAssignment, question: str, session: SessionDep, settings: SettingsDep) -> Response:
    """One's own, as it is saved with the draft."""
    return saved_attachment(session, asked, question, store=settings.blob_store)
