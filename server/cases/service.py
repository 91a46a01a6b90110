"""Opening a case, adding to it, telling and hearing its students, deciding, and taking a verdict back.

Whoever changes a case holds the lock of its row. `version` is the state that a person has looked at; somebody who has seen an
older one is told so and nothing is changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.assignments.rules import check_may_tell
from server.audit import write_line
from server.cases import rules
from server.cases.models import Case, Event, EventKind, Exhibit, Party, PointChange, Verdict
from server.cases.points import change_by_case
from server.cases.rules import Standing
from server.courses.models import Enrollment, Role
from server.messages.service import notify
from server.submissions.models import Submission
from server.teams.queries import members_of


@dataclass(frozen=True)
class NewExhibit:
    """`content` as `server.similarity.evidence.content_of` makes it; of a single submission it has no right side."""

    left: Submission
    right: Submission | None
    content: Mapping[str, Any]


def candidates(session: Session, *, assignment: Assignment, works: Sequence[Submission]) -> dict[User, Submission]:
    """Whom a case with these works can be about: the students who have handed them in, alone or as a team; authors first."""
    own = [work for work in works if work.assignment_id == assignment.id]
    by_id: dict[int, Submission] = {}
    for work in own:
        by_id.setdefault(work.author_id, work)
    for work in own:
        for user_id in members_of(session, assignment=assignment, user=work.author):
            by_id.setdefault(user_id, work)
    theirs = Enrollment.course_id == assignment.course_id, Enrollment.role == Role.student, Enrollment.user_id.in_(by_id)
    people = [enrollment.user for enrollment in session.scalars(select(Enrollment).where(*theirs))]
    people.sort(key=lambda user: list(by_id).index(user.id))
    return {user: by_id[user.id] for user in people}


def open_case(
    session: Session,
    *,
    assignment: Assignment,
    opened_by: User,
    reason: str,
    logins: Sequence[str],
    exhibits: Sequence[NewExhibit],
    now: datetime,
) -> Case:
    """About the students of these logins, with exhibits that stay as they are now."""
    tidy = rules.tidy_text(reason)
    if not 1 <= len(exhibits) <= rules.MOST_EXHIBITS:
        raise rules.NothingToShow
    works = [work for exhibit in exhibits for work in (exhibit.left, exhibit.right) if work is not None]
    chosen = choose(candidates(session, assignment=assignment, works=works), logins)
    case = Case(assignment=assignment, opened_by=opened_by, opened_at=now, reason=tidy)
    case.parties = [Party(student=student, submission=work) for student, work in chosen.items()]
    case.exhibits = [exhibit_of(each, now=now) for each in exhibits]
    session.add(case)
    session.flush()
    add_event(session, case, EventKind.opened, actor=opened_by, now=now)
    note(session, case, opened_by, "case.opened", students=[party.student_id for party in case.parties])
    return case


def add_exhibits(
    session: Session, *, case: Case, staff: User, exhibits: Sequence[NewExhibit], version: int, now: datetime
) -> None:
    """Beside those that are there. Whoever would decide on what he saw before is told to look again."""
    lock(session, case.id)
    rules.check_version(version, case.version)
    rules.check_not_erased(case.erased_at)
    rules.check_can_add(is_closed=case.closed_at is not None, shown=len(case.exhibits), added=len(exhibits))
    for new in exhibits:
        add_exhibit(session, case, new, staff=staff, now=now)
    for table, key in ((Party, Party.case_id), (Case, Case.id)):
        session.execute(update(table).where(key == case.id).values(version=table.version + 1))


def add_exhibit(session: Session, case: Case, new: NewExhibit, *, staff: User, now: datetime) -> None:
    """Raises NotOfThisCase, ShownAlready. Its event names the students of the case whose work is in it."""
    works = {work.author_id for work in (new.left, new.right) if work and work.assignment_id == case.assignment_id}
    shown_of = [party.id for party in case.parties if works & authors_of(session, party)]
    if not shown_of:
        raise rules.NotOfThisCase
    exhibit, number = exhibit_of(new, now=now), len(case.exhibits) + 1
    for earlier, known in enumerate(case.exhibits, start=1):
        if works_in(known) == works_in(exhibit):
            raise rules.ShownAlready(earlier)
    case.exhibits.append(exhibit)
    add_event(session, case, EventKind.added, actor=staff, now=now, exhibit=number, parties=shown_of)
    note(session, case, staff, "case.exhibit_added", exhibit=number)


def exhibit_of(new: NewExhibit, *, now: datetime) -> Exhibit:
    right_id = new.right.id if new.right else None
    return Exhibit(left_id=new.left.id, right_id=right_id, added_at=now, content=dict(new.content))


def works_in(exhibit: Exhibit) -> set[object]:
    """What tells one exhibit from another; an archived work has only its name."""
    right = exhibit.content["right"]
    archived = (right["archive"], right["name"]) if right and exhibit.right_id is None else None
    return {exhibit.left_id, exhibit.right_id, archived}


def authors_of(session: Session, party: Party) -> set[int]:
    """Whose works are this student's: his own, or the team's."""
    return set(members_of(session, assignment=party.case.assignment, user=party.student))


def choose(found: Mapping[User, Submission], logins: Sequence[str]) -> dict[User, Submission]:
    """In the order of those who can be chosen. Raises NobodyChosen, NotOfTheseWorks."""
    wanted = {login.strip().lower() for login in logins if login.strip()}
    if not wanted:
        raise rules.NobodyChosen
    chosen = {user: work for user, work in found.items() if user.login in wanted}
    for login in sorted(wanted - {user.login for user in chosen}):
        raise rules.NotOfTheseWorks(login)
    return chosen


def tell(
    session: Session, *, party: Party, staff: User, message: str, heard_until: datetime, version: int, now: datetime
) -> None:
    """Let the student see his own part and answer; after a verdict that counts, hear him anew. Of an exam after its release."""
    check_may_tell(party.case.assignment)
    hold(session, party, version)
    tidy = rules.tidy_text(message)
    tells = party.case.assignment.course.tells_students
    rules.check_can_tell(standing_of(party), tells_students=tells, heard_until=heard_until, now=now)
    if party.counts_at is not None:
        forget_verdict(party)
        party.stated_at = None
    party.told_at, party.heard_until = party.told_at or now, heard_until
    until = heard_until.isoformat()
    add_event(session, party.case, EventKind.told, party=party, actor=staff, now=now, text=tidy, heard_until=until)
    note(session, party.case, staff, "case.student_told", student=party.student_id, heard_until=until)
    send_word(session, party)
    settle(session, party.case, actor=staff, now=now)


def send_word(session: Session, party: Party) -> None:
    """That there is a question, and until when: nothing of what it is about leaves the case's page."""
    course = party.case.assignment.course
    link = f"/courses/{course.slug}/cases/{party.case_id}"
    notify(session, to=party.student, kind="case_told", link=link, course=course, until=party.heard_until)


