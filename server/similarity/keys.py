"""What names a pair from one comparison to the next: its people, so that a review outlives the attempts it was made by."""

from sqlalchemy import ColumnElement, Select, case, cast, func, literal, select
from sqlalchemy.orm import Session, aliased
from sqlalchemy.types import Text

from server.similarity.models import Comparison, SimilarPair
from server.submissions.models import Submission
from server.teams.models import TeamMember

LEFT, RIGHT = aliased(Submission), aliased(Submission)


def person_of(author: ColumnElement[int], assignment: ColumnElement[int]) -> ColumnElement[int]:
    """SQL: who stands for an author: of a team its first member, who is the same whichever attempt was most alike."""
    mine, mate = aliased(TeamMember), aliased(TeamMember)
    first = (
        select(func.min(mate.user_id))
        .join(mine, mine.team_id == mate.team_id)
        .where(mine.user_id == author, mine.assignment_id == assignment, mine.joined_at.is_not(None), mate.joined_at.is_not(None))
        .correlate_except(mine, mate)
        .scalar_subquery()
    )
    return func.coalesce(first, author)


def pair_key(
    left: ColumnElement[int], right: ColumnElement[int | None], archived: ColumnElement[int | None]
) -> ColumnElement[str]:
    """SQL: `user:12|user:40`, the smaller first, or `user:12|archived:7`."""
    first, second = func.least(left, right), func.greatest(left, right)
    people = literal("user:") + cast(first, Text) + literal("|user:") + cast(second, Text)
    of_the_archive = literal("user:") + cast(left, Text) + literal("|archived:") + cast(archived, Text)
    return case((archived.is_not(None), of_the_archive), else_=people)


def keys() -> Select[tuple[int, str]]:
    """(id, key) of pairs; to be narrowed."""
    left = person_of(LEFT.author_id, Comparison.assignment_id)
    right = person_of(RIGHT.author_id, Comparison.assignment_id)
    return (
        select(SimilarPair.id, pair_key(left, right, SimilarPair.archived_id).label("key"))
        .join(Comparison, Comparison.id == SimilarPair.comparison_id)
        .join(LEFT, LEFT.id == SimilarPair.left_id)
        .outerjoin(RIGHT, RIGHT.id == SimilarPair.right_id)
    )


def key_of(session: Session, *, pair: SimilarPair) -> str:
    return session.execute(keys().where(SimilarPair.id == pair.id)).one().key
