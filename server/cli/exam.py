"""`gradus exam`: set up exams and look at them; what is done while one runs is in `exam_room.py`."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape
from rich.table import Table

from server.cli.exits import Commands, ExitCode, Problem
from server.cli.target import TargetArgument
from server.cli.terminal import AsJson, answers, in_language, print_json

app = typer.Typer(
    help="Set up and invigilate exams; for staff. All times are the course's.",
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

Moment = Annotated[datetime | None, typer.Option(help="In the course's time zone, such as 2026-06-22T09:00.")]
Target = Annotated[str, typer.Argument(metavar="COURSE/EXAM", help="May be shortened where only one fits.")]
Confirm = Annotated[bool, typer.Option("--confirm", help="Although somebody could read the questions earlier by it.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say who could start when; nothing is changed.")]
MovesRunning = Annotated[bool, typer.Option("--move-running", help="Who sits gets the later end of the window, too.")]
Exam = dict[str, Any]  # as the API sends it

WHY = {
    "opens_sooner": "somebody could read the questions earlier than so far, or once more",
    "practice": "as practice everybody can take it again and again",
    "networks": "it could be opened from networks from which it could not so far",
}


@app.command("list")
def list_exams(course: Annotated[str, typer.Argument(metavar="COURSE")], as_json: AsJson = False) -> None:
    """The exams of a course."""
    from server.cli.client import signed_in
    from server.cli.report import local_time

    with signed_in() as client:
        found = client.get(f"/courses/{course}/exams")
    if as_json:
        print_json(found)
        return
    table = Table(box=None, pad_edge=False, header_style="quiet")
    for title in ("exam", "title", "minutes", "opens", "closes", "phase"):
        table.add_column(title, overflow="fold")
    for each in found:
        spans = (local_time(each["opens_at"]), local_time(each["closes_at"]))
        row = (each["slug"], in_language(each["title"]), each["minutes"], *spans, each["phase"])
        table.add_row(*(escape(str(cell)) for cell in row))
    answers().print(table if found else "No exam yet. Make one with: gradus exam set COURSE/ASSIGNMENT --minutes 120")


@app.command()
def show(
    target: TargetArgument = None,
    checklist: Annotated[bool, typer.Option("--checklist", help="Also what should be so before the day.")] = False,
    as_json: AsJson = False,
) -> None:
    """How an exam is set up."""
    from server.cli.client import signed_in
    from server.cli.target import find_target

    with signed_in() as client:
        place = find_target(client, target)
        exam = client.get(f"{place.path}/exam")
        items = client.get(f"{exam_path(place)}/checklist") if checklist else None
    if as_json:
        print_json(exam if items is None else exam | {"checklist": items})
        return
    tell(exam)
    for item in items or []:
        mark = "[pass]✓[/]" if item["is_ok"] else "[wait]![/]"
        answers().print(
            f"{mark} {escape(in_language(item['title']))}  [quiet]{escape(in_language(item['seen']))}[/]", soft_wrap=True
        )
        if item["next_step"]:
            answers().print(f"    {escape(in_language(item['next_step']))}", soft_wrap=True)


def exam_path(place: Any) -> str:
    return f"/courses/{place.course}/exams/{place.assignment}"


@app.command("set")
def set_up(
    target: Target,
    minutes: Annotated[int | None, typer.Option(min=1, help="Of working time.")] = None,
    opens: Moment = None,
    closes: Moment = None,
    practice: Annotated[bool | None, typer.Option("--practice/--no-practice", help="Anybody, as often as wanted.")] = None,
    asks_to_move: Annotated[
        bool | None, typer.Option("--ask-to-move/--move-freely", help="Another device needs permission.")
    ] = None,
    network: Annotated[list[str] | None, typer.Option("--network", help="As 10.20.0.0/16; as often as there are.")] = None,
    anywhere: Annotated[bool, typer.Option("--anywhere", help="From all networks.")] = False,
    checks: Annotated[int | None, typer.Option("--checks", min=0, help="Runs of the public checks.")] = None,
    fair_wait: Annotated[int | None, typer.Option("--fair-wait", min=1, help="Seconds; longer waits are given back.")] = None,
    moderated: Annotated[
        int | None, typer.Option("--moderated", min=0, max=100, help="Percent marked by a second person.")
    ] = None,
    confirm: Confirm = False,
    move_running: MovesRunning = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Make an assignment an exam, or change one. What is not named stays."""
    networks = [] if anywhere else network
    named = {
        "minutes": minutes, "is_practice": practice, "asks_to_move": asks_to_move, "networks": networks, "check_limit": checks,
        "fair_wait_s": fair_wait, "moderated_percent": moderated,
    }  # fmt: skip
    moments = {"opens_at": opens, "closes_at": closes}
    change(target, lambda exam: named | in_zone(exam, moments), confirm, move_running, dry_run, as_json)