def state(session: Session, *, party: Party, text: str, now: datetime) -> None:
    """What the student says; may be added to until the deadline. `now`: when the server got it."""
    hold(session, party)
    rules.check_can_state(standing_of(party), zone=zone_of(party.case), now=now)
    tidy = rules.tidy_text(text)
    rules.check_room(count_statements(session, party))
    party.stated_at = now
    add_event(session, party.case, EventKind.stated, party=party, actor=party.student, now=now, text=tidy)


def count_statements(session: Session, party: Party) -> int:
    said = Event.party_id == party.id, Event.kind == EventKind.stated
    return session.scalar(select(func.count()).where(*said)) or 0


def decide(
    session: Session,
    *,
    party: Party,
    staff: User,
    verdict: Verdict,
    points: Decimal | None,
    reasons: str,
    score: Decimal | None,
    version: int,
    now: datetime,
) -> None:
    """Also anew, which takes the verdict before it back. `score`: what the student has in the assignment, with all changes."""
    hold(session, party, version)
    course = party.case.assignment.course
    rules.check_can_decide(
        standing_of(party), verdict=verdict, tells_students=course.tells_students, zone=zone_of(party.case), now=now
    )
    tidy = rules.check_reasons(verdict, reasons)
    rules.check_points(verdict, points, most=most_points(session, party, score))
    party.verdict, party.points, party.decided_by, party.decided_at = verdict, points, staff, now
    party.seconded_by = party.seconded_at = party.counts_at = None
    facts = {"verdict": verdict, "points": str(points) if points else None, "counts": not course.second_eyes}
    add_event(session, party.case, EventKind.decided, party=party, actor=staff, now=now, text=tidy, **facts)
    note(session, party.case, staff, "case.decided", student=party.student_id, **facts)
    if not course.second_eyes:
        let_count(session, party, actor=staff, now=now)
    settle(session, party.case, actor=staff, now=now)


