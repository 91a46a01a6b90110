"""One's courses, and what is set in one of them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Form
from fastapi.responses import Response
from sqlalchemy.orm import Session

from grader.protocol import Text
from server.accounts.access import CurrentUser
from server.announcements.views import front_for
from server.assignments import service as assignments
from server.assignments.models import Assignment
from server.assignments.rules import can_see, is_held_back
from server.audit import list_lines
from server.cases.points import Change, changed, own_changes
from server.cases.queries import count_open, list_own
from server.cases.views import OwnCase, is_news, own_case
from server.courses import integrity, service
from server.courses.access import InstructorMembership, Membership, StaffMembership
from server.courses.api import Before
from server.courses.models import Asking, Course, Enrollment, Role
from server.database import Now, SessionDep
from server.deadlines.rules import Dates
from server.deadlines.views import Account, Own, announced, open_own, own_view
from server.declarations.wording import OURS, wording_of
from server.errors import AppError
from server.grading.queries import list_stuck
from server.leaderboard.access import BoardsDep
from server.leaderboard.boards import Boards
from server.leaderboard.outcomes import own_row
from server.leaderboard.views import Row as Place
from server.leaderboard.views import open_board, own_points
from server.regrades.queries import count_open as count_waiting
from server.returns.queries import list_open_of
from server.settings import Settings, SettingsDep
from server.submissions import service as submissions
from server.submissions.views import full_score
from server.web.page import Page, PageDep, go_to

router = APIRouter()

LINES = 100


@dataclass(frozen=True)
class Card:
    """A course in the list, with what is due next in it, and when for the reader."""

    course: Course
    role: Role
    next_assignment: Assignment | None
    next_title: Text | None
    next_dates: Dates | None
    has_withdrawn: bool


@dataclass(frozen=True)
class Row:
    """An assignment in the course's table: a student sees the own score, staff how many have one."""

    assignment: Assignment
    title: Text
    max_score: Decimal
    score: Decimal | None  # with what a person has taken off
    change: Decimal | None  # that, below 0
    case_id: int | None  # where the student can read why
    place: Place | None  # in a competition
    entrants: int
    decimals: int
    own: Own  # the dates that hold for the reader, and what lateness has cost
    attempts_used: int
    graded: int
    is_open: bool


@router.get("/")
def list_courses(page: PageDep, user: CurrentUser, session: SessionDep, settings: SettingsDep, now: Now) -> Response:
    enrollments = service.list_enrollments(session, user=user)
    return page.show("courses/list.html", cards=[make_card(session, each, settings, now) for each in enrollments])


@router.get("/courses/{course}")
def show(page: PageDep, membership: Membership, boards: BoardsDep, session: SessionDep, settings: SettingsDep) -> Response:
    course = membership.course
    listed = assignments.list_assignments(session, course=course, role=membership.role)
    changes = own_changes(session, course=course, student=membership.user)
    account = open_own(session, membership=membership, root=settings.assignments)
    rows = [make_row(session, boards, each, membership, settings, page.now, changes.get(each.id), account) for each in listed]
    is_staff = membership.role.is_staff
    people = service.list_people(session, course=course) if is_staff else []
    return page.show(
        "courses/course.html",
        zone=course.time_zone,
        course=course,
        role=membership.role,
        has_exams=any(each.is_exam for each in listed),
        has_withdrawn=not membership.is_active,
        rows=rows,
        moved=announced(session, membership=membership, now=page.now),
        grace=(account.grace_left, account.budget) if account.uses_grace and not is_staff else None,
        students=sum(person.role is Role.student for person in people),
        stuck=list_stuck(session, course=course) if is_staff else [],
        titles={row.assignment.id: row.title for row in rows},
        returned=[] if is_staff else list_open_of(session, course=course, student=membership.user, now=page.now),
        asked=[] if is_staff else own_cases(session, membership, page.now),
        front=front_for(session, reader=membership, now=page.now),
        open_regrades=count_waiting(session, course=course) if is_staff else 0,
        open_cases=count_open(session, course=course, reader=membership.user) if is_staff else 0,
    )


@router.get("/courses/{course}/audit")
def audit(page: PageDep, staff: StaffMembership, session: SessionDep, settings: SettingsDep, before: Before = None) -> Response:
    """What staff have changed by hand, newest first."""
    course = staff.course
    lines = list_lines(session, course=course, before=before, limit=LINES + 1)
    listed = assignments.list_assignments(session, course=course, role=staff.role)
    return page.show(
        "courses/audit.html",
        zone=course.time_zone,
        course=course,
        lines=lines[:LINES],
        older=lines[LINES - 1].id if len(lines) > LINES else None,
        titles={each.slug: assignments.manifest_of(each, root=settings.assignments).title for each in listed},
    )


