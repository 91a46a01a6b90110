"""An exam as its invigilators see it: everybody's state, in a number of queries that does not grow with the class."""

import hashlib
import hmac
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, case, cast, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.orm import Session, aliased

from server.courses.models import Enrollment
from server.exams import queries, rules, staff_rules
from server.exams.invigilation import list_students
from server.exams.models import (
    Exam,
    ExamWindow,
    Grant,
    MissedSave,
    Place,
    PlaceState,
    SavedAnswer,
    Sitting,
    SittingEvent,
    TimeGrant,
)
from server.exams.rules import Phase, Window
from server.exams.staff_rules import Need
from server.submissions.models import Job, State, Submission

CHANGES = ("place.address_changed", "place.browser_changed")
DIGEST = 6  # characters by which two addresses can be told apart, and nobody's found


@dataclass(frozen=True)
class Checks:
    """Runs of the public checks in this sitting. delay_s: the longest that one has waited for the judge, or waits."""

    used: int = 0
    delay_s: float | None = None
    is_waiting: bool = False


@dataclass(frozen=True)
class Line:
    """One student. sitting, end: of the newest; end also of one that is over."""

    member: Enrollment
    window: Window
    phase: Phase
    sitting: Sitting | None = None
    end: datetime | None = None
    answered: int = 0
    place: Place | None = None
    waiting: Sequence[Place] = ()
    moves: int = 0  # to another place
    changes: int = 0  # of address or browser
    checks: Checks = Checks()
    granted: Mapping[Grant, int] = field(default_factory=dict)
    missed: int = 0
    is_away: bool = False
    needs: tuple[Need, ...] = ()

    @property
    def granted_s(self) -> int:
        return rules.total_s(self.granted.values())

    @property
    def credited_s(self) -> int:
        """By the platform itself."""
        return self.granted.get(Grant.queue, 0) + self.granted.get(Grant.outage, 0)


@dataclass(frozen=True)
class Facts:
    """What the tables say, by sitting or by student."""

    windows: Mapping[int, Window]
    sittings: Mapping[int, Sitting]
    granted: Mapping[int, Mapping[Grant, int]]
    answered: Mapping[int, int]
    places: Mapping[int, Sequence[Place]]
    changes: Mapping[int, int]
    checks: Mapping[int, Checks]
    missed: Mapping[int, int]


def lines_of(session: Session, *, exam: Exam, now: datetime, section: str | None = None) -> list[Line]:
    """Who needs attention first, then by name."""
    members = list_students(session, course=exam.assignment.course)
    facts = facts_of(session, exam, now)
    lines = [line_of(exam, each, facts, now) for each in members if section is None or name_of(each) == section]
    return sorted(
        lines, key=lambda line: (staff_rules.urgency(line.needs), line.member.user.display_name, line.member.user.login)
    )


def name_of(member: Enrollment) -> str | None:
    """Of the section."""
    return member.section.name if member.section else None


def line_of(exam: Exam, member: Enrollment, facts: Facts, now: datetime) -> Line:
    usual = Window(exam.assignment.opens_at, exam.assignment.closes_at)
    window = facts.windows.get(member.section_id or 0, usual)
    sitting, granted = facts.sittings.get(member.user_id), facts.granted.get(member.user_id, {})
    end = queries.end_with(sitting, rules.total_s(granted.values())) if sitting else None
    done = sitting is not None and sitting.handed_in_at is not None
    released = exam.assignment.released_at is not None
    phase = rules.phase_of(
        window, end=end, is_handed_in=done, is_released=released, is_practice=exam.is_practice and not sitting, now=now
    )
    if sitting is None:
        return Line(member, window, phase, granted=granted)
    return line_of_sitting(Line(member, window, phase, sitting, end, granted=granted), exam, facts, now)


