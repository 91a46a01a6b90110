"""`gradus rerun`: judge a set of submissions again as a preview, then publish or drop it; for staff."""

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from server.cli.exits import Commands
from server.cli.terminal import AsJson, answers, in_language, print_json

if TYPE_CHECKING:
    from server.cli.client import Client

app = typer.Typer(
    help="Judge submissions again: nothing counts until it is published. For staff.",
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

Target = Annotated[str, typer.Argument(metavar="COURSE/ASSIGNMENT", help="May be shortened where only one fits.")]
PreviewId = Annotated[int, typer.Argument(metavar="ID", help="Which preview; see: gradus rerun list.")]
Preview = dict[str, Any]  # as the API sends it
PAUSE_S = 2.0


def path_of(client: "Client", target: str) -> str:
    from server.cli.target import find_target

    return f"{find_target(client, target).path}/reruns"


@app.command()
def preview(
    target: Target,
    reason: Annotated[str, typer.Option("--reason", help="What has changed; it stays on record.")],
    every: Annotated[bool, typer.Option("--every", help="All attempts, not only those that count.")] = False,
    stuck: Annotated[bool, typer.Option("--stuck", help="Those that need staff.")] = False,
    section: Annotated[str, typer.Option("--section", help="Of one section.")] = "",
    check: Annotated[str, typer.Option("--check", help="Those in which this check did not pass.")] = "",
    submission: Annotated[list[int] | None, typer.Option("--submission", help="This one; can be said several times.")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Until all are judged, then show what would change.")] = False,
    as_json: AsJson = False,
) -> None:
    """Begin a preview: of each student the attempt that counts, unless something else is chosen."""
    from server.cli.client import signed_in

    chosen = {"every": every, "stuck": stuck, "section": section, "check": check, "submissions": submission or []}
    with signed_in() as client:
        path = path_of(client, target)
        found = client.post(path, json=chosen | {"reason": reason})
        if wait:
            found = wait_for(client, f"{path}/{found['id']}")
    show_changes(found, as_json)


def wait_for(client: "Client", path: str) -> Preview:
    while True:
        found = client.get(path)
        if not found["jobs"]["waiting"] + found["jobs"]["running"] or found["state"] != "judging":
            return found
        time.sleep(PAUSE_S)


@app.command("list")
def list_previews(target: Target, as_json: AsJson = False) -> None:
    """All previews of an assignment, newest first."""
    from server.cli.client import signed_in

    with signed_in() as client:
        found = client.get(path_of(client, target))
    if as_json:
        print_json(found)
        return
    for each in found:
        answers().print(f"{each['id']}  {each['state']}  {told(each)}  {escape(each['reason'])}")
    if not found:
        answers().print('Nothing was judged again yet. Begin with: gradus rerun preview COURSE/ASSIGNMENT --reason "…"')


@app.command()
def show(target: Target, preview: PreviewId, as_json: AsJson = False) -> None:
    """Who would change, by how much, in which checks, across which grade line."""
    from server.cli.client import signed_in

    with signed_in() as client:
        found = client.get(f"{path_of(client, target)}/{preview}")
    show_changes(found, as_json)


@app.command()
def publish(
    target: Target,
    preview: PreviewId,
    leave_out_newer: Annotated[bool, typer.Option("--leave-out-newer", help="Where something newer came for some.")] = False,
    as_json: AsJson = False,
) -> None:
    """Its reports become runs, and whoever's score differs is told."""
    decide(target, preview, "publish", {"leave_out_newer": leave_out_newer}, as_json)


@app.command()
def drop(target: Target, preview: PreviewId, as_json: AsJson = False) -> None:
    """Nothing of it ever counts."""
    decide(target, preview, "drop", {}, as_json)


def decide(target: str, preview: int, what: str, how: dict[str, bool], as_json: bool) -> None:
    from server.cli.client import signed_in

    with signed_in() as client:
        found = client.post(f"{path_of(client, target)}/{preview}/{what}", json=how)
    print_json(found) if as_json else answers().print(f"[pass]✓[/] Preview {found['id']}: {found['state']}")


def told(preview: Preview) -> str:
    jobs = preview["jobs"]
    failed = f", {jobs['failed']} could not be judged" if jobs["failed"] else ""
    return f"{jobs['judged']} of {sum(jobs.values())} judged{failed}"


def show_changes(preview: Preview, as_json: bool) -> None:
    if as_json:
        print_json(preview)
        return
    answers().print(f"Preview {preview['id']}: {told(preview)}")
    changes = [each for each in preview.get("changes", []) if each["checks"] or each["before"] != each["after"] or each["fault"]]
    if not changes:
        return
    table = Table(box=None, pad_edge=False, header_style="quiet")
    for title in ("student", "attempt", "before", "after", "line", "checks"):
        table.add_column(title, overflow="fold")
    for each in changes:
        lines = ", ".join(("↑ " if one["up"] else "↓ ") + in_language(one["line"]) for one in each["crossings"])
        checks = each["fault"] or "; ".join(
            f"{in_language(one['title'])} {number(one['before'])} → {number(one['after'])}" for one in each["checks"]
        )
        row = (each["student"], each["attempt"], number(each["before"]), number(each["after"]), lines, checks)
        table.add_row(*(escape(str(cell)) for cell in row))
    answers().print(table)


def number(value: float | None) -> str:
    return "–" if value is None else f"{value:g}"