@app.command()
def windows(
    target: Target,
    section: Annotated[str, typer.Argument(metavar="SECTION")],
    opens: Moment = None,
    closes: Moment = None,
    remove: Annotated[bool, typer.Option("--remove", help="The section sits when everybody else does.")] = False,
    confirm: Confirm = False,
    move_running: MovesRunning = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Let one section sit at a time of its own."""
    if remove == bool(opens or closes):
        raise Problem("Say when the section sits, or --remove.", next_step="--opens and --closes", code=ExitCode.usage)

    def wanted(exam: Exam) -> Exam:
        others = [each for each in exam["windows"] if each["section"] != section]
        if remove:
            return {"windows": others}
        own = next((each for each in exam["windows"] if each["section"] == section), exam)
        span = {name: own[name] for name in ("opens_at", "closes_at")} | in_zone(exam, {"opens_at": opens, "closes_at": closes})
        return {"windows": [*others, {"section": section, **span}]}

    change(target, wanted, confirm, move_running, dry_run, as_json)


def change(target: str, wanted: Any, confirm: bool, move_running: bool, dry_run: bool, as_json: bool) -> None:
    """`wanted`: of the exam as it is, what it shall be."""
    from server.cli.client import signed_in
    from server.cli.target import find_target

    with signed_in() as client:
        path = f"{find_target(client, target).path}/exam"
        before = client.get(path)
        body = {name: value for name, value in wanted(before).items() if value is not None}
        body |= {"version": before["version"], "confirm": confirm, "moves_running": move_running}
        try:
            exam = client.put(f"{path}{'?dry_run=true' if dry_run else ''}", json=body)
        except Problem as problem:
            if "shows_sooner" in problem.why:
                problem.next_step = "see who could start when with --dry-run; if that is meant, add --confirm"
            raise
    print_json(exam) if as_json else tell(exam)


def in_zone(exam: Exam, moments: dict[str, datetime | None]) -> dict[str, str]:
    """What was named, with the course's offset."""
    zone = ZoneInfo(exam["time_zone"])
    return {name: moment.replace(tzinfo=zone).isoformat() for name, moment in moments.items() if moment is not None}


def tell(exam: Exam) -> None:
    console, zone = answers(), ZoneInfo(exam["time_zone"])

    def span(window: dict[str, str] | None) -> str:
        if window is None:
            return "–"
        opens, closes = (datetime.fromisoformat(window[name]).astimezone(zone) for name in ("opens_at", "closes_at"))
        return f"{opens:%Y-%m-%d %H:%M} to {closes:%Y-%m-%d %H:%M}"

    kind = "practice" if exam["is_practice"] else "exam" if exam["is_exam"] else "no exam yet"
    console.print(
        f"[strong]{escape(exam['slug'])}[/] · {kind} · {exam['minutes']} min · {span(exam)} ({zone.key})", soft_wrap=True
    )
    for each in exam["windows"]:
        console.print(f"  section {escape(each['section'])}: {span(each)}", soft_wrap=True)
    moving = "needs permission" if exam["asks_to_move"] else "is free"
    console.print(
        f"another device {moving} · {exam['check_limit']} runs of the checks · waits beyond {exam['fair_wait_s']} s given back"
        f" · {exam['moderated_percent']} % marked twice · from {escape(', '.join(exam['networks']) or 'anywhere')}",
        soft_wrap=True,
    )
    if exam.get("simulation"):
        console.print("[wait]nothing was changed[/]; who could start when:")
        for group in exam["simulation"]["groups"]:
            who = f"section {escape(group['section'])}" if group["section"] else "everybody else"
            console.print(f"  {who} ({group['students']}): {span(group['before'])} → {span(group['after'])}", soft_wrap=True)
        for reason in exam["simulation"]["reasons"]:
            console.print(f"[wait]![/] {WHY[reason]}")


@app.command()
def accommodate(
    target: Target,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV or XLSX: login, minutes or 25%, reason.")],
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Give the accommodations of a list; what somebody has already is not given twice."""
    from server.cli.client import signed_in
    from server.cli.target import find_target

    with signed_in() as client:
        path = f"{exam_path(find_target(client, target))}/accommodations{'?dry_run=true' if dry_run else ''}"
        found = client.post(path, files={"file": (file.name, file.read_bytes())})
    if as_json:
        print_json(found)
        return
    for login, seconds in found.items():
        answers().print(f"{escape(login)}  {seconds / 60:g} min" + ("" if seconds else "  [quiet]has it already[/]"))
    answers().print("[wait]nothing was given[/]" if dry_run else f"[pass]✓[/] {len(found)} students were given time")
