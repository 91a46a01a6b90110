"""Pages of the gradebook: the staff's table, one student's sheet, statistics, warnings, files."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from server.attendance.queries import find_student, list_sections, list_students
from server.attendance.rules import NoSuchStudent
from server.cases.points import own_changes
from server.courses.access import InstructorMembership, Membership, StaffMembership
from server.courses.models import Course, Enrollment, Role
from server.database import SessionDep
from server.deadlines.wording import score_in_words
from server.errors import AppError, NotFound
from server.gradebook import queries, service, telling
from server.gradebook.access import StaffBook, own_book
from server.gradebook.api import file_of
from server.gradebook.book import Book, Sheet, book_of
from server.gradebook.models import ContactState, MarkKind
from server.gradebook.refusals import BadPoints, NotSetUp, NotShown
from server.gradebook.rules import FULL, Grade
from server.gradebook.statistics import spread_of_grades
from server.gradebook.table import Look, rows_of
from server.gradebook.views import can_assume, in_class, parts_of, statistics_of, warned_of, what_if
from server.leaderboard.access import BoardsDep
from server.leaderboard.boards import Boards
from server.messages.views import Words, words_of
from server.settings import Settings, SettingsDep
from server.web.i18n import choose_language, html_tag
from server.web.page import Page, PageDep, go_to

router = APIRouter(prefix="/courses/{course}/gradebook")

Word = Annotated[str, Form(max_length=200)]
Long = Annotated[str, Form(max_length=4 * service.MAX_REASON)]
Letter = Annotated[str, Form(max_length=4 * telling.MAX_TEXT)]
ASSUMED = "if-"  # begins the names of what a student plays with


@dataclass(frozen=True)
class Preview:
    """What a student would read, before it is sent. `language`: as in `lang`."""

    login: str
    words: Words
    language: str


def address_of(course: Course, place: str = "") -> str:
    return f"/courses/{course.slug}/gradebook{place}"


@router.get("")
def show(
    page: PageDep,
    request: Request,
    membership: Membership,
    session: SessionDep,
    boards: BoardsDep,
    settings: SettingsDep,
    look: Annotated[Look, Query()],
) -> Response:
    """The table for staff; for a student the own sheet."""
    if not membership.role.is_staff:
        return show_own(page, session, membership, boards, settings, request.query_params)
    book = find_book(page, session, membership, boards, settings)
    if book is None:
        return show_nothing(page, membership)
    rows = rows_of(book, look)
    return page.show(
        "gradebook/table.html",
        zone=book.course.time_zone,
        look=look,
        rows=rows,
        sections=list_sections(session, course=book.course),
        spread=spread_of_grades(book.sheets) if rows else None,
        **shared(book, membership),
    )


def find_book(
    page: Page, session: Session, staff: Enrollment, boards: Boards, settings: Settings, *, student_id: int | None = None
) -> Book | None:
    """Of everybody, or of one; None where nothing is set up."""
    places = {"boards": boards, "root": settings.assignments, "now": page.now}
    try:
        return book_of(session, course=staff.course, reader=staff, student_id=student_id, **places)
    except NotSetUp:
        return None


def shared(book: Book, member: Enrollment) -> dict[str, Any]:
    address = address_of(book.course)
    return {"course": book.course, "book": book, "address": address, "can_set_up": member.role is Role.instructor}


def show_nothing(page: Page, member: Enrollment) -> Response:
    course = member.course
    facts = {"is_staff": member.role.is_staff, "can_set_up": member.role is Role.instructor}
    return page.show("gradebook/nothing.html", zone=course.time_zone, course=course, address=address_of(course), **facts)


def show_own(
    page: Page, session: Session, member: Enrollment, boards: Boards, settings: Settings, asked: Mapping[str, str]
) -> Response:
    """With what would become of the grade if …, where the form has asked that."""
    try:
        book = own_book(session, member=member, boards=boards, root=settings.assignments, now=page.now)
    except (NotSetUp, NotShown):
        return show_nothing(page, member)
    sheet = book.sheets[0]
    assumed, problem = read_assumed(asked)
    return page.show(
        "gradebook/own.html",
        zone=book.course.time_zone,
        assumable=[each for each in book.columns if can_assume(sheet, each)],
        typed={key.removeprefix(ASSUMED): value for key, value in asked.items() if key.startswith(ASSUMED)},
        imagined=what_if(book, sheet, assumed) if assumed else None,
        problem=problem,
        **sheet_facts(page, session, book, sheet, sheet.grade),
        **shared(book, member),
    )


def read_assumed(asked: Mapping[str, str]) -> tuple[dict[str, Decimal], AppError | None]:
    """By column; and what is wrong with the first that is no number."""
    assumed: dict[str, Decimal] = {}
    problem = None
    for name, typed in asked.items():
        if name.startswith(ASSUMED) and typed.strip():
            try:
                assumed[name.removeprefix(ASSUMED)] = read_number(typed)
            except BadPoints as error:
                problem = problem or error
    return assumed, problem


def read_number(typed: str, most: Decimal = FULL) -> Decimal:
    try:
        found = Decimal(typed.strip())
    except InvalidOperation as error:
        raise BadPoints(most) from error
    if not found.is_finite():
        raise BadPoints(most)
    return found


def sheet_facts(page: Page, session: Session, book: Book, sheet: Sheet, grade: Grade) -> dict[str, Any]:
    """What both sheets show: cells in words, the bar of categories."""
    counted = {key: each.counted for key, each in sheet.entries.items() if each.counted}
    told = own_changes(session, course=book.course, student=sheet.student.user)
    return {
        "sheet": sheet,
        "cases": {assignment_id: each.case_id for assignment_id, each in told.items() if each.case_id},
        "titles": {each.key: each.title for each in book.columns},
        "parts": parts_of(book, grade),
        "lateness": {key: score_in_words(each) for key, each in counted.items()},
        "roll_calls": in_class(session, book, now=page.now),
        "dropped": {key for each in grade.categories for key in each.dropped},
    }


@router.get("/export")
def export(book: StaffBook, format: Annotated[Literal["csv", "xlsx", "canvas"], Query()] = "csv") -> Response:
    return file_of(book, format)


@router.get("/statistics")
def show_statistics(
    page: PageDep, staff: StaffMembership, session: SessionDep, boards: BoardsDep, settings: SettingsDep
) -> Response:
    book = find_book(page, session, staff, boards, settings)
    if book is None:
        return show_nothing(page, staff)
    zone = book.course.time_zone
    return page.show("gradebook/statistics.html", zone=zone, found=statistics_of(book), **shared(book, staff))


@router.get("/warnings")
def list_warnings(
    page: PageDep, staff: StaffMembership, session: SessionDep, boards: BoardsDep, settings: SettingsDep
) -> Response:
    return show_warnings(page, session, staff, boards, settings)


def show_warnings(
    page: Page,
    session: Session,
    staff: Enrollment,
    boards: Boards,
    settings: Settings,
    *,
    typed: dict[str, str] | None = None,
    refusal: AppError | None = None,
    preview: Preview | None = None,
) -> Response:
    """`typed`: what stood in the form of one student and was refused, or is to be looked at before it is sent."""
    book = find_book(page, session, staff, boards, settings)
    if book is None:
        return show_nothing(page, staff)
    return page.show(
        "gradebook/warnings.html",
        status=refusal.status if refusal else 200,
        zone=book.course.time_zone,
        warned=warned_of(session, book, now=page.now),
        titles={each.key: each.title for each in book.columns},
        states=list(ContactState),
        typed=typed or {"login": ""},
        longest=service.MAX_REASON,
        longest_text=telling.MAX_TEXT,
        preview=preview,
        problem=refusal and refusal.message,
        **shared(book, staff),
    )


def preview_of(staff: Enrollment, student: Enrollment, text: str, page: Page, settings: Settings) -> Preview:
    """In the language of the student's account, which is that of an e-mail."""
    language = choose_language(student.user.language)
    draft = telling.draft_of(staff.course, text, staff.user)
    words = words_of(draft, language=language, root=settings.assignments, now=page.now)
    return Preview(student.user.login, words, html_tag(language))


