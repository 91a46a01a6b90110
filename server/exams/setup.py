"""Making an exam and changing it. Whatever shows questions earlier is simulated first; nobody who sits ever gets less."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment, Counts
from server.audit import write_line
from server.courses.models import Enrollment, Section
from server.courses.sections import list_sections
from server.courses.service import is_active_student
from server.deadlines.service import check_version, lock_dates
from server.exams import places, queries, staff_rules, telling
from server.exams.models import Exam, ExamNotice, ExamWindow, Sitting, TimeGrant
from server.exams.rules import Window
from server.exams.staff_refusals import (
    BadMinutes,
    BadNetwork,
    BadWindow,
    HasRecords,
    HasSittings,
    HasWork,
    NoSuchSection,
    ReleasedAlready,
    ShowsSooner,
)
from server.exams.staff_rules import MOST_MINUTES, MOST_NETWORKS, Group, Why
from server.submissions.models import Submission

COLUMNS = (
    "minutes", "is_practice", "asks_to_move", "networks", "check_limit", "fair_wait_s", "moderated_percent", "honour_en",
    "honour_zh",
)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """How an exam shall be. windows: by the section's name, of those that sit at a time of their own."""

    window: Window
    minutes: int = 120
    is_practice: bool = False
    asks_to_move: bool = True
    networks: tuple[str, ...] = ()
    check_limit: int = 20
    fair_wait_s: int = 20
    moderated_percent: int = 0
    honour_en: str | None = None
    honour_zh: str | None = None
    windows: Mapping[str, Window] | None = None

    def window_for(self, section: str | None) -> Window:
        return (self.windows or {}).get(section or "", self.window)


@dataclass(frozen=True)
class Simulation:
    """Who could start when, before and after a change; why it needs a confirmation, if it does."""

    groups: list[Group]
    reasons: list[Why]

    def spelled(self) -> dict[str, Any]:
        return {"reasons": list(self.reasons), "groups": [spelled_group(each) for each in self.groups]}


def plan_of(session: Session, assignment: Assignment) -> Plan:
    """As it stands; of an assignment that is no exam yet, with our defaults."""
    window = Window(assignment.opens_at, assignment.closes_at)
    exam = session.get(Exam, assignment.id)
    if exam is None:
        return Plan(window, windows={})
    fields = {name: getattr(exam, name) for name in COLUMNS} | {"networks": tuple(exam.networks)}
    return Plan(window, **fields, windows=windows_by_section(session, exam))


def windows_by_section(session: Session, exam: Exam) -> dict[str, Window]:
    found = session.scalars(select(ExamWindow).where(ExamWindow.exam_id == exam.assignment_id))
    return {each.section.name: Window(each.opens_at, each.closes_at) for each in found}


def set_up(
    session: Session,
    *,
    assignment: Assignment,
    plan: Plan,
    by: User,
    version: int,
    now: datetime,
    is_confirmed: bool = False,
    moves_running: bool = False,
) -> Exam:
    """Make it an exam, or change the one that it is. version: of what was read, 0 where there was none.

    Raises ShowsSooner where somebody could read the questions earlier by it, unless that is confirmed.
    moves_running: who sits gets the later end of his window, too; an earlier one is never given to him.
    """
    lock_dates(session, assignment)
    exam = session.get(Exam, assignment.id, populate_existing=True)
    check_version(exam.version if exam else 0, version)
    plan = checked(session, assignment, exam, plan)
    simulation = simulate(session, assignment=assignment, plan=plan, now=now)
    if simulation.reasons and not is_confirmed:
        raise ShowsSooner(simulation.reasons, simulation.spelled())
    before = plan_of(session, assignment) if exam else None
    exam = write(session, assignment, exam, plan)
    moved = move_running(session, exam, by=by) if moves_running else []
    note(session, exam, by=by, before=before, after=plan, is_confirmed=bool(simulation.reasons), moved=moved)
    tell(session, exam, before=before, after=plan, now=now)
    return exam


def tell(session: Session, exam: Exam, *, before: Plan | None, after: Plan, now: datetime) -> None:
    """To its students; what was for practice so far is a new exam to them, and practice is taken at any time."""
    if before is None and after.is_practice:
        return
    is_new = before is None or (before.is_practice and not after.is_practice)
    telling.tell_windows(session, exam, before=None if is_new else before.window_for, after=after.window_for, now=now)


