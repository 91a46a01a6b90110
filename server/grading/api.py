"""A submission's verdict, its way there, and what staff can do about it."""

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from server.accounts.access import CurrentUser
from server.courses.access import StaffMembership
from server.database import Now, SessionDep
from server.deadlines.queries import open_account
from server.declarations.queries import newest_of
from server.grading import events, queries, service
from server.grading.queries import take_snapshot
from server.grading.schemas import ProgressOut, StuckListOut, StuckOut, SubmissionDetailOut
from server.settings import SettingsDep
from server.submissions.access import StaffSubmission, SubmissionView, VisibleSubmission

router = APIRouter(prefix="/api/v1", tags=["submissions"])

SUBMISSION = "/submissions/{submission_id}"


@router.get("/courses/{course}/stuck")
def list_stuck(staff: StaffMembership, session: SessionDep, now: Now) -> StuckListOut:
    """What waits for the staff: neither graded nor in the queue, because the assignment or our system failed."""
    stuck = [StuckOut.of(each, now=now) for each in queries.list_stuck(session, course=staff.course)]
    return StuckListOut(count=len(stuck), submissions=stuck)


@router.get(SUBMISSION)
def show(view: SubmissionView, session: SessionDep, settings: SettingsDep) -> SubmissionDetailOut:
    """State, checks, score, and what was declared last. Staff also see what is hidden from students."""
    submission = view.submission
    snapshot = take_snapshot(session, submission.id)
    declaration = newest_of(session, [submission.id]).get(submission.id)
    course, author_id = submission.assignment.course, submission.author_id
    account = open_account(session, course=course, student_id=author_id, root=settings.assignments)
    return SubmissionDetailOut.of_view(submission, snapshot, account, declaration, for_staff=view.role.is_staff)


@router.get(SUBMISSION + "/events")
def follow(submission: VisibleSubmission, settings: SettingsDep) -> StreamingResponse:
    """Server-sent events until the submission is final."""
    stream = events.follow(submission.id, redis_url=settings.redis_url)
    return StreamingResponse(stream, media_type=events.MEDIA_TYPE, headers=events.HEADERS)


@router.post(SUBMISSION + "/rerun", status_code=202)
def rerun(submission: StaffSubmission, staff: CurrentUser, session: SessionDep) -> ProgressOut:
    """Judge it again; the earlier runs stay."""
    service.rerun(session, submission=submission, requested_by=staff)
    return ProgressOut.of(take_snapshot(session, submission.id))


@router.post(SUBMISSION + "/cancel")
def cancel(submission: StaffSubmission, session: SessionDep) -> ProgressOut:
    """Take it out of the queue; an attempt that was never judged is given back."""
    service.cancel(session, submission=submission)
    return ProgressOut.of(take_snapshot(session, submission.id))
