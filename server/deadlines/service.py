"""Setting dates, policies and extensions, and the terms on which somebody may hand in. Every change is written down."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.protocol import Text
from grader.spec import BrokenAssignment, UnknownAssignment
from server.accounts.models import User
from server.announcements import service as announcements
from server.assignments import service as assignments
from server.assignments.models import Assignment
from server.assignments.rules import check_has_doors
from server.audit import write_line
from server.channels.models import Occasion
from server.courses.models import Course
from server.deadlines import queries, refusals, rules
from server.deadlines.models import AfterGrace, DateChange, Extension, LateKind, LatePolicy
from server.deadlines.queries import Account
from server.deadlines.rules import Cost, Dates
from server.deadlines.wording import move_in_words
from server.messages.service import notify
from server.teams import service as teams
from server.teams.queries import find_team, members_of

MAX_REASON, MAX_GRACE_DAYS, MAX_HOURS = 500, 60, 24 * 365


@dataclass(frozen=True)
class PolicySettings:
    """As forms and JSON give them. `grace_days` is the course's alone."""

    kind: LateKind
    percent_per_day: Decimal = Decimal(10)
    at_least_percent: Decimal = Decimal(0)
    grace_days: int = 0
    after_grace: AfterGrace = AfterGrace.refused


@dataclass(frozen=True)
class Terms:
    """On which somebody hands in now. `cost` is None where it costs nothing."""

    dates: Dates
    cost: Cost | None = None
    is_accepted: bool = True

    def check_accepted(self, time_zone: str) -> None:
        if self.cost is not None and not self.is_accepted:
            raise refusals.LateNeedsConfirmation(self.cost, self.dates.due_at.astimezone(ZoneInfo(time_zone)))


def terms_of(session: Session, *, assignment: Assignment, author: User, root: Path, now: datetime, is_accepted: bool) -> Terms:
    """Under the person's lock, and the team's, so that two late hand-ins never spend the same grace day.

    Raises GraceDaysUsedUp: for a team, where any member's budget does not cover it and the course takes nothing beyond;
    HandedInInTheRoom for an exam, which no door but its room takes in.
    """
    check_has_doors(assignment)
    teams.lock_person(session, assignment=assignment, user=author)
    if (team := find_team(session, assignment=assignment, user=author)) is not None:
        teams.lock_team(session, team)
    together = members_of(session, assignment=assignment, user=author)
    accounts = queries.open_accounts(session, course=assignment.course, student_ids=together, root=root)
    dates = accounts[author.id].dates[assignment.id]
    if queries.find_fix(session, assignment=assignment, user=author, now=now) is not None:
        return Terms(dates)  # a fix is as late as what it stands for, and that was accepted then
    if now < dates.closes_at:  # else it is closed, which is said first
        for student_id, account in accounts.items():
            check_covered(session, account.cost_of(assignment.id, now), student_id)
    return Terms(dates, accounts[author.id].cost_of(assignment.id, now), is_accepted)


def check_covered(session: Session, cost: Cost | None, student_id: int) -> None:
    if cost is not None and cost.is_refused:
        raise refusals.GraceDaysUsedUp(cost, session.get_one(User, student_id).login)


def move_dates(
    session: Session,
    *,
    assignment: Assignment,
    dates: Dates,
    reason: str,
    by: User | None,
    root: Path,
    version: int,
    now: datetime,
    is_confirmed: bool = False,
) -> DateChange | None:
    """None where nothing moves. Raises MakesWorkLate unless that is confirmed. Groups that want to know are told."""
    check_is_no_exam(assignment)
    lock_dates(session, assignment)
    check_version(queries.version_of(session, assignment=assignment), version)
    if not dates.opens_at <= dates.due_at <= dates.closes_at:
        raise refusals.DatesOutOfOrder
    before = queries.dates_of(assignment)
    if dates == before:
        return None
    reason = checked_reason(reason)
    late_before = late_days_of_all(session, assignment, root)
    with session.begin_nested():  # a page shows the refusal in this transaction, so it is undone here
        for name, moment in asdict(dates).items():
            setattr(assignment, name, moment)
        session.flush()
        check_nobody_later(session, assignment, late_before, root, is_confirmed=is_confirmed)
    change = DateChange(assignment=assignment, before=spelled(before), after=spelled(dates), reason=reason)
    change.changed_by = by
    session.add(change)
    session.flush()
    facts = {"assignment": assignment.slug, "before": spelled(before), "after": spelled(dates), "reason": reason}
    write_line(session, course=assignment.course, actor=by, action="dates.moved", **facts)
    if assignment.visible:
        announce_move(session, change, before, dates, root=root, now=now)
    return change


