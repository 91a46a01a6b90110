"""One page of a board, put together for whoever looks."""

import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.orm import Session

from grader.competition.baselines import Recorded, read_baselines, rounded
from grader.competition.paired import beats
from grader.competition.reward import Points, points
from grader.protocol import Text
from grader.spec import Manifest
from server.accounts.models import User
from server.assignments.models import Assignment
from server.courses.models import BoardNames, Enrollment, Role
from server.courses.pseudonyms import pseudonym
from server.leaderboard import rules
from server.leaderboard.boards import Boards, LiveBoard
from server.leaderboard.queries import Person
from server.leaderboard.rules import Phase, View
from server.leaderboard.standings import Entrant, Half, Standing
from server.submissions.rules import start_of_day


class Interval(NamedTuple):
    low: float
    high: float


class Band(NamedTuple):
    """Ranks that cannot be told apart: none of them is beaten by the first, item by item."""

    first: int
    last: int


@dataclass(frozen=True)
class Row:
    """One entrant's place. `moved`: places won (or lost) since midnight, or by the private scores; None for who is new.

    name: as this reader may know it.    alias: the pseudonym that the others read, where the course has them.
    key: tells rows apart, and nobody who it is.
    """

    rank: int
    entrant: Entrant
    key: str
    name: str
    alias: Text | None
    people: tuple[Person, ...]
    standing: Standing
    interval: Interval | None
    metric: float | None
    points: Decimal | None  # where this person may see them
    max_points: Decimal
    moved: int | None
    is_me: bool


@dataclass(frozen=True)
class BaselineRow:
    """A row that is nobody's. `rank`: it stands below so many rows."""

    id: str
    title: Text
    value: float
    interval: Interval
    below: int


class KnownCutoff(NamedTuple):
    """So many points at a value, which is a baseline's where it has a title; None where that is not recorded yet."""

    value: float | None
    title: Text | None
    points: Decimal


@dataclass(frozen=True)
class BoardPage:
    """`total`: rows that are found; `entrants`: rows there are."""

    view: View
    phase: Phase
    total: int
    entrants: int
    start: int
    rows: tuple[Row, ...]
    mine: Row | None
    baselines: tuple[BaselineRow, ...]
    bands: tuple[Band, ...]
    progress: tuple[tuple[datetime, float], ...]
    freezes_at: datetime | None
    revision: int


@dataclass(frozen=True)
class Board:
    """A board as one person may see it. Holding it is the permission."""

    assignment: Assignment
    manifest: Manifest
    viewer: User
    role: Role
    view: View
    phase: Phase
    live: LiveBoard
    recorded: Mapping[str, Recorded]
    now: datetime
    key: bytes  # from which pseudonyms follow

    @property
    def has_pseudonyms(self) -> bool:
        return self.assignment.course.board_names is BoardNames.pseudonyms

    @property
    def half(self) -> Half:
        return "private" if self.view is View.private else "public"

    @property
    def mine(self) -> Entrant | None:
        person = self.live.people.get(self.viewer.id)
        return person.entrant if person else None


def open_board(
    session: Session,
    *,
    boards: Boards,
    assignment: Assignment,
    manifest: Manifest,
    folder: Path,
    membership: Enrollment,
    now: datetime,
    half: Half | None = None,
) -> Board:
    """The board that this person gets. Raises PrivateScoresAreHidden."""
    if half == "private" and manifest.competition is None:
        raise rules.NothingToRelease
    phase = rules.phase_of(assignment, manifest, now=now)
    view = rules.view_for(membership.role, half, phase, rules.freeze_at(assignment, manifest))
    live = boards.get(session, assignment, manifest, view)
    recorded = baselines_of(folder) if manifest.competition else {}
    return Board(assignment, manifest, membership.user, membership.role, view, phase, live, recorded, now, boards.key)


