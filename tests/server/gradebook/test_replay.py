"""Every grade once more from the audit log: whatever staff change in whatever order, and what somebody changes behind it."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses import sections
from server.courses.models import Course, Enrollment
from server.database import current_time
from server.deadlines import queries as dates
from server.deadlines import service as deadlines
from server.deadlines.models import AfterGrace, LateKind, LatePolicy
from server.deadlines.rules import Dates
from server.deadlines.service import NewExtension, PolicySettings
from server.gradebook import queries, replay, service
from server.gradebook.book import Book
from server.gradebook.models import MarkKind
from server.gradebook.scheme import Scheme
from server.settings import Settings
from tests.server.gradebook.conftest import PATH
from tests.server.gradebook.test_service import with_project

SetUp, OpenBook = Callable[..., Scheme], Callable[..., Book]
DAY = timedelta(days=1)


@dataclass
class Staff:
    """Somebody who changes things at random. Every step goes through the same services as the pages."""

    session: Session
    assignment: Assignment
    by: User
    root: object
    dice: random.Random

    def step(self) -> None:
        steps = (self.set_policy, self.move, self.extend, self.take_back, self.mark, self.override, self.rename)
        self.dice.choice(steps)()
        self.session.commit()

    def set_policy(self) -> None:
        assignment = self.dice.choice([None, self.assignment])
        row = dates.find_policy(self.session, course=self.assignment.course, assignment=assignment)
        version = row.version if row else 0
        if assignment and row and self.dice.random() < 0.3:
            return deadlines.drop_policy(self.session, assignment=assignment, by=self.by, version=version)
        settings = PolicySettings(
            self.dice.choice(list(LateKind)), Decimal(self.dice.randint(1, 40)), Decimal(self.dice.choice([0, 50])),
            self.dice.randint(0, 5), self.dice.choice(list(AfterGrace)),
        )  # fmt: skip
        course = self.assignment.course
        deadlines.set_policy(self.session, course=course, assignment=assignment, settings=settings, by=self.by, version=version)
        return None

    def move(self) -> None:
        now = current_time(self.session)
        due_at = now + self.dice.randint(-6, 2) * DAY
        wanted = Dates(now - 30 * DAY, due_at, due_at + self.dice.choice([0, 1, 7]) * DAY)
        version = dates.version_of(self.session, assignment=self.assignment)
        known = {"reason": "moved", "by": self.by, "root": self.root, "version": version, "now": now, "is_confirmed": True}
        deadlines.move_dates(self.session, assignment=self.assignment, dates=wanted, **known)

    def extend(self) -> None:
        section = self.session.scalars(select(Enrollment).where(Enrollment.section_id.is_not(None))).first().section.name
        new = NewExtension(self.dice.choice(["ada", "bob", section]), "ill", plus_hours=self.dice.randint(1, 240))
        deadlines.extend(self.session, assignment=self.assignment, new=new, by=self.by)

    def take_back(self) -> None:
        found = dates.list_extensions(self.session, assignment_ids=[self.assignment.id])
        if found:
            known = {"reason": "error", "by": self.by, "root": self.root, "is_confirmed": True}
            deadlines.take_back(self.session, assignment=self.assignment, extension=self.dice.choice(found), **known)

    def mark(self) -> None:
        kind, points = self.dice.choice(list(MarkKind)), Decimal(self.dice.randint(0, 20))
        known = {"key": self.dice.choice(["tiny", "manual-1"]), "kind": kind, "points": points, "reason": "x", "by": self.by}
        service.mark(self.session, course=self.assignment.course, login=self.dice.choice(["ada", "bob", "cleo"]), **known)

    def override(self) -> None:
        grade = self.dice.choice([None, Decimal(self.dice.randint(0, 100))])
        known = {"grade": grade, "reason": "x", "by": self.by}
        service.override(self.session, course=self.assignment.course, login=self.dice.choice(["cleo", "bob"]), **known)

    def rename(self) -> None:
        section = self.session.scalars(select(Enrollment).where(Enrollment.section_id.is_not(None))).first().section
        name = f"Section {self.dice.randint(1, 10**6)}"
        sections.rename(self.session, course=self.assignment.course, by=self.by, section=section, name=name)


@pytest.fixture
def staff(
    session: Session, course: Course, assignment: Assignment, students: dict[str, User], ines: User, settings: Settings,
    hand_in: Callable, grade: Callable, set_up: SetUp,
) -> Callable[[int], Staff]:  # fmt: skip
    """Everybody has handed in, ada twice; cleo is in a section."""
    set_up(with_project)
    for login, scores in {"ada": (80, 90), "bob": (70,), "cleo": (60,)}.items():
        for score in scores:
            grade(hand_in(assignment, students[login]), score)
    section = sections.create(session, course=course, by=ines, name="A")
    member = session.scalars(select(Enrollment).where(Enrollment.user_id == students["cleo"].id)).one()
    member.section = section
    session.commit()
    found = session.get_one(Assignment, assignment.id)
    return lambda seed: Staff(session, found, ines, settings.assignments, random.Random(seed))


@pytest.mark.parametrize("seed", range(8))
def test_whatever_staff_change_the_log_gives_the_same_grades(
    staff: Callable[[int], Staff], open_book: OpenBook, session: Session, course: Course, seed: int
) -> None:
    somebody = staff(seed)
    for _ in range(4):
        for _ in range(4):
            somebody.step()
        book = open_book()
        assert replay.differences(book, replay.fold(queries.list_changes(session, course=course))) == []


def late_by_two_days(somebody: Staff) -> None:
    """Every attempt, at 10 % a day; cleo's section has a day more, and ada eight hours."""
    now = current_time(somebody.session)
    wanted = Dates(now - 30 * DAY, now - 2 * DAY + timedelta(hours=1), now)
    known = {"by": somebody.by, "root": somebody.root, "version": 0, "now": now, "is_confirmed": True}
    deadlines.move_dates(somebody.session, assignment=somebody.assignment, dates=wanted, reason="moved", **known)
    policy = {"settings": PolicySettings(LateKind.percentage), "by": somebody.by, "version": 0}
    deadlines.set_policy(somebody.session, course=somebody.assignment.course, assignment=None, **policy)
    for whose, hours in (("A", 24), ("ada", 8)):
        new = NewExtension(whose, "ill", plus_hours=hours)
        deadlines.extend(somebody.session, assignment=somebody.assignment, new=new, by=somebody.by)
    somebody.session.commit()


