"""`gradus return` and `gradus returns`: send a submission back for a fix, and see what waits; for staff."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from server.cli.attendance import CourseArgument
from server.cli.exits import ExitCode, Problem
from server.cli.terminal import AsJson, answers, print_json


def return_for_fix(
    submission: Annotated[int, typer.Argument(metavar="SUBMISSION", help="Its number, as in its address.")],
    reason: Annotated[str, typer.Option("--reason", help="What has to be fixed; the student reads it.")] = "",
    take_back: Annotated[bool, typer.Option("--take-back", help="Undo it, as long as nothing was handed in for it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Send a submission back: its student may hand in once more, at the price that the course has set."""
    from server.cli.client import signed_in
    from server.cli.report import local_time

    if not take_back and not reason.strip():
        raise Problem("A return needs a reason.", next_step='give one: --reason "…"', code=ExitCode.usage)
    path = f"/submissions/{submission}/return"
    with signed_in() as client:
        found = client.delete(path) if take_back else client.post(path, json={"reason": reason})
    if as_json:
        print_json(found)
    elif take_back:
        answers().print(f"[pass]✓[/] The return of attempt {found['attempt']} of {escape(found['student'])} is taken back.")
    else:
        until, percent = local_time(found["until"]), f"{found['percent']:g}"
        answers().print(
            f"[pass]✓[/] Attempt {found['attempt']} of {escape(found['student'])} is returned: "
            f"one more until {until}, {percent} % less."
        )


def list_returns(
    course: CourseArgument,
    everything: Annotated[bool, typer.Option("--all", help="Also what is fixed, lapsed or taken back.")] = False,
    as_json: AsJson = False,
) -> None:
    """What waits for its fix, that whose time ends first in front."""
    from server.cli.client import signed_in
    from server.cli.report import local_time

    with signed_in() as client:
        found = client.get(f"/courses/{course}/returns", all=everything)
    if as_json:
        print_json(found)
    elif not found:
        answers().print('Nothing waits for a fix. Return something with: gradus return SUBMISSION --reason "…"')
    else:
        table = Table(box=None, pad_edge=False, header_style="quiet")
        for title in ("submission", "student", "assignment", "state", "until", "less", "reason"):
            table.add_column(title, overflow="fold")
        for each in found:
            row = (each["submission"], each["student"], each["assignment"], each["standing"], local_time(each["until"]))
            table.add_row(*(escape(str(cell)) for cell in (*row, f"{each['percent']:g} %", each["reason"])))
        answers().print(table)
