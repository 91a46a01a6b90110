"""`gradus case`: for staff, what is open, one case, what is added to it, and one as a file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from server.cli.exits import ExitCode, Problem
from server.cli.terminal import AsJson, answers, language, print_json

Case = dict[str, Any]  # as the API sends it

AWAITED = {
    "telling": "[wait]![/] not told yet",
    "statement": "[hint]…[/] statement due",
    "verdict": "[wait]![/] verdict",
    "second": "[wait]![/] second opinion",
}
VERDICTS = {"none": "nothing held against them", "warning": "warning", "refer": "referred beyond the course"}
EVENTS = {
    "opened": "opened the case",
    "added": "added exhibit {exhibit}",
    "told": "told {about}",
    "stated": "{about} made a statement",
    "decided": "decided on {about}",
    "returned": "sent the verdict on {about} back",
    "seconded": "shared the verdict on {about}",
    "closed": "closed the case with it",
    "reopened": "opened the case again",
    "erased": "erased the contents",
}

app = typer.Typer(help="Cases of a course: questions to students about their work.", no_args_is_help=True)

CourseArgument = Annotated[str, typer.Argument(metavar="COURSE", help="The course's short name.")]
Number = Annotated[int, typer.Argument(metavar="ID", help="The number of the case.")]
Anonymous = Annotated[bool, typer.Option("--anonymous", help="Letters instead of the students' names.")]
Pairs = Annotated[list[int] | None, typer.Option("--pair", metavar="ID", help="A similar pair, as `gradus pairs` lists them.")]
Work = Annotated[int | None, typer.Option("--submission", metavar="ID", help="A submission by itself.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="Where to write it; left out, case-ID.html here.")]
Force = Annotated[bool, typer.Option("--force", help="Replace a file that is there.")]


@app.command(name="list")
def list_cases(course: CourseArgument, as_json: AsJson = False) -> None:
    """All cases of a course, open ones first, and what each waits for."""
    from server.cli.client import signed_in

    with signed_in() as client:
        cases = client.get(f"/courses/{course}/cases")
    if as_json:
        print_json(cases)
        return
    for line in [line for case in cases for line in row_lines(case)] or ["No cases."]:
        answers().print(line, soft_wrap=True)


@app.command()
def show(course: CourseArgument, number: Number, anonymous: Anonymous = False, as_json: AsJson = False) -> None:
    """One case: whom it is about, what was said and decided, step by step."""
    from server.cli.client import signed_in

    with signed_in() as client:
        case = client.get(f"/courses/{course}/cases/{number}", anonymous="true" if anonymous else None)
    if as_json:
        print_json(case)
        return
    for line in case_lines(case):
        answers().print(line, soft_wrap=True)


@app.command(name="add-exhibit")
def add_exhibit(
    course: CourseArgument, number: Number, pair: Pairs = None, submission: Work = None, as_json: AsJson = False
) -> None:
    """Add works of whom an open case is about; whoever was told sees the own side of it at once."""
    from server.cli.client import signed_in

    if bool(pair) == (submission is not None):
        next_step = "add --pair ID, as often as there are, or --submission ID"
        raise Problem("Say what is to be added.", next_step=next_step, code=ExitCode.usage)
    with signed_in() as client:
        path = f"/courses/{course}/cases/{number}"
        version = client.get(path)["version"]
        case = client.post(f"{path}/exhibits", json={"pairs": pair or [], "submission": submission, "version": version})
    if as_json:
        print_json(case)
        return
    count = len(pair) if pair else 1
    for event in case["events"][-count:]:
        answers().print(f"[pass]✓[/] exhibit {event['exhibit']} of case {number}", soft_wrap=True)


@app.command()
def export(course: CourseArgument, number: Number, anonymous: Anonymous = False, out: Out = None, force: Force = False) -> None:
    """Write a case as one HTML file that needs nothing else; a browser prints it as PDF."""
    from server.cli.client import signed_in

    path = out or Path(f"case-{number}{'-anonymous' if anonymous else ''}.html")
    if path.exists() and not force:
        raise Problem(f"{path} is there already.", next_step="name another with --out, or add --force", code=ExitCode.usage)
    with signed_in() as client:
        query = f"language={language()}&anonymous={str(anonymous).lower()}"
        page = client.download(f"/courses/{course}/cases/{number}/export?{query}")
    try:
        path.write_bytes(page)
    except OSError as error:
        raise Problem(f"{path} cannot be written.", why=str(error), code=ExitCode.usage) from error
    answers().print(f"[pass]✓[/] {escape(str(path))}   [quiet]{len(page) / 1024:.0f} KiB[/]", soft_wrap=True)


def row_lines(case: Case) -> Iterator[str]:
    from server.cli.report import local_time

    state = f"closed {local_time(case['closed_at'])}" if case["closed_at"] else f"open since {local_time(case['opened_at'])}"
    yield f"[strong]{case['id']}[/]   {escape(case['assignment'])}   [quiet]{state}, opened by {escape(case['opened_by'])}[/]"
    for party in case["parties"]:
        yield f"  {escape(party['name'])}   [quiet]{escape(party['login'])}[/]   {standing(party)}"


def standing(party: dict[str, Any]) -> str:
    """What is awaited, until when or from whom; or what was decided."""
    from server.cli.report import local_time

    said = AWAITED.get(party["awaited"]) or verdict(party)
    if party["awaited"] == "statement":
        said += f" {local_time(party['heard_until'])}"
    if party["awaited"] == "second" and party.get("decided_by"):
        said += f" from somebody other than {escape(party['decided_by'])}"
    return said


def verdict(decision: dict[str, Any]) -> str:
    points = decision["points"]
    return f"{points:g} points taken off" if points is not None else VERDICTS.get(decision["verdict"], str(decision["verdict"]))


def case_lines(case: Case) -> Iterator[str]:
    from server.cli.report import local_time

    yield f"[strong]Case {case['id']}[/]   {escape(case['assignment'])}"
    if case["reason"]:
        yield f"  {escape(case['reason'])}"
    for party in case["parties"]:
        yield ""
        yield from party_lines(party)
    yield ""
    for event in case["events"]:
        what = EVENTS.get(event["kind"], event["kind"]).format(about=event["about"], exhibit=event.get("exhibit"))
        by = f"{event['actor']} " if event["actor"] else ""
        yield f"[quiet]{local_time(event['at'])}[/]   {escape(by + what)}"
    if case["erased_from"] and not case["erased_at"]:
        yield f"[quiet]its contents are erased on {local_time(case['erased_from'])}[/]"


def party_lines(party: dict[str, Any]) -> Iterator[str]:
    decided = party["standing"]
    state = standing(party | {"points": None, "verdict": None, **(decided or {})})
    yield f"[strong]{escape(party['name'])}[/]   [quiet]{escape(party['login'])}[/]   {state}"
    for label, written in (("told", party["messages"]), ("stated", party["statements"])):
        for each in written:
            yield f"  [quiet]{label}:[/] {escape(each['text'] or 'erased')}"
    if decided and decided["reasons"]:
        yield f"  [quiet]reasons:[/] {escape(decided['reasons'])}"
