"""Holding a `MemberExam` is the permission to know of an exam; an `ActivePlace` is the permission to see and write its paper."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Header, Request
from sqlalchemy.orm import Session

from server.accounts.access import (
    BEARER,
    SESSION_COOKIE,
    check_signed_in,
    client_address,
    find_current_user,
    read_bearer,
)
from server.assignments.rules import is_listed
from server.courses.access import InstructorMembership, Membership, StaffMembership, check_may_change, require_place
from server.courses.models import Enrollment
from server.database import Now, SessionDep
from server.errors import NotFound
from server.exams import handing_in, places, queries, rules
from server.exams.models import Exam, Place, PlaceState, Sitting
from server.exams.places import Here
from server.exams.refusals import (
    AnotherPlace,
    AwaitingPermission,
    NotSitting,
    PlaceRefused,
    TimeIsOver,
)
from server.exams.sittings import check_network, in_zone
from server.settings import Settings, SettingsDep

PLACE_HEADER = "X-Exam-Place"


def require_exam(exam: str, membership: Membership, session: SessionDep) -> Exam:
    """Announced to its students by title and times, like every assignment."""
    found = queries.find_exam(session, course=membership.course, slug=exam)
    if found is None or not is_listed(found.assignment, role=membership.role):
        raise NotFound
    return found


MemberExam = Annotated[Exam, Depends(require_exam, scope="function")]


async def require_staff_exam(exam: MemberExam, _: StaffMembership) -> Exam:
    return exam


StaffExam = Annotated[Exam, Depends(require_staff_exam, scope="function")]


async def require_instructor_exam(exam: StaffExam, _: InstructorMembership) -> Exam:
    return exam


InstructorExam = Annotated[Exam, Depends(require_instructor_exam, scope="function")]


async def read_here(request: Request, settings: SettingsDep) -> Here:
    credential = read_bearer(request) or request.cookies.get(SESSION_COOKIE) or ""
    agent = request.headers.get("user-agent", "")
    return places.here(settings.derive_key("places"), credential=credential, agent=agent, address=client_address(request))


HereDep = Annotated[Here, Depends(read_here, scope="function")]


@dataclass(frozen=True)
class Seat:
    """A place of one's own in a sitting, whatever has become of either, under the sitting's lock."""

    exam: Exam
    member: Enrollment
    sitting: Sitting
    place: Place
    granted_s: int

    @property
    def is_active(self) -> bool:
        return self.place.state is PlaceState.active

    @property
    def end(self) -> datetime:
        """As it was when the request began: what is given since comes on top."""
        return queries.end_with(self.sitting, self.granted_s)


def require_seat(
    course: str,
    exam: str,
    request: Request,
    at: HereDep,
    session: SessionDep,
    now: Now,
    _: Annotated[object, Depends(BEARER)],
    key: Annotated[str, Header(alias=PLACE_HEADER, description="The key that starting or entering gave to this tab.")] = "",
) -> Seat:
    """Raises what a member's way to the exam raises, and NotSitting for a key that is nobody's, or another's.

    That way is gone here in one step: a class asks this every few seconds, and each dependency would be a turn of a thread.
    """
    user = check_signed_in(find_current_user(request, session, now))
    member = require_place(course, user, session)
    check_may_change(member.standing, request)
    found_exam = require_exam(exam, member, session)
    check_network(found_exam, at)
    found = queries.find_seated(session, exam=found_exam, student_id=member.user_id, key_hash=places.hash_key(key))
    if found is None:
        raise NotSitting
    sitting, place, granted_s = found
    note_changes(session, sitting, place, at)
    return Seat(found_exam, member, sitting, place, granted_s)


def note_changes(session: Session, sitting: Sitting, place: Place, at: Here) -> None:
    """The same tab from another address, or a key that another browser has: an invigilator should know."""
    if place.address != at.address:
        places.note(session, sitting, "place.address_changed", place=place.id, before=place.address, after=at.address)
        place.address = at.address
    if place.browser != at.browser:
        places.note(session, sitting, "place.browser_changed", place=place.id, before=place.agent, after=at.agent)
        place.browser, place.agent = at.browser, at.agent


OwnSeat = Annotated[Seat, Depends(require_seat, scope="function")]


def require_active(seat: OwnSeat, session: SessionDep, settings: SettingsDep, now: Now) -> Seat:
    """A sitting that runs, from the place where it goes on."""
    check_place(seat.place)
    if is_closed(session, seat, settings, now):
        raise TimeIsOver(in_zone(seat.exam, queries.end_of(session, seat.sitting)))
    seat.sitting.last_seen_at = now
    return seat


def is_closed(session: Session, seat: Seat, settings: Settings, now: datetime) -> bool:
    """Whether it is handed in by now; if its time is over, it is from here on."""
    if seat.sitting.handed_in_at is None and not rules.is_over(seat.end, now):
        return False
    return handing_in.close_if_over(session, sitting=seat.sitting, settings=settings, now=now)


def end_now(session: Session, seat: Seat, now: datetime) -> datetime:
    """With what was given in this very request, as is done for somebody whose time seemed to be over."""
    return queries.end_of(session, seat.sitting) if rules.is_over(seat.end, now) else seat.end


def check_place(place: Place, missed: int = 0) -> None:
    """missed: how many fields came along and were kept."""
    match place.state:
        case PlaceState.waiting:
            raise AwaitingPermission
        case PlaceState.refused:
            raise PlaceRefused
        case PlaceState.left:
            raise AnotherPlace(missed)


ActivePlace = Annotated[Seat, Depends(require_active, scope="function")]
