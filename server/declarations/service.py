"""Declaring and correcting. Nothing is ever taken back: what was said before stays, with its time."""

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from server.accounts.models import User
from server.declarations import queries, rules
from server.declarations.models import Declaration
from server.declarations.schemas import DeclarationIn

if TYPE_CHECKING:
    from server.submissions.models import Submission


def declare(session: Session, *, submission: "Submission", by: User, declared: DeclarationIn) -> Declaration:
    """Say what a submission was made with; saying the same again adds nothing."""
    newest = queries.newest_of(session, [submission.id]).get(submission.id)
    if newest is not None and newest.sources == declared.plain:
        return newest
    rules.check_room(queries.count_of(session, submission=submission))
    declaration = Declaration(submission_id=submission.id, made_by=by, sources=declared.plain)
    session.add(declaration)
    session.flush()
    return declaration


def declare_with(session: Session, *, submission: "Submission", by: User, declared: DeclarationIn | None) -> None:
    """In the transaction that hands it in. An upload that was sent twice never covers a later correction."""
    if declared is not None and not queries.newest_of(session, [submission.id]):
        declare(session, submission=submission, by=by, declared=declared)
