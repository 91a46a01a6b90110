"""Who is in a course: a file is looked at, then confirmed; people are added, changed, withdrawn and taken back one by one.

Whoever changes a roster holds the course's row; `roster_version` grows with each change, so a preview made before it is known to
be old.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session, joinedload

from server.accounts import service as accounts
from server.accounts.models import Language, User
from server.accounts.service import tidy_login
from server.audit import write_line
from server.courses import roster_rules as rules
from server.courses.models import Course, Enrollment, Role, RosterFile, Section, Standing
from server.courses.roster_files import Fault, read_sheet
from server.courses.roster_refusals import (
    AlreadyHere,
    AlreadyWithdrawn,
    FaultyLines,
    LastInstructor,
    PreviewExpired,
    RosterChanged,
)
from server.courses.roster_rules import Change, Diff, Entry, Known
from server.errors import NotFound

FILE_KEPT = timedelta(hours=1)
LONGEST_NAME = 200  # of a file
MOST_LISTED = 50  # logins in one line of the audit log


@dataclass(frozen=True)
class Preview:
    """What a file would change now. `version`: of the roster with which it was compared."""

    file: RosterFile
    version: int
    diff: Diff
    faults: list[Fault]
    left_out: list[str]


@dataclass(frozen=True)
class Applied:
    """How many of each."""

    new: int
    joined: int
    changed: int
    withdrawn: int
    unchanged: int
    left_out: int  # lines with faults


def lock_roster(session: Session, course: Course) -> Course:
    """One writer at a time; others read on, and hand in."""
    locked = select(Course).where(Course.id == course.id).with_for_update(key_share=True)
    return session.scalars(locked.execution_options(populate_existing=True)).one()


def touch(session: Session, course: Course) -> None:
    """After a change: previews made before it are old, and boards read their people anew."""
    lock_roster(session, course).roster_version += 1
    session.flush()


def keep_file(
    session: Session, *, course: Course, by: User, name: str, content: bytes, section: str | None, now: datetime
) -> RosterFile:
    """For an hour. Raises UnreadableRoster; what is wrong with single lines stands in the preview."""
    rules.read_entries(read_sheet(content))
    session.execute(delete(RosterFile).where(RosterFile.course_id == course.id, RosterFile.expires_at <= now))
    section = rules.tidy(section or "")[: rules.MAX_SECTION] or None
    kept = RosterFile(
        course=course,
        uploaded_by_id=by.id,
        name=name[-LONGEST_NAME:],
        section=section,
        content=content,
        expires_at=now + FILE_KEPT,
    )
    session.add(kept)
    session.flush()
    return kept


def get_file(session: Session, *, course: Course, file_id: int, by: User, now: datetime) -> RosterFile:
    """One's own. Raises NotFound once it was confirmed, PreviewExpired after its hour."""
    mine = RosterFile.id == file_id, RosterFile.course_id == course.id, RosterFile.uploaded_by_id == by.id
    found = session.scalar(select(RosterFile).where(*mine))
    if found is None:
        raise NotFound
    if found.expires_at <= now:
        raise PreviewExpired
    return found


def preview(session: Session, file: RosterFile) -> Preview:
    reading = rules.read_entries(read_sheet(file.content))
    people = list_known(session, course=file.course, entries=reading.entries)
    diff, unclear = rules.compare(reading, people, default_section=file.section)
    faults = sorted([*reading.faults, *unclear], key=lambda fault: fault.line)
    return Preview(file, file.course.roster_version, diff, faults, reading.left_out)


def list_known(session: Session, *, course: Course, entries: Iterable[Entry] = ()) -> list[Known]:
    """Everybody of the course, and those of the platform whom the entries may mean."""
    members = list_members(session, course=course)
    entries = list(entries)
    numbers = {entry.student_number for entry in entries if entry.student_number}
    logins, addresses = {number.lower() for number in numbers}, {entry.email for entry in entries if entry.email}
    meant = or_(User.student_number.in_(numbers), User.login.in_(logins), func.lower(User.email).in_(addresses))
    here = {member.user_id for member in members}
    others = [user for user in session.scalars(select(User).where(meant)) if user.id not in here] if entries else []
    shared = in_other_courses(session, course, [*here, *(user.id for user in others)])
    return [known(each.user, each, shared) for each in members] + [known(user, None, shared) for user in others]


def known(user: User, member: Enrollment | None, shared: Collection[int]) -> Known:
    return Known(
        user_id=user.id,
        login=user.login,
        student_number=user.student_number,
        name=user.display_name,
        email=user.email,
        section=member.section.name if member and member.section else None,
        role=member.role if member else None,
        standing=member.standing if member else None,
        is_shared=user.id in shared,
    )


def in_other_courses(session: Session, course: Course, user_ids: Sequence[int]) -> set[int]:
    elsewhere = Enrollment.user_id.in_(user_ids), Enrollment.course_id != course.id
    return set(session.scalars(select(Enrollment.user_id).where(*elsewhere)))


