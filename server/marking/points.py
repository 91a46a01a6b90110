"""What people have given for each work, read in a fixed number of queries; for scores and whatever is made of them."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from server.marking import rules
from server.marking.models import GivenMark, MarkedQuestion, Publication, RubricItem
from server.marking.rules import Given, Worth
from server.submissions.models import Submission


@dataclass(frozen=True)
class Marked:
    """Of one work. `is_published`: its students may see it. `is_complete`: nothing of it waits for a marker."""

    points: Decimal
    is_published: bool
    is_complete: bool = True


def marks_of(session: Session, *, assignment_ids: Collection[int]) -> dict[int, Marked]:
    """By submission, of every work that has at least one mark."""
    worths = worths_of(session, assignment_ids=assignment_ids)
    if not worths:
        return {}
    questions = {each.id: assignment_id for assignment_id, listed in worths.items() for each in listed}
    items = item_points(session, question_ids=questions)
    published = published_to(session, assignment_ids=worths)
    found = {}
    for (submission_id, assignment_id, author_id), given in given_of(session, question_ids=questions).items():
        mine = worths[assignment_id]
        is_complete = not rules.open_of({each.question for each in given}, mine)
        is_published = is_shown(published.get(assignment_id, ()), author_id)
        found[submission_id] = Marked(rules.total_of(given, mine, items), is_published, is_complete)
    return found


def worths_of(session: Session, *, assignment_ids: Collection[int]) -> dict[int, list[Worth]]:
    """By assignment; of one that no marker has looked at yet there are none."""
    asked = MarkedQuestion.assignment_id.in_(assignment_ids), MarkedQuestion.is_asked
    query = select(MarkedQuestion).where(*asked).order_by(MarkedQuestion.id)
    found: dict[int, list[Worth]] = defaultdict(list)
    for each in session.scalars(query):
        found[each.assignment_id].append(worth_of(each))
    return dict(found)


def worth_of(question: MarkedQuestion) -> Worth:
    return Worth(question.id, question.points, question.scale, question.section, question.choose)


def item_points(session: Session, *, question_ids: Collection[int]) -> dict[int, Decimal]:
    """Of all items, also of those that are offered no more."""
    query = select(RubricItem.id, RubricItem.points).where(RubricItem.question_id.in_(question_ids))
    return dict(session.execute(query).all())


Key = tuple[int, int, int]  # submission, assignment, author


def given_of(session: Session, *, question_ids: Collection[int]) -> dict[Key, list[Given]]:
    """The marks that hold, by work."""
    query = (
        select(
            Submission.id, Submission.assignment_id, Submission.author_id,
            GivenMark.question_id, GivenMark.number, GivenMark.items, GivenMark.adjustment,
        )
        .join(Submission, Submission.id == GivenMark.submission_id)
        .where(GivenMark.question_id.in_(question_ids))
        .ext(distinct_on(GivenMark.submission_id, GivenMark.question_id))
        .order_by(GivenMark.submission_id, GivenMark.question_id, GivenMark.number.desc())
    )  # fmt: skip
    found: dict[Key, list[Given]] = defaultdict(list)
    for submission_id, assignment_id, author_id, question_id, number, items, adjustment in session.execute(query):
        found[submission_id, assignment_id, author_id].append(Given(question_id, number, tuple(items), adjustment))
    return found


Shown = Sequence[frozenset[int] | None]  # students of each publication; None: everybody


def published_to(session: Session, *, assignment_ids: Collection[int]) -> Mapping[int, Shown]:
    query = select(Publication.assignment_id, Publication.students).where(Publication.assignment_id.in_(assignment_ids))
    found: dict[int, list[frozenset[int] | None]] = defaultdict(list)
    for assignment_id, students in session.execute(query):
        found[assignment_id].append(None if students is None else frozenset(students))
    return found


def is_shown(published: Shown, author_id: int) -> bool:
    return any(students is None or author_id in students for students in published)
