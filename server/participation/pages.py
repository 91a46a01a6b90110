"""Pages of participation: notes, the draw on the wall, invitations to present, and the showcase."""

from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from fastapi import APIRouter, Form
from fastapi.responses import Response
from sqlalchemy.orm import Session

from server.accounts.access import CurrentUser
from server.assignments.service import manifest_of
from server.attendance.access import StaffRollCall
from server.attendance.models import RollCall
from server.attendance.queries import list_students
from server.courses.access import InstructorMembership, Membership, StaffMembership
from server.courses.models import Course, Enrollment, Role
from server.database import Now, SessionDep
from server.errors import AppError, NotFound
from server.participation import queries, rules, service
from server.participation.access import AuthoredSubmission, StaffSubmission
from server.participation.models import Contribution, InvitationState, Reply, ShownAs
from server.participation.views import author_of, exhibits_of, files_of, is_shown
from server.settings import SettingsDep
from server.submissions.models import Submission
from server.web.page import Page, PageDep, go_to

router = APIRouter(prefix="/courses/{course}")

NEWEST = 100
Word = Annotated[str, Form(max_length=200)]
Long = Annotated[str, Form(max_length=4 * rules.MAX_TEXT)]


def address_of(course: Course, place: str = "participation") -> str:
    return f"/courses/{course.slug}/{place}"


@router.get("/participation")
def show(page: PageDep, membership: Membership, session: SessionDep) -> Response:
    return show_notes(page, session, membership) if membership.role.is_staff else show_own(page, session, membership)


def show_notes(
    page: Page,
    session: Session,
    staff: Enrollment,
    *,
    typed: dict[str, Any] | None = None,
    refusal: AppError | None = None,
) -> Response:
    """`typed`: what stood in the form and was refused."""
    course, found = staff.course, service.points(session, staff.course)
    return page.show(
        "participation/notes.html",
        status=refusal.status if refusal else 200,
        zone=course.time_zone,
        course=course,
        address=address_of(course),
        notes=queries.list_notes(session, course=course, limit=NEWEST),
        rows=[(each, found[each.user_id]) for each in list_students(session, course=course)],
        kinds=rules.KINDS,
        table=service.points_table(session, course),
        can_change=staff.role is Role.instructor,
        typed=typed or {"login": "", "kind": "question", "text": ""},
        longest=rules.MAX_TEXT,
        problem=refusal and refusal.message,
    )


def show_own(page: Page, session: Session, member: Enrollment) -> Response:
    course = member.course
    presentations = queries.list_presentations(session, course=course, student=member.user)
    return page.show(
        "participation/own.html",
        zone=course.time_zone,
        course=course,
        points=service.points(session, course).get(member.user_id),
        notes=queries.list_notes(session, course=course, student=member.user),
        kinds=rules.KINDS,
        table=service.points_table(session, course),
        presentations=presentations,
        invitations=rules.INVITATIONS,
    )


@router.post("/participation")
def add_note(
    page: PageDep,
    staff: StaffMembership,
    session: SessionDep,
    login: Word = "",
    kind: Annotated[Contribution, Form()] = Contribution.other,
    text: Long = "",
) -> Response:
    """Back to the form, which waits for the next; or the page at once, with what was typed."""
    try:
        service.add_note(session, course=staff.course, login=login, kind=kind, text=text, by=staff.user)
    except AppError as refusal:
        typed = {"login": login, "kind": kind, "text": text}
        return show_notes(page, session, staff, typed=typed, refusal=refusal)
    return go_to(address_of(staff.course))


@router.post("/participation/notes/{note_id}/take-back")
def take_back(note_id: int, staff: StaffMembership, session: SessionDep, now: Now) -> Response:
    service.take_back(session, course=staff.course, note_id=note_id, by=staff.user, now=now)
    return go_to(address_of(staff.course))


@router.post("/participation/points")
def set_points(
    page: PageDep,
    instructor: InstructorMembership,
    session: SessionDep,
    question: Word = "",
    answer: Word = "",
    presentation: Word = "",
    other: Word = "",
    most: Word = "",
) -> Response:
    typed = {"question": question, "answer": answer, "presentation": presentation, "other": other, "most": most}
    try:
        wanted = {name: read_points(value) for name, value in typed.items() if value.strip()}
        service.set_points(session, course=instructor.course, wanted=wanted, by=instructor.user)
    except AppError as refusal:
        return show_notes(page, session, instructor, refusal=refusal)
    return go_to(address_of(instructor.course))


def read_points(typed: str) -> Decimal:
    try:
        return Decimal(typed.strip())
    except InvalidOperation as error:
        raise rules.BadPoints from error


@router.get("/participation/draws/{roll_call_id}")
def show_draws(page: PageDep, roll_call: StaffRollCall, session: SessionDep) -> Response:
    return show_wall(page, session, roll_call)


