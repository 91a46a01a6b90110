"""What platforms should hold of each student: an assignment's score, a competition's points by place, the course's grade."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from server.assignments import service as assignments
from server.assignments.models import Assignment
from server.courses.models import Course, Enrollment, Role
from server.courses.service import list_people
from server.deadlines.queries import Account, is_competition, open_accounts
from server.gradebook.book import Entry, Sheet, book_of, placed_entry
from server.gradebook.queries import changes_by_case, find_scheme
from server.leaderboard.boards import Boards
from server.leaderboard.views import open_board, points_by_login
from server.lti import rules
from server.lti.models import ResourceLink

BOARDS = Boards(fresh_s=0)  # of this process; points do not hang on pseudonyms


@dataclass
class Standings:
    """Read once for all links of a course, and only what some link asks for."""

    session: Session
    course: Course
    student_ids: Collection[int]
    root: Path
    now: datetime

    @cached_property
    def accounts(self) -> Mapping[int, Account]:
        known = {"course": self.course, "student_ids": self.student_ids, "root": self.root}
        return open_accounts(self.session, **known, for_students=True)

    @cached_property
    def reader(self) -> Enrollment | None:
        """As whom boards are asked: an instructor; None where the course has none any more."""
        return next((each for each in list_people(self.session, course=self.course) if each.role is Role.instructor), None)

    @cached_property
    def logins(self) -> Mapping[int, str]:
        return {each.user_id: each.user.login for each in list_people(self.session, course=self.course)}

    @cached_property
    def sheets(self) -> Mapping[int, Sheet]:
        """By student; of nobody until grades are shown to students."""
        found = find_scheme(self.session, course=self.course)
        if found is None or not found[0].is_shown or self.reader is None:
            return {}
        places = {"boards": BOARDS, "root": self.root, "now": self.now}
        book = book_of(self.session, course=self.course, reader=self.reader, **places, for_students=True)
        return {each.student.user_id: each for each in book.sheets}

    def of(self, link: ResourceLink) -> dict[int, dict[str, Any] | None]:
        """By student; None where there is nothing to tell."""
        if link.assignment is None:
            return {id: rules.grade_to_send(self.sheets[id].grade if id in self.sheets else None) for id in self.student_ids}
        if is_competition(link.assignment, self.root):
            return self._places_in(link.assignment)
        return {id: rules.score_to_send(self.accounts[id], link.assignment.id) for id in self.student_ids}

    def _places_in(self, assignment: Assignment) -> dict[int, dict[str, Any] | None]:
        """Points by place once the private scores are released; before that only that something was handed in."""
        entries = self._entries(assignment) if assignment.released_at is not None and self.reader is not None else {}
        return {
            id: rules.place_to_send(self.accounts[id], assignment.id, points=entries[id].points if id in entries else None)
            for id in self.student_ids
        }

    def _entries(self, assignment: Assignment) -> dict[int, Entry]:
        manifest = assignments.manifest_of(assignment, root=self.root)
        folder = assignments.folder_of(assignment, root=self.root)
        known = {"boards": BOARDS, "assignment": assignment, "manifest": manifest, "folder": folder}
        points = points_by_login(open_board(self.session, **known, membership=self.reader, now=self.now))
        changes = changes_by_case(self.session, course=self.course)
        full = sum((part.points for part in manifest.parts), Decimal(0))
        return {
            id: placed_entry(points.get(self.logins.get(id, "")), changes.get((assignment.id, id)), full, is_released=True)
            for id in self.student_ids
        }


def sending_links(links: Sequence[ResourceLink]) -> list[ResourceLink]:
    """Those with a place for scores; of several to the whole course the oldest on each platform: the grade is one column."""
    with_place = [each for each in links if each.lineitem_url or each.lineitems_url]
    oldest = {(each.platform_id, each.deployment): each.id for each in reversed(with_place) if each.assignment is None}
    return [each for each in with_place if each.assignment is not None or oldest[each.platform_id, each.deployment] == each.id]
