"""Participation as JSON: notes for staff, one's own for students."""

from fastapi import APIRouter

from server.attendance.queries import list_students
from server.courses.access import Membership, StaffMembership
from server.database import Now, SessionDep
from server.participation import queries, service
from server.participation.schemas import NewNote, NoteOut, PointsOut

router = APIRouter(prefix="/api/v1/courses/{course}/participation", tags=["participation"])


@router.get("")
def list_notes(membership: Membership, session: SessionDep) -> list[NoteOut]:
    """Everybody's for staff, one's own for a student; newest first."""
    student = None if membership.role.is_staff else membership.user
    return [NoteOut.of(each) for each in queries.list_notes(session, course=membership.course, student=student)]


@router.post("", status_code=201)
def add_note(staff: StaffMembership, new: NewNote, session: SessionDep) -> NoteOut:
    wanted = {"login": new.student, "kind": new.kind, "text": new.text, "points": new.points}
    return NoteOut.of(service.add_note(session, course=staff.course, by=staff.user, **wanted))


@router.get("/points")
def list_points(staff: StaffMembership, session: SessionDep) -> list[PointsOut]:
    """What counts for everybody."""
    found = service.points(session, staff.course)
    return [PointsOut.of(each.user.login, found[each.user_id]) for each in list_students(session, course=staff.course)]


@router.delete("/{note_id}")
def take_back(note_id: int, staff: StaffMembership, session: SessionDep, now: Now) -> NoteOut:
    """It stays to be read and counts no more."""
    return NoteOut.of(service.take_back(session, course=staff.course, note_id=note_id, by=staff.user, now=now))
