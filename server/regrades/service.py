"""Asking, taking on, answering; an accepted request gives points or has the work judged again. Every step is written down."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from grader.spec import Manifest
from server.accounts.models import User
from server.audit import write_line
from server.cases.points import change_submission
from server.courses.models import Course, Enrollment
from server.grading import service as grading
from server.grading.models import Run
from server.messages.service import notify
from server.regrades import queries, rules
from server.regrades.models import RegradePolicy, RegradeRequest, RegradeState, Remedy
from server.regrades.rules import Answer, Policy
from server.submissions.models import Submission


def ask(
    session: Session, *, submission: Submission, subject: str, statement: str, student: User, manifest: Manifest, now: datetime
) -> RegradeRequest:
    """Raises the reason why it cannot be asked: the window, too many open ones, asked already, no statement."""
    course = submission.assignment.course
    hold_person(session, course, student)
    run = submission.run
    published_at = queries.published_at(session, submission=submission, manifest=manifest)
    if run is None or (known := queries.subjects_of(session, run, manifest).get(subject)) is None:
        raise rules.NothingToAskAbout
    if known.id != rules.whole_of(subject) and subject not in queries.seen_items(session, submission=submission):
        raise rules.NothingToAskAbout
    if known.points is None and published_at is None:  # nobody has seen what people gave for it
        raise rules.NothingToAskAbout
    statement = rules.checked_statement(statement)
    waiting = queries.count_waiting(session, course=course, student=student)
    policy = queries.policy_of(session, course=course)
    scored_at = rules.scored_at(run.created_at, published_at, queries.released_at(submission))
    rules.check_can_ask(policy, scored_at=scored_at, waiting=waiting, now=now)
    found = RegradeRequest(submission=submission, run_id=run.id, subject=subject, student=student, statement=statement)
    try:
        with session.begin_nested():
            session.add(found)
            session.flush()
    except IntegrityError as error:  # one at a time about the same, says an index
        raise rules.AskedAlready from error
    return found


def hold_person(session: Session, course: Course, student: User) -> None:
    """So that two requests at once are counted one after the other."""
    mine = Enrollment.course_id == course.id, Enrollment.user_id == student.id
    session.execute(select(Enrollment.id).where(*mine).with_for_update())


def hold(session: Session, request: RegradeRequest, version: int) -> None:
    """Its row, as it is now. Raises AlreadyAnswered, ChangedMeanwhile."""
    locked = select(RegradeRequest).where(RegradeRequest.id == request.id).with_for_update(of=RegradeRequest)
    session.scalars(locked.execution_options(populate_existing=True)).one()
    if not request.state.is_waiting:
        raise rules.AlreadyAnswered(request.state)
    if request.version != version:
        raise rules.ChangedMeanwhile(request.version)


def assign(session: Session, *, request: RegradeRequest, to: str, by: User, version: int) -> RegradeRequest:
    """To somebody of the staff, who is looking at it from now on; to nobody with an empty login."""
    hold(session, request, version)
    staff = queries.find_staff(session, course=course_of(request), login=to.strip().lower()) if to.strip() else None
    if to.strip() and staff is None:
        raise rules.NoSuchStaff(to)
    before = request.assigned_to.login if request.assigned_to else None
    request.assigned_to = staff
    request.state = RegradeState.in_progress if staff else RegradeState.open
    session.flush()
    note(session, request, by, "regrade.assigned", before=before, now=staff.login if staff else None)
    return request


def withdraw(session: Session, *, request: RegradeRequest, version: int) -> RegradeRequest:
    """By who asked, as long as nobody has answered."""
    hold(session, request, version)
    request.state = RegradeState.withdrawn
    session.flush()
    return request


def answer(
    session: Session,
    *,
    request: RegradeRequest,
    answer: Answer,
    by: User,
    manifest: Manifest,
    version: int,
    now: datetime,
) -> RegradeRequest:
    """With points or another run where it is accepted. The points stay beside the run, which nobody changes."""
    hold(session, request, version)
    text, before = rules.checked_answer(answer.text), request.state
    if answer.remedy is Remedy.points:
        check_points(session, request, answer, manifest)
    request.state, request.remedy, request.points, request.answer = answer.state, answer.remedy, answer.points, text
    request.answered_by, request.answered_at = by, now
    session.flush()
    follow_up(session, request, by, now)
    tell(session, request)
    note(session, request, by, "regrade.answered", before=before, reason=text, **answer.facts())
    return request


def check_points(session: Session, request: RegradeRequest, answer: Answer, manifest: Manifest) -> None:
    """Between nothing and all that the check or question is worth, whatever was given for it before."""
    subjects = queries.subjects_of(session, session.get_one(Run, request.run_id), manifest)
    subject = subjects.get(rules.whole_of(request.subject))
    if subject is None or answer.points is None:
        raise rules.NothingToAskAbout
    rules.check_points(answer.points, rules.room_of(subject, queries.given_for(session, request=request)))


def follow_up(session: Session, request: RegradeRequest, by: User, now: datetime) -> None:
    """What an accepted request leads to."""
    if request.remedy is Remedy.points:
        details = {"regrade": request.id, "subject": request.subject}
        change_submission(session, submission=request.submission, points=request.points, actor=by, now=now, details=details)
    elif request.remedy is Remedy.rerun:
        grading.rerun(session, submission=request.submission, requested_by=by)


def tell(session: Session, request: RegradeRequest) -> None:
    course = course_of(request)
    known = {"link": f"/courses/{course.slug}/regrades/{request.id}", "course": course}
    notify(session, to=request.student, kind="regrade_answered", **known, assignment=request.submission.assignment.slug)


def course_of(request: RegradeRequest) -> Course:
    return request.submission.assignment.course


def note(session: Session, request: RegradeRequest, by: User, action: str, **facts: Any) -> None:
    about = {"assignment": request.submission.assignment.slug, "regrade": request.id, "student": request.student.login}
    write_line(session, course=course_of(request), actor=by, action=action, about=request.subject, **about, **facts)


def set_policy(session: Session, *, course: Course, policy: Policy, by: User, version: int) -> RegradePolicy:
    """version: of what was read, 0 where there was none."""
    session.execute(select(Course.id).where(Course.id == course.id).with_for_update(key_share=True))
    rules.check_policy(policy)
    row = queries.find_row(session, course=course)
    if (row.version if row else 0) != version:
        raise rules.ChangedMeanwhile(row.version if row else 0)
    before = {"days": row.days, "most_open": row.most_open} if row else None
    row = row or RegradePolicy(course=course)
    row.days, row.most_open = policy.days, policy.most_open
    session.add(row)
    session.flush()
    now = {"days": row.days, "most_open": row.most_open}
    if now != before:
        write_line(session, course=course, actor=by, action="regrade.policy", before=before, now=now)
    return row
