"""Holding an `AuthoredSubmission` is the permission to answer for it: it is one's own, alone."""

from typing import Annotated

from fastapi import Depends

from server.accounts.access import CurrentUser
from server.courses.access import Membership
from server.database import SessionDep
from server.errors import NotFound, StaffOnly
from server.submissions import service as submissions
from server.submissions.models import Submission


def require_course_submission(submission_id: int, membership: Membership, user: CurrentUser, session: SessionDep) -> Submission:
    found = submissions.find_visible(session, submission_id=submission_id, user=user)
    if found is None or found[0].assignment.course_id != membership.course_id:
        raise NotFound
    return found[0]


CourseSubmission = Annotated[Submission, Depends(require_course_submission, scope="function")]


async def require_staff_submission(submission: CourseSubmission, membership: Membership) -> Submission:
    if not membership.role.is_staff:
        raise StaffOnly
    return submission


StaffSubmission = Annotated[Submission, Depends(require_staff_submission, scope="function")]


async def require_authored(submission: CourseSubmission, user: CurrentUser) -> Submission:
    if submission.author_id != user.id:
        raise NotFound
    return submission


AuthoredSubmission = Annotated[Submission, Depends(require_authored, scope="function")]
