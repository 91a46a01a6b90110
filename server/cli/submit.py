"""`gradus submit`: hand in files, watch them being graded, see the reasons."""

import glob
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from server.cli.exits import ExitCode, Problem
from server.cli.sources import FORM, Sources, UsedNothing, ask, is_terminal, lines_of, read_options
from server.cli.terminal import AsJson, answers, print_json, remarks

if TYPE_CHECKING:
    from server.cli.client import Client
    from server.cli.target import Target

TRIES, PAUSE_S = 5, 1.0

What = Annotated[
    list[str], typer.Argument(metavar="[COURSE/ASSIGNMENT] FILE…", help="One or several .py, a .zip or a .ipynb; or a table.")
]
AcceptLate = Annotated[bool, typer.Option("--accept-late", help="Hand in although being late costs something.")]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Print the receipt and leave; `gradus status` tells the rest.")]


def submit(
    what: What,
    no_wait: NoWait = False,
    used_nothing: UsedNothing = False,
    source: Sources = None,
    accept_late: AcceptLate = False,
    as_json: AsJson = False,
) -> None:
    """Hand in a solution and wait for its score."""
    from server.cli.client import signed_in
    from server.cli.target import find_target

    name, paths = split_arguments(what)
    files = read_files(paths)
    declared = read_options(used_nothing, source)
    with signed_in() as client:
        target = find_target(client, name)
        declared = ask(client, target.course) if declared is None else declared
        receipt = hand_in(client, target, files, declared, accept_late=accept_late)
        tell_receipt(receipt)
        if no_wait:
            print_json(receipt) if as_json else answers().print(receipt["id"])
            return
        submission = wait_for_end(client, receipt["id"], quiet=as_json)
        show_end(submission, find_result(client, submission), as_json=as_json)


def hand_in(
    client: "Client",
    target: "Target",
    files: dict[str, bytes],
    declared: list[dict[str, Any]] | None,
    *,
    accept_late: bool = False,
) -> dict[str, Any]:
    """The receipt. Where the course takes nothing without a declaration, the way to give one is said; so with lateness."""
    said = {} if declared is None else {"declaration": json.dumps({"sources": declared})}
    said |= {"accept_late": "true"} if accept_late else {}
    try:
        return client.post_once(f"{target.path}/submissions", files=[("files", (key, files[key])) for key in files], data=said)
    except Problem as problem:
        if "late_needs_confirmation" in problem.why and not accept_late:
            if is_terminal() and typer.confirm(f"{problem.what} Hand in?", default=False, err=True):
                return hand_in(client, target, files, declared, accept_late=True)
            problem.next_step = "nothing was handed in; to do it all the same, add --accept-late"
        if "declaration_missing" in problem.why:
            problem.next_step = f"add --used-nothing, or --source {FORM} for each source"
        raise


def split_arguments(what: list[str]) -> tuple[str | None, list[Path]]:
    """The first word names the assignment unless it is a file."""
    first, *rest = what
    if Path(first).is_file():
        return None, [Path(word) for word in what]
    if not rest:
        if "." in Path(first).name:
            raise Problem(f"There is no file {first}.", next_step=nearby(first), code=ExitCode.usage)
        next_step = "name the files: gradus submit COURSE/ASSIGNMENT solution.py"
        raise Problem("There is nothing to hand in.", next_step=next_step, code=ExitCode.usage)
    return first, [Path(word) for word in rest]


def nearby(wanted: str | Path) -> str:
    """Where a file of that name lies: `gradus pull` makes a folder for each assignment."""
    found = sorted(str(path) for path in Path().glob(f"*/{glob.escape(Path(wanted).name)}") if path.is_file())
    return f"did you mean {' or '.join(found)}?" if found else "check the name and the folder you are in"


def read_files(paths: list[Path]) -> dict[str, bytes]:
    """Name → bytes; folders are refused, because nobody sees what is in them."""
    files: dict[str, bytes] = {}
    for path in paths:
        if path.name in files:
            raise Problem(f"Two files are called {path.name}.", next_step="hand in a .zip instead", code=ExitCode.usage)
        try:
            files[path.name] = path.read_bytes()
        except OSError as error:
            what, why = f"{path} cannot be read.", error.strerror or ""
            next_step = "name files, or pack a folder into a .zip" if path.is_dir() else nearby(path)
            raise Problem(what, why=why, next_step=next_step, code=ExitCode.usage) from error
    return files


def tell_receipt(receipt: dict[str, Any]) -> None:
    from server.cli.report import local_time

    remarks().print(
        f"[pass]✓[/] received {local_time(receipt['received_at'])} as submission {receipt['id']}, attempt {receipt['attempt']} "
        f"[quiet]({receipt['attempts_left']} left, {receipt['attempts_left_today']} today{scored(receipt)})[/]\n"
        f"  [quiet]sha256 {receipt['sha256']}[/]{late_cost(receipt)}",
        soft_wrap=True,
    )


def late_cost(receipt: dict[str, Any]) -> str:
    """A line of its own, where being late costs something."""
    cost = receipt.get("cost")
    if not cost:
        return ""
    parts = [f"{cost['grace_days']} grace days, {cost['left']} left"] if cost["grace_days"] else []
    parts += [f"{cost['percent']:g} % of the score"] if cost["percent"] else []
    return f"\n  [wait]{cost['late_days']} days late: costs {' and '.join(parts)}[/]"


def scored(receipt: dict[str, Any]) -> str:
    """Where scores are counted apart."""
    left = receipt.get("scored_left_today")
    return "" if left is None else f"; scored runs: {left} today"


def wait_for_end(client: "Client", submission_id: int, *, quiet: bool) -> dict[str, Any]:
    """Show the checks as they end until it is final, then fetch the verdict."""
    from server.cli.watch import watch

    console = remarks()
    console.quiet = quiet
    watch(follow(client, submission_id), console)
    return client.get(f"/submissions/{submission_id}")


def follow(client: "Client", submission_id: int) -> Iterator[dict[str, Any]]:
    """Every change until the last; a broken line is taken up again, because the server remembers."""
    failures = 0
    while failures < TRIES:
        try:
            for event in client.events(f"/submissions/{submission_id}/events"):
                failures = 0
                yield event.data
                if event.data["final"]:
                    return
        except Problem as problem:
            if problem.code is ExitCode.refused or failures == TRIES - 1:
                problem.next_step = f"it was received and will be graded; look later: gradus status {submission_id}"
                raise
        failures += 1
        time.sleep(PAUSE_S)


def find_result(client: "Client", submission: dict[str, Any]) -> dict[str, Any] | None:
    """What it reached in its competition; None for a homework, and where there is no score."""
    if not submission.get("run"):
        return None
    try:
        return client.get(f"/submissions/{submission['id']}/result")
    except Problem as problem:
        if "no_result" not in problem.why:
            raise
        return None


def show_end(submission: dict[str, Any], result: dict[str, Any] | None, *, as_json: bool) -> None:
    """The verdict on standard output and in the exit code."""
    from server.cli.report import exit_code, result_line, show_checks, summary_line

    if as_json:
        print_json(submission | ({"result": result} if result else {}))
    else:
        if submission.get("run"):
            answers().print(show_checks(submission["run"]["report"]))
        if result:
            answers().print(result_line(result), soft_wrap=True)
        for line in lines_of(submission["declaration"]) if submission.get("declaration") else []:
            answers().print(f"[quiet]used:[/] {line}", soft_wrap=True)
        answers().print(summary_line(submission, result), soft_wrap=True, markup=False)
    raise typer.Exit(exit_code(submission))
