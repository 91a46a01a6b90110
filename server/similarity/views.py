"""What the pages of similar works show: rows with their names, when both handed in, groups."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.assignments.models import Assignment
from server.courses.models import Section
from server.similarity.clusters import Group, groups_of, layout
from server.similarity.listing import grade_of
from server.similarity.models import Opinion
from server.similarity.names import Names
from server.similarity.placing import RADIUS, Place, place_all
from server.similarity.queries import PairRow, SideRow
from server.similarity.timeline import Handed, Timeline, timeline_of
from server.submissions.models import Submission

MOST_NAMED = 24  # dots of a group; of more, names stand in the list alone
ROOM = 8.0  # above the topmost and below the lowest thing in a drawing


@dataclass(frozen=True)
class Shown:
    """A pair as one reader sees it. `grade`: where it stands on the scale, as a word; `who`: logins."""

    pair: PairRow
    names: tuple[str, str]
    who: str
    grade: str


@dataclass(frozen=True)
class Dot:
    """A work in a group. `place`: where its name stands, as much of it as there is room for; None: in the list alone."""

    name: str
    x: float
    y: float
    is_past: bool
    place: Place | None


@dataclass(frozen=True)
class Line:
    """A pair in a group. `is_settled`: somebody has found nothing to follow up."""

    row: Shown
    from_x: float
    from_y: float
    to_x: float
    to_y: float
    is_settled: bool


@dataclass(frozen=True)
class Drawn:
    """`top`, `height`: of what the drawing needs of its frame."""

    top: float
    height: float
    dots: Sequence[Dot]
    lines: Sequence[Line]
    timeline: Timeline | None


Ends = tuple[Hashable, Hashable]


def shown(row: PairRow, names: Names) -> Shown:
    return Shown(row, names.both(row), names.who(row), grade_of(row.similarity))


def list_sections(session: Session, *, assignment: Assignment) -> list[Section]:
    return list(session.scalars(select(Section).where(Section.course_id == assignment.course_id).order_by(Section.name)))


def timeline_of_pair(session: Session, *, row: Shown, assignment: Assignment) -> Timeline | None:
    """All attempts of those of the two who are in this course, the compared ones marked."""
    sides = zip(row.names, (row.pair.left, row.pair.right), strict=True)
    names = {side.student_id: name for name, side in sides if side.student_id and not side.is_past}
    columns = select(Submission.id, Submission.author_id, Submission.attempt, Submission.received_at)
    theirs = columns.where(Submission.assignment_id == assignment.id, Submission.author_id.in_(names))
    compared = {row.pair.left.submission_id, row.pair.right.submission_id}
    handed: dict[str, list[Handed]] = {name: [] for name in names.values()}
    for found in session.execute(theirs.order_by(Submission.received_at)):
        handed[names[found.author_id]].append(Handed(found.id, found.attempt, found.received_at, found.id in compared))
    return timeline_of(handed, due_at=assignment.due_at)


def drawn_groups(rows: Sequence[Shown], *, due_at: datetime) -> list[Drawn]:
    """The pairs as groups, the largest first, each with the compared attempts of its students on one scale of time."""
    by_ends = {(end_of(row.pair.left), end_of(row.pair.right)): row for row in rows}
    return [drawn_group(group, by_ends, due_at) for group in groups_of(by_ends)]


def end_of(side: SideRow) -> Hashable:
    return side.student_id or (side.submission_id and ("unnamed", side.submission_id)) or (side.archive, side.name)


def drawn_group(group: Group, by_ends: Mapping[Ends, Shown], due_at: datetime) -> Drawn:
    sides = {end: side for edge in group.edges for end, side in sides_of_pair(edge, by_ends[edge])}
    names = {end: name for end, (name, _) in sides.items()}
    points, places = place_all(group, names) if len(names) <= MOST_NAMED else (layout(group), {})
    dots = [Dot(names[end], *points[end], is_past=sides[end][1].is_past, place=places.get(end)) for end in group.members]
    lines = [
        Line(by_ends[edge], *points[edge[0]], *points[edge[1]], is_settled=is_settled(by_ends[edge])) for edge in group.edges
    ]
    return Drawn(*frame_of(dots), dots, lines, timeline_of_group([by_ends[edge] for edge in group.edges], due_at))


def frame_of(dots: Sequence[Dot]) -> tuple[float, float]:
    """Where the drawing begins, and how high it is."""
    boxes = [dot.place.box for dot in dots if dot.place]
    top = min([dot.y - RADIUS for dot in dots] + [top for _, top, _, _ in boxes]) - ROOM
    bottom = max([dot.y + RADIUS for dot in dots] + [bottom for _, _, _, bottom in boxes]) + ROOM
    return round(top, 1), round(bottom - top, 1)


def sides_of_pair(ends: Ends, row: Shown) -> list[tuple[Hashable, tuple[str, SideRow]]]:
    return [(ends[0], (row.names[0], row.pair.left)), (ends[1], (row.names[1], row.pair.right))]


def is_settled(row: Shown) -> bool:
    return row.pair.review is not None and row.pair.review.opinion is Opinion.nothing


def timeline_of_group(rows: Sequence[Shown], due_at: datetime) -> Timeline | None:
    """Who was first stands on top."""
    handed: dict[str, dict[int, Handed]] = {}
    for row in rows:
        for name, side in zip(row.names, (row.pair.left, row.pair.right), strict=True):
            if side.submission_id and not side.is_past:
                attempt = Handed(side.submission_id, side.attempt, side.received_at, is_compared=True)
                handed.setdefault(name, {})[side.submission_id] = attempt
    lanes = [(name, sorted(attempts.values(), key=lambda each: each.at)) for name, attempts in handed.items()]
    return timeline_of(dict(sorted(lanes, key=lambda lane: lane[1][0].at)), due_at=due_at)
