"""`gradus exam live|grant|permit|…`: what staff do while an exam runs."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from server.cli.exam import Target, app, exam_path
from server.cli.exits import ExitCode, Problem
from server.cli.target import TargetArgument
from server.cli.terminal import AsJson, answers, print_json

Reason = Annotated[str, typer.Option("--reason", help="Why; it stays in the audit log.")]
Login = Annotated[str, typer.Argument(metavar="LOGIN")]
SectionOption = Annotated[str | None, typer.Option("--section", help="A section's name.")]
REFRESH_S = 5.0


@contextmanager
def at(target: str | None) -> Iterator[tuple[Any, str]]:
    """A signed-in client, and where the exam is."""
    from server.cli.client import signed_in
    from server.cli.target import find_target

    with signed_in() as client:
        yield client, exam_path(find_target(client, target))


def done(found: Any, sentence: str, *, as_json: bool) -> None:
    print_json(found) if as_json else answers().print(f"[pass]✓[/] {sentence}", soft_wrap=True)


@app.command()
def live(
    target: TargetArgument = None,
    section: SectionOption = None,
    watch: Annotated[bool, typer.Option("--watch", help="Go on until you press Ctrl-C.")] = False,
    as_json: AsJson = False,
) -> None:
    """Everybody in the exam, those who need attention first."""
    with at(target) as (client, path):
        found = client.get(f"{path}/live", section=section)
        if as_json:
            print_json(found)
        elif not watch:
            answers().print(table_of(found))
        else:
            with Live(table_of(found), console=answers(), auto_refresh=False) as shown:
                while True:
                    time.sleep(REFRESH_S)
                    shown.update(table_of(client.get(f"{path}/live", section=section)), refresh=True)


def table_of(found: dict[str, Any]) -> Table:
    now = datetime.fromisoformat(found["now"])
    counts = found["counts"]
    named = ("not_started", "sitting", "away", "handed_in", "needing")
    title = " · ".join(f"{counts[name]} {name.replace('_', ' ')}" for name in named)
    table = Table(box=None, pad_edge=False, header_style="quiet", title=title, title_justify="left", title_style="strong")
    for head in ("login", "name", "phase", "left", "last save", "answered", "checks", "look at"):
        table.add_column(head, overflow="fold")
    for each in found["students"]:
        left = minutes_between(now, each["ends_at"]) if each["phase"] == "running" else ""
        saved = ago(now, each["last_saved_at"])
        places = [f"place {place['id']} waits" for place in each["waiting"]]
        needs = ", ".join([need.replace("_", " ") for need in each["needs"]] + places)
        answered = f"{each['answered']}/{each['fields']}" if each["started_at"] else ""
        row = (each["login"], each["name"], each["phase"], left, saved, answered, each["checks_used"] or "", needs)
        table.add_row(*(escape(str(cell)) for cell in row), style="wait" if each["needs"] else None)
    return table


def minutes_between(now: datetime, end: str) -> str:
    seconds = max(0, int((datetime.fromisoformat(end) - now).total_seconds()))
    return f"{seconds // 60}:{seconds % 60:02}"


def ago(now: datetime, moment: str | None) -> str:
    return f"{max(0, int((now - datetime.fromisoformat(moment)).total_seconds()))} s" if moment else ""


@app.command()
def grant(
    target: Target,
    reason: Reason,
    logins: Annotated[list[str] | None, typer.Argument(metavar="[LOGIN]…", help="Whom; or --section, or --all.")] = None,
    section: SectionOption = None,
    everybody: Annotated[bool, typer.Option("--all", help="All students of the course.")] = False,
    minutes: Annotated[int | None, typer.Option(min=1, help="So many minutes more.")] = None,
    percent: Annotated[int | None, typer.Option(min=1, max=300, help="Or a share of the working time.")] = None,
    accommodation: Annotated[bool, typer.Option("--accommodation", help="Known before; otherwise it is extra time.")] = False,
    as_json: AsJson = False,
) -> None:
    """Give time, on top of what somebody has; told in the room at once."""
    if sum([bool(logins), section is not None, everybody]) != 1 or (minutes is None) == (percent is None):
        next_step = "name logins, --section or --all, and --minutes or --percent"
        raise Problem("It is not clear who gets how much.", next_step=next_step, code=ExitCode.usage)
    wanted = {
        "students": logins or [], "section": section, "all": everybody, "minutes": minutes, "percent": percent,
        "kind": "accommodation" if accommodation else "extra", "reason": reason,
    }  # fmt: skip
    with at(target) as (client, path):
        found = client.post(f"{path}/grants", json=wanted)
    left_out = f"; handed in already: {', '.join(found['left_out'])}" if found["left_out"] else ""
    ids = ", ".join(f"{login} ({id})" for login, id in found["grants"].items())
    done(found, escape(f"{found['seconds'] / 60:g} min for {ids}{left_out}"), as_json=as_json)


@app.command("take-back")
def take_back(
    target: Target,
    grant_id: Annotated[int, typer.Argument(metavar="ID", help="As `gradus exam grant` named it.")],
    reason: Reason,
    as_json: AsJson = False,
) -> None:
    """Take back time that was a mistake, where nobody's time would be over by it."""
    with at(target) as (client, path):
        found = client.post(f"{path}/grants/{grant_id}/take-back", json={"reason": reason})
    done(found, f"grant {grant_id} no longer holds", as_json=as_json)


