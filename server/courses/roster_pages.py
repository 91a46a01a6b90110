"""Pages of a roster: the people of a course, one of them, a file that is looked at and confirmed, sections."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, UploadFile
from fastapi.responses import Response
from sqlalchemy.orm import Session

from server.courses import invitations, joining, roster, sections
from server.courses.access import InstructorMembership, StaffMembership
from server.courses.models import Course, Enrollment, Role
from server.courses.roster_api import as_csv, keep
from server.courses.roster_exports import roster_csv
from server.courses.roster_files import MAX_BYTES, MAX_ROWS, UnreadableRoster
from server.courses.roster_refusals import FaultyLines, PreviewExpired, RosterChanged
from server.courses.roster_rules import HEADS
from server.database import Now, SessionDep
from server.errors import AppError, NotFound
from server.web.page import Page, PageDep, go_to

router = APIRouter(prefix="/courses/{course}")

Word = Annotated[str, Form(max_length=300)]
Words = Annotated[list[str], Form(default_factory=list, max_length=5000)]
ROLES = (Role.student, Role.ta, Role.instructor)
NOBODY = "-"  # instead of a section's id: those in none


@dataclass(frozen=True)
class Filter:
    """What the reader asked to see of the people."""

    search: str = ""
    section: str = ""
    standing: str = "active"

    def finds(self, member: Enrollment) -> bool:
        user = member.user
        texts = (user.display_name, user.login, user.student_number or "", user.email or "")
        in_section = self.section in ("", str(member.section_id or NOBODY))
        said = self.search.strip().casefold()
        return member.standing == self.standing and in_section and any(said in text.casefold() for text in texts)


@router.get("/people")
def show_people(
    page: PageDep,
    staff: StaffMembership,
    session: SessionDep,
    q: str = "",
    section: str = "",
    standing: str = "active",
    done: str = "",
) -> Response:
    return show_list(page, session, staff, Filter(q[:100], section, standing), done=done)


@router.post("/people")
def add(
    page: PageDep,
    instructor: InstructorMembership,
    session: SessionDep,
    name: Word = "",
    student_number: Word = "",
    email: Word = "",
    section: Word = "",
    role: Word = "",
) -> Response:
    typed = {"name": name, "student_number": student_number, "email": email, "section": section, "role": role}
    try:
        member = roster.add_person(session, course=instructor.course, by=instructor.user, typed=typed)
    except AppError as refusal:
        return show_list(page, session, instructor, Filter(), typed=typed, refusal=refusal)
    return go_to(address_of(member))


def show_list(
    page: Page,
    session: Session,
    staff: Enrollment,
    wanted: Filter,
    *,
    typed: dict[str, str] | None = None,
    refusal: AppError | None = None,
    done: str = "",
) -> Response:
    """`done`: how many of each an import has changed, as `counts_of` has written it."""
    course = staff.course
    members = roster.list_members(session, course=course)
    return page.show(
        "courses/people.html",
        status=refusal.status if refusal else 200,
        zone=course.time_zone,
        course=course,
        can_change=staff.role is Role.instructor,
        members=[member for member in members if wanted.finds(member)],
        total=sum(member.is_active for member in members),
        withdrawn=sum(not member.is_active for member in members),
        waiting=sum(invitations.is_waiting(member) for member in members),
        sections=sections.list_sections(session, course=course),
        wanted=wanted,
        roles=ROLES,
        typed=typed or dict.fromkeys(("name", "student_number", "email", "section", "role"), ""),
        problem=refusal and refusal.message,
        faults=refusal.found if isinstance(refusal, FaultyLines) else [],
        done=read_counts(done),
    )


COUNTED = ("new", "joined", "changed", "withdrawn", "left_out")


def counts_of(done: roster.Applied) -> str:
    return "-".join(str(getattr(done, name)) for name in COUNTED)


def read_counts(text: str) -> dict[str, int] | None:
    parts = text.split("-")
    if len(parts) != len(COUNTED) or not all(part.isdecimal() and len(part) < 6 for part in parts):
        return None
    return dict(zip(COUNTED, map(int, parts), strict=True))


@router.get("/roster/download")
def download(staff: StaffMembership, session: SessionDep) -> Response:
    return as_csv(roster_csv(roster.list_members(session, course=staff.course)), f"{staff.course.slug}-roster.csv")


@router.get("/roster")
def import_form(page: PageDep, instructor: InstructorMembership, session: SessionDep) -> Response:
    return show_import(page, session, instructor.course)


@router.post("/roster")
def upload(
    page: PageDep,
    instructor: InstructorMembership,
    session: SessionDep,
    now: Now,
    file: Annotated[UploadFile, File()],
    section: Word = "",
) -> Response:
    """On to the preview; nothing is changed yet."""
    course = instructor.course
    try:
        kept = keep(session, course, file, section=section, by=instructor.user, now=now)
    except UnreadableRoster as refusal:
        return show_import(page, session, course, section=section, refusal=refusal)
    return go_to(f"/courses/{course.slug}/roster/{kept.id}")


def show_import(page: Page, session: Session, course: Course, *, section: str = "", refusal: AppError | None = None) -> Response:
    return page.show(
        "courses/roster.html",
        status=refusal.status if refusal else 200,
        zone=course.time_zone,
        course=course,
        sections=sections.list_sections(session, course=course),
        section=section,
        heads=HEADS,
        most_bytes=MAX_BYTES,
        most_rows=MAX_ROWS,
        problem=refusal and refusal.message,
    )


@router.get("/roster/{file_id}")
def show_preview(page: PageDep, instructor: InstructorMembership, file_id: int, session: SessionDep, now: Now) -> Response:
    try:
        file = roster.get_file(session, course=instructor.course, file_id=file_id, by=instructor.user, now=now)
    except NotFound as error:
        raise PreviewExpired from error
    return show_diff(page, roster.preview(session, file))


@router.post("/roster/{file_id}")
def confirm(
    page: PageDep,
    instructor: InstructorMembership,
    file_id: int,
    session: SessionDep,
    now: Now,
    withdraw: Words,
    version: Annotated[int, Form()] = -1,
    takes_good_lines: Annotated[bool, Form()] = False,
) -> Response:
    """On to the people; or the preview as it is now, and why nothing was done."""
    course, by = instructor.course, instructor.user
    try:
        file = roster.get_file(session, course=course, file_id=file_id, by=by, now=now)
    except (NotFound, PreviewExpired):
        return show_import(page, session, course, refusal=PreviewExpired())
    try:
        done = roster.confirm(
            session, file=file, version=version, by=by, withdraw=withdraw, takes_good_lines=takes_good_lines, now=now
        )
    except AppError as refusal:
        return show_diff(page, roster.preview(session, file), ticked=withdraw, refusal=refusal)
    return go_to(f"/courses/{course.slug}/people?done={counts_of(done)}")


def show_diff(page: Page, preview: roster.Preview, *, ticked: Sequence[str] = (), refusal: AppError | None = None) -> Response:
    course = preview.file.course
    return page.show(
        "courses/roster_preview.html",
        status=refusal.status if refusal else 200,
        zone=course.time_zone,
        course=course,
        preview=preview,
        diff=preview.diff,
        faulty=len({fault.line for fault in preview.faults}),
        ticked=ticked,
        problem=refusal and refusal.message,
    )


@router.get("/people/{login}")
def show_person(page: PageDep, staff: StaffMembership, login: str, session: SessionDep) -> Response:
    return show_member(page, session, staff, roster.get_member(session, course=staff.course, login=login))


@router.post("/people/{login}")
def change(
    page: PageDep,
    instructor: InstructorMembership,
    login: str,
    session: SessionDep,
    version: Annotated[int, Form()] = 0,
    role: Annotated[Role | None, Form()] = None,
    section: Annotated[str | None, Form(max_length=300)] = None,
) -> Response:
    course, by = instructor.course, instructor.user
    member = roster.get_member(session, course=course, login=login)
    try:
        roster.change_person(session, course=course, by=by, login=login, version=version, role=role, section=section)
    except AppError as refusal:
        return show_member(page, session, instructor, member, refusal=refusal, typed={"role": role, "section": section})
    return go_to(address_of(member))


@router.post("/people/{login}/withdraw")
def withdraw(
    page: PageDep, instructor: InstructorMembership, login: str, session: SessionDep, now: Now, reason: Word = ""
) -> Response:
    course = instructor.course
    member = roster.get_member(session, course=course, login=login)
    try:
        roster.withdraw(session, course=course, by=instructor.user, login=login, reason=reason, now=now)
    except AppError as refusal:
        return show_member(page, session, instructor, member, refusal=refusal)
    return go_to(address_of(member))


@router.post("/people/{login}/take-back")
def take_back(instructor: InstructorMembership, login: str, session: SessionDep) -> Response:
    return go_to(address_of(roster.take_back(session, course=instructor.course, by=instructor.user, login=login)))


@router.post("/people/{login}/revoke-invitation")
def revoke(instructor: InstructorMembership, login: str, session: SessionDep, now: Now) -> Response:
    member = roster.get_member(session, course=instructor.course, login=login)
    invitations.revoke(session, course=instructor.course, by=instructor.user, login=login, now=now)
    return go_to(address_of(member))


def show_member(
    page: Page,
    session: Session,
    staff: Enrollment,
    member: Enrollment,
    *,
    refusal: AppError | None = None,
    typed: dict[str, Any] | None = None,
) -> Response:
    """`typed`: what stood in the form, beside what is there now."""
    course = staff.course
    if isinstance(refusal, RosterChanged):
        session.refresh(member)
    now = {"role": member.role, "section": member.section.name if member.section else ""}
    link = invitations.newest_links(session, course=course).get(member.id)
    return page.show(
        "courses/person.html",
        status=refusal.status if refusal else 200,
        zone=course.time_zone,
        course=course,
        member=member,
        can_change=staff.role is Role.instructor,
        sections=sections.list_sections(session, course=course),
        roles=ROLES,
        typed=now | {name: value for name, value in (typed or {}).items() if value is not None},
        is_waiting=invitations.is_waiting(member),
        link=link,
        link_is_open=link is not None and invitations.is_open(link, now=page.now),
        problem=refusal and refusal.message,
    )


@router.get("/sections")
def show_sections(page: PageDep, staff: StaffMembership, session: SessionDep) -> Response:
    return list_them(page, session, staff)


@router.post("/sections")
def create_section(page: PageDep, instructor: InstructorMembership, session: SessionDep, name: Word = "") -> Response:
    try:
        sections.create(session, course=instructor.course, by=instructor.user, name=name)
    except AppError as refusal:
        return list_them(page, session, instructor, refusal=refusal, typed=name)
    return go_to(f"/courses/{instructor.course.slug}/sections")


@router.post("/sections/{section_id}")
def change_section(
    page: PageDep,
    instructor: InstructorMembership,
    section_id: int,
    session: SessionDep,
    name: Word = "",
    into: Annotated[int | None, Form()] = None,
) -> Response:
    """Another name, or into another section."""
    course, by = instructor.course, instructor.user
    section = sections.get_section(session, course=course, section_id=section_id)
    try:
        if into is not None:
            other = sections.get_section(session, course=course, section_id=into)
            sections.merge(session, course=course, by=by, section=section, into=other)
        else:
            sections.rename(session, course=course, by=by, section=section, name=name)
    except AppError as refusal:
        return list_them(page, session, instructor, refusal=refusal)
    return go_to(f"/courses/{course.slug}/sections")


def list_them(page: Page, session: Session, staff: Enrollment, *, refusal: AppError | None = None, typed: str = "") -> Response:
    course = staff.course
    people = sections.count_by_section(session, course=course)
    return page.show(
        "courses/sections.html",
        status=refusal.status if refusal else 200,
        zone=course.time_zone,
        course=course,
        can_change=staff.role is Role.instructor,
        sections=sections.list_sections(session, course=course),
        people=people,
        typed=typed,
        problem=refusal and refusal.message,
        join_address=joining.ADDRESS,
    )


def address_of(member: Enrollment) -> str:
    return f"/courses/{member.course.slug}/people/{member.user.login}"
