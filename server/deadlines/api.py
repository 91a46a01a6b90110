"""Dates, late policies and extensions as JSON: one's own for everybody, all of it for staff."""

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session

from server.accounts.access import CurrentUser
from server.assignments.access import StaffAssignment, VisibleAssignment
from server.assignments.models import Assignment
from server.courses.access import InstructorMembership, StaffMembership
from server.database import Now, SessionDep
from server.deadlines import queries, service
from server.deadlines.access import StaffExtension
from server.deadlines.rules import phase_of
from server.deadlines.schemas import (
    ChangeOut,
    CostOut,
    DeadlinesOut,
    ExtensionOut,
    FixOut,
    NewDates,
    NewExtensionIn,
    OwnDatesOut,
    PolicyIn,
    PolicyOut,
    TakeBack,
)
from server.deadlines.wording import policy_in_words
from server.settings import SettingsDep

router = APIRouter(prefix="/api/v1/courses/{course}", tags=["dates"])

DATES = "/assignments/{assignment}/dates"
Seen = Annotated[int, Query(description="Of the policy as it was read.")]


@router.get("/late-policy")
def show_policy(staff: StaffMembership, session: SessionDep) -> PolicyOut:
    """What lateness costs in the course, where an assignment has nothing of its own."""
    return PolicyOut.of(queries.find_policy(session, course=staff.course))


@router.put("/late-policy")
def set_policy(instructor: InstructorMembership, new: PolicyIn, session: SessionDep) -> PolicyOut:
    """For the whole course, works handed in already included. 409 where somebody has changed it meanwhile."""
    settings = new.settings()
    row = service.set_policy(
        session, course=instructor.course, assignment=None, settings=settings, by=instructor.user, version=new.version
    )
    return PolicyOut.of(row)


@router.get(DATES)
def show(assignment: StaffAssignment, session: SessionDep) -> DeadlinesOut:
    return described(session, assignment)


@router.get(DATES + "/own")
def show_own(
    assignment: VisibleAssignment, user: CurrentUser, session: SessionDep, settings: SettingsDep, now: Now
) -> OwnDatesOut:
    """The dates that hold for oneself, and what handing in now would cost."""
    account = queries.open_account(session, course=assignment.course, student_id=user.id, root=settings.assignments)
    dates, policy = account.dates[assignment.id], account.policies[assignment.id]
    cost, fix = account.cost_of(assignment.id, now), account.open_fix(assignment.id, now)
    return OwnDatesOut(
        opens_at=dates.opens_at,
        due_at=dates.due_at,
        closes_at=dates.closes_at,
        phase=phase_of(dates, now, fix=fix),
        is_extended=bool(account.extensions.get(assignment.id)),
        policy=policy_in_words(policy, account.budget),
        grace_days=account.budget if account.uses_grace else None,
        grace_days_left=account.grace_left if account.uses_grace else None,
        cost=CostOut.model_validate(cost, from_attributes=True) if cost else None,
        fix=FixOut.of(fix) if fix else None,
    )


@router.put(DATES)
def move(
    assignment: StaffAssignment, staff: CurrentUser, new: NewDates, session: SessionDep, settings: SettingsDep, now: Now
) -> DeadlinesOut:
    """Move dates; students are told for a week. 409 where work that is handed in would become late, unless confirmed."""
    service.move_dates(
        session,
        assignment=assignment,
        dates=new.moved(queries.dates_of(assignment)),
        reason=new.reason,
        by=staff,
        root=settings.assignments,
        version=new.version,
        now=now,
        is_confirmed=new.confirm,
    )
    return described(session, assignment)


@router.put(DATES + "/policy")
def override(assignment: StaffAssignment, instructor: InstructorMembership, new: PolicyIn, session: SessionDep) -> DeadlinesOut:
    """A policy of this assignment's own, in place of the course's."""
    service.set_policy(
        session,
        course=assignment.course,
        assignment=assignment,
        settings=new.settings(),
        by=instructor.user,
        version=new.version,
    )
    return described(session, assignment)


@router.delete(DATES + "/policy")
def drop(assignment: StaffAssignment, instructor: InstructorMembership, session: SessionDep, version: Seen = 0) -> DeadlinesOut:
    """The course's policy holds again."""
    service.drop_policy(session, assignment=assignment, by=instructor.user, version=version)
    return described(session, assignment)


@router.post(DATES + "/extensions", status_code=201)
def extend(assignment: StaffAssignment, staff: CurrentUser, new: NewExtensionIn, session: SessionDep) -> ExtensionOut:
    """More time for a student or a section; of several extensions the most favourable holds."""
    return ExtensionOut.of(service.extend(session, assignment=assignment, new=new.new(), by=staff))


@router.post(DATES + "/extensions/{extension_id}/take-back")
def take_back(
    assignment: StaffAssignment,
    extension: StaffExtension,
    staff: CurrentUser,
    why: TakeBack,
    session: SessionDep,
    settings: SettingsDep,
) -> DeadlinesOut:
    """It no longer holds; that it was given stays on record."""
    service.take_back(
        session,
        assignment=assignment,
        extension=extension,
        reason=why.reason,
        by=staff,
        root=settings.assignments,
        is_confirmed=why.confirm,
    )
    return described(session, assignment)


def described(session: Session, assignment: Assignment) -> DeadlinesOut:
    own = queries.find_policy(session, course=assignment.course, assignment=assignment)
    row = own or queries.find_policy(session, course=assignment.course)
    return DeadlinesOut(
        course=assignment.course.slug,
        assignment=assignment.slug,
        time_zone=assignment.course.time_zone,
        opens_at=assignment.opens_at,
        due_at=assignment.due_at,
        closes_at=assignment.closes_at,
        version=queries.version_of(session, assignment=assignment),
        policy=PolicyOut.of(row),
        is_override=own is not None,
        policy_version=own.version if own else 0,
        extensions=[ExtensionOut.of(each) for each in queries.list_extensions(session, assignment_ids=[assignment.id])],
        changes=[ChangeOut.of(each) for each in queries.list_changes(session, assignment=assignment)],
    )