def most_points(session: Session, party: Party, score: Decimal | None) -> Decimal:
    """What a verdict may take off: all that the student would have without this case."""
    return Decimal(0) if score is None else max(Decimal(0), score - change_by_case(session, party=party))


def second(session: Session, *, party: Party, staff: User, version: int, now: datetime) -> None:
    """Share another person's verdict: from now on it counts."""
    hold(session, party, version)
    rules.check_can_second(standing_of(party), by=staff.id)
    party.seconded_by, party.seconded_at = staff, now
    add_event(session, party.case, EventKind.seconded, party=party, actor=staff, now=now)
    note(session, party.case, staff, "case.seconded", student=party.student_id, verdict=party.verdict)
    let_count(session, party, actor=staff, now=now)
    settle(session, party.case, actor=staff, now=now)


def send_back(session: Session, *, party: Party, staff: User, reason: str, version: int, now: datetime) -> None:
    """Do not share it: it is to be decided again."""
    hold(session, party, version)
    rules.check_can_second(standing_of(party), by=staff.id)
    tidy = rules.tidy_text(reason)
    add_event(session, party.case, EventKind.returned, party=party, actor=staff, now=now, text=tidy)
    note(session, party.case, staff, "case.sent_back", student=party.student_id, verdict=party.verdict)
    forget_verdict(party)
    session.flush()


def hold(session: Session, party: Party, version: int | None = None) -> None:
    """Lock the case and look at it as it is now. Raises ChangedMeanwhile, CaseErased."""
    case = lock(session, party.case_id)
    session.refresh(party)
    if version is not None:
        rules.check_version(version, party.version)
    rules.check_not_erased(case.erased_at)


def lock(session: Session, case_id: int) -> Case:
    locked = select(Case).where(Case.id == case_id).with_for_update(of=Case)
    case = session.scalars(locked.execution_options(populate_existing=True)).one()
    session.expire(case, ["parties", "events", "exhibits"])
    return case


def let_count(session: Session, party: Party, *, actor: User, now: datetime) -> None:
    """The verdict holds from now on, and the points with it: only the difference to what the case did before is added."""
    party.counts_at = now
    change = rules.change_for(party.points, made=change_by_case(session, party=party))
    if change:
        known = {"assignment_id": party.case.assignment_id, "student_id": party.student_id, "case_id": party.case_id}
        session.add(PointChange(**known, points=change, actor_id=actor.id, at=now, details={"verdict": party.verdict}))
        note(session, party.case, actor, "case.points_changed", student=party.student_id, points=str(change))


def forget_verdict(party: Party) -> None:
    """What counted before stays in the events and in the changes of points until another verdict counts."""
    party.verdict = party.points = party.decided_by = party.decided_at = None
    party.seconded_by = party.seconded_at = party.counts_at = None


def settle(session: Session, case: Case, *, actor: User, now: datetime) -> None:
    """A case is closed as long as a verdict counts for everybody; its retention begins with the last of them."""
    session.flush()
    was_closed, is_closed = case.closed_at is not None, rules.is_closed(map(standing_of, case.parties))
    case.closed_at = now if is_closed else None
    if was_closed != is_closed:
        add_event(session, case, EventKind.closed if is_closed else EventKind.reopened, actor=actor, now=now)
        note(session, case, actor, "case.closed" if is_closed else "case.reopened")
    session.flush()


def standing_of(party: Party) -> Standing:
    return Standing(
        told_at=party.told_at,
        heard_until=party.heard_until,
        stated_at=party.stated_at,
        verdict=party.verdict,
        decided_by_id=party.decided_by_id,
        counts_at=party.counts_at,
    )


def zone_of(case: Case) -> ZoneInfo:
    return ZoneInfo(case.assignment.course.time_zone)


def add_event(
    session: Session,
    case: Case,
    kind: EventKind,
    *,
    actor: User | None,
    now: datetime,
    party: Party | None = None,
    text: str | None = None,
    **details: Any,
) -> None:
    about = party.id if party else None
    session.add(Event(case_id=case.id, party_id=about, kind=kind, at=now, actor=actor, text=text, details=details))
    session.flush()


def note(session: Session, case: Case, actor: User | None, action: str, **more: Any) -> None:
    """Ids and words only: a line of the audit log is there for good. People are known by their ids, not by name."""
    known = {"assignment": case.assignment.slug, "case": case.id}
    write_line(session, course=case.assignment.course, actor=actor, action=action, **known, **more)