def page_of(session: Session, board: Board, *, start: int, limit: int, search: str = "") -> BoardPage:
    """`limit` rows from place `start` (0 is the first); with a search, of those whose name holds it."""
    with board.live.lock:
        order = board.live.board
        found = search_rows(board, search) if search.strip() else None
        places = found[start : start + limit] if found is not None else range(start, min(start + limit, len(order)))
        before = ranks_before(board)
        rows = tuple(row_of(board, place, before) for place in places)
        mine = order.rank(board.mine) if board.mine else None
        return BoardPage(
            view=board.view,
            phase=board.phase,
            total=len(order) if found is None else len(found),
            entrants=len(order),
            start=start,
            rows=rows,
            mine=row_of(board, mine - 1, before) if mine else None,
            baselines=tuple(baselines_in_order(board)),
            bands=tuple(bands_of(session, board, rows)) if found is None else (),
            progress=tuple(order.progress),
            freezes_at=rules.freeze_at(board.assignment, board.manifest),
            revision=board.live.revision,
        )


def own_points(board: Board) -> Decimal | None:
    """What one's own place is worth by now; None for who has none."""
    with board.live.lock:
        order = board.live.board
        standing = order.standings.get(board.mine) if board.mine else None
        return points_of(board, standing, order.rank(board.mine)) if standing else None


def find_row(board: Board, user_id: int) -> Row | None:
    """Where somebody stands on this board, alone or with a team."""
    with board.live.lock:
        person = board.live.people.get(user_id)
        rank = board.live.board.rank(person.entrant) if person else None
        return row_of(board, rank - 1, {}) if rank else None


def points_by_login(board: Board) -> dict[str, Decimal]:
    """For staff: everybody's."""
    with board.live.lock:
        return {
            person.login: points_of(board, standing, rank)
            for rank, standing in enumerate(board.live.board.order, start=1)
            for person in board.live.members[standing.entrant]
        }


def row_of(board: Board, place: int, before: Mapping[Entrant, int]) -> Row:
    standing = board.live.board.order[place]
    entrant, rank = standing.entrant, place + 1
    is_me = entrant == board.mine
    may_see = board.role.is_staff or is_me or board.manifest.competition is None
    return Row(
        rank=rank,
        entrant=entrant,
        key=hmac.digest(board.key, f"row {entrant.kind} {entrant.id}".encode(), "sha256").hex()[:12],
        name=name_of(board, entrant),
        alias=alias_of(board, entrant) if board.has_pseudonyms else None,
        people=tuple(board.live.members[entrant]),
        standing=standing,
        interval=interval_of(board, standing),
        metric=standing.value if board.manifest.competition else standing.entry.metric,
        points=points_of(board, standing, rank) if may_see else None,
        max_points=full_score(board),
        moved=before[entrant] - rank if entrant in before else None,
        is_me=is_me,
    )


def name_of(board: Board, entrant: Entrant) -> str:
    """The real one to staff and to whom it belongs, and to everybody where the course has no pseudonyms."""
    if board.has_pseudonyms and not board.role.is_staff and entrant != board.mine:
        return alias_of(board, entrant).en
    people = board.live.members[entrant]
    return people[0].team_name or people[0].name


def alias_of(board: Board, entrant: Entrant) -> Text:
    """The same in all assignments of a course, for a person; a team has one of its own."""
    return pseudonym(board.key, f"course {board.assignment.course_id} {entrant.kind} {entrant.id}")


def interval_of(board: Board, standing: Standing) -> Interval | None:
    entry = standing.entry
    low, high = (entry.low, entry.high) if board.half == "public" else (entry.private_low, entry.private_high)
    if low is None or board.manifest.competition is None:
        return None
    return Interval(*(rounded(value, board.manifest.competition.decimals) for value in (low, high)))


def points_of(board: Board, standing: Standing, rank: int) -> Decimal:
    """What the place is worth by now: for good once the private scores are released."""
    return reward_of(board, standing.value, rank if board.view is View.private else None).total


def full_score(board: Board) -> Decimal:
    return sum((part.points for part in board.manifest.parts), Decimal(0))


def reached_by_baselines(board: Board) -> dict[str, float]:
    return {id: getattr(each, board.half).value for id, each in board.recorded.items()}


def reward_of(board: Board, value: float, rank: int | None) -> Points:
    if board.manifest.competition is None:
        return Points(Decimal(str(value)), Decimal(0))
    reward, direction = board.manifest.competition.reward, board.manifest.leaderboard.direction
    return points(value, rank, reward=reward, baselines=reached_by_baselines(board), direction=direction)


