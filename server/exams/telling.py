"""What students are told of an exam's window: when it is set, and each time it moves for them. Nothing of the paper."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.exams.invigilation import list_students
from server.exams.models import Exam, Sitting
from server.exams.rules import Window
from server.messages.models import Kind
from server.messages.service import notify

WindowOf = Callable[[str | None], Window]  # of a section's name; of None, everybody's


def facts_of_move(before: Window | None, after: Window, now: datetime) -> tuple[Kind, dict[str, datetime]] | None:
    """What to say, if anything: of a window that is the same, or is past already, nothing. before: None where it is set first."""
    if after == before or after.closes_at <= now:
        return None
    facts = {"opens_at": after.opens_at, "closes_at": after.closes_at}
    if before is None:
        return Kind.exam_set, facts
    return Kind.exam_moved, facts | {"was_opens_at": before.opens_at, "was_closes_at": before.closes_at}


def tell_windows(session: Session, exam: Exam, *, before: WindowOf | None, after: WindowOf, now: datetime) -> list[str]:
    """To those whose window it is and who have not begun: who sits is told in the room. The logins of those who were told."""
    assignment, told = exam.assignment, []
    if not assignment.visible:
        return told
    begun = set(session.scalars(select(Sitting.student_id).where(Sitting.exam_id == exam.assignment_id)))
    link = f"/courses/{assignment.course.slug}/exams/{assignment.slug}"
    for member in list_students(session, course=assignment.course):
        section = member.section.name if member.section else None
        found = facts_of_move(before(section) if before else None, after(section), now)
        if found is None or member.user_id in begun:
            continue
        kind, facts = found
        notify(session, to=member.user, kind=kind, link=link, course=assignment.course, assignment=assignment.slug, **facts)
        told.append(member.user.login)
    return told
