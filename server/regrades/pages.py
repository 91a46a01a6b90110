"""Pages of regrade requests: the form at a check, the staff's queue, a student's own list, one request with its answer."""

from decimal import Decimal, InvalidOperation
from typing import Annotated

from fastapi import APIRouter, Form, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from server.accounts.access import CurrentUser
from server.assignments import service as assignments
from server.assignments.service import manifest_of
from server.courses.access import InstructorMembership, Membership, StaffMembership
from server.courses.models import Enrollment, Role
from server.database import SessionDep
from server.errors import AppError
from server.leaderboard.access import BoardsDep
from server.regrades import queries, rules, service
from server.regrades.access import AskableSubmission, OwnRequest, StaffRequest, VisibleRequest
from server.regrades.models import RegradeRequest, Remedy
from server.regrades.queries import Filter
from server.regrades.rules import Answer, Policy, whole_of
from server.regrades.views import titles_of, view_of
from server.settings import Settings, SettingsDep
from server.submissions.access import SubmissionView
from server.submissions.pages import show_submission
from server.submissions.tried import Tried
from server.web.page import Page, PageDep, go_to

router = APIRouter()

Word = Annotated[str, Form(max_length=200)]
Long = Annotated[str, Form(max_length=4 * rules.MAX_STATEMENT)]
Version = Annotated[int, Form()]
REQUESTS = "/courses/{course}/regrades"
REQUEST = REQUESTS + "/{request_id}"


@router.post("/submissions/{submission_id}/regrades")
def ask(
    page: PageDep,
    submission: AskableSubmission,
    view: SubmissionView,
    student: CurrentUser,
    boards: BoardsDep,
    session: SessionDep,
    settings: SettingsDep,
    subject: Word = "",
    statement: Long = "",
) -> Response:
    """On to the request; or back to the check at once, with what was typed and why it was not taken."""
    manifest = manifest_of(submission.assignment, root=settings.assignments)
    try:
        found = service.ask(
            session, submission=submission, subject=subject, statement=statement, student=student, manifest=manifest, now=page.now
        )
    except AppError as refusal:
        tried = Tried(f"ask-{whole_of(subject)}", refusal, {"statement": statement, "subject": subject})
        return show_submission(page, "submissions/submission.html", view, student, boards, session, settings, tried=tried)
    return go_to(address_of(found))


def address_of(request: RegradeRequest) -> str:
    return f"/courses/{request.submission.assignment.course.slug}/regrades/{request.id}"


