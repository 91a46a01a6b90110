"""Handing in, and the history of it."""

from typing import Annotated

from fastapi import APIRouter, Header, Query

from server.accounts.access import CurrentUser
from server.assignments import service as assignments
from server.assignments.access import VisibleAssignment
from server.courses.access import Membership
from server.database import Now, SessionDep
from server.errors import StaffOnly
from server.settings import SettingsDep
from server.submissions import service
from server.submissions.rules import queue_of
from server.submissions.schemas import ReceiptOut, SubmissionOut
from server.submissions.upload import ParsedUpload

router = APIRouter(prefix="/api/v1/courses/{course}/assignments/{assignment}/submissions", tags=["submissions"])

IdempotencyKey = Annotated[str | None, Header(min_length=1, max_length=200)]


@router.post("", status_code=201)
def create(
    assignment: VisibleAssignment,
    author: CurrentUser,
    upload: ParsedUpload,
    session: SessionDep,
    settings: SettingsDep,
    now: Now,
    idempotency_key: IdempotencyKey = None,
) -> ReceiptOut:
    """Hand in files; the receipt names their hash and the server's time."""
    submission = service.submit(
        session,
        assignment=assignment,
        author=author,
        upload=upload,
        store=settings.blob_store,
        queue=queue_of(assignments.manifest_of(assignment, root=settings.assignments)),
        now=now,
        idempotency_key=idempotency_key,
    )
    quota = service.count_attempts(session, assignment=assignment, author=author, now=now)
    return ReceiptOut.of_quota(submission, quota)


@router.get("")
def history(
    assignment: VisibleAssignment,
    user: CurrentUser,
    membership: Membership,
    session: SessionDep,
    everyone: Annotated[bool, Query()] = False,
) -> list[SubmissionOut]:
    """One's own attempts, newest first; staff may ask for everyone's."""
    if everyone and not membership.role.is_staff:
        raise StaffOnly
    found = service.list_submissions(session, assignment=assignment, author=None if everyone else user)
    return [SubmissionOut.of(submission) for submission in found]