def list_members(session: Session, *, course: Course) -> list[Enrollment]:
    """Also who has withdrawn, by login."""
    query = select(Enrollment).join(User, Enrollment.user_id == User.id).where(Enrollment.course_id == course.id)
    return list(session.scalars(query.options(joinedload(Enrollment.section)).order_by(User.login)))


def confirm(
    session: Session,
    *,
    file: RosterFile,
    version: int,
    by: User,
    withdraw: Collection[str] | None,
    takes_good_lines: bool,
    now: datetime,
) -> Applied:
    """Do what the preview of this version has shown. Raises RosterChanged where the roster is another by now.

    withdraw: logins of missing students; None: all of them.
    """
    course = lock_roster(session, file.course)
    if course.roster_version != version:
        raise RosterChanged
    shown = preview(session, file)
    if shown.faults and not takes_good_lines:
        raise FaultyLines(shown.faults)
    diff = shown.diff
    check_instructors(session, course, [change for change in diff.changed if "role" in change.fields])
    gone = [each for each in diff.missing if withdraw is None or each.login in withdraw]
    sections = Sections(session, course)
    made = [enroll_new(session, course, entry, sections, by) for entry in diff.new]
    members = {member.user_id: member for member in list_members(session, course=course)}
    for change in diff.joining:
        join_known(session, course, change, sections)
    for change in diff.changed:
        change_member(session, members[change.person.user_id], change.fields, sections)
    for each in gone:
        set_withdrawn(members[each.user_id], by=by, now=now)
    faulty = len({fault.line for fault in shown.faults})
    done = Applied(len(made), len(diff.joining), len(diff.changed), len(gone), len(diff.unchanged), faulty)
    note_import(session, course, by, shown, made, gone)
    touch(session, course)
    session.delete(file)
    session.flush()
    return done


def note_import(session: Session, course: Course, by: User, shown: Preview, made: Sequence[User], gone: Sequence[Known]) -> None:
    """One line says all of it: who came, what changed from what to what, who went."""
    diff = shown.diff
    changes = {each.person.login: {name: list(pair) for name, pair in each.fields.items()} for each in diff.changed}
    write_line(
        session,
        course=course,
        actor=by,
        action="roster.imported",
        file=shown.file.name,
        new=[user.login for user in made],
        joined=[each.person.login for each in diff.joining],
        changed=changes,
        withdrawn=[each.login for each in gone],
        lines_left_out=len({fault.line for fault in shown.faults}),
    )


class Sections:
    """Of one course by name; a name that is new makes a section."""

    def __init__(self, session: Session, course: Course) -> None:
        self._session, self._course = session, course
        self._by_name = {each.name: each for each in session.scalars(select(Section).where(Section.course_id == course.id))}

    def named(self, name: str | None) -> Section | None:
        if name is None:
            return None
        if name not in self._by_name:
            self._by_name[name] = Section(course_id=self._course.id, name=name)
            self._session.add(self._by_name[name])
            self._session.flush()
        return self._by_name[name]


def enroll_new(session: Session, course: Course, entry: Entry, sections: Sections, by: User | None) -> User:
    """An account without a password, that its person takes over by an invitation."""
    user = accounts.create_user(
        session,
        login=free_login(session, entry.login),
        display_name=entry.name,
        email=entry.email,
        language=by.language if by else Language.en,
    )
    user.student_number, user.made_by_course_id = entry.student_number, course.id
    add_enrollment(session, course, user, entry.role or Role.student, sections.named(entry.section))
    return user


def free_login(session: Session, wanted: str) -> str:
    """That, or the first of that-2, that-3, … which nobody has."""
    login, number = wanted, 1
    while accounts.find_user(session, login=login) is not None:
        number += 1
        login = f"{wanted}-{number}"
    return login


def add_enrollment(session: Session, course: Course, user: User, role: Role, section: Section | None) -> Enrollment:
    enrollment = Enrollment(course=course, user=user, role=role, section=section)
    session.add(enrollment)
    session.flush()
    return enrollment


def join_known(session: Session, course: Course, change: Change, sections: Sections) -> Enrollment:
    user = session.get_one(User, change.person.user_id)
    enrollment = add_enrollment(session, course, user, change.entry.role or Role.student, sections.named(change.entry.section))
    change_account(user, change.fields)
    return enrollment


def change_member(session: Session, member: Enrollment, fields: Mapping[str, Any], sections: Sections) -> None:
    """fields: as in a `Change`."""
    change_account(member.user, fields)
    if "section" in fields:
        member.section = sections.named(fields["section"][1])
    if "role" in fields:
        member.role = Role(fields["role"][1])
    if "standing" in fields:
        set_active(member)
    member.version += 1
    session.flush()


def change_account(user: User, fields: Mapping[str, Any]) -> None:
    for name, attribute in (("student_number", "student_number"), ("name", "display_name"), ("email", "email")):
        if name in fields:
            setattr(user, attribute, fields[name][1])