@router.get(REQUESTS)
def show_all(
    page: PageDep,
    membership: Membership,
    session: SessionDep,
    settings: SettingsDep,
    everything: Annotated[bool, Query(alias="all")] = False,
    assignment: Annotated[str, Query(max_length=200)] = "",
    whose: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    if not membership.role.is_staff:
        return show_own(page, session, settings, membership)
    mine = membership.user if whose == "mine" else None
    wanted = Filter(not everything, assignment, mine, nobodys=whose == "nobodys")
    return show_queue(page, session, settings, membership, wanted, whose)


def show_own(page: Page, session: Session, settings: Settings, member: Enrollment) -> Response:
    requests = queries.list_own(session, course=member.course, student=member.user)
    return page.show(
        "regrades/own.html",
        zone=member.course.time_zone,
        course=member.course,
        states=rules.STATES,
        policy=queries.policy_of(session, course=member.course),
        **described(session, settings, requests),
    )


def described(session: Session, settings: Settings, requests: list[RegradeRequest]) -> dict:
    """Requests with what they are about in words."""
    found = {each.submission.assignment_id: each.submission.assignment for each in requests}
    manifests = {id_: manifest_of(each, root=settings.assignments) for id_, each in found.items()}
    titles = {id_: each.title for id_, each in manifests.items()}
    return {"requests": requests, "subjects": titles_of(session, requests, manifests), "titles": titles}


def show_queue(
    page: Page,
    session: Session,
    settings: Settings,
    staff: Enrollment,
    wanted: Filter,
    whose: str = "",
    *,
    tried: Tried | None = None,
) -> Response:
    course = staff.course
    listed = assignments.list_assignments(session, course=course, role=staff.role)
    policy, row = queries.policy_of(session, course=course), queries.find_row(session, course=course)
    stands = {"days": policy.days, "most_open": policy.most_open, "version": row.version if row else 0}
    return page.show(
        "regrades/queue.html",
        status=tried.refusal.status if tried else 200,
        zone=course.time_zone,
        course=course,
        wanted=wanted,
        whose=whose,
        choices=[(each.slug, manifest_of(each, root=settings.assignments).title) for each in listed],
        states=rules.STATES,
        can_set=staff.role is Role.instructor,
        policy=stands | (tried.fields if tried else {}),
        problem=tried and tried.refusal.message,
        **described(session, settings, queries.list_for_staff(session, course=course, wanted=wanted)),
    )


@router.post(REQUESTS + "/policy")
def set_policy(
    page: PageDep,
    instructor: InstructorMembership,
    session: SessionDep,
    settings: SettingsDep,
    days: Word = "",
    most_open: Word = "",
    version: Version = 0,
) -> Response:
    try:
        policy = read_policy(days, most_open)
        service.set_policy(session, course=instructor.course, policy=policy, by=instructor.user, version=version)
    except AppError as refusal:
        tried = Tried("policy", refusal, {"days": days, "most_open": most_open})
        return show_queue(page, session, settings, instructor, Filter(), tried=tried)
    return go_to(f"/courses/{instructor.course.slug}/regrades#policy")


def read_policy(days: str, most_open: str) -> Policy:
    try:
        return Policy(int(days), int(most_open))
    except ValueError as error:
        raise rules.BadPolicy from error


@router.get(REQUEST)
def show(page: PageDep, request: VisibleRequest, membership: Membership, session: SessionDep, settings: SettingsDep) -> Response:
    return show_request(page, session, settings, membership, request)


@router.post(REQUEST + "/assign")
def assign(
    page: PageDep,
    request: StaffRequest,
    staff: StaffMembership,
    session: SessionDep,
    settings: SettingsDep,
    to: Word = "",
    version: Version = 0,
) -> Response:
    try:
        service.assign(session, request=request, to=to, by=staff.user, version=version)
    except AppError as refusal:
        return show_request(page, session, settings, staff, request, tried=Tried("assign", refusal, {"to": to}))
    return go_to(address_of(request))


@router.post(REQUEST + "/answer")
def answer(
    page: PageDep,
    request: StaffRequest,
    staff: StaffMembership,
    session: SessionDep,
    settings: SettingsDep,
    text: Long = "",
    decision: Word = "",
    points: Word = "",
    version: Version = 0,
) -> Response:
    """`decision`: points, rerun or declined."""
    manifest = manifest_of(request.submission.assignment, root=settings.assignments)
    fields = {"text": text, "decision": decision, "points": points}
    try:
        with session.begin_nested():  # the page shows a refusal in this transaction, so what was begun is undone here
            service.answer(
                session,
                request=request,
                answer=read_answer(text, decision, points),
                by=staff.user,
                manifest=manifest,
                version=version,
                now=page.now,
            )
    except AppError as refusal:
        return show_request(page, session, settings, staff, request, tried=Tried("answer", refusal, fields))
    return go_to(address_of(request))


def read_answer(text: str, decision: str, points: str) -> Answer:
    if decision not in (Remedy.points, Remedy.rerun):
        return Answer(text, is_accepted=False)
    return Answer(text, True, Remedy(decision), read_points(points) if decision == Remedy.points else None)


def read_points(typed: str) -> Decimal:
    """What is no number is no points, and is refused with the bounds."""
    try:
        return Decimal(typed.strip())
    except InvalidOperation:
        return Decimal(0)


@router.post(REQUEST + "/withdraw")
def withdraw(
    page: PageDep,
    request: OwnRequest,
    membership: Membership,
    session: SessionDep,
    settings: SettingsDep,
    version: Version = 0,
) -> Response:
    try:
        service.withdraw(session, request=request, version=version)
    except AppError as refusal:
        return show_request(page, session, settings, membership, request, tried=Tried("withdraw", refusal))
    return go_to(address_of(request))


def show_request(
    page: Page,
    session: Session,
    settings: Settings,
    reader: Enrollment,
    request: RegradeRequest,
    *,
    tried: Tried | None = None,
) -> Response:
    tried, for_staff = tried or Tried(), reader.role.is_staff
    assignment = request.submission.assignment
    manifest = manifest_of(assignment, root=settings.assignments)
    waiting = queries.list_for_staff(session, course=reader.course, wanted=Filter()) if for_staff else []
    others = [each.id for each in waiting if each.id != request.id]
    return page.show(
        "regrades/request.html",
        status=tried.refusal.status if tried.refusal else 200,
        zone=reader.course.time_zone,
        course=reader.course,
        assignment=assignment,
        manifest=manifest,
        request=request,
        view=view_of(session, request=request, manifest=manifest, for_staff=for_staff),
        states=rules.STATES,
        for_staff=for_staff,
        is_own=request.student_id == reader.user_id,
        reader=reader.user,
        staff=queries.list_staff(session, course=reader.course) if for_staff else [],
        before=max((each for each in others if each < request.id), default=None),
        after=min((each for each in others if each > request.id), default=None),
        tried=tried,
    )
