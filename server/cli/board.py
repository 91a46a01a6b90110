"""How a leaderboard looks in the terminal: brackets, intervals, baselines, one's own row, and a foot with the rules."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from server.cli.report import local_time, number
from server.cli.terminal import in_language

Board = dict[str, Any]
Row = dict[str, Any]

PHASES = {
    "open": "[hint]●[/] open, closes {closes}",
    "frozen": "[wait]■[/] frozen since {freezes}, closes {closes}",
    "closed": "[wait]■[/] closed, private scores are not open yet",
    "released": "[pass]✓[/] final, private scores are open",
}


def show_board(board: Board, *, rows: int | None = None) -> RenderableType:
    """rows: how many fit; then those around one's own are shown, and the first three."""
    if not board["rows"] and not board["baselines"]:
        return "Nobody is on this leaderboard yet."
    if board["rules"] is None:
        return homework_table(board, fitting(board, rows))
    return Group(contest_table(board, fitting(board, rows)), *foot(board))


def fitting(board: Board, rows: int | None) -> Sequence[Row]:
    """All, or a window in which one's own row is; one that stands on another page comes last."""
    shown = list(board["rows"])
    mine = board["me"]
    pinned = [mine] if mine and all(not row["is_me"] for row in shown) else []
    if rows is None or len(shown) + len(pinned) + len(board["baselines"]) <= rows:
        return [*shown, *pinned]
    room = max(4, rows - len(board["baselines"]) - len(pinned))
    own = next((place for place, row in enumerate(shown) if row["is_me"]), 0)
    if own < room:
        return [*shown[:room], *pinned]
    start = min(own - (room - 3) // 2, len(shown) - (room - 3))
    return [*shown[:3], *shown[start : start + room - 3], *pinned]


def new_table(board: Board) -> Table:
    title = f"{board['course']}/{board['assignment']}"
    return Table(box=None, pad_edge=False, header_style="quiet", title=title, title_justify="left")


def homework_table(board: Board, rows: Sequence[Row]) -> Table:
    """Your own row stands out by weight and by a mark, not by colour alone."""
    table = new_table(board)
    table.add_column("", width=1)
    table.add_column("rank", justify="right")
    table.add_column("name")
    table.add_column("score", justify="right")
    if board["metric"]:
        table.add_column(escape(board["metric"]), justify="right")
    table.add_column("since", no_wrap=True)
    for row in rows:
        cells = [own_mark(row), str(row["rank"]), escape(row["name"]), number(row["score"])]
        cells += [measure(row["metric"])] if board["metric"] else []
        table.add_row(*cells, local_time(row["received_at"]), style="strong" if row["is_me"] else None)
    return table


def contest_table(board: Board, rows: Sequence[Row]) -> Table:
    table = new_table(board)
    table.add_column("", width=2)
    table.add_column("rank", justify="right")
    table.add_column("", no_wrap=True)
    table.add_column("name", overflow="fold")
    table.add_column(f"{escape(board['metric'])} {'↑' if board['direction'] == 'max' else '↓'}", justify="right", no_wrap=True)
    table.add_column("95 % interval", no_wrap=True)
    table.add_column("attempts", justify="right")
    table.add_column("since", no_wrap=True)
    decimals = board["rules"]["decimals"]
    for line in with_baselines(board, rows):
        if "rank" not in line:
            name, value = escape(in_language(line["title"])), measure(line["metric"], decimals)
            table.add_row("", "", "", name, value, interval(line, decimals), "", "baseline", style="quiet")
            continue
        table.add_row(
            bracket(line["rank"], board["bands"]) + own_mark(line),
            str(line["rank"]),
            movement(line["moved"]),
            escape(line["name"]),
            measure(line["metric"], decimals),
            interval(line, decimals),
            str(line["attempts"]),
            local_time(line["received_at"]),
            style="strong" if line["is_me"] else None,
        )
    return table


def with_baselines(board: Board, rows: Sequence[Row]) -> Iterator[Row]:
    """A baseline stands above the first row that it beats."""
    waiting = [each for each in board["baselines"] if each["below"] >= board["start"]]
    is_whole = board["start"] + len(board["rows"]) >= board["total"]
    for row in rows:
        while waiting and waiting[0]["below"] < row["rank"]:
            yield waiting.pop(0)
        yield row
    if is_whole:
        yield from waiting


def bracket(rank: int, bands: Sequence[dict[str, int]]) -> str:
    """Joins ranks that cannot be told apart."""
    for band in bands:
        if band["first"] <= rank <= band["last"]:
            return "┌" if rank == band["first"] else "└" if rank == band["last"] else "│"
    return " "


def own_mark(row: Row) -> str:
    return "→" if row["is_me"] else ""


def movement(moved: int | None) -> str:
    if moved is None:
        return "[quiet]new[/]"
    return f"[pass]↑{moved}[/]" if moved > 0 else f"[fail]↓{-moved}[/]" if moved < 0 else "[quiet]–[/]"


def measure(value: float | None, decimals: int | None = None) -> str:
    if value is None:
        return "–"
    return f"{value:.4g}" if decimals is None else f"{value:.{decimals}f}"


def interval(line: Row, decimals: int) -> str:
    if line["low"] is None:
        return ""
    return f"[quiet]{measure(line['low'], decimals)}–{measure(line['high'], decimals)}[/]"


def foot(board: Board) -> Iterator[str]:
    """Where the competition is, and its rules in three lines."""
    closes = local_time(board["closes_at"])
    freezes = local_time(board["freezes_at"]) if board["freezes_at"] else ""
    staff = " [wait](only staff see this)[/]" if board["half"] == "private" and board["phase"] != "released" else ""
    yield ""
    yield f"{PHASES[board['phase']].format(closes=closes, freezes=freezes)} · {board['half']} scores{staff}"
    yield f"[quiet]{'higher' if board['direction'] == 'max' else 'lower'} is better; equal values: the earlier stands first[/]"
    if board["bands"]:
        yield "[quiet]┌│└ joins ranks that cannot be told apart[/]"
    if board["rules"]["ladder"]:
        yield "[quiet]a new public value shows only where it is significantly better than your best so far[/]"
    if board["start"] + len(board["rows"]) < board["total"]:
        yield f"[quiet]{len(board['rows'])} of {board['total']} rows; all of them: --csv[/]"