@router.post("/warnings/{login}")
def note_contact(
    page: PageDep,
    login: str,
    staff: StaffMembership,
    session: SessionDep,
    boards: BoardsDep,
    settings: SettingsDep,
    state: Annotated[ContactState, Form()] = ContactState.written,
    note: Long = "",
    text: Letter = "",
    seen: Annotated[int, Form()] = 0,
    only_look: Annotated[bool, Form()] = False,
) -> Response:
    """`only_look`: show what the student would read, and send nothing."""
    typed = {"login": login, "state": state, "note": note, "text": text}
    places = {"page": page, "session": session, "staff": staff, "boards": boards, "settings": settings}
    try:
        if only_look:
            telling.checked_text(text, state)
            student = find_student(session, course=staff.course, login=login)
            if student is None:
                raise NoSuchStudent(login)
            return show_warnings(**places, typed=typed, preview=preview_of(staff, student, text, page, settings))
        told = {"state": state, "note": note, "text": text, "seen": seen}
        service.contact(session, course=staff.course, login=login, by=staff.user, **told)
    except AppError as refusal:
        return show_warnings(**places, typed=typed, refusal=refusal)
    return go_to(f"{address_of(staff.course, '/warnings')}#student-{login}")


@router.get("/students/{login}")
def show_student(
    page: PageDep, login: str, staff: StaffMembership, session: SessionDep, boards: BoardsDep, settings: SettingsDep
) -> Response:
    return show_sheet(page, session, staff, boards, settings, login)