def check_is_no_exam(assignment: Assignment) -> None:
    """Its window decides when questions can be read: it is moved where that is looked at first."""
    if assignment.is_exam:
        raise refusals.TimesOfAnExam


def announce_move(session: Session, change: DateChange, before: Dates, after: Dates, *, root: Path, now: datetime) -> None:
    """Among the announcements, and in the groups; the course's page says it by itself, from the change."""
    assignment, by = change.assignment, change.changed_by
    course, named = assignment.course, title_of(assignment, root)
    title, text = move_in_words(named, before, after, change.reason, zone=course.time_zone, now=now)
    announcements.publish(session, course=course, by=by, title=title, text=text, now=now, occasion=Occasion.date_moved)


def title_of(assignment: Assignment, root: Path) -> Text:
    """Its slug, where the folder is gone: dates move nevertheless."""
    try:
        return assignments.manifest_of(assignment, root=root).title
    except (BrokenAssignment, UnknownAssignment):
        return Text(en=assignment.slug, zh=assignment.slug)


def lock_dates(session: Session, assignment: Assignment) -> None:
    """One change at a time; what was read before is read again."""
    locked = select(Assignment).where(Assignment.id == assignment.id).with_for_update(of=Assignment)
    session.scalars(locked.execution_options(populate_existing=True)).one()


def check_version(now: int, seen: int) -> None:
    if now != seen:
        raise refusals.ChangedMeanwhile(now)


def checked_reason(reason: str) -> str:
    reason = " ".join(reason.split())[:MAX_REASON]
    if not reason:
        raise refusals.ReasonMissing
    return reason


LateDays = dict[str, dict[int, int]]  # by login and attempt


def late_days_of_all(session: Session, assignment: Assignment, root: Path) -> LateDays:
    people = queries.authors_of(session, assignment=assignment)
    accounts = queries.open_accounts(session, course=assignment.course, student_ids=people, root=root)
    return {people[student_id]: late_days_of(account, assignment) for student_id, account in accounts.items()}


def late_days_of(account: Account, assignment: Assignment) -> dict[int, int]:
    due_at = account.dates[assignment.id].due_at
    return {each.id: each.late_days(due_at) for each in account.work_of(assignment.id, is_pending_full=True).attempts}


def check_nobody_later(session: Session, assignment: Assignment, before: LateDays, root: Path, *, is_confirmed: bool) -> None:
    """Of what was handed in before."""
    after = late_days_of_all(session, assignment, root)
    hit = [login for login, days in before.items() if any(after[login].get(each, 0) > late for each, late in days.items())]
    if hit and not is_confirmed:
        raise refusals.MakesWorkLate(sorted(hit))


def spelled(dates: Dates) -> dict[str, str]:
    return {name: moment.isoformat() for name, moment in asdict(dates).items()}


def set_policy(
    session: Session, *, course: Course, assignment: Assignment | None, settings: PolicySettings, by: User, version: int
) -> LatePolicy:
    """Of the course, or of one assignment in its place. `version`: of what was read, 0 where there was none."""
    lock_course(session, course)
    row = queries.find_policy(session, course=course, assignment=assignment)
    check_version(row.version if row else 0, version)
    before = described(row)
    if row is None:
        row = LatePolicy(course=course, assignment_id=assignment.id if assignment else None)
        session.add(row)
    settings = replace(settings, grace_days=0) if assignment else settings
    for name, value in asdict(settings).items():
        setattr(row, name, value)
    session.flush()
    note_policy(session, course, assignment, by, before=before, now=described(row))
    return row


def drop_policy(session: Session, *, assignment: Assignment, by: User, version: int) -> None:
    """The course's holds again."""
    lock_course(session, assignment.course)
    row = queries.find_policy(session, course=assignment.course, assignment=assignment)
    check_version(row.version if row else 0, version)
    if row is not None:
        before = described(row)
        session.delete(row)
        session.flush()
        note_policy(session, assignment.course, assignment, by, before=before, now=None)


