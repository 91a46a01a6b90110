"""Holding a `StaffQuestion` or a `MarkedWork` is the permission of the course's staff to mark it."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends

from server.assignments.access import StaffAssignment
from server.assignments.models import Assignment
from server.assignments.service import manifest_of
from server.courses.access import InstructorMembership
from server.database import SessionDep
from server.errors import NotFound
from server.marking import service
from server.marking.models import MarkedQuestion
from server.settings import SettingsDep
from server.submissions.models import Submission


def require_marking(assignment: StaffAssignment, session: SessionDep, settings: SettingsDep) -> service.Marking:
    return service.open_marking(session, assignment=assignment, manifest=manifest_of(assignment, root=settings.assignments))


StaffMarking = Annotated[service.Marking, Depends(require_marking, scope="function")]


async def require_instructor(marking: StaffMarking, _: InstructorMembership) -> service.Marking:
    return marking


InstructorMarking = Annotated[service.Marking, Depends(require_instructor, scope="function")]


async def require_question(question: str, marking: StaffMarking) -> MarkedQuestion:
    return marking.get(question)


StaffQuestion = Annotated[MarkedQuestion, Depends(require_question, scope="function")]


@dataclass(frozen=True)
class OneWork:
    """One question of one work."""

    question: MarkedQuestion
    submission: Submission

    @property
    def assignment(self) -> Assignment:
        return self.submission.assignment


def require_work(submission_id: int, question: StaffQuestion, session: SessionDep) -> OneWork:
    submission = session.get(Submission, submission_id)
    if submission is None or submission.assignment_id != question.assignment_id:
        raise NotFound
    return OneWork(question, submission)


MarkedWork = Annotated[OneWork, Depends(require_work, scope="function")]