def show_wall(page: Page, session: Session, roll_call: RollCall, *, refusal: AppError | None = None) -> Response:
    draws = queries.list_draws(session, roll_call=roll_call)
    return page.show(
        "participation/draws.html",
        status=refusal.status if refusal else 200,
        zone=roll_call.course.time_zone,
        course=roll_call.course,
        address=f"{address_of(roll_call.course)}/draws/{roll_call.id}",
        roll_call=roll_call,
        draws=draws,
        replies=rules.REPLIES,
        problem=refusal and refusal.message,
    )


@router.post("/participation/draws/{roll_call_id}")
def draw(page: PageDep, roll_call: StaffRollCall, staff: CurrentUser, session: SessionDep) -> Response:
    try:
        service.draw(session, roll_call=roll_call, by=staff)
    except AppError as refusal:
        return show_wall(page, session, roll_call, refusal=refusal)
    return go_to(f"{address_of(roll_call.course)}/draws/{roll_call.id}")


@router.post("/participation/draws/{roll_call_id}/{draw_id}")
def record_reply(
    page: PageDep,
    draw_id: int,
    roll_call: StaffRollCall,
    staff: CurrentUser,
    session: SessionDep,
    reply: Annotated[Reply, Form()] = Reply.skipped,
    text: Word = "",
) -> Response:
    try:
        found = queries.get_draw(session, roll_call=roll_call, draw_id=draw_id)
        service.record_reply(session, draw=found, reply=reply, text=text, by=staff)
    except rules.AlreadyReplied as refusal:
        return show_wall(page, session, roll_call, refusal=refusal)
    return go_to(f"{address_of(roll_call.course)}/draws/{roll_call.id}")


@router.get("/showcase")
def show_showcase(page: PageDep, membership: Membership, session: SessionDep, settings: SettingsDep) -> Response:
    course = membership.course
    exhibits = exhibits_of(session, course=course, now=page.now, key=settings.derive_key("pseudonyms"))
    assignments = {each.presentation.submission.assignment for each in exhibits}
    return page.show(
        "participation/showcase.html",
        zone=course.time_zone,
        course=course,
        exhibits=exhibits,
        titles={each.id: manifest_of(each, root=settings.assignments).title for each in assignments},
    )


@router.get("/showcase/{submission_id}")
def show_solution(
    page: PageDep, submission_id: int, membership: Membership, session: SessionDep, settings: SettingsDep
) -> Response:
    """For its author and staff whether it is shown or not; for everybody else once it is."""
    submission = session.get(Submission, submission_id)
    if submission is None or submission.assignment.course_id != membership.course_id:
        raise NotFound
    presentation = queries.find_presentation(session, submission=submission)
    is_author, is_staff = submission.author_id == membership.user_id, membership.role.is_staff
    shown = is_shown(session, presentation, now=page.now)
    if not (shown or is_staff or (is_author and presentation)):
        raise NotFound
    return page.show(
        "participation/solution.html",
        zone=membership.course.time_zone,
        course=membership.course,
        address=f"{address_of(membership.course, 'showcase')}/{submission.id}",
        submission=submission,
        manifest=manifest_of(submission.assignment, root=settings.assignments),
        presentation=presentation,
        author=author_of(presentation, settings.derive_key("pseudonyms")) if presentation and presentation.shown_as else None,
        shown=shown,
        is_author=is_author,
        is_staff=is_staff,
        files=files_of(submission, store=settings.blob_store),
        invitations=rules.INVITATIONS,
        shown_as=rules.SHOWN_AS,
        longest=rules.MAX_TEXT,
    )


@router.post("/showcase/{submission_id}/invite")
def invite(submission: StaffSubmission, staff: CurrentUser, session: SessionDep, word: Long = "") -> Response:
    service.invite(session, submission=submission, word=word, by=staff)
    return go_to(solution_address(submission))


@router.post("/showcase/{submission_id}/answer")
def answer_invitation(
    submission: AuthoredSubmission,
    session: SessionDep,
    now: Now,
    state: Annotated[InvitationState, Form()] = InvitationState.declined,
) -> Response:
    service.answer_invitation(session, submission=submission, accept=state is InvitationState.accepted, now=now)
    return go_to(solution_address(submission))


@router.post("/showcase/{submission_id}/consent")
def consent(submission: AuthoredSubmission, session: SessionDep, shown_as: Annotated[ShownAs | None, Form()] = None) -> Response:
    """Left empty, the solution is taken out of the showcase at once."""
    service.consent(session, submission=submission, shown_as=shown_as)
    return go_to(solution_address(submission))


def solution_address(submission: Submission) -> str:
    return f"{address_of(submission.assignment.course, 'showcase')}/{submission.id}"