@pytest.mark.parametrize(
    ("sql", "hit"),
    [
        ("UPDATE late_policies SET percent_per_day = 1", {"ada", "bob", "cleo"}),
        ("UPDATE assignments SET due_at = due_at + interval '5 days', closes_at = closes_at + interval '5 days'",
         {"ada", "bob", "cleo"}),
        ("UPDATE extensions SET plus_hours = 900 WHERE section_id IS NOT NULL",
         {"cleo"}),
        ("UPDATE column_marks SET points = 20", {"bob"}),
    ],
)  # fmt: skip
def test_a_row_that_was_changed_behind_the_log_is_found(
    client_as: Callable[[User], TestClient], staff: Callable[[int], Staff], open_book: OpenBook, session: Session, course: Course,
    ines: User, sql: str, hit: set[str],
) -> None:  # fmt: skip
    somebody = staff(0)
    late_by_two_days(somebody)
    by_hand = {"kind": MarkKind.points, "points": Decimal(5), "reason": "x", "by": ines}
    service.mark(session, course=course, login="bob", key="manual-1", **by_hand)
    session.commit()
    totals = {login: sheet.entries["tiny"].points for login, sheet in open_book().by_login.items()}
    assert totals == {"ada": Decimal(72), "bob": Decimal(56), "cleo": Decimal(54)}
    assert client_as(ines).get(f"{PATH}/verify").json()["differences"] == {}
    change_behind_the_triggers(session, sql)
    assert set(client_as(ines).get(f"{PATH}/verify").json()["differences"]) == hit


def change_behind_the_triggers(session: Session, sql: str) -> None:
    """As the database's owner can."""
    table = sql.split()[1]
    for each in (f"ALTER TABLE {table} DISABLE TRIGGER USER", sql, f"ALTER TABLE {table} ENABLE TRIGGER USER"):
        session.execute(text(each))
    session.commit()


def test_without_a_line_for_the_policy_there_is_none(
    staff: Callable[[int], Staff], open_book: OpenBook, session: Session, course: Course
) -> None:
    late_by_two_days(staff(0))
    lines = [each for each in queries.list_changes(session, course=course) if each.action != "dates.policy"]
    assert len(replay.differences(open_book(), replay.fold(lines))) == 3
    assert session.scalars(select(LatePolicy)).one().kind is LateKind.percentage