def line_of_sitting(line: Line, exam: Exam, facts: Facts, now: datetime) -> Line:
    sitting = line.sitting
    known = facts.places.get(sitting.id, ())
    running = sitting.handed_in_at is None
    waiting = [each for each in known if each.state is PlaceState.waiting] if running else []
    changes, missed = facts.changes.get(sitting.id, 0), facts.missed.get(sitting.id, 0)
    checks = facts.checks.get(sitting.id, Checks())
    away = running and staff_rules.is_away(sitting.last_seen_at, now)
    needs = staff_rules.needs_of(
        waiting=len(waiting), missed=missed, is_away=away, changes=changes if running else 0,
        delay_s=checks.delay_s if running and checks.is_waiting else None, fair_wait_s=exam.fair_wait_s,
    )  # fmt: skip
    return Line(
        line.member, line.window, line.phase, sitting, line.end, granted=line.granted,
        answered=facts.answered.get(sitting.id, 0),
        place=next((each for each in known if each.state is PlaceState.active), None),
        waiting=waiting, moves=max(0, sum(each.state in (PlaceState.active, PlaceState.left) for each in known) - 1),
        changes=changes, checks=checks, missed=missed, is_away=away, needs=needs,
    )  # fmt: skip


def facts_of(session: Session, exam: Exam, now: datetime) -> Facts:
    """Eight questions, however many sit."""
    windows = session.scalars(select(ExamWindow).where(ExamWindow.exam_id == exam.assignment_id))
    return Facts(
        windows={each.section_id: Window(each.opens_at, each.closes_at) for each in windows},
        sittings=queries.newest_sittings(session, exam=exam),
        granted=granted_of(session, exam),
        answered=dict(session.execute(answered_by_sitting(exam)).all()),
        places=places_of(session, exam),
        changes=dict(session.execute(changes_by_sitting(exam)).all()),
        checks=checks_of(session, exam, now),
        missed=dict(session.execute(missed_by_sitting(exam)).all()),
    )


def granted_of(session: Session, exam: Exam) -> dict[int, dict[Grant, int]]:
    sums = select(TimeGrant.student_id, TimeGrant.kind, func.sum(TimeGrant.seconds)).where(
        TimeGrant.exam_id == exam.assignment_id
    )
    found: dict[int, dict[Grant, int]] = {}
    for student_id, kind, seconds in session.execute(sums.group_by(TimeGrant.student_id, TimeGrant.kind)):
        found.setdefault(student_id, {})[kind] = seconds
    return found


def of_exam(query: Select[Any], exam: Exam) -> Select[Any]:
    return query.join(Sitting, Sitting.id == query.selected_columns[0]).where(Sitting.exam_id == exam.assignment_id)


SAYS_SOMETHING = (  # anywhere in a list
    r'$.**{1 to last} ? ((@.type() == "string" && @ like_regex "\\S")'
    r' || @.type() == "number" || @.type() == "boolean")'
)


def answered_by_sitting(exam: Exam) -> Select[Any]:
    """As `fields.is_blank` sees it; counted where the answers are, since code may be long."""
    value, kind = SavedAnswer.value, func.jsonb_typeof(SavedAnswer.value)
    text = value.op("#>>")(literal_column("'{}'::text[]"))
    is_answered = case(
        (kind == "string", text.op("~")(r"\S")),
        (kind == "array", func.jsonb_path_exists(value, cast(SAYS_SOMETHING, JSONPATH))),
        (kind == "object", text != "{}"),
        else_=kind != "null",
    )
    return of_exam(select(SavedAnswer.sitting_id, func.count()), exam).where(is_answered).group_by(SavedAnswer.sitting_id)


def places_of(session: Session, exam: Exam) -> dict[int, list[Place]]:
    found: dict[int, list[Place]] = {}
    query = select(Place).join(Sitting, Place.sitting_id == Sitting.id).where(Sitting.exam_id == exam.assignment_id)
    for each in session.scalars(query.order_by(Place.id)):
        found.setdefault(each.sitting_id, []).append(each)
    return found


