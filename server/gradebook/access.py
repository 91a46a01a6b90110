"""Holding a `StaffBook` is the permission of the course's staff; an `OwnBook` holds one's own sheet alone."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

from fastapi import Depends
from sqlalchemy.orm import Session

from server.assignments.rules import is_listed
from server.courses.access import Membership, StaffMembership
from server.courses.models import Enrollment, Role
from server.database import Now, SessionDep
from server.errors import NotFound
from server.gradebook.book import Book, book_of
from server.gradebook.refusals import NotShown
from server.leaderboard.access import BoardsDep
from server.leaderboard.boards import Boards
from server.settings import SettingsDep


def require_staff_book(staff: StaffMembership, session: SessionDep, boards: BoardsDep, settings: SettingsDep, now: Now) -> Book:
    return book_of(session, course=staff.course, reader=staff, boards=boards, root=settings.assignments, now=now)


StaffBook = Annotated[Book, Depends(require_staff_book, scope="function")]


def require_own_book(membership: Membership, session: SessionDep, boards: BoardsDep, settings: SettingsDep, now: Now) -> Book:
    return own_book(session, member=membership, boards=boards, root=settings.assignments, now=now)


def own_book(session: Session, *, member: Enrollment, boards: Boards, root: Path, now: datetime) -> Book:
    """A book with one sheet. Raises NotShown until the staff show grades, NotFound for who is no student any more."""
    places = {"boards": boards, "root": root, "now": now}
    found = book_of(session, course=member.course, reader=member, student_id=member.user_id, **places)
    if not found.sheets:
        raise NotFound
    if not found.scheme.is_shown:
        raise NotShown
    return without_secrets(found)


def without_secrets(book: Book) -> Book:
    """An assignment that only staff know of has no title here; its part of the grade is open like others."""
    columns = [each for each in book.columns if each.assignment is None or is_listed(each.assignment, role=Role.student)]
    keys = {each.key for each in columns}
    sheets = [replace(each, entries={key: entry for key, entry in each.entries.items() if key in keys}) for each in book.sheets]
    return replace(book, columns=columns, sheets=sheets)


OwnBook = Annotated[Book, Depends(require_own_book, scope="function")]
