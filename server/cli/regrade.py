"""`gradus regrade`: what students have asked to have looked at again, and the answers; for staff."""

from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from server.cli.attendance import CourseArgument
from server.cli.exits import Commands, ExitCode, Problem
from server.cli.terminal import AsJson, answers, print_json

app = typer.Typer(
    help="Regrade requests of a course; for staff.", cls=Commands, no_args_is_help=True, pretty_exceptions_enable=False
)

RequestId = Annotated[int, typer.Argument(metavar="ID", help="Which request; see: gradus regrade list COURSE.")]
Request = dict[str, Any]  # as the API sends it


@app.command("list")
def list_requests(
    course: CourseArgument,
    everything: Annotated[bool, typer.Option("--all", help="Answered ones too.")] = False,
    mine: Annotated[bool, typer.Option("--mine", help="Assigned to yourself.")] = False,
    assignment: Annotated[str, typer.Option("--assignment", help="Of one assignment.")] = "",
    as_json: AsJson = False,
) -> None:
    """What waits for an answer, the oldest first."""
    from server.cli.client import signed_in
    from server.cli.report import local_time

    wanted = {"all": everything, "mine": mine, "assignment": assignment}
    with signed_in() as client:
        found = client.get(f"/courses/{course}/regrades", **wanted)
    if as_json:
        print_json(found)
    elif not found:
        answers().print("Nothing waits for an answer.")
    else:
        table = Table(box=None, pad_edge=False, header_style="quiet")
        for title in ("id", "student", "assignment", "about", "state", "with", "asked", "statement"):
            table.add_column(title, overflow="fold")
        for each in found:
            whose = (each["id"], each["student"], each["assignment"], each["subject"], each["state"], each["assigned_to"] or "–")
            table.add_row(*(escape(str(cell)) for cell in (*whose, local_time(each["asked_at"]), each["statement"])))
        answers().print(table)


@app.command()
def assign(
    course: CourseArgument,
    request: RequestId,
    login: Annotated[str, typer.Argument(metavar="LOGIN", help="Of the staff; empty: nobody.")],
    as_json: AsJson = False,
) -> None:
    """Give a request to somebody to look at."""
    from server.cli.client import signed_in

    path = f"/courses/{course}/regrades/{request}"
    with signed_in() as client:
        found = client.post(f"{path}/assign", json={"to": login, "version": client.get(path)["version"]})
    tell(found, as_json)


@app.command()
def answer(
    course: CourseArgument,
    request: RequestId,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The answer; the student reads it.")],
    points: Annotated[float | None, typer.Option(help="Accept, and give so many points; below zero: take.")] = None,
    rerun: Annotated[bool, typer.Option("--rerun", help="Accept, and judge the submission again.")] = False,
    decline: Annotated[bool, typer.Option("--decline", help="Nothing changes.")] = False,
    as_json: AsJson = False,
) -> None:
    """Answer a request: with points, with another run, or with no."""
    from server.cli.client import signed_in

    if (points is not None) + rerun + decline != 1:
        next_step = "one of: --points N, --rerun, --decline"
        raise Problem("It is not clear what follows from the answer.", next_step=next_step, code=ExitCode.usage)
    path = f"/courses/{course}/regrades/{request}"
    with signed_in() as client:
        wanted = {"answer": text, "accept": not decline, "rerun": rerun, "version": client.get(path)["version"]}
        wanted |= {} if points is None else {"points": str(points)}
        found = client.post(f"{path}/answer", json=wanted)
    tell(found, as_json)


def tell(request: Request, as_json: bool) -> None:
    if as_json:
        print_json(request)
        return
    points = "" if request["points"] is None else f", {request['points']:+g} points"
    rerun = ", judged again" if request["remedy"] == "rerun" else ""
    state = request["state"].replace("_", " ")
    answers().print(f"[pass]✓[/] Request {request['id']} of {escape(request['student'])}: {state}{points}{rerun}")