def show_sheet(
    page: Page,
    session: Session,
    staff: Enrollment,
    boards: Boards,
    settings: Settings,
    login: str,
    *,
    typed: dict[str, str] | None = None,
    refusal: AppError | None = None,
) -> Response:
    ids = {each.user.login: each.user_id for each in list_students(session, course=staff.course)}
    if login not in ids:
        raise NotFound
    book = find_book(page, session, staff, boards, settings, student_id=ids[login])
    if book is None:
        return show_nothing(page, staff)
    logins, sheet, student = list(ids), book.sheets[0], ids[login]
    place = logins.index(login)
    return page.show(
        "gradebook/sheet.html",
        status=refusal.status if refusal else 200,
        zone=book.course.time_zone,
        previous=logins[place - 1] if place else None,
        next=logins[place + 1] if place + 1 < len(logins) else None,
        history=queries.list_marks(session, course=book.course, student_id=student),
        override=queries.newest_overrides(session, course=book.course, student_id=student).get(student),
        seen=seen_of(session, book, student),
        keys={each.id: each.key for each in book.columns},
        kinds=list(MarkKind),
        typed=typed or {},
        longest=service.MAX_REASON,
        problem=refusal and refusal.message,
        **sheet_facts(page, session, book, sheet, sheet.grade),
        **shared(book, staff),
    )


def seen_of(session: Session, book: Book, student_id: int) -> dict[str, int]:
    """By column the newest mark, also one that clears: what a form names as seen."""
    keys = {each.id: each.key for each in book.columns}
    oldest_first = reversed(queries.list_marks(session, course=book.course, student_id=student_id))
    return {keys[each.column_id]: each.id for each in oldest_first}


@router.post("/students/{login}/marks")
def mark(
    page: PageDep,
    login: str,
    staff: StaffMembership,
    session: SessionDep,
    boards: BoardsDep,
    settings: SettingsDep,
    column: Word = "",
    kind: Annotated[MarkKind, Form()] = MarkKind.points,
    points: Word = "",
    reason: Long = "",
    seen: Annotated[int, Form()] = 0,
) -> Response:
    """Back to the same column; or the sheet at once, with what was typed."""
    try:
        value = read_number(points) if kind is MarkKind.points else None
        facts = {"login": login, "key": column, "kind": kind, "points": value, "reason": reason, "seen": seen}
        service.mark(session, course=staff.course, by=staff.user, **facts)
    except AppError as refusal:
        typed = {"column": column, "kind": kind, "points": points, "reason": reason}
        return show_sheet(page, session, staff, boards, settings, login, typed=typed, refusal=refusal)
    return go_to(f"{address_of(staff.course, f'/students/{login}')}#column-{column}")


@router.post("/students/{login}/override")
def override(
    page: PageDep,
    login: str,
    instructor: InstructorMembership,
    session: SessionDep,
    boards: BoardsDep,
    settings: SettingsDep,
    grade: Word = "",
    reason: Long = "",
    take_back: Annotated[bool, Form()] = False,
    seen: Annotated[int, Form()] = 0,
) -> Response:
    try:
        value = None if take_back else read_number(grade)
        facts = {"login": login, "grade": value, "reason": reason, "seen": seen}
        service.override(session, course=instructor.course, by=instructor.user, **facts)
    except AppError as refusal:
        typed = {"grade": grade, "grade_reason": reason}
        return show_sheet(page, session, instructor, boards, settings, login, typed=typed, refusal=refusal)
    return go_to(f"{address_of(instructor.course, f'/students/{login}')}#grade")
