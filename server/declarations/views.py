"""What a submission was made with, as its page shows it to one reader."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from grader.protocol import Text
from grader.spec import Manifest
from server.accounts.models import User
from server.courses.models import Asking, Role
from server.declarations import queries
from server.declarations.forms import Question, Typed, ask_again
from server.declarations.models import Declaration
from server.errors import AppError
from server.submissions.models import Submission


@dataclass(frozen=True)
class Sources:
    """`history`: newest first, the one that counts; `question` is None for whoever cannot declare."""

    history: Sequence[Declaration]
    question: Question | None
    is_missing: bool  # the course asks, and nothing was said
    refusal: Text | None = None

    @property
    def newest(self) -> Declaration | None:
        return self.history[0] if self.history else None

    @property
    def is_shown(self) -> bool:
        return bool(self.history) or self.is_missing


def sources_of(
    session: Session,
    *,
    submission: Submission,
    manifest: Manifest,
    reader: User,
    role: Role,
    typed: Typed | None = None,
    refusal: AppError | None = None,
) -> Sources:
    """Staff read all of it; authors and their team also have the form. `typed`: what was just refused."""
    assignment = submission.assignment
    history = queries.history_of(session, submission=submission)
    asks = assignment.course.asks_sources is not Asking.no
    can_say = submission.author_id == reader.id or not role.is_staff
    newest = history[0] if history else None
    question = ask_again(assignment=assignment, manifest=manifest, newest=newest, typed=typed) if can_say else None
    return Sources(history, question if asks or history else None, asks and not history, refusal and refusal.message)
