"""The gradebook as JSON and files: everything for staff, one's own sheet for students."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response

from server.courses.access import InstructorMembership, StaffMembership
from server.database import Now, SessionDep
from server.gradebook import queries, replay, service, setup
from server.gradebook.access import OwnBook, StaffBook
from server.gradebook.exports import XLSX, as_canvas, as_csv, as_workbook
from server.gradebook.schemas import (
    BookOut,
    ContactOut,
    MarkOut,
    NewContact,
    NewMark,
    NewOverride,
    OverrideOut,
    OwnOut,
    SchemeIn,
    SchemeOut,
    StatisticsOut,
    VerifiedOut,
    WarnedOut,
)
from server.gradebook.views import statistics_of, warned_of
from server.settings import SettingsDep

router = APIRouter(prefix="/api/v1/courses/{course}/gradebook", tags=["gradebook"])

Section = Annotated[str | None, Query(description="The name of a section; left out: everybody.")]
Format = Annotated[Literal["csv", "xlsx", "canvas"], Query(description="What the file is for.")]


@router.get("")
def show(book: StaffBook, section: Section = None) -> BookOut:
    """Everybody in every column, with where each cell comes from."""
    return BookOut.of(book, [each for each in book.sheets if section in (None, each.section)])


@router.get("/own")
def show_own(book: OwnBook) -> OwnOut:
    """One's own sheet, once the staff show grades."""
    return OwnOut.of(book)


@router.get("/set-up")
def show_set_up(staff: StaffMembership, session: SessionDep, settings: SettingsDep) -> SchemeOut:
    """What holds, with version; or what is proposed, with version 0."""
    return SchemeOut.of(*setup.offered(session, course=staff.course, root=settings.assignments))


@router.put("/set-up")
def set_up(instructor: InstructorMembership, wanted: SchemeIn, session: SessionDep) -> SchemeOut:
    """Put it in force. 409 where somebody has changed it since `version`."""
    facts = {"wanted": wanted.scheme(), "by": instructor.user, "version": wanted.version}
    return SchemeOut.of(setup.set_up(session, course=instructor.course, **facts), wanted.version + 1)


@router.get("/export", response_class=Response)
def export(book: StaffBook, format: Format = "csv") -> Response:
    """A file for spreadsheets, or one that Canvas imports."""
    return file_of(book, format)


def file_of(book: StaffBook, format: str) -> Response:
    ending, kind = ("xlsx", XLSX) if format == "xlsx" else ("csv", "text/csv; charset=utf-8")
    content = as_workbook(book) if format == "xlsx" else as_canvas(book) if format == "canvas" else as_csv(book)
    name = f"{book.course.slug}-{'canvas' if format == 'canvas' else 'grades'}.{ending}"
    return Response(content, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})


@router.get("/statistics")
def show_statistics(book: StaffBook) -> StatisticsOut:
    return StatisticsOut.of(statistics_of(book))


@router.get("/warnings")
def list_warnings(book: StaffBook, session: SessionDep, now: Now) -> list[WarnedOut]:
    """Who may need a word, with the reasons; most reasons first."""
    return [WarnedOut.of(each) for each in warned_of(session, book, now=now)]


@router.put("/warnings/{login}")
def note_contact(login: str, staff: StaffMembership, new: NewContact, session: SessionDep) -> ContactOut:
    """How far the staff have come with this student."""
    found = service.contact(session, course=staff.course, login=login, by=staff.user, **new.model_dump())
    return ContactOut.of(found)


@router.get("/verify")
def verify(book: StaffBook, session: SessionDep) -> VerifiedOut:
    """Every grade once more, from the audit log."""
    lines = queries.list_changes(session, course=book.course)
    found = replay.differences(book, replay.fold(lines))
    return VerifiedOut.of(len(book.sheets), len(lines), found)


@router.put("/students/{login}/columns/{key}")
def mark(login: str, key: str, staff: StaffMembership, new: NewMark, session: SessionDep) -> MarkOut:
    """Set, excuse or clear one cell. 409 where somebody has set it since `seen`."""
    found = service.mark(session, course=staff.course, login=login, key=key, by=staff.user, **new.model_dump())
    return MarkOut.of(found)


@router.put("/students/{login}/override")
def override(login: str, instructor: InstructorMembership, new: NewOverride, session: SessionDep) -> OverrideOut:
    """Set a final grade, or take it back with null."""
    found = service.override(session, course=instructor.course, login=login, by=instructor.user, **new.model_dump())
    return OverrideOut.of(found)
