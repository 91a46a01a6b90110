"""Attendance as JSON: roll calls and corrections for staff, signing in and leave for students."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from server.accounts.access import CurrentUser
from server.attendance import leave as leaves
from server.attendance import queries, service
from server.attendance.access import MemberRollCall, StaffRollCall
from server.attendance.exports import as_csv
from server.attendance.models import RollCall
from server.attendance.schemas import (
    EntryOut,
    LeaveAnswer,
    LeaveOut,
    NewLeave,
    NewMark,
    NewRollCall,
    OwnCell,
    OwnOut,
    RollCallDetail,
    RollCallOut,
    ShareOut,
    TypedCode,
)
from server.attendance.views import Cell, entries_of, lines_of, own_line
from server.courses.access import Membership, StaffMembership
from server.database import Now, SessionDep

router = APIRouter(prefix="/api/v1/courses/{course}/attendance", tags=["attendance"])

Section = Annotated[str | None, Query(description="The name of a section; left out: everybody.")]
NO_DEVICE = {"browser": None, "address": None}  # a program is no browser


@router.get("")
def list_all(staff: StaffMembership, session: SessionDep) -> list[RollCallOut]:
    """In the order in which they were held."""
    return [RollCallOut.of(each) for each in queries.list_roll_calls(session, course=staff.course)]


@router.post("", status_code=201)
def open_roll_call(staff: StaffMembership, new: NewRollCall, session: SessionDep, now: Now) -> RollCallOut:
    """Its codes are on the projector's page at once."""
    roll_call = service.open_roll_call(
        session, course=staff.course, title=new.title, section=new.section, minutes=new.minutes, late_after=new.late_after,
        by=staff.user, now=now,
    )  # fmt: skip
    return RollCallOut.of(roll_call)


@router.get("/own")
def show_own(membership: Membership, session: SessionDep, now: Now) -> OwnOut:
    return OwnOut.of(own_line(session, member=membership, now=now))


@router.get("/shares")
def list_shares(staff: StaffMembership, session: SessionDep, now: Now, section: Section = None) -> list[ShareOut]:
    """What share of the course everybody was there."""
    _, lines = lines_of(session, course=staff.course, now=now, section=section)
    return [ShareOut.of(line) for line in lines]


@router.get("/export", response_class=Response)
def export(staff: StaffMembership, session: SessionDep, now: Now, section: Section = None) -> Response:
    """Students by roll calls, as CSV."""
    roll_calls, lines = lines_of(session, course=staff.course, now=now, section=section)
    headers = {"content-disposition": f'attachment; filename="{staff.course.slug}-attendance.csv"'}
    text = as_csv(roll_calls, lines, zone=staff.course.time_zone)
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/leave")
def list_leaves(membership: Membership, session: SessionDep) -> list[LeaveOut]:
    """All requests for staff, one's own for a student; newest first."""
    student = None if membership.role.is_staff else membership.user
    return [LeaveOut.of(each) for each in queries.list_leaves(session, course=membership.course, student=student)]


@router.post("/leave", status_code=201)
def ask_for_leave(membership: Membership, new: NewLeave, session: SessionDep, now: Now) -> LeaveOut:
    asked = leaves.ask(session, member=membership, **new.model_dump(), now=now)
    return LeaveOut.of(asked)


@router.post("/leave/{leave_id}/answer")
def answer_leave(leave_id: int, staff: StaffMembership, given: LeaveAnswer, session: SessionDep, now: Now) -> LeaveOut:
    answered = leaves.answer(session, course=staff.course, leave_id=leave_id, by=staff.user, now=now, **given.model_dump())
    return LeaveOut.of(answered)


@router.delete("/leave/{leave_id}")
def withdraw_leave(leave_id: int, membership: Membership, session: SessionDep) -> LeaveOut:
    """By the student, while nobody has answered."""
    return LeaveOut.of(leaves.withdraw(session, member=membership, leave_id=leave_id))


@router.get("/{roll_call_id}")
def show(roll_call: StaffRollCall, session: SessionDep, now: Now) -> RollCallDetail:
    entries = [EntryOut.of(each) for each in entries_of(session, roll_call=roll_call, now=now)]
    return RollCallDetail(**RollCallOut.of(roll_call).model_dump(), students=entries)


@router.post("/{roll_call_id}/close")
def close(roll_call: StaffRollCall, staff: CurrentUser, session: SessionDep, now: Now) -> RollCallOut:
    """From now on no code counts."""
    service.close(session, roll_call=roll_call, by=staff, now=now)
    return RollCallOut.of(roll_call)


@router.put("/{roll_call_id}/marks/{login}")
def mark(roll_call: StaffRollCall, login: str, staff: CurrentUser, new: NewMark, session: SessionDep, now: Now) -> list[EntryOut]:
    """Correct one student by hand. 409 where somebody has marked them since `seen`."""
    service.mark(session, roll_call=roll_call, login=login, by=staff, **new.model_dump())
    return [EntryOut.of(each) for each in entries_of(session, roll_call=roll_call, now=now) if each.student.user.login == login]


@router.post("/{roll_call_id}/sign-in")
def sign_in(roll_call: MemberRollCall, membership: Membership, typed: TypedCode, session: SessionDep) -> OwnCell:
    """With the code on the wall."""
    found = service.sign_in(session, roll_call=roll_call, member=membership, code=typed.code, device=NO_DEVICE)
    return OwnCell.of(cell_of(roll_call, found.presence))


def cell_of(roll_call: RollCall, presence) -> Cell:
    return Cell(roll_call, presence, None, is_open=True)
