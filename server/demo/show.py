"""What the demo shows: who is where while it runs; afterwards scores, reasons, ranking and logins."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.markup import escape
from rich.table import Table

from server.cli.report import fault_sentence, number, progress_line, reasons
from server.cli.terminal import in_language
from server.demo import cast
from server.demo.play import Attempt

NAMES = {person.login: person.name for person in cast.PEOPLE}


def progress_table(attempts: Sequence[Attempt]) -> Table:
    """One row an attempt while things move."""
    table = Table(box=None, pad_edge=False, header_style="quiet")
    for title in ("student", "hands in", "where it is"):
        table.add_column(title, no_wrap=True, overflow="ellipsis")
    table.add_column("score", justify="right", no_wrap=True)
    for attempt in attempts:
        files = ", ".join(attempt.hand_in.file_names)
        table.add_row(NAMES[attempt.hand_in.login], files, where(attempt), score_cell(attempt))
    return table


def one_line(attempt: Attempt) -> str:
    """For logs, where a table cannot move."""
    return f"{where(attempt)}  {score_cell(attempt):>3}  {who(attempt)}"


def who(attempt: Attempt) -> str:
    return f"{NAMES[attempt.hand_in.login]}, {attempt.hand_in.assignment}, attempt {attempt.hand_in.attempt}"


def where(attempt: Attempt) -> str:
    if attempt.problem:
        return f"[fail]✗ {escape(attempt.problem)}[/]"
    if attempt.submission is not None:
        return ended(attempt)
    return f"[hint]{escape(progress_line(attempt.progress))}[/]" if attempt.progress else "[quiet]·[/]"


def ended(attempt: Attempt) -> str:
    if attempt.score is None:
        return f"[wait]! {escape(attempt.status)}[/]"
    return "[pass]✓ graded[/]" + (" before, by the same code" if attempt.was_known else "")


def score_cell(attempt: Attempt) -> str:
    return "" if attempt.score is None else number(float(attempt.score))


def score_table(attempts: Sequence[Attempt]) -> Table:
    """Scores beside what was expected, and below each the reason for every lost point."""
    table = Table(box=None, pad_edge=False, header_style="quiet", title="Scores and reasons", title_justify="left")
    table.add_column("", width=1)
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("expected", justify="right", no_wrap=True)
    table.add_column("student and reasons", ratio=1, overflow="fold")  # Chinese has no spaces to break at
    for attempt in attempts:
        glyph = "[pass]✓[/]" if attempt.is_as_expected else "[fail]✗[/]"
        lines = [f"[strong]{who(attempt)}[/]: {escape(attempt.hand_in.story)}"]
        lines += [f"[quiet]{escape(line)}[/]" for line in lost_points(attempt)]
        table.add_row(glyph, score_cell(attempt) or "–", attempt.hand_in.expected, "\n".join(lines))
    return table


def lost_points(attempt: Attempt) -> Iterator[str]:
    """One line for every check that cost something; what has the same reason is told once."""
    if attempt.problem:
        yield attempt.problem
        return
    report = (attempt.submission["run"] or {}).get("report") if attempt.submission else None
    if report is None:
        yield f"no verdict: {attempt.status}"
    elif report["fault"]:
        yield fault_sentence(report["fault"])
    else:
        yield from reason_lines(report["checks"])


def reason_lines(checks: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    alike: dict[str, list[Mapping[str, Any]]] = {}
    for check in checks:
        if check["points"] < check["max_points"]:
            alike.setdefault(reasons(check)[0], []).append(check)
    for reason, group in alike.items():
        lost = sum(check["max_points"] - check["points"] for check in group)
        titles = " · ".join(in_language(check["title"]) for check in group)
        yield f"−{number(lost)}  {titles}: {reason}"


def login_table(password: str) -> Table:
    title = f"Logins · password [strong]{password}[/]"
    table = Table(box=None, pad_edge=False, header_style="quiet", title=title, title_justify="left")
    for title in ("login", "name", "role"):
        table.add_column(title, no_wrap=True)
    for person in cast.PEOPLE:
        table.add_row(person.login, person.name, person.role)
    return table
