"""Requests as pages show them. What is hidden of a check stays hidden: a student's page has its title and nothing else."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from grader.protocol import Text
from grader.spec import Manifest
from server.accounts.models import User
from server.errors import AppError
from server.grading.models import Run
from server.regrades import queries, rules
from server.regrades.models import RegradeRequest
from server.regrades.rules import Room, Subject
from server.submissions.models import Submission
from server.submissions.views import CheckRow, rows_of, shown_report


@dataclass(frozen=True)
class Asking:
    """What the reader of a submission can ask about, and what was asked. `until` is None where nothing can be asked."""

    requests: Mapping[str, RegradeRequest]  # the newest by subject
    until: datetime | None
    questions: Sequence[Subject]
    change: Decimal  # points given or taken for this submission

    def find(self, subject: str) -> RegradeRequest | None:
        return self.requests.get(subject)

    def choices(self, subject: str, items: Iterable[str] = ()) -> list[str]:
        """Of a question and what its rubric shows, what can be asked about now."""
        return [each for each in (subject, *items) if self.can_ask(each)]

    def can_ask(self, subject: str) -> bool:
        known = self.requests.get(subject)
        return self.until is not None and (known is None or not known.state.is_waiting)


def asking_of(
    session: Session, *, submission: Submission, reader: User, manifest: Manifest, for_staff: bool, now: datetime
) -> Asking:
    requests = {each.subject: each for each in queries.list_of_submission(session, submission=submission)}
    run, course = submission.run, submission.assignment.course
    change = queries.change_of(session, submission=submission)
    if for_staff or run is None or not submission.state.is_final:
        return Asking(requests, None, (), change)
    policy = queries.policy_of(session, course=course)
    published_at = queries.published_at(session, submission=submission, manifest=manifest)
    scored_at = rules.scored_at(run.created_at, published_at, queries.released_at(submission))
    try:
        waiting = queries.count_waiting(session, course=course, student=reader)
        rules.check_can_ask(policy, scored_at=scored_at, waiting=waiting, now=now)
    except AppError:
        return Asking(requests, None, (), change)
    questions = queries.marked_by_hand(manifest) if published_at else ()
    return Asking(requests, rules.closes_at(policy, scored_at), questions, change)


def title_of(request: RegradeRequest, subject: Subject | None) -> Text:
    """Of what was asked about; its id where the assignment does not have it any more."""
    return subject.title if subject else Text(en=request.subject, zh=request.subject)


@dataclass(frozen=True)
class RequestView:
    """`row`: the check's finding as this reader may know it; `now`: the points of the newest run, where there is a newer one."""

    request: RegradeRequest
    title: Text
    subject: Subject | None
    row: CheckRow | None
    now: Decimal | None
    room: Room | None  # for the staff's answer
    question: str | None


def view_of(session: Session, *, request: RegradeRequest, manifest: Manifest, for_staff: bool) -> RequestView:
    run = session.get_one(Run, request.run_id)
    subjects = queries.subjects_of(session, run, manifest)
    subject, whole = subjects.get(request.subject), subjects.get(rules.whole_of(request.subject))
    newest = request.submission.run
    room = None
    if for_staff and whole is not None and request.state.is_waiting:
        room = rules.room_of(whole, queries.given_for(session, request=request))
    return RequestView(
        request=request,
        title=title_of(request, subject),
        subject=subject,
        row=row_of(run, request.subject, for_staff=for_staff),
        now=points_now(session, newest, request, manifest) if newest is not None and newest.id != run.id else None,
        room=room,
        question=question_of(request),
    )


def question_of(request: RegradeRequest) -> str | None:
    """Id of the question that people mark, where it is about one."""
    kind, _, name = rules.whole_of(request.subject).partition(":")
    return name if kind == "question" else None


def row_of(run: Run, subject: str, *, for_staff: bool) -> CheckRow | None:
    kind, _, check_id = subject.partition(":")
    checks = shown_report(run, for_staff=for_staff).checks if kind == "check" else ()
    return next((each for each in rows_of(checks, {}, for_staff=for_staff) if each.check.id == check_id), None)


def points_now(session: Session, run: Run, request: RegradeRequest, manifest: Manifest) -> Decimal | None:
    subject = queries.subjects_of(session, run, manifest).get(request.subject)
    return subject.points if subject else None


def titles_of(session: Session, requests: Sequence[RegradeRequest], manifests: Mapping[int, Manifest]) -> dict[int, Text]:
    """By request; each report is read once."""
    subjects: dict[int, dict[str, Subject]] = {}
    for each in requests:
        if each.run_id not in subjects:
            manifest = manifests[each.submission.assignment_id]
            subjects[each.run_id] = queries.subjects_of(session, session.get_one(Run, each.run_id), manifest)
    return {each.id: title_of(each, subjects[each.run_id].get(each.subject)) for each in requests}