def known_cutoffs(board: Board) -> list[KnownCutoff]:
    """From the fewest points to the most; empty for a homework."""
    competition = board.manifest.competition
    if competition is None:
        return []
    reached, titles = reached_by_baselines(board), {each.id: each.title for each in competition.baselines}
    found = [
        KnownCutoff(reached.get(each.at) if isinstance(each.at, str) else each.at, titles.get(each.at), each.points)
        for each in competition.reward.cutoffs
    ]
    return sorted(found, key=lambda cutoff: cutoff.points)


def ranks_before(board: Board) -> Mapping[Entrant, int]:
    """At midnight where the course is held; for private scores, on the public board."""
    if board.view is View.private:
        return board.live.public_ranks()
    return board.live.ranks_at(start_of_day(board.now, board.assignment.course.time_zone))


def search_rows(board: Board, search: str) -> list[int]:
    """The places of those whose shown name (for staff also login and real name) holds the text."""
    who = "staff" if board.role.is_staff else "student"
    names = board.live.names(who, lambda entrant: names_of(board, entrant))
    ranks = (board.live.board.rank(entrant) for entrant in names.find(search))
    return sorted(rank - 1 for rank in ranks if rank is not None)


def names_of(board: Board, entrant: Entrant) -> Iterator[str]:
    """What a search looks through: the same for all students, so nobody's real name where there are pseudonyms."""
    people = board.live.members[entrant]
    if board.has_pseudonyms:
        yield from alias_of(board, entrant).model_dump().values()
    if board.role.is_staff or not board.has_pseudonyms:
        yield people[0].team_name or people[0].name
    if board.role.is_staff:
        for person in people:
            yield person.login
            yield person.name


def baselines_in_order(board: Board) -> list[BaselineRow]:
    """As they stand on the board, the better of two between the same rows first."""
    sign = board.live.board.rules.sign
    return sorted(baseline_rows(board), key=lambda baseline: (baseline.below, -sign * baseline.value))


def baseline_rows(board: Board) -> Iterator[BaselineRow]:
    if board.manifest.competition is None:
        return
    decimals = board.manifest.competition.decimals
    for baseline in board.manifest.competition.baselines:
        if (each := board.recorded.get(baseline.id)) is not None:
            half = getattr(each, board.half)
            value, low, high = (rounded(number, decimals) for number in (half.value, half.low, half.high))
            yield BaselineRow(baseline.id, baseline.title, value, Interval(low, high), board.live.board.better_than(value))


def bands_of(session: Session, board: Board, rows: Sequence[Row]) -> Iterator[Band]:
    """From the first row of the page down; every band ends before the first row that its first row beats."""
    if board.manifest.competition is None or board.view is View.private or len(rows) < 2:
        return
    items = board.live.items(session, [row.standing.entry.run_id for row in rows])
    direction = board.manifest.leaderboard.direction
    first = rows[0]
    last = first
    for row in rows[1:]:
        if is_beaten(items[first.standing.entry.run_id], items[row.standing.entry.run_id], direction):
            if last is not first:
                yield Band(first.rank, last.rank)
            first = row
        last = row
    if last is not first:
        yield Band(first.rank, last.rank)


is_beaten = lru_cache(maxsize=1 << 16)(beats)


def baseline_band(manifest: Manifest, folder: Path) -> dict[str, tuple[float, float]]:
    """From the weakest baseline that has learned something to the strongest, under the name of the board's metric."""
    reached = sorted(each.public.value for each in baselines_of(folder).values()) if manifest.competition else []
    if len(reached) < 3:
        return {}
    low, high = (reached[1], reached[-1]) if manifest.leaderboard.direction == "max" else (reached[0], reached[-2])
    return {manifest.leaderboard.metric: (low, high)}


def baselines_of(folder: Path) -> Mapping[str, Recorded]:
    path = folder / "baselines.toml"
    return _read_baselines(folder, path.stat().st_mtime_ns) if path.is_file() else {}


@lru_cache(maxsize=64)
def _read_baselines(folder: Path, _changed: int) -> Mapping[str, Recorded]:
    return read_baselines(folder)
