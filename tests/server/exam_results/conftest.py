# ruff: noqa: F401, F811 (fixtures are imported by name)
"""The canary's exam, after it was written."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.assignments.service import manifest_of
from server.exams.models import Exam
from server.marking import service
from server.models import Submission
from server.settings import Settings
from tests.server.exams.canary import exam, judged, paper_of, sit
from tests.server.exams.conftest import make_exam
from tests.server.web.conftest import visit


@pytest.fixture
def mark(session: Session, exam: Exam, settings: Settings) -> Callable[..., None]:
    """The essay, so many points."""

    def mark(work: Submission, by: User, points: int) -> None:
        manifest = manifest_of(exam.assignment, root=settings.assignments)
        found = service.open_marking(session, assignment=exam.assignment, manifest=manifest)
        new = service.NewMark(0, (), Decimal(points), "as it reads", "Well said.")
        service.give(session, submission=work, question=found.get("canaryessay"), marker=by, new=new)
        session.commit()

    return mark