@app.command()
def permit(
    target: Target,
    place: Annotated[int, typer.Argument(metavar="PLACE", help="As `gradus exam live` names it.")],
    refuse: Annotated[bool, typer.Option("--refuse", help="Do not let the student go on there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let a student go on at another device."""
    with at(target) as (client, path):
        found = client.post(f"{path}/places/{place}", json={"decision": "refuse" if refuse else "permit"})
    done(found, f"place {place} is {found['state']}", as_json=as_json)


@app.command()
def say(
    target: Target,
    en: Annotated[str, typer.Option("--en", help="In English.")],
    zh: Annotated[str, typer.Option("--zh", help="In Chinese.")],
    section: SectionOption = None,
    as_json: AsJson = False,
) -> None:
    """Say something to all who sit, or to a section."""
    with at(target) as (client, path):
        found = client.post(f"{path}/notices", json={"text": {"en": en, "zh": zh}, "section": section})
    done(found, "said", as_json=as_json)


@app.command("hand-in")
def hand_in(target: Target, login: Login, reason: Reason, as_json: AsJson = False) -> None:
    """Hand in what a student has saved, now."""
    with at(target) as (client, path):
        found = client.post(f"{path}/sittings/{login}/hand-in", json={"reason": reason})
    done(found, f"{escape(login)} is handed in", as_json=as_json)


@app.command()
def reopen(
    target: Target,
    login: Login,
    reason: Reason,
    minutes: Annotated[int, typer.Option(min=1, help="From now, at least.")],
    as_json: AsJson = False,
) -> None:
    """Let a sitting that was handed in go on."""
    with at(target) as (client, path):
        found = client.post(f"{path}/sittings/{login}/reopen", json={"reason": reason, "minutes": minutes})
    done(found, f"{escape(login)} goes on until {found['ends_at']}", as_json=as_json)


@app.command()
def missed(
    target: Target,
    count: Annotated[int | None, typer.Option("--count", metavar="ID", help="Let this one count; with --reason.")] = None,
    dismiss: Annotated[
        int | None, typer.Option("--dismiss", metavar="ID", help="Or say that it shall not; with --reason.")
    ] = None,
    reason: Annotated[str, typer.Option("--reason", help="Why; it stays in the audit log.")] = "",
    as_json: AsJson = False,
) -> None:
    """What arrived too late or from a place that was left; letting it count, or dismissing it."""
    if count is not None and dismiss is not None:
        raise Problem("It counts or it is dismissed.", next_step="name --count or --dismiss, not both", code=ExitCode.usage)
    with at(target) as (client, path):
        if count is not None:
            done(client.post(f"{path}/missed/{count}/count", json={"reason": reason}), f"{count} counts", as_json=as_json)
            return
        if dismiss is not None:
            found = client.post(f"{path}/missed/{dismiss}/dismiss", json={"reason": reason})
            done(found, f"{dismiss} is dismissed", as_json=as_json)
            return
        found = client.get(f"{path}/missed")
    if as_json:
        print_json(found)
        return
    table = Table(box=None, pad_edge=False, header_style="quiet")
    for title in ("id", "student", "field", "why", "arrived", "counts"):
        table.add_column(title, overflow="fold")
    for each in found:
        decided = "yes" if each["counted_at"] else "dismissed" if each["dismissed_at"] else "no"
        row = (each["id"], each["login"], each["field"], each["why"], each["arrived_at"], decided)
        table.add_row(*(escape(str(cell)) for cell in row))
    answers().print(table if found else "Nothing was missed.")
