"""A roster as JSON: staff read it, instructors change it."""

from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import Response
from sqlalchemy.orm import Session

from server.courses import invitations, joining, roster, sections
from server.courses.access import InstructorMembership, StaffMembership
from server.courses.models import Course
from server.courses.roster_exports import roster_csv
from server.courses.roster_files import MAX_BYTES
from server.courses.roster_schemas import (
    AppliedOut,
    Confirmation,
    Inviting,
    JoinCodeIn,
    JoinCodeOut,
    Leaving,
    LinkOut,
    MemberChange,
    MemberOut,
    Merging,
    NewMember,
    PreviewOut,
    SectionName,
    SectionOut,
)
from server.database import Now, SessionDep
from server.settings import Settings, SettingsDep

router = APIRouter(prefix="/api/v1/courses/{course}", tags=["roster"])

RosterUpload = Annotated[UploadFile, File(description="CSV (UTF-8 or GB 18030) or XLSX.")]
SectionField = Annotated[str, Form(max_length=200, description="Of those of whom the file names none.")]


@router.get("/roster")
def list_all(staff: StaffMembership, session: SessionDep) -> list[MemberOut]:
    """Also who has withdrawn."""
    return [MemberOut.of(member) for member in roster.list_members(session, course=staff.course)]


@router.get("/roster/download", response_class=Response)
def download(staff: StaffMembership, session: SessionDep) -> Response:
    return as_csv(roster_csv(roster.list_members(session, course=staff.course)), f"{staff.course.slug}-roster.csv")


@router.post("/roster", status_code=201)
def add(instructor: InstructorMembership, new: NewMember, session: SessionDep) -> MemberOut:
    typed = new.model_dump()
    return MemberOut.of(roster.add_person(session, course=instructor.course, by=instructor.user, typed=typed))


@router.post("/roster/files", status_code=201)
def upload(
    instructor: InstructorMembership, session: SessionDep, now: Now, file: RosterUpload, section: SectionField = ""
) -> PreviewOut:
    """Keep a file for an hour, and say what it would change."""
    kept = keep(session, instructor.course, file, section=section, by=instructor.user, now=now)
    return PreviewOut.of(roster.preview(session, kept))


@router.get("/roster/files/{file_id}")
def preview(instructor: InstructorMembership, file_id: int, session: SessionDep, now: Now) -> PreviewOut:
    file = roster.get_file(session, course=instructor.course, file_id=file_id, by=instructor.user, now=now)
    return PreviewOut.of(roster.preview(session, file))


@router.post("/roster/files/{file_id}/confirm")
def confirm(instructor: InstructorMembership, file_id: int, wanted: Confirmation, session: SessionDep, now: Now) -> AppliedOut:
    """Do it. 409 where the roster has changed since the preview, 422 with all faults where lines are faulty."""
    by = instructor.user
    file = roster.get_file(session, course=instructor.course, file_id=file_id, by=by, now=now)
    return AppliedOut.of(roster.confirm(session, file=file, by=by, now=now, **wanted.model_dump()))


@router.post("/roster/invitations", status_code=201)
def invite(
    instructor: InstructorMembership, wanted: Inviting, session: SessionDep, now: Now, request: Request, settings: SettingsDep
) -> list[LinkOut]:
    """New links; earlier ones of the same people stop working."""
    links = invitations.make_links(session, course=instructor.course, by=instructor.user, logins=wanted.logins, now=now)
    return [LinkOut.of(link, base_of(request, settings)) for link in links]


@router.patch("/roster/{login}")
def change(instructor: InstructorMembership, login: str, wanted: MemberChange, session: SessionDep) -> MemberOut:
    """409 where somebody has changed the person since `version` was read."""
    by = instructor.user
    return MemberOut.of(
        roster.change_person(session, course=instructor.course, by=by, login=login, **wanted.model_dump(exclude_unset=True))
    )


@router.post("/roster/{login}/withdraw")
def withdraw(instructor: InstructorMembership, login: str, leaving: Leaving, session: SessionDep, now: Now) -> MemberOut:
    course, by = instructor.course, instructor.user
    return MemberOut.of(roster.withdraw(session, course=course, by=by, login=login, reason=leaving.reason, now=now))


@router.post("/roster/{login}/take-back")
def take_back(instructor: InstructorMembership, login: str, session: SessionDep) -> MemberOut:
    return MemberOut.of(roster.take_back(session, course=instructor.course, by=instructor.user, login=login))


@router.delete("/roster/{login}/invitation", status_code=204)
def revoke(instructor: InstructorMembership, login: str, session: SessionDep, now: Now) -> None:
    invitations.revoke(session, course=instructor.course, by=instructor.user, login=login, now=now)


@router.get("/join-code")
def show_join_code(staff: StaffMembership) -> JoinCodeOut:
    """With which students sign up by themselves, where that is on."""
    return JoinCodeOut.of(staff.course)


@router.put("/join-code")
def set_join_code(instructor: InstructorMembership, wanted: JoinCodeIn, session: SessionDep) -> JoinCodeOut:
    """Switch it on, with a new code each time, so that an earlier one works no more; or off."""
    joining.set_code(session, course=instructor.course, by=instructor.user, **wanted.model_dump())
    return JoinCodeOut.of(instructor.course)


@router.get("/sections")
def list_sections(staff: StaffMembership, session: SessionDep) -> list[SectionOut]:
    people = sections.count_by_section(session, course=staff.course)
    return [SectionOut.of(each, people.get(each.id, 0)) for each in sections.list_sections(session, course=staff.course)]


@router.post("/sections", status_code=201)
def create_section(instructor: InstructorMembership, named: SectionName, session: SessionDep) -> SectionOut:
    return SectionOut.of(sections.create(session, course=instructor.course, by=instructor.user, name=named.name), 0)


@router.patch("/sections/{section_id}", status_code=204)
def rename_section(instructor: InstructorMembership, section_id: int, named: SectionName, session: SessionDep) -> None:
    section = sections.get_section(session, course=instructor.course, section_id=section_id)
    sections.rename(session, course=instructor.course, by=instructor.user, section=section, name=named.name)


@router.post("/sections/{section_id}/merge", status_code=204)
def merge_section(instructor: InstructorMembership, section_id: int, wanted: Merging, session: SessionDep) -> None:
    course = instructor.course
    section, into = (sections.get_section(session, course=course, section_id=each) for each in (section_id, wanted.into))
    sections.merge(session, course=course, by=instructor.user, section=section, into=into)


def keep(session: Session, course: Course, file: UploadFile, **fields: object) -> roster.RosterFile:
    content = file.file.read(MAX_BYTES + 1)
    return roster.keep_file(session, course=course, name=file.filename or "", content=content, **fields)


def base_of(request: Request, settings: Settings) -> str:
    """What the addresses begin with that are handed out."""
    return settings.public_url or str(request.base_url)


def as_csv(text: str, name: str) -> Response:
    return Response(text, media_type="text/csv", headers={"Content-Disposition": f'attachment; filename="{name}"'})