def checked(session: Session, assignment: Assignment, exam: Exam | None, plan: Plan) -> Plan:
    """With networks as CIDR. Raises the reason for which it cannot be so."""
    if not 0 < plan.minutes <= MOST_MINUTES:
        raise BadMinutes
    known = {each.name for each in list_sections(session, course=assignment.course)}
    for name, window in [(None, plan.window), *(plan.windows or {}).items()]:
        if name is not None and name not in known:
            raise NoSuchSection(name)
        if window.opens_at >= window.closes_at:
            raise BadWindow(name)
    if exam is None and session.scalar(select(Submission.id).where(Submission.assignment_id == assignment.id).limit(1)):
        raise HasWork
    if exam is not None and assignment.released_at is not None:
        raise ReleasedAlready
    if exam is not None and exam.is_practice != plan.is_practice and has_sittings(session, exam):
        raise HasSittings
    return replace(plan, networks=checked_networks(plan.networks))


def checked_networks(networks: tuple[str, ...]) -> tuple[str, ...]:
    try:
        found = staff_rules.read_networks(networks)
    except ValueError as error:
        raise BadNetwork(str(error)) from error
    if len(found) > MOST_NETWORKS:
        raise BadNetwork(found[MOST_NETWORKS])
    return tuple(found)


def has_sittings(session: Session, exam: Exam) -> bool:
    return session.scalar(select(Sitting.id).where(Sitting.exam_id == exam.assignment_id).limit(1)) is not None


def simulate(session: Session, *, assignment: Assignment, plan: Plan, now: datetime) -> Simulation:
    """Nothing is changed by it."""
    exam = session.get(Exam, assignment.id)
    before = plan_of(session, assignment)
    groups = groups_of(session, assignment, exam, before, plan)
    reasons = [Why.opens_sooner] if any(staff_rules.is_sooner(each.before, each.after, now) for each in groups) else []
    if plan.is_practice and not (exam and before.is_practice):
        reasons.append(Why.practice)
    if exam and staff_rules.is_wider(before.networks, checked_networks(plan.networks)):
        reasons.append(Why.networks)
    return Simulation(groups, reasons)


def groups_of(session: Session, assignment: Assignment, exam: Exam | None, before: Plan, after: Plan) -> list[Group]:
    """One for each section that has a window of its own, before or after; and everybody else."""
    named = sorted({*(before.windows or {}), *(after.windows or {})})
    students = count_students(session, assignment)
    sitting = sitting_by_section(session, exam) if exam else {}
    groups = []
    for name in [None, *named]:
        others = [section for section in {*students, *sitting} if section not in named] if name is None else [name]
        ends = [end for section in others for end in sitting.get(section, [])]
        groups.append(
            Group(
                section=name,
                students=sum(students.get(section, 0) for section in others),
                before=before.window_for(name) if exam else None,
                after=after.window_for(name),
                sitting=len(ends),
                cut_off=sum(end < after.window_for(name).closes_at for end in ends),
            )
        )
    return groups


def count_students(session: Session, assignment: Assignment) -> dict[str | None, int]:
    """By the section's name, of those who are in the course now."""
    rows = select(Section.name, func.count()).select_from(Enrollment).outerjoin(Section, Enrollment.section_id == Section.id)
    here = Enrollment.course_id == assignment.course_id, is_active_student()
    return dict(session.execute(rows.where(*here).group_by(Section.name)).all())


def sitting_by_section(session: Session, exam: Exam) -> dict[str | None, list[datetime]]:
    """The closing times of those who sit, as they have them."""
    rows = select(Section.name, Sitting.closes_at).select_from(Sitting)
    rows = rows.join(Enrollment, Enrollment.user_id == Sitting.student_id).outerjoin(Section, Enrollment.section_id == Section.id)
    here = Sitting.exam_id == exam.assignment_id, Enrollment.course_id == exam.assignment.course_id
    found: dict[str | None, list[datetime]] = {}
    for name, closes_at in session.execute(rows.where(*here, Sitting.handed_in_at.is_(None))):
        found.setdefault(name, []).append(closes_at)
    return found


def write(session: Session, assignment: Assignment, exam: Exam | None, plan: Plan) -> Exam:
    """As an exam the newest attempt counts, and nothing is ever late."""
    assignment.opens_at, assignment.due_at, assignment.closes_at = (
        plan.window.opens_at,
        plan.window.closes_at,
        plan.window.closes_at,
    )
    assignment.is_exam, assignment.counts, assignment.released_at = True, Counts.latest, None
    if exam is None:
        exam = Exam(assignment=assignment, version=0)
        session.add(exam)
    for name in COLUMNS:
        setattr(exam, name, getattr(plan, name))
    exam.networks, exam.version = list(plan.networks), exam.version + 1
    session.flush()
    write_windows(session, exam, plan.windows or {})
    return exam


