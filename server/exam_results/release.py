"""Release: one moment from which all students see their papers, points and comments. There is no way back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.spec import Manifest
from server.accounts.models import User
from server.audit import write_line
from server.deadlines.service import lock_dates
from server.exam_results import moderation
from server.exam_results.refusals import NotReadyForRelease, ReleasedAlready, StillSitting
from server.exam_results.works import Works, works_of
from server.exams.models import Exam, ExamWindow, Sitting
from server.marking.models import Publication
from server.marking.queries import list_publications
from server.messages.service import notify


@dataclass(frozen=True)
class Readiness:
    """What a release would leave open. `ends_at`: of the last window; `running`: who sits at the moment."""

    ends_at: datetime
    running: Sequence[str]
    ungraded: Sequence[str]  # not judged yet, or with the staff
    unmarked: int  # manual questions of works without a mark
    unmoderated: int  # of the sample, not compared or not resolved
    absent: Sequence[str]  # without a sitting: they get nothing
    handed_in: int
    released_at: datetime | None

    def is_over(self, now: datetime) -> bool:
        return now >= self.ends_at and not self.running

    @property
    def is_complete(self) -> bool:
        return not (self.ungraded or self.unmarked or self.unmoderated)


def readiness_of(session: Session, *, exam: Exam, root: Path, works: Works | None = None) -> Readiness:
    found = works or works_of(session, exam=exam, root=root)
    return Readiness(
        ends_at=last_window(session, exam),
        running=[each.login for each in found.all if each.sitting and each.sitting.handed_in_at is None],
        ungraded=[each.login for each in found.written if each.report is None],
        unmarked=sum(len(each.unmarked) for each in found.written),
        unmoderated=moderation.count_open(session, exam=exam),
        absent=[each.login for each in found.all if each.sitting is None],
        handed_in=len(found.written),
        released_at=exam.assignment.released_at,
    )


def last_window(session: Session, exam: Exam) -> datetime:
    """When nobody can start any more; who started later than others may still sit."""
    mine = session.scalar(select(func.max(ExamWindow.closes_at)).where(ExamWindow.exam_id == exam.assignment_id))
    return max(exam.assignment.closes_at, mine) if mine else exam.assignment.closes_at


def release(session: Session, *, exam: Exam, by: User, is_confirmed: bool, root: Path, now: datetime) -> Readiness:
    """Raises StillSitting, ReleasedAlready, and NotReadyForRelease unless what is open is confirmed."""
    assignment = exam.assignment
    lock_dates(session, assignment)
    if assignment.released_at is not None:
        raise ReleasedAlready(assignment.released_at)
    works = works_of(session, exam=exam, root=root)
    found = readiness_of(session, exam=exam, root=root, works=works)
    if not found.is_over(now):
        raise StillSitting(found.ends_at, len(found.running))
    if not (found.is_complete or is_confirmed):
        raise NotReadyForRelease(len(found.ungraded), found.unmarked, found.unmoderated)
    assignment.released_at = now
    publish_marks(session, exam, works.manifest, by, unmarked=found.unmarked)
    open_counts = {"ungraded": len(found.ungraded), "unmarked": found.unmarked, "unmoderated": found.unmoderated}
    write_line(session, course=assignment.course, actor=by, action="exam.released", assignment=assignment.slug, **open_counts)
    tell_everybody(session, exam, [each.sitting for each in works.written if each.sitting])
    session.flush()
    return found


def publish_marks(session: Session, exam: Exam, manifest: Manifest, by: User, *, unmarked: int) -> None:
    """What markers gave is shown with everything else."""
    assignment = exam.assignment
    is_manual = any(each.is_manual for each in manifest.questions)
    if is_manual and not any(each.students is None for each in list_publications(session, assignment=assignment)):
        session.add(Publication(assignment_id=assignment.id, published_by=by, unmarked=unmarked))
        facts = {"assignment": assignment.slug, "section": None, "unmarked": unmarked}
        write_line(session, course=assignment.course, actor=by, action="marking.published", **facts)


def tell_everybody(session: Session, exam: Exam, sittings: Sequence[Sitting]) -> None:
    course, slug = exam.assignment.course, exam.assignment.slug
    known = {"link": f"/courses/{course.slug}/exams/{slug}/paper", "course": course, "assignment": slug}
    for sitting in sittings:
        notify(session, to=sitting.student, kind="scores_published", **known)
