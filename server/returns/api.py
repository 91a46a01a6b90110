"""Returning for a fix as JSON, for staff; students read of it with their submissions and scores."""

from typing import Annotated

from fastapi import APIRouter, Query

from server.accounts.access import CurrentUser
from server.assignments.access import StaffAssignment
from server.courses.access import InstructorMembership, StaffMembership
from server.database import Now, SessionDep
from server.deadlines.queries import is_competition
from server.returns import queries, service
from server.returns.rules import DEFAULT, Policy
from server.returns.schemas import NewReturn, ReturnOut, ReturnPolicyIn, ReturnPolicyOut
from server.settings import SettingsDep
from server.submissions.access import StaffSubmission

router = APIRouter(prefix="/api/v1", tags=["returns"])

POLICY = "/courses/{course}/return-policy"
OVERRIDE = "/courses/{course}/assignments/{assignment}/return-policy"
Seen = Annotated[int, Query(description="Of the policy as it was read.")]


@router.post("/submissions/{submission_id}/return", status_code=201)
def return_for_fix(
    submission: StaffSubmission, staff: CurrentUser, new: NewReturn, session: SessionDep, settings: SettingsDep, now: Now
) -> ReturnOut:
    """Its author may hand in once more, past dates and used-up attempts; what the course takes for that is taken by itself."""
    is_board = is_competition(submission.assignment, settings.assignments)
    found = service.return_for_fix(session, submission=submission, reason=new.reason, by=staff, now=now, is_competition=is_board)
    return ReturnOut.of(found, now)


@router.delete("/submissions/{submission_id}/return")
def take_back(submission: StaffSubmission, staff: CurrentUser, session: SessionDep, now: Now) -> ReturnOut:
    """As long as nothing was handed in for it."""
    return ReturnOut.of(service.take_back(session, submission=submission, by=staff, now=now), now)


@router.get("/courses/{course}/returns")
def list_returns(
    staff: StaffMembership,
    session: SessionDep,
    now: Now,
    everything: Annotated[bool, Query(alias="all", description="Also what is fixed, lapsed or taken back.")] = False,
) -> list[ReturnOut]:
    """What waits for its fix, that whose time ends first in front."""
    found = queries.list_for_staff(session, course=staff.course, only_open=not everything, now=now)
    return [ReturnOut.of(each, now) for each in found]


@router.get(POLICY)
def show_policy(staff: StaffMembership, session: SessionDep) -> ReturnPolicyOut:
    row = queries.find_policy(session, course=staff.course)
    return ReturnPolicyOut.of(row, Policy(row.percent, row.days) if row else DEFAULT)


@router.put(POLICY)
def set_policy(instructor: InstructorMembership, new: ReturnPolicyIn, session: SessionDep) -> ReturnPolicyOut:
    """For returns from now on; those that stand keep what was told with them."""
    row = service.set_policy(
        session, course=instructor.course, assignment=None, policy=new.policy(), by=instructor.user, version=new.version
    )
    return ReturnPolicyOut.of(row, new.policy())


@router.put(OVERRIDE)
def override(
    assignment: StaffAssignment, instructor: InstructorMembership, new: ReturnPolicyIn, session: SessionDep
) -> ReturnPolicyOut:
    """For this assignment alone, in place of the course's."""
    row = service.set_policy(
        session, course=assignment.course, assignment=assignment, policy=new.policy(), by=instructor.user, version=new.version
    )
    return ReturnPolicyOut.of(row, new.policy())


@router.delete(OVERRIDE)
def drop(
    assignment: StaffAssignment, instructor: InstructorMembership, session: SessionDep, version: Seen = 0
) -> ReturnPolicyOut:
    """The course's holds again."""
    service.set_policy(session, course=assignment.course, assignment=assignment, policy=None, by=instructor.user, version=version)
    return ReturnPolicyOut.of(None, queries.policy_of(session, assignment=assignment))
