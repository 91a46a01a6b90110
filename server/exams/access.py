"""Holding a `MemberExam` is the permission to know of an exam; an `ActivePlace` is the permission to see and write its paper."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, TypeVar

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
from server.database import Now, SessionDep, began, in_one_turn
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
T = TypeVar("T")


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
    newest_notice: int  # its number; 0 where nothing was said

    @property
    def is_active(self) -> bool:
        return self.place.state is PlaceState.active

    @property
    def has_been_active(self) -> bool:
        """Not one that waits for permission, or was refused it: it never had the paper."""
        return self.place.state in (PlaceState.active, PlaceState.left)

    @property
    def end(self) -> datetime:
        """As it was when the request began: what is given since comes on top."""
        return queries.end_with(self.sitting, self.granted_s)


@dataclass(frozen=True)
class Knock:
    """A request of a room, of which nothing has been looked at yet."""

    course: str
    exam: str
    key: str
    request: Request
    at: Here
    settings: Settings

    def let_in(self, session: Session, now: datetime) -> Seat:
        """Raises what a member's way to the exam raises, and what `take_seat` does."""
        user = check_signed_in(find_current_user(self.request, session, now))
        member = require_place(self.course, user, session)
        check_may_change(member.standing, self.request)
        return take_seat(session, require_exam(self.exam, member, session), member, self.at, self.key)

    async def answer(self, work: Callable[[Session, Seat, datetime], T]) -> T:
        """What the work makes of the seat, all in one turn of a thread (docs/decisions/0046-several-processes-answer.md)."""

        def from_the_seat(session: Session) -> T:
            now = began(session)
            return work(session, self.let_in(session, now), now)

        return await in_one_turn(from_the_seat)


async def read_knock(
    course: str,
    exam: str,
    request: Request,
    at: HereDep,
    settings: SettingsDep,
    _: Annotated[object, Depends(BEARER)],
    key: Annotated[str, Header(alias=PLACE_HEADER, description="The key that starting or entering gave to this tab.")] = "",
) -> Knock:
    return Knock(course, exam, key, request, at, settings)


KnockDep = Annotated[Knock, Depends(read_knock, scope="function")]


def require_seat(knock: KnockDep, session: SessionDep, now: Now) -> Seat:
    return knock.let_in(session, now)


def take_seat(session: Session, exam: Exam, member: Enrollment, at: Here, key: str) -> Seat:
    """Raises NotSitting for a key that is nobody's, or another's."""
    check_network(exam, at)
    found = queries.find_seated(session, exam=exam, student_id=member.user_id, key_hash=places.hash_key(key))
    if found is None:
        raise NotSitting
    note_changes(session, found.sitting, found.place, at)
    return Seat(exam, member, *found)


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
        refusal = TimeIsOver(in_zone(seat.exam, queries.end_of(session, seat.sitting)))
        session.commit()  # raising would undo that it is handed in
        raise refusal
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
