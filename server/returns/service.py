"""Returning work for a fix, and taking that back; every change is written down. `submissions.service.submit` takes the fix in."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.models import Assignment
from server.audit import write_line
from server.courses.models import Course
from server.errors import NotFound
from server.messages.service import notify
from server.returns import queries, rules
from server.returns.models import Return, ReturnPolicy
from server.returns.rules import Policy
from server.submissions.models import Submission
from server.teams import service as teams
from server.teams.queries import find_team, members_of


def return_for_fix(
    session: Session, *, submission: Submission, reason: str, by: User, now: datetime, is_competition: bool = False
) -> Return:
    """Its author, or the team, may hand in once more, whatever the dates and the attempts say.

    Raises ReturnedAlready where something of theirs waits for its fix, ReasonMissing, NotJudgedYet,
    NotInCompetitions, NotInExams.
    """
    lock(session, submission)
    reason = rules.checked_reason(reason)
    if is_competition:
        raise rules.NotInCompetitions
    if submission.assignment.is_exam:
        raise rules.NotInExams
    if submission.run is None or not submission.state.is_final:
        raise rules.NotJudgedYet
    check_none_waits(session, submission, now)
    policy = queries.policy_of(session, assignment=submission.assignment)
    found = Return(
        submission=submission, assignment=submission.assignment, reason=reason, percent=policy.percent,
        until=policy.until(now), returned_by=by, returned_at=now,
    )  # fmt: skip
    session.add(found)
    session.flush()
    tell(session, found)
    note(session, found, by, "submission.returned", percent=f"{found.percent:f}", until=found.until.isoformat(), reason=reason)
    return found


def tell(session: Session, found: Return) -> None:
    """All whose work it is."""
    submission, assignment = found.submission, found.assignment
    for student_id in members_of(session, assignment=assignment, user=submission.author):
        known = {"link": f"/submissions/{submission.id}", "course": assignment.course}
        facts = {"assignment": assignment.slug, "until": found.until}
        notify(session, to=session.get_one(User, student_id), kind="returned_for_fix", **known, **facts)


def lock(session: Session, submission: Submission) -> None:
    """The rows under which attempts are counted: what is handed in comes before a return or after it."""
    teams.lock_person(session, assignment=submission.assignment, user=submission.author)
    if (team := find_team(session, assignment=submission.assignment, user=submission.author)) is not None:
        teams.lock_team(session, team)


def check_none_waits(session: Session, submission: Submission, now: datetime) -> None:
    waits = queries.find_open(session, assignment=submission.assignment, user=submission.author, now=now)
    waits = waits or queries.find_standing(session, submission=submission)
    if waits is not None:
        raise rules.ReturnedAlready(waits)


def take_back(session: Session, *, submission: Submission, by: User, now: datetime) -> Return:
    """As if it had not been returned, as long as nothing came for it."""
    lock(session, submission)
    found = queries.find_standing(session, submission=submission)
    if found is None:
        raise NotFound
    if found.fix_id is not None:
        raise rules.FixedAlready
    found.taken_back_at, found.taken_back_by = now, by
    session.flush()
    note(session, found, by, "submission.return_taken_back", percent=f"{found.percent:f}")
    return found


def note(session: Session, found: Return, by: User, action: str, **facts: Any) -> None:
    submission = found.submission
    about = {"assignment": found.assignment.slug, "submission": submission.id, "student": submission.author.login}
    write_line(session, course=found.assignment.course, actor=by, action=action, **about, **facts)


def set_policy(
    session: Session, *, course: Course, assignment: Assignment | None, policy: Policy | None, by: User, version: int
) -> ReturnPolicy | None:
    """For returns from now on; of the course, or of one assignment in its place. None: what holds above it holds again.

    version: of what was read, 0 where there was none.
    """
    session.execute(select(Course.id).where(Course.id == course.id).with_for_update(key_share=True))
    row = queries.find_policy(session, course=course, assignment=assignment)
    if (row.version if row else 0) != version:
        raise rules.ChangedMeanwhile(row.version if row else 0)
    before = described(row)
    if policy is None:
        row = drop(session, row)
    else:
        rules.check_policy(policy)
        row = row or ReturnPolicy(course=course, assignment_id=assignment.id if assignment else None)
        row.percent, row.days = policy.percent, policy.days
        session.add(row)
        session.flush()
    after = described(row)
    if after != before:
        facts = {"assignment": assignment.slug} if assignment else {}
        write_line(session, course=course, actor=by, action="submission.return_policy", **facts, before=before, now=after)
    return row


def drop(session: Session, row: ReturnPolicy | None) -> None:
    if row is not None:
        session.delete(row)
        session.flush()


def described(row: ReturnPolicy | None) -> dict[str, Any] | None:
    return asdict(Policy(row.percent, row.days)) | {"percent": f"{row.percent.normalize():f}"} if row else None