@router.get("/courses/{course}/integrity")
def show_integrity(page: PageDep, staff: StaffMembership) -> Response:
    return show_settings(page, staff, integrity.settings_of(staff.course))


@router.post("/courses/{course}/integrity")
def change_integrity(
    page: PageDep,
    instructor: InstructorMembership,
    session: SessionDep,
    cases_kept_days: Annotated[int, Form()],
    asks_sources: Annotated[Asking, Form()],
    honour_en: Annotated[str, Form()] = "",
    honour_zh: Annotated[str, Form()] = "",
    tells_students: Annotated[bool, Form()] = False,
    second_eyes: Annotated[bool, Form()] = False,
) -> Response:
    """Back to the page; or that page at once, with what was typed and what is wrong with it."""
    typed = {
        "asks_sources": asks_sources, "honour_en": honour_en, "honour_zh": honour_zh, "tells_students": tells_students,
        "second_eyes": second_eyes, "cases_kept_days": cases_kept_days,
    }  # fmt: skip
    try:
        integrity.change(session, course=instructor.course, by=instructor.user, settings=typed)
    except AppError as refusal:
        return show_settings(page, instructor, typed, refusal=refusal)
    return go_to(f"/courses/{instructor.course.slug}/integrity")


def show_settings(page: Page, staff: Enrollment, typed: dict[str, Any], *, refusal: AppError | None = None) -> Response:
    """`typed`: what stands in the fields."""
    course = staff.course
    return page.show(
        "courses/integrity.html",
        status=refusal.status if refusal else 200,
        zone=course.time_zone,
        course=course,
        can_change=staff.role is Role.instructor,
        typed=typed,
        problem=refusal and refusal.message,
        wording=wording_of(course),
        ours=OURS,
        longest=integrity.MAX_HONOUR,
        most_days=integrity.MAX_DAYS,
    )


def own_cases(session: Session, membership: Enrollment, now: datetime) -> list[OwnCase]:
    """Of which the student was told and which are open, or were closed not long ago."""
    own = list_own(session, course=membership.course, student=membership.user)
    return [own_case(party, party.case.events, now=now) for party in own if is_news(party, now=now)]


def make_card(session: Session, enrollment: Enrollment, settings: Settings, now: datetime) -> Card:
    listed = assignments.list_assignments(session, course=enrollment.course, role=enrollment.role)
    dates = open_own(session, membership=enrollment, root=settings.assignments).dates
    due = [each for each in listed if each.opens_at <= now < dates[each.id].due_at]
    soonest = min(due, key=lambda each: dates[each.id].due_at, default=None)
    title = assignments.manifest_of(soonest, root=settings.assignments).title if soonest else None
    next_dates = dates[soonest.id] if soonest else None
    return Card(enrollment.course, enrollment.role, soonest, title, next_dates, not enrollment.is_active)


def make_row(
    session: Session,
    boards: Boards,
    assignment: Assignment,
    membership: Enrollment,
    settings: Settings,
    now: datetime,
    change: Change | None,
    account: Account,
) -> Row:
    manifest = assignments.manifest_of(assignment, root=settings.assignments)
    folder = assignments.folder_of(assignment, root=settings.assignments)
    board = open_board(
        session, boards=boards, assignment=assignment, manifest=manifest, folder=folder, membership=membership, now=now
    )
    used = submissions.count_attempts(session, assignment=assignment, author=membership.user, now=now).used
    is_open = can_see(assignment, role=membership.role, now=now)
    is_told = not is_held_back(assignment, role=membership.role)
    change = change if is_told else None
    standing = account.settled[assignment.id]
    points = own_points(board) if manifest.competition or not standing else standing.total
    return Row(
        assignment=assignment,
        title=manifest.title,
        max_score=full_score(manifest),
        score=changed(points, change.points if change else None) if is_told else None,
        change=change.points if change else None,
        case_id=change.case_id if change else None,
        place=own_row(board) if is_told else None,
        entrants=len(board.live.board),
        decimals=manifest.competition.decimals if manifest.competition else 3,
        own=own_view(account, assignment, now),
        attempts_used=used,
        graded=len(board.live.board),
        is_open=is_open,
    )
