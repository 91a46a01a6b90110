"""Handing in, and the history of it."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Header, Query, Response

from server.accounts.access import CurrentUser
from server.assignments import service as assignments
from server.assignments.access import VisibleAssignment
from server.courses.access import Membership
from server.database import Now, SessionDep
from server.deadlines.queries import open_account, open_accounts
from server.deadlines.service import terms_of
from server.declarations import rules as declarations
from server.declarations import service as declaring
from server.declarations.queries import history_of
from server.declarations.schemas import DeclarationIn, DeclarationOut, read_json
from server.errors import StaffOnly
from server.settings import SettingsDep
from server.submissions import service
from server.submissions.access import OwnSubmission, VisibleSubmission
from server.submissions.rules import queue_of
from server.submissions.schemas import ReceiptOut, SubmissionOut
from server.submissions.upload import ParsedUpload

router = APIRouter(prefix="/api/v1", tags=["submissions"])

SUBMISSIONS = "/courses/{course}/assignments/{assignment}/submissions"
DECLARATIONS = "/submissions/{submission_id}/declarations"

PAGE, MOST = 200, 1000

IdempotencyKey = Annotated[str | None, Header(min_length=1, max_length=200)]
Declared = Annotated[
    str | None, Form(max_length=100_000, description='What was used, as `{"sources": [...]}`; an empty list: nothing.')
]

AcceptLate = Annotated[bool, Form(description="That handing in late costs what the course has settled.")]


def read_declaration(membership: Membership, declaration: Declared = None) -> DeclarationIn | None:
    """Refused before anything is stored, where the course wants one and none came."""
    declared = read_json(declaration)
    declarations.check_declared(membership.course, membership.role, has_declaration=declared is not None)
    return declared


ParsedDeclaration = Annotated[DeclarationIn | None, Depends(read_declaration, scope="function")]


@router.post(SUBMISSIONS, status_code=201)
def create(
    assignment: VisibleAssignment,
    author: CurrentUser,
    declared: ParsedDeclaration,
    upload: ParsedUpload,
    session: SessionDep,
    settings: SettingsDep,
    now: Now,
    idempotency_key: IdempotencyKey = None,
    accept_late: AcceptLate = False,
) -> ReceiptOut:
    """Hand in files; the receipt names their hash and the server's time. Where being late costs, that must be accepted."""
    root = settings.assignments
    terms = terms_of(session, assignment=assignment, author=author, root=root, now=now, is_accepted=accept_late)
    submission = service.submit(
        session,
        assignment=assignment,
        author=author,
        upload=upload,
        store=settings.blob_store,
        queue=queue_of(assignments.manifest_of(assignment, root=root)),
        now=now,
        idempotency_key=idempotency_key,
        terms=terms,
    )
    declaring.declare_with(session, submission=submission, by=author, declared=declared)
    quota = service.count_attempts(session, assignment=assignment, author=author, now=now)
    account = open_account(session, course=assignment.course, student_id=author.id, root=root)
    return ReceiptOut.of_quota(submission, quota, account)


@router.get(SUBMISSIONS)
def history(
    assignment: VisibleAssignment,
    user: CurrentUser,
    membership: Membership,
    session: SessionDep,
    settings: SettingsDep,
    response: Response,
    everyone: Annotated[bool, Query()] = False,
    before: Annotated[int | None, Query(ge=1, description="Only submissions with a smaller id.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = PAGE,
) -> list[SubmissionOut]:
    """One's own attempts, newest first; staff may ask for everyone's. Where there are more, `Link` names the next page."""
    if everyone and not membership.role.is_staff:
        raise StaffOnly
    author = None if everyone else user
    found = service.list_submissions(session, assignment=assignment, author=author, before=before, limit=limit + 1)
    if len(found) > limit:
        query = {"before": found[limit - 1].id, "limit": limit} | ({"everyone": "true"} if everyone else {})
        response.headers["Link"] = f'<?{urlencode(query)}>; rel="next"'  # relative to this address, whatever a proxy calls it
    authors = {submission.author_id for submission in found}
    accounts = open_accounts(session, course=assignment.course, student_ids=authors, root=settings.assignments)
    return [SubmissionOut.of(submission, accounts[submission.author_id]) for submission in found[:limit]]


@router.get(DECLARATIONS)
def declarations_of(submission: VisibleSubmission, session: SessionDep) -> list[DeclarationOut]:
    """What it was made with: the one that counts first, then what was said before; none where nothing was declared."""
    found = history_of(session, submission=submission)
    return [DeclarationOut.of(each, received_at=submission.received_at) for each in found]


@router.post(DECLARATIONS, status_code=201)
def declare(submission: OwnSubmission, author: CurrentUser, declared: DeclarationIn, session: SessionDep) -> DeclarationOut:
    """Declare later, or correct what was declared; the earlier ones stay."""
    declaration = declaring.declare(session, submission=submission, by=author, declared=declared)
    return DeclarationOut.of(declaration, received_at=submission.received_at)
