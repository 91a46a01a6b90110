"""Pages of returns: the buttons on a submission, the staff's list, and what the course takes for a fix."""

from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from server.accounts.access import CurrentUser
from server.assignments import service as assignments
from server.assignments.models import Assignment
from server.courses.access import InstructorMembership, StaffMembership
from server.courses.models import Course, Enrollment, Role
from server.database import SessionDep
from server.deadlines.queries import is_competition
from server.errors import AppError, NotFound
from server.leaderboard.access import BoardsDep
from server.returns import queries, rules, service
from server.returns.rules import DEFAULT, Policy
from server.settings import Settings, SettingsDep
from server.submissions.access import StaffSubmission, SubmissionView
from server.submissions.pages import show_submission
from server.submissions.tried import Tried
from server.web.page import Page, PageDep, go_to

router = APIRouter()

Reason = Annotated[str, Form(max_length=2 * rules.MAX_REASON)]
Word = Annotated[str, Form(max_length=200)]
RETURNS = "/courses/{course}/returns"


@router.post("/submissions/{submission_id}/return")
def return_for_fix(
    page: PageDep,
    submission: StaffSubmission,
    view: SubmissionView,
    staff: CurrentUser,
    boards: BoardsDep,
    session: SessionDep,
    settings: SettingsDep,
    reason: Reason = "",
) -> Response:
    """Back to the submission; or that page at once, with what was typed and why it was not returned."""
    try:
        service.return_for_fix(
            session,
            submission=submission,
            reason=reason,
            by=staff,
            now=page.now,
            is_competition=is_competition(submission.assignment, settings.assignments),
        )
    except AppError as refusal:
        tried = Tried("return", refusal, {"reason": reason})
        return show_submission(page, "submissions/submission.html", view, staff, boards, session, settings, tried=tried)
    return go_to(f"/submissions/{submission.id}")


@router.post("/submissions/{submission_id}/return/take-back")
def take_back(
    page: PageDep,
    submission: StaffSubmission,
    view: SubmissionView,
    staff: CurrentUser,
    boards: BoardsDep,
    session: SessionDep,
    settings: SettingsDep,
) -> Response:
    try:
        service.take_back(session, submission=submission, by=staff, now=page.now)
    except rules.FixedAlready as refusal:
        tried = Tried("return", refusal, {"reason": ""})
        return show_submission(page, "submissions/submission.html", view, staff, boards, session, settings, tried=tried)
    return go_to(f"/submissions/{submission.id}")


@router.get(RETURNS)
def show(
    page: PageDep,
    staff: StaffMembership,
    session: SessionDep,
    settings: SettingsDep,
    everything: Annotated[bool, Query(alias="all")] = False,
) -> Response:
    return show_returns(page, session, settings, staff, everything=everything)


@router.post(RETURNS + "/policy")
def set_policy(
    page: PageDep,
    instructor: InstructorMembership,
    session: SessionDep,
    settings: SettingsDep,
    assignment: Word = "",
    percent: Word = "",
    days: Word = "",
    version: Annotated[int, Form()] = 0,
) -> Response:
    """Of the course, or of one assignment; with both fields empty what holds above it holds again."""
    course, typed = instructor.course, {"percent": percent, "days": days}
    try:
        of = get_assignment(session, course, assignment) if assignment else None
        policy = read_policy(percent, days) if percent.strip() or days.strip() else None
        service.set_policy(session, course=course, assignment=of, policy=policy, by=instructor.user, version=version)
    except AppError as refusal:
        tried = Tried(f"policy-{assignment}", refusal, typed)
        return show_returns(page, session, settings, instructor, tried=tried)
    return go_to(f"/courses/{course.slug}/returns#policy")


def get_assignment(session: Session, course: Course, slug: str) -> Assignment:
    found = assignments.find_assignment(session, course=course, slug=slug)
    if found is None:
        raise NotFound
    return found


def read_policy(percent: str, days: str) -> Policy:
    try:
        return Policy(Decimal(percent.strip()), int(days))
    except (ArithmeticError, ValueError) as error:
        raise rules.BadPolicy from error


def show_returns(
    page: Page,
    session: Session,
    settings: Settings,
    staff: Enrollment,
    *,
    everything: bool = False,
    tried: Tried | None = None,
) -> Response:
    course = staff.course
    listed = assignments.list_assignments(session, course=course, role=staff.role)
    manifests = {each.id: assignments.manifest_of(each, root=settings.assignments) for each in listed}
    homeworks = [each for each in listed if manifests[each.id].competition is None]
    found = queries.list_for_staff(session, course=course, only_open=not everything, now=page.now)
    return page.show(
        "returns/list.html",
        status=tried.refusal.status if tried else 200,
        zone=course.time_zone,
        course=course,
        everything=everything,
        rows=[(each, rules.standing_of(each, page.now)) for each in found],
        standings=rules.STANDINGS,
        titles={number: each.title for number, each in manifests.items()},
        can_set=staff.role is Role.instructor,
        policies=policies_of(session, course, homeworks, tried),
        most_days=rules.MAX_DAYS,
        problem=tried and tried.refusal.message,
        tried=tried or Tried(),
    )


def policies_of(session: Session, course: Course, listed: list[Assignment], tried: Tried | None) -> list[dict[str, Any]]:
    """A form each: of the course first; what was typed and refused stands in its own."""
    rows = queries.policies_of(session, course=course)
    forms = []
    for assignment in (None, *listed):
        row, slug = rows.get(assignment.id if assignment else None), assignment.slug if assignment else ""
        stands = {"percent": f"{row.percent.normalize():f}", "days": row.days} if row else {"percent": "", "days": ""}
        if row is None and assignment is None:
            stands = {"percent": f"{DEFAULT.percent:f}", "days": DEFAULT.days}
        typed = tried.fields if tried and tried.form == f"policy-{slug}" else {}
        forms.append({"assignment": assignment, "slug": slug, "version": row.version if row else 0, **stands, **typed})
    return forms
