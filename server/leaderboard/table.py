"""The rows of a page as they are drawn: baselines at their places, brackets around ties, one scale for all whiskers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from urllib.parse import urlencode

from server.leaderboard.plots import Point, Scale, Whisker, span, stairs, whisker
from server.leaderboard.standings import Half
from server.leaderboard.views import Band, BaselineRow, BoardPage, Row

Edge = Literal["first", "inside", "last"]


@dataclass(frozen=True)
class Look:
    """What the reader asked to see; every link of the page keeps it."""

    start: int = 0
    search: str = ""
    half: Half | None = None
    display: bool = False

    def query(self, **changes: object) -> str:
        """With a leading question mark, or empty."""
        asked = {"start": self.start, "search": self.search, "half": self.half, "display": int(self.display)} | changes
        said = urlencode({name: value for name, value in asked.items() if value})
        return f"?{said}" if said else ""


@dataclass(frozen=True)
class Line:
    """One line of the table, of a row or of a baseline. `band`: on the first line of a tie, to be said in words."""

    row: Row | None = None
    baseline: BaselineRow | None = None
    whisker: Whisker | None = None
    spark: Sequence[Point] = ()
    edge: Edge | None = None
    band: Band | None = None


@dataclass(frozen=True)
class Table:
    """`above`, `below`: one's own row, where it is not among the lines of this page."""

    lines: Sequence[Line]
    above: Line | None
    below: Line | None
    scale: Scale
    previous: int | None
    next: int | None
    own_page: int | None


def table_of(shown: BoardPage, look: Look, *, size: int, starts_at: datetime, ends_at: datetime) -> Table:
    """size: rows of a page.    starts_at, ends_at: what the sparklines span."""
    mine = shown.mine
    pinned = mine if mine and all(not row.is_me for row in shown.rows) else None
    drawing = Drawing(shown.rows or ([pinned] if pinned else []), shown.baselines, span(starts_at, ends_at))
    comes_before = pinned is not None and (bool(look.search) or pinned.rank <= shown.start)
    end = shown.start + len(shown.rows)
    return Table(
        lines=list(lines_of(shown, look, drawing)),
        above=drawing.row(pinned) if pinned and comes_before else None,
        below=drawing.row(pinned) if pinned and not comes_before else None,
        scale=drawing.scale,
        previous=max(0, shown.start - size) if shown.start else None,
        next=end if end < shown.total else None,
        own_page=(mine.rank - 1) // size * size if mine else None,
    )


class Drawing:
    """One scale for all people of the page. Whoever is far from them, a baseline or oneself pinned, is marked at its edge."""

    def __init__(self, rows: Sequence[Row], baselines: Sequence[BaselineRow], times: Scale) -> None:
        ends = [end for row in rows for end in row.interval or ()]
        self.scale = Scale.around(ends or [end for baseline in baselines for end in baseline.interval])
        self.values = Scale.around(value for row in rows for _, value in row.standing.history)
        self.times = times

    def row(self, row: Row, edge: Edge | None = None, band: Band | None = None) -> Line:
        drawn = whisker(row.standing.value, row.interval, self.scale)
        spark = stairs(row.standing.history, self.times, self.values)
        return Line(row=row, whisker=drawn, spark=spark, edge=edge, band=band)

    def baseline(self, baseline: BaselineRow, edge: Edge | None) -> Line:
        return Line(baseline=baseline, whisker=whisker(baseline.value, baseline.interval, self.scale), edge=edge)


def lines_of(shown: BoardPage, look: Look, drawing: Drawing) -> Iterator[Line]:
    """Baselines stand below as many rows as are better; one between two pages begins the second."""
    baselines = [] if look.search else [each for each in shown.baselines if each.below >= shown.start]
    for row in shown.rows:
        while baselines and baselines[0].below < row.rank:
            yield drawing.baseline(baselines.pop(0), inside(row.rank, shown.bands))
        band = next((band for band in shown.bands if band.first <= row.rank <= band.last), None)
        yield drawing.row(row, edge_of(row.rank, band), band if band and band.first == row.rank else None)
    if shown.start + len(shown.rows) >= shown.total:
        yield from (drawing.baseline(each, None) for each in baselines)


def edge_of(rank: int, band: Band | None) -> Edge | None:
    if band is None:
        return None
    return "first" if rank == band.first else "last" if rank == band.last else "inside"


def inside(rank: int, bands: Sequence[Band]) -> Edge | None:
    """Of a baseline that stands just above this rank."""
    return "inside" if any(band.first < rank <= band.last for band in bands) else None
