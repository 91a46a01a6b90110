"""`gradus leaderboard`: who stands where."""

from typing import Any

from rich.markup import escape
from rich.table import Table

from server.cli.target import TargetArgument
from server.cli.terminal import AsJson, answers, print_json


def leaderboard(target: TargetArgument = None, as_json: AsJson = False) -> None:
    """Show the ranking of an assignment."""
    from server.cli.client import signed_in
    from server.cli.target import find_target

    with signed_in() as client:
        board = client.get(f"{find_target(client, target).path}/leaderboard")
    if as_json:
        print_json(board)
    elif board["rows"]:
        answers().print(board_table(board))
    else:
        answers().print("Nobody is on this leaderboard yet.")


def board_table(board: dict[str, Any]) -> Table:
    """Your own row stands out by weight and by a mark, not by colour alone."""
    from server.cli.report import local_time, number

    title = f"{board['course']}/{board['assignment']}"
    table = Table(box=None, pad_edge=False, header_style="quiet", title=title, title_justify="left")
    table.add_column("", width=1)
    table.add_column("rank", justify="right")
    table.add_column("name")
    table.add_column("score", justify="right")
    if board["metric"]:
        table.add_column(escape(board["metric"]), justify="right")
    table.add_column("since", no_wrap=True)
    for row in board["rows"]:
        cells = ["→" if row["is_me"] else "", str(row["rank"]), escape(row["name"]), number(row["score"])]
        cells += [measure(row["metric"])] if board["metric"] else []
        table.add_row(*cells, local_time(row["received_at"]), style="strong" if row["is_me"] else None)
    return table


def measure(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"