def write_windows(session: Session, exam: Exam, windows: Mapping[str, Window]) -> None:
    ids = {each.name: each.id for each in list_sections(session, course=exam.assignment.course)}
    session.execute(delete(ExamWindow).where(ExamWindow.exam_id == exam.assignment_id))
    for name, window in windows.items():
        session.add(
            ExamWindow(exam_id=exam.assignment_id, section_id=ids[name], opens_at=window.opens_at, closes_at=window.closes_at)
        )
    session.flush()


def move_running(session: Session, exam: Exam, *, by: User) -> list[str]:
    """Who sits may go on until his window closes, where that is later now; the logins of those for whom it is."""
    query = select(Sitting, Enrollment).join(Enrollment, Enrollment.user_id == Sitting.student_id)
    running = Sitting.exam_id == exam.assignment_id, Sitting.handed_in_at.is_(None)
    query = query.where(*running, Enrollment.course_id == exam.assignment.course_id).order_by(Sitting.id)
    moved = []
    for sitting, member in session.execute(
        query.with_for_update(of=Sitting, key_share=True).execution_options(populate_existing=True)
    ):
        closes_at = queries.window_of(session, exam=exam, member=member).closes_at
        if closes_at > sitting.closes_at:
            places.note(
                session, sitting, "window.moved", actor=by, before=sitting.closes_at.isoformat(), after=closes_at.isoformat()
            )
            sitting.closes_at = closes_at
            moved.append(sitting.student.login)
    session.flush()
    return moved


def note(
    session: Session, exam: Exam, *, by: User, before: Plan | None, after: Plan, is_confirmed: bool, moved: list[str]
) -> None:
    """What was changed, and nothing of what was not."""
    old, new = spelled(before) if before else {}, spelled(after)
    changed = sorted(name for name in new if old.get(name) != new[name])
    if not changed and not moved:
        return
    facts: dict[str, Any] = {
        "exam": exam.assignment.slug,
        "before": {name: old.get(name) for name in changed} if before else None,
    }
    facts |= {"after": {name: new[name] for name in changed}, "is_confirmed": is_confirmed, "version": exam.version}
    if moved:
        facts["students"] = moved
    write_line(session, course=exam.assignment.course, actor=by, action="exam.set_up", **facts)


def spelled(plan: Plan) -> dict[str, Any]:
    fields = {name: getattr(plan, name) for name in COLUMNS} | {"networks": list(plan.networks)}
    windows = {name: spelled_window(window) for name, window in sorted((plan.windows or {}).items())}
    return fields | spelled_window(plan.window) | {"windows": windows}


def spelled_window(window: Window) -> dict[str, str]:
    return {"opens_at": window.opens_at.isoformat(), "closes_at": window.closes_at.isoformat()}


def spelled_group(group: Group) -> dict[str, Any]:
    return {
        "section": group.section,
        "students": group.students,
        "before": spelled_window(group.before) if group.before else None,
        "after": spelled_window(group.after),
        "sitting": group.sitting,
        "cut_off": group.cut_off,
    }


def unmake(session: Session, *, exam: Exam, by: User, version: int) -> Assignment:
    """An assignment again, hidden from students until somebody shows it.

    Raises HasSittings once somebody has begun, HasRecords once something was said or granted: neither is ever erased.
    """
    assignment = exam.assignment
    lock_dates(session, assignment)
    check_version(exam.version, version)
    if has_sittings(session, exam):
        raise HasSittings
    if has_records(session, exam):
        raise HasRecords
    was = spelled(plan_of(session, assignment))
    session.execute(delete(ExamWindow).where(ExamWindow.exam_id == exam.assignment_id))
    session.delete(exam)
    assignment.is_exam, assignment.visible = False, False
    session.flush()
    write_line(session, course=assignment.course, actor=by, action="exam.unmade", exam=assignment.slug, before=was)
    return assignment


def has_records(session: Session, exam: Exam) -> bool:
    said = select(ExamNotice.id).where(ExamNotice.exam_id == exam.assignment_id)
    granted = select(TimeGrant.id).where(TimeGrant.exam_id == exam.assignment_id)
    return session.scalar(said.union_all(granted).limit(1)) is not None