def lock_course(session: Session, course: Course) -> None:
    session.execute(select(Course.id).where(Course.id == course.id).with_for_update(key_share=True))


def described(row: LatePolicy | None) -> dict[str, Any] | None:
    if row is None:
        return None
    percents = {"percent_per_day": f"{row.percent_per_day:f}", "at_least_percent": f"{row.at_least_percent:f}"}
    return {"kind": row.kind, **percents, "grace_days": row.grace_days, "after_grace": row.after_grace}


def note_policy(
    session: Session, course: Course, assignment: Assignment | None, by: User, *, before: dict | None, now: dict | None
) -> None:
    if before != now:
        facts = {"assignment": assignment.slug} if assignment else {}
        write_line(session, course=course, actor=by, action="dates.policy", **facts, before=before, now=now)


@dataclass(frozen=True)
class NewExtension:
    """`recipient`: a student's login, or a section's name."""

    recipient: str
    reason: str
    due_at: datetime | None = None
    closes_at: datetime | None = None
    plus_hours: int | None = None
    is_shared: bool = False


def extend(session: Session, *, assignment: Assignment, new: NewExtension, by: User) -> Extension:
    """More time for somebody, which adds to nothing that he has: of several the most favourable holds."""
    check_is_no_exam(assignment)
    lock_dates(session, assignment)
    course, name = assignment.course, new.recipient.strip()
    student = queries.find_student(session, course=course, login=name)
    section = None if student else queries.find_section(session, course=course, name=name)
    if student is None and section is None:
        raise refusals.NoSuchRecipient(name)
    extension = Extension(
        assignment_id=assignment.id, student=student, section=section, due_at=new.due_at, closes_at=new.closes_at,
        plus_hours=new.plus_hours, reason=checked_reason(new.reason), is_shared=new.is_shared, given_by=by,
    )  # fmt: skip
    check_adds_time(extension, assignment)
    session.add(extension)
    session.flush()
    facts = about(extension, assignment) | {"reason": extension.reason}
    write_line(session, course=course, actor=by, action="dates.extended", **facts, now=moved_to(extension))
    if student is not None and assignment.visible:
        due_at = queries.own_dates(session, assignment=assignment, user=student).due_at
        known = {"course": course, "assignment": assignment.slug, "due_at": due_at}
        notify(session, to=student, kind="date_moved", link=f"/courses/{course.slug}", **known)
    return extension


def check_adds_time(extension: Extension, assignment: Assignment) -> None:
    dates = queries.dates_of(assignment)
    if rules.dates_for(dates, [queries.shift_of(extension)]) == dates:
        raise refusals.AddsNoTime


def take_back(
    session: Session,
    *,
    assignment: Assignment,
    extension: Extension,
    reason: str,
    by: User,
    root: Path,
    is_confirmed: bool = False,
) -> Extension:
    """The row stays, and another one says that it no longer holds."""
    lock_dates(session, assignment)
    if queries.is_taken_back(session, extension):
        raise refusals.TakenBackAlready
    late_before = late_days_of_all(session, assignment, root)
    row = Extension(assignment_id=assignment.id, takes_back_id=extension.id, reason=checked_reason(reason), given_by=by)
    with session.begin_nested():
        session.add(row)
        session.flush()
        check_nobody_later(session, assignment, late_before, root, is_confirmed=is_confirmed)
    facts = about(extension, assignment) | {"reason": row.reason}
    write_line(
        session, course=assignment.course, actor=by, action="dates.extension_taken_back", **facts, before=moved_to(extension)
    )
    return row


def about(extension: Extension, assignment: Assignment) -> dict[str, Any]:
    whose = {"login": extension.student.login} if extension.student else {"section": extension.section.name}
    return {"assignment": assignment.slug, "extension": extension.id, **whose}


def moved_to(extension: Extension) -> dict[str, Any]:
    moments = {"due_at": extension.due_at, "closes_at": extension.closes_at}
    return {name: at.isoformat() for name, at in moments.items() if at} | (
        {"plus_hours": extension.plus_hours} if extension.plus_hours else {}
    )