def set_withdrawn(member: Enrollment, *, by: User | None, now: datetime) -> None:
    member.standing, member.withdrawn_at, member.withdrawn_by_id = Standing.withdrawn, now, by.id if by else None
    member.version += 1


def set_active(member: Enrollment) -> None:
    member.standing, member.withdrawn_at, member.withdrawn_by_id = Standing.active, None, None


def check_instructors(
    session: Session, course: Course, changes: Sequence[Change] = (), *, leaving: Enrollment | None = None
) -> None:
    """After these changes at least one is left. Raises LastInstructor."""
    query = select(Enrollment.user_id).where(
        Enrollment.course_id == course.id, Enrollment.role == Role.instructor, Enrollment.standing == Standing.active
    )
    before = set(session.scalars(query))
    after = before - {each.person.user_id for each in changes if each.fields["role"][1] != Role.instructor}
    after |= {each.person.user_id for each in changes if each.fields["role"][1] == Role.instructor}
    after -= {leaving.user_id} if leaving else set()
    if before and not after:
        raise LastInstructor


def find_member(session: Session, *, course: Course, login: str) -> Enrollment | None:
    query = select(Enrollment).join(User, Enrollment.user_id == User.id)
    return session.scalar(query.where(Enrollment.course_id == course.id, User.login == tidy_login(login)))


def get_member(session: Session, *, course: Course, login: str) -> Enrollment:
    found = find_member(session, course=course, login=login)
    if found is None:
        raise NotFound
    return found


def add_person(session: Session, *, course: Course, by: User, typed: Mapping[str, str]) -> Enrollment:
    """By hand, by the same rules as a line of a file. Raises FaultyLines, AlreadyHere."""
    lock_roster(session, course)
    entry, wrong = rules.read_entry(1, {name: typed.get(name) or "" for name in rules.FIELDS})
    reading = rules.Reading([entry], [])
    people = list_known(session, course=course, entries=[entry])
    diff, unclear = rules.compare(reading, people)
    if wrong or unclear:
        raise FaultyLines([*(Fault(0, name, said) for name, said in wrong), *unclear])
    if diff.changed or diff.unchanged:
        raise AlreadyHere(diff.changed[0].person.login if diff.changed else diff.unchanged[0].login)
    sections = Sections(session, course)
    if diff.new:
        user = enroll_new(session, course, entry, sections, by)
        member = get_member(session, course=course, login=user.login)
    else:
        member = join_known(session, course, diff.joining[0], sections)
    facts = {"login": member.user.login, "role": member.role, "section": entry.section}
    write_line(session, course=course, actor=by, action="roster.added", **facts)
    touch(session, course)
    return member


def change_person(
    session: Session, *, course: Course, by: User, login: str, version: int, role: Role | None = None, section: str | None = None
) -> Enrollment:
    """section: its name, a new one makes it; empty: none; None: as it is. Raises RosterChanged, LastInstructor."""
    member = hold(session, course, login, version)
    fields: dict[str, tuple[str | None, str | None]] = {}
    was = member.section.name if member.section else None
    if role is not None and role is not member.role:
        fields["role"] = (member.role, role)
    if section is not None and (rules.tidy(section) or None) != was:
        fields["section"] = (was, rules.tidy(section)[: rules.MAX_SECTION] or None)
    if fields.get("role", ("", ""))[0] == Role.instructor:
        check_instructors(session, course, leaving=member)
    if fields:
        change_member(session, member, fields, Sections(session, course))
        facts = {name: list(pair) for name, pair in fields.items()}
        write_line(session, course=course, actor=by, action="roster.changed", login=member.user.login, **facts)
        touch(session, course)
    return member


def hold(session: Session, course: Course, login: str, version: int | None) -> Enrollment:
    """A member to be changed, read under the roster's lock. version: as it was read; None: whatever it is."""
    lock_roster(session, course)
    member = get_member(session, course=course, login=login)
    session.refresh(member, with_for_update={"of": Enrollment})
    if version is not None and member.version != version:
        raise RosterChanged
    return member


def withdraw(
    session: Session, *, course: Course, by: User, login: str, reason: str = "", version: int | None = None, now: datetime
) -> Enrollment:
    """The work stays; the person reads it, and hands nothing in any more."""
    member = hold(session, course, login, version)
    if not member.is_active:
        raise AlreadyWithdrawn(member.user.login)
    check_instructors(session, course, leaving=member)
    set_withdrawn(member, by=by, now=now)
    write_line(session, course=course, actor=by, action="roster.withdrawn", login=member.user.login, reason=reason.strip())
    touch(session, course)
    return member


def take_back(session: Session, *, course: Course, by: User, login: str, version: int | None = None) -> Enrollment:
    member = hold(session, course, login, version)
    if not member.is_active:
        set_active(member)
        member.version += 1
        write_line(session, course=course, actor=by, action="roster.taken_back", login=member.user.login)
        touch(session, course)
    return member
