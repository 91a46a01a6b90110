"""`gradus leaderboard`: who stands where, once or for as long as one watches."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console
from rich.live import Live

from server.cli.exits import ExitCode, Problem
from server.cli.target import TargetArgument
from server.cli.terminal import AsJson, answers, print_json

if TYPE_CHECKING:
    from server.cli.client import Client

Board = dict[str, Any]  # as the API sends it

PAUSE_S = 2.0  # before a stream that broke off is asked for again

Watch = Annotated[bool, typer.Option("--watch", help="Stay, and show every change until Ctrl-C.")]
Half = Annotated[Literal["public", "private"] | None, typer.Option(help="Which scores of a competition.")]
Search = Annotated[str, typer.Option("--search", metavar="TEXT", help="Only rows whose name holds this.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print the whole board as CSV.")]


def leaderboard(
    target: TargetArgument = None,
    watch: Watch = False,
    half: Half = None,
    search: Search = "",
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Show the ranking of an assignment."""
    from server.cli.board import show_board
    from server.cli.client import signed_in
    from server.cli.target import find_target

    if as_json + as_csv + watch > 1:
        next_step = "give one of --watch, --json and --csv"
        raise Problem("Only one of them at a time.", next_step=next_step, code=ExitCode.usage)
    with signed_in() as client:
        path = f"{find_target(client, target).path}/leaderboard"
        if as_csv:
            typer.echo(client.download(f"{path}/download?format=csv{f'&half={half}' if half else ''}"), nl=False)
            return
        console = answers()
        if watch:
            follow_board(client, path, console, half=half, search=search)
            return
        board = fetch_board(client, path, half=half, search=search)
    print_json(board) if as_json else console.print(show_board(board))


def fetch_board(client: "Client", path: str, *, half: str | None, search: str) -> Board:
    return client.get(path, half=half, search=search or None)


def follow_board(client: "Client", path: str, console: Console, *, half: str | None, search: str) -> None:
    """A table that changes in its place; where nobody looks at a terminal, one table after every change."""
    from server.cli.board import show_board

    boards = (fetch_board(client, path, half=half, search=search) for _ in changes(client, path))
    if not console.is_terminal:
        for board in boards:
            console.print(show_board(board))
        return
    with Live(console=console, auto_refresh=False, vertical_overflow="crop") as live:
        for board in boards:
            live.update(show_board(board, rows=console.height - 6), refresh=True)


def changes(client: "Client", path: str) -> Iterator[None]:
    """Once the stream listens, and after every change; one that ended is taken up again, and what came meanwhile not missed."""
    while True:
        try:
            for _ in client.events(f"{path}/events"):
                yield
        except Problem as problem:
            if problem.code is ExitCode.refused:
                raise
            time.sleep(PAUSE_S)
