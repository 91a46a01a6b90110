"""A submission on its way, in the terminal: a table that fills, or a line for each check where nobody looks."""

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from server.cli.report import GLYPHS, logged_lines, number, progress_line
from server.cli.terminal import in_language

Progress = dict[str, Any]  # the data of one event
Result = dict[str, Any]  # one of its `results`


def watch(events: Iterable[Progress], console: Console) -> None:
    """Until the last event. The report says the rest, so a live table makes room for it."""
    if console.is_terminal:
        watch_table(events, console)
    else:
        print_lines(events, console)


def watch_table(events: Iterable[Progress], console: Console) -> None:
    with Live(console=console, transient=True, auto_refresh=False) as live:
        for progress in events:
            live.update(progress_table(progress, rows=console.height - 3), refresh=True)


def print_lines(events: Iterable[Progress], console: Console) -> None:
    """Each check once, however often the stream begins anew; what is left at the end is in the report, which is printed next."""
    told: set[str] = set()
    for progress in events:
        if progress["final"]:
            continue
        ended = [result for result in progress["results"] if result["outcome"]]
        if not told <= {result["id"] for result in ended}:
            console.print("[wait]![/] our system failed and tries again; nothing is lost", soft_wrap=True)
            told.clear()
        for result in ended:
            if result["id"] not in told:
                line = f"{GLYPHS[result['outcome']]} {title(result)}  {points(result)}{reason(result)}"
                console.print("\n  ".join([line, *logged_lines(progress.get("logged"), result)]), soft_wrap=True)
        told.update(result["id"] for result in ended)


def progress_table(progress: Progress, *, rows: int) -> RenderableType:
    """One row a check, as in the report; what does not fit on the screen is left out above the check that runs."""
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 1))
    table.add_column(width=1)
    table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    for result in fitting(progress["results"], rows):
        glyph = GLYPHS.get(result["outcome"], "[quiet]·[/]")
        table.add_row(glyph, title(result), reason(result).strip(), points(result))
    return Group(table, f"[hint]{escape(progress_line(progress))}[/]", *running_lines(progress))


def running_lines(progress: Progress) -> list[str]:
    """What the check that runs has logged so far."""
    waiting = [result for result in progress["results"] if not result["outcome"]]
    running = next((result for result in waiting if result["visibility"] == "public"), None)
    return logged_lines(progress.get("logged"), running) if running else []


def fitting(results: Sequence[Result], rows: int) -> Sequence[Result]:
    """A window of so many rows that ends a little below the newest outcome."""
    newest = max((place for place, result in enumerate(results) if result["outcome"]), default=0)
    end = min(len(results), max(rows, newest + 3))
    return results[max(0, end - rows) : end]


def title(result: Result) -> str:
    name = escape(in_language(result["title"]))
    return name if result["outcome"] else f"[quiet]{name}[/]"


def points(result: Result) -> str:
    earned = number(result["points"]) if result["outcome"] else "–"
    return f"{earned} / {number(result['max_points'])}"


def reason(result: Result) -> str:
    """The one word, where points were lost."""
    if not result["outcome"] or result["points"] == result["max_points"]:
        return ""
    from grader.disclosure import HIDDEN
    from grader.protocol import Word

    return f"  [quiet]{in_language(HIDDEN[Word(result['word'])].model_dump())}[/]"
