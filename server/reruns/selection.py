"""Which submissions of an assignment are judged again."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from grader.protocol import Outcome
from server.assignments.models import Assignment
from server.courses.models import Enrollment, Role, Section
from server.courses.service import is_active_student
from server.deadlines.queries import is_competition, open_accounts
from server.reruns import rules
from server.submissions.models import Job, State, Submission


@dataclass(frozen=True)
class Wanted:
    """Without anything: the attempt of everybody that counts. `ids` alone decide where they are named.

    `every`: all attempts; `stuck`: only those that need staff; `check`: only those in which it did not pass.
    """

    every: bool = False
    stuck: bool = False
    section: str = ""
    check: str = ""
    ids: tuple[int, ...] = ()

    def spelled(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value}


def choose(session: Session, *, assignment: Assignment, wanted: Wanted, root: Path) -> list[Submission]:
    """What is being judged now is left out. Raises NothingChosen, TooMany, NoSuchSection."""
    found = [each for each in candidates(session, assignment, wanted) if each.state in (State.graded, State.needs_staff)]
    if wanted.stuck:
        found = [each for each in found if each.state is State.needs_staff]
    elif not wanted.every and not wanted.ids:
        found = counting(session, assignment, found, root)
    if wanted.check:
        found = [each for each in found if has_failed(each, wanted.check)]
    if not found:
        raise rules.NothingChosen
    if len(found) > rules.MOST:
        raise rules.TooMany(len(found))
    return found


def candidates(session: Session, assignment: Assignment, wanted: Wanted) -> Sequence[Submission]:
    """Of students who are in the course, or those that are named."""
    query = select(Submission).where(Submission.assignment_id == assignment.id)
    shown = selectinload(Submission.jobs), selectinload(Submission.runs)
    query = query.options(*shown).order_by(Submission.id)
    if wanted.ids:
        return session.scalars(query.where(Submission.id.in_(wanted.ids))).all()
    return session.scalars(of_students(session, query, assignment, wanted.section)).all()


def of_students(session: Session, query: Select, assignment: Assignment, section: str) -> Select:
    here = (Enrollment.user_id == Submission.author_id) & (Enrollment.course_id == assignment.course_id)
    query = query.join(Enrollment, here).where(Enrollment.role == Role.student, is_active_student())
    if not section:
        return query
    of_course = Section.course_id == assignment.course_id, Section.name == section
    section_id = session.scalar(select(Section.id).where(*of_course))
    if section_id is None:
        raise rules.NoSuchSection(section)
    return query.where(Enrollment.section_id == section_id)


def counting(session: Session, assignment: Assignment, found: Sequence[Submission], root: Path) -> list[Submission]:
    """The attempt of each student that counts; in a competition, where places decide, the newest with a run."""
    authors = {each.author_id for each in found}
    if is_competition(assignment, root):
        newest = {each.author_id: each for each in found if each.run is not None}
        return sorted(newest.values(), key=lambda each: each.id)
    accounts = open_accounts(session, course=assignment.course, student_ids=authors, root=root)
    settled = [accounts[author].settled[assignment.id] for author in authors]
    ids = {each.attempt_id for each in settled if each}
    return [each for each in found if each.id in ids]


def has_failed(submission: Submission, check: str) -> bool:
    run = submission.run
    return run is not None and any(each.id == check and each.outcome is not Outcome.passed for each in run.read_report().checks)


def has_newer(submission: Submission, base_run_id: int | None) -> bool:
    """Whether something came since, or is on its way."""
    job: Job = submission.job
    return not job.state.is_final or (submission.run.id if submission.run else None) != base_run_id
