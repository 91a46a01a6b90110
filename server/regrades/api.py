"""Regrade requests as JSON: students ask and read, staff assign and answer."""

from typing import Annotated

from fastapi import APIRouter, Query

from server.accounts.access import CurrentUser
from server.assignments.service import manifest_of
from server.courses.access import InstructorMembership, Membership
from server.database import Now, SessionDep
from server.regrades import queries, service
from server.regrades.access import AskableSubmission, OwnRequest, StaffRequest, VisibleRequest
from server.regrades.queries import Filter
from server.regrades.rules import Policy
from server.regrades.schemas import (
    AnswerIn,
    Assigning,
    NewRequest,
    RegradePolicyIn,
    RegradePolicyOut,
    RequestOut,
    Withdrawal,
)
from server.settings import SettingsDep

router = APIRouter(prefix="/api/v1", tags=["regrades"])

REQUESTS = "/courses/{course}/regrades"
REQUEST = REQUESTS + "/{request_id}"
POLICY = "/courses/{course}/regrade-policy"


@router.post("/submissions/{submission_id}/regrades", status_code=201)
def ask(
    submission: AskableSubmission, student: CurrentUser, new: NewRequest, session: SessionDep, settings: SettingsDep, now: Now
) -> RequestOut:
    """About one check of the newest report, hidden ones too, or about one question."""
    manifest = manifest_of(submission.assignment, root=settings.assignments)
    found = service.ask(
        session, submission=submission, subject=new.subject, statement=new.statement, student=student, manifest=manifest, now=now
    )
    return RequestOut.of(found)


@router.get(REQUESTS)
def list_requests(
    membership: Membership,
    session: SessionDep,
    everything: Annotated[bool, Query(alias="all", description="Answered ones too.")] = False,
    assignment: Annotated[str, Query(max_length=200)] = "",
    mine: Annotated[bool, Query(description="Assigned to oneself.")] = False,
) -> list[RequestOut]:
    """The course's for staff, what waits longest first; one's own and the team's for a student."""
    course = membership.course
    if not membership.role.is_staff:
        return [RequestOut.of(each) for each in queries.list_own(session, course=course, student=membership.user)]
    wanted = Filter(not everything, assignment, membership.user if mine else None)
    return [RequestOut.of(each) for each in queries.list_for_staff(session, course=course, wanted=wanted)]


@router.get(REQUEST)
def show(request: VisibleRequest) -> RequestOut:
    return RequestOut.of(request)


@router.post(REQUEST + "/assign")
def assign(request: StaffRequest, staff: CurrentUser, new: Assigning, session: SessionDep) -> RequestOut:
    """Whoever has it is looking at it from now on. 409 where somebody has changed it meanwhile."""
    return RequestOut.of(service.assign(session, request=request, to=new.to, by=staff, version=new.version))


@router.post(REQUEST + "/answer")
def answer(
    request: StaffRequest, staff: CurrentUser, new: AnswerIn, session: SessionDep, settings: SettingsDep, now: Now
) -> RequestOut:
    manifest = manifest_of(request.submission.assignment, root=settings.assignments)
    answered = new.answered()
    service.answer(session, request=request, answer=answered, by=staff, manifest=manifest, version=new.version, now=now)
    return RequestOut.of(request)


@router.post(REQUEST + "/withdraw")
def withdraw(request: OwnRequest, seen: Withdrawal, session: SessionDep) -> RequestOut:
    """By who asked, as long as nobody has answered."""
    return RequestOut.of(service.withdraw(session, request=request, version=seen.version))


@router.get(POLICY)
def show_policy(membership: Membership, session: SessionDep) -> RegradePolicyOut:
    """On which terms the course takes requests."""
    course = membership.course
    return RegradePolicyOut.of(queries.find_row(session, course=course), queries.policy_of(session, course=course))


@router.put(POLICY)
def set_policy(instructor: InstructorMembership, new: RegradePolicyIn, session: SessionDep) -> RegradePolicyOut:
    policy = Policy(new.days, new.most_open)
    row = service.set_policy(session, course=instructor.course, policy=policy, by=instructor.user, version=new.version)
    return RegradePolicyOut.of(row, policy)
