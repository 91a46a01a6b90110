"""`gradus status`: one submission with its reasons, or the history of all of yours."""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from server.cli.terminal import AsJson, answers, print_json

if TYPE_CHECKING:
    from server.cli.client import Client

Which = Annotated[str | None, typer.Argument(metavar="[ID | COURSE/ASSIGNMENT]", help="A submission, or whose history.")]


def status(which: Which = None, as_json: AsJson = False) -> None:
    """Show a submission, or the list of yours."""
    from server.cli.client import signed_in
    from server.cli.submit import find_result, show_end

    with signed_in() as client:
        if which is not None and which.isdecimal():
            submission = client.get(f"/submissions/{which}")
            show_end(submission, find_result(client, submission), as_json=as_json)
        history = list_history(client, which)
    if as_json:
        print_json(history)
    elif history:
        answers().print(history_table(history))
    else:
        answers().print("Nothing was handed in yet. Begin with: gradus pull, then gradus submit")


def list_history(client: "Client", which: str | None) -> list[dict[str, Any]]:
    """Newest first, of one assignment or of all."""
    from server.cli.target import find_target, list_targets

    targets = list_targets(client) if which is None else [find_target(client, which)]
    found = [submission for target in targets for submission in client.get_all(f"{target.path}/submissions")]
    return sorted(found, key=lambda submission: submission["id"], reverse=True)


def history_table(history: list[dict[str, Any]]) -> Table:
    from server.cli.report import STATE_STYLE, local_time, number

    table = Table(box=None, pad_edge=False, header_style="quiet")
    for title, justify in (("id", "right"), ("assignment", "left"), ("attempt", "right"), ("score", "right"), ("state", "left")):
        table.add_column(title, justify=justify, no_wrap=True)
    table.add_column("received", overflow="fold")
    for each in history:
        state = f"[{STATE_STYLE.get(each['state'], 'wait')}]{each['state'].replace('_', ' ')}[/]"
        score = number(each["score"]) if each["score"] is None else f"{number(each['score'])} / {number(each['max_score'])}"
        received = local_time(each["received_at"]) + (f" · {each['late_days']} d late" if each["late"] else "")
        if each["deduction"] and each["deduction"]["points"]:
            score += f" → {number(each['counted_score'])}"
        name = f"{each['course']}/{each['assignment']}"
        table.add_row(str(each["id"]), name, str(each["attempt"]), score, state, received)
    return table