def changes_by_sitting(exam: Exam) -> Select[Any]:
    """Of the address or the browser: within a place, or with a move to another one."""
    moved = or_(SittingEvent.facts["is_other_browser"].as_boolean(), SittingEvent.facts["is_other_address"].as_boolean())
    is_change = or_(SittingEvent.kind.in_(CHANGES), and_(SittingEvent.kind == "place.opened", moved))
    return of_exam(select(SittingEvent.sitting_id, func.count()), exam).where(is_change).group_by(SittingEvent.sitting_id)


def missed_by_sitting(exam: Exam) -> Select[Any]:
    return (
        of_exam(select(MissedSave.sitting_id, func.count()), exam)
        .where(queries.awaits_decision())
        .group_by(MissedSave.sitting_id)
    )


def checks_of(session: Session, exam: Exam, now: datetime) -> dict[int, Checks]:
    """Attempts since the newest sitting began. A job that nobody has taken yet waits until now."""
    later = aliased(Sitting)
    is_newest = (
        ~select(later.id)
        .where(later.exam_id == Sitting.exam_id, later.student_id == Sitting.student_id, later.number > Sitting.number)
        .exists()
    )
    waits = Job.state.in_((State.received, State.queued))
    delay = func.extract("epoch", func.coalesce(Job.started_at, case((waits, now))) - Job.created_at)
    query = (
        select(Sitting.id, func.count(Submission.id.distinct()), func.max(delay), func.bool_or(waits))
        .join(Submission, and_(Submission.assignment_id == Sitting.exam_id, Submission.author_id == Sitting.student_id))
        .join(Job, Job.submission_id == Submission.id)
        .where(Sitting.exam_id == exam.assignment_id, Submission.received_at >= Sitting.started_at, is_newest)
        .group_by(Sitting.id)
    )
    return {
        id: Checks(used, None if longest is None else float(longest), bool(waiting))
        for id, used, longest, waiting in session.execute(query)
    }


def counts_of(lines: Sequence[Line]) -> dict[str, int]:
    """The numbers on top."""
    phases = Counter(line.phase for line in lines)
    return {
        "students": len(lines),
        "not_started": phases[Phase.before] + phases[Phase.open],
        "sitting": phases[Phase.running],
        "away": sum(line.is_away for line in lines),
        "handed_in": sum(line.sitting is not None and line.sitting.handed_in_at is not None for line in lines),
        "missed": phases[Phase.missed] + sum(line.phase is Phase.released and line.sitting is None for line in lines),
        "needing": sum(bool(line.needs) for line in lines),
    }


def digest_of(key: bytes, address: str) -> str:
    """By which a change of address is seen, and no address."""
    return hmac.new(key, address.encode(), hashlib.sha256).hexdigest()[:DIGEST]


def last_end(lines: Sequence[Line], now: datetime) -> datetime | None:
    """When the last of those who sit has to be done."""
    return max((line.end for line in lines if line.phase is Phase.running and line.end), default=None)


@dataclass(frozen=True)
class OnWall:
    """A window on the wall: everybody's, or of the sections that are named."""

    sections: tuple[str, ...]
    window: Window

    def left(self, now: datetime) -> timedelta:
        return max(timedelta(0), self.window.closes_at - now)


def windows_on_wall(session: Session, exam: Exam) -> list[OnWall]:
    """Each window once, soonest first; that of everybody else only where there is anybody else."""
    own: dict[Window, list[str]] = {}
    for each in session.scalars(select(ExamWindow).where(ExamWindow.exam_id == exam.assignment_id)):
        own.setdefault(Window(each.opens_at, each.closes_at), []).append(each.section.name)
    usual = Window(exam.assignment.opens_at, exam.assignment.closes_at)
    walls = [OnWall(tuple(sorted(names)), window) for window, names in own.items() if window != usual]
    everybody = [OnWall((), usual)]
    return sorted(everybody + walls, key=lambda wall: (wall.window.opens_at, wall.window.closes_at))
