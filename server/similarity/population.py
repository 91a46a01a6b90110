"""Whose works are compared: the class by people or teams, then those of past terms and archives."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Select, func, literal, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert
from sqlalchemy.orm import Session

from grader.protocol import Status
from grader.similarity.fingerprint import Fingerprint
from grader.similarity.storage import VERSION, decoded
from server.assignments.models import Assignment, Counts
from server.courses.models import Enrollment, Role
from server.grading.models import Run
from server.similarity import rules
from server.similarity.models import Archive, ArchivedWork, ArchiveKind, StoredFingerprint
from server.similarity.rules import Attempt
from server.submissions.models import FileKind, Submission, SubmissionFile
from server.teams.models import TeamMember


@dataclass(frozen=True)
class Member:
    """One work that is compared. `student` is how the engine tells people apart: `user:12`, `team:4`, `archived:7`."""

    student: str
    attempt: Attempt | None  # None: an archived work
    archived_id: int | None = None


@dataclass(frozen=True)
class Population:
    """The class, and what it is held against."""

    present: tuple[Member, ...]
    past: tuple[Member, ...]
    left_out: int  # attempts, between others of the same student

    @property
    def everybody(self) -> tuple[Member, ...]:
        return (*self.present, *self.past)

    @property
    def students(self) -> int:
        return len({member.student for member in self.present})

    @property
    def submission_ids(self) -> list[int]:
        return [member.attempt.id for member in self.everybody if member.attempt]

    @property
    def archived_ids(self) -> list[int]:
        return [member.archived_id for member in self.past if member.archived_id]


def population_of(session: Session, *, assignment: Assignment) -> Population:
    labels = team_labels(session, assignment=assignment)
    attempts = list_attempts(session, assignment=assignment)
    present = _members(attempts, labels, assignment)
    past = [
        member
        for archive in list_archives(session, assignment=assignment)
        if archive.kind is not ArchiveKind.template
        for member in _archived(session, archive, labels)
    ]
    return Population(tuple(present), tuple(past), len({(a.author_id, a.content) for a in attempts}) - len(present))


def _members(attempts: Sequence[Attempt], labels: dict[int, str], assignment: Assignment) -> list[Member]:
    by_student: defaultdict[str, list[Attempt]] = defaultdict(list)
    for attempt in attempts:
        by_student[label_of(attempt, labels)].append(attempt)
    most, best = rules.most_attempts(len(by_student)), assignment.counts is Counts.best
    return [
        Member(student, attempt)
        for student, theirs in by_student.items()
        for attempt in rules.chosen_attempts(theirs, most=most, best_counts=best)
    ]


def _archived(session: Session, archive: Archive, labels: dict[int, str]) -> list[Member]:
    if archive.past is not None:
        return _members(list_attempts(session, assignment=archive.past), labels, archive.past)
    ids = session.scalars(select(ArchivedWork.id).where(ArchivedWork.archive_id == archive.id).order_by(ArchivedWork.id))
    return [Member(f"archived:{id}", None, id) for id in ids]


def team_labels(session: Session, *, assignment: Assignment) -> dict[int, str]:
    """Members of a team are one student: they are never held against each other."""
    joined = TeamMember.assignment_id == assignment.id, TeamMember.joined_at.is_not(None)
    rows = session.execute(select(TeamMember.user_id, TeamMember.team_id).where(*joined))
    return {user_id: f"team:{team_id}" for user_id, team_id in rows}


def label_of(attempt: Attempt, teams: dict[int, str]) -> str:
    return teams.get(attempt.author_id, f"user:{attempt.author_id}")


def list_archives(session: Session, *, assignment: Assignment) -> list[Archive]:
    return list(session.scalars(select(Archive).where(Archive.assignment_id == assignment.id).order_by(Archive.id)))


def list_attempts(session: Session, *, assignment: Assignment) -> list[Attempt]:
    """All that students have handed in, the first first; what staff try out is nobody's work."""
    enrolled = (Enrollment.user_id == Submission.author_id) & (Enrollment.course_id == assignment.course_id)
    query = _attempts().outerjoin(Enrollment, enrolled).where(Submission.assignment_id == assignment.id)
    return _read(session, query.where(or_(Enrollment.role.is_(None), Enrollment.role == Role.student)))


def attempts_by_id(session: Session, ids: Iterable[int]) -> list[Attempt]:
    return _read(session, _attempts().where(Submission.id.in_(list(ids))))


def _attempts() -> Select:
    score = (
        select(Run.score)
        .where(Run.submission_id == Submission.id, Run.status == Status.graded)
        .order_by(Run.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    line = SubmissionFile.name + ":" + SubmissionFile.sha256
    content = (
        select(func.string_agg(line, aggregate_order_by(literal("/"), SubmissionFile.name)))
        .where(SubmissionFile.submission_id == Submission.id, SubmissionFile.kind == FileKind.collected)
        .scalar_subquery()
    )
    who = Submission.id, Submission.author_id, Submission.attempt, Submission.received_at
    return select(*who, func.coalesce(content, "").label("content"), score.label("score")).order_by(Submission.id)


def _read(session: Session, query: Select) -> list[Attempt]:
    return [Attempt(*row[:5], score=None if row.score is None else float(row.score)) for row in session.execute(query)]


def stored_prints(session: Session, submission_ids: Iterable[int]) -> dict[int, Fingerprint]:
    """Those that this version of the engine has made."""
    query = select(StoredFingerprint.submission_id, StoredFingerprint.data)
    wanted = StoredFingerprint.submission_id.in_(list(submission_ids)), StoredFingerprint.version == VERSION
    return {id: decoded(data) for id, data in session.execute(query.where(*wanted))}


def archived_prints(session: Session, work_ids: Iterable[int]) -> dict[int, Fingerprint]:
    query = select(ArchivedWork.id, ArchivedWork.data).where(ArchivedWork.id.in_(list(work_ids)))
    return {id: decoded(data) for id, data in session.execute(query.where(ArchivedWork.version == VERSION))}


def unread_submissions(session: Session, submission_ids: Sequence[int]) -> list[int]:
    """Those of which this version of the engine has made no fingerprint."""
    known = StoredFingerprint.submission_id.in_(submission_ids), StoredFingerprint.version == VERSION
    return sorted({*submission_ids} - {*session.scalars(select(StoredFingerprint.submission_id).where(*known))})


def unread_works(session: Session, work_ids: Sequence[int]) -> list[int]:
    """The same of archived ones."""
    query = select(ArchivedWork.id).where(ArchivedWork.id.in_(work_ids), ArchivedWork.version != VERSION)
    return list(session.scalars(query.order_by(ArchivedWork.id)))


def store_print(session: Session, submission_id: int, data: bytes) -> None:
    values = {"version": VERSION, "data": data, "made_at": func.clock_timestamp()}
    row = insert(StoredFingerprint).values(submission_id=submission_id, **values)
    session.execute(row.on_conflict_do_update(index_elements=["submission_id"], set_=values))


def with_prints(session: Session, members: Sequence[Member]) -> list[tuple[Member, Fingerprint]]:
    """In their order, each under its student's label; without those that nobody has read yet."""
    submitted = stored_prints(session, [each.attempt.id for each in members if each.attempt])
    archived = archived_prints(session, [each.archived_id for each in members if each.archived_id])
    found = [(each, submitted.get(each.attempt.id) if each.attempt else archived.get(each.archived_id)) for each in members]
    return [(each, replace(print_, student=each.student)) for each, print_ in found if print_ is not None]
