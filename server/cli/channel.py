"""`gradus channel`: groups and addresses where a course is told as well; for its staff."""

import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from server.cli.attendance import CourseArgument
from server.cli.exits import Commands, ExitCode, Problem
from server.cli.terminal import AsJson, answers, in_language, print_json, remarks

app = typer.Typer(
    help="Groups (WeCom, Feishu, Lark, DingTalk) and e-mail that a course's announcements also go to; for staff.",
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

Delivery = dict[str, Any]  # as the API sends it

KINDS = ("wecom", "feishu", "lark", "dingtalk", "email", "webhook")
OCCASIONS = ("announcement", "date_moved")
ON_ITS_WAY = ("waiting", "sending")
PATIENCE_S, PAUSE_S = 30.0, 0.5
SIGNS = {"sent": "[pass]✓[/]", "failed": "[fail]✗[/]", "unclear": "[wait]?[/]"}

Number = Annotated[int, typer.Argument(metavar="ID", help="Which one; see: gradus channel list COURSE.")]
Key = Annotated[Path | None, typer.Option("--address-file", help="Holds the webhook or e-mail address; asked for if left out.")]
Signing = Annotated[Path | None, typer.Option("--signing-file", help="DingTalk: holds the key for signatures, if it wants them.")]
Wanted = Annotated[list[str] | None, typer.Option("--only", metavar="OCCASION", help=f"Of {', '.join(OCCASIONS)}; else all.")]


@app.command()
def add(
    course: CourseArgument,
    kind: Annotated[str, typer.Argument(metavar="KIND", help=f"One of: {', '.join(KINDS)}.")],
    name: Annotated[str, typer.Option("--name", help="As the staff call it.")],
    address_file: Key = None,
    signing_file: Signing = None,
    only: Wanted = None,
    as_json: AsJson = False,
) -> None:
    """Connect a group. Its address is a key: it is read from a file or asked for, and never stands in your shell's history."""
    from server.cli.client import signed_in

    check_one_of(kind, KINDS)
    for each in only or ():
        check_one_of(each, OCCASIONS)
    address = read_key(address_file) if address_file else typer.prompt("Address", hide_input=True, err=True)
    wanted = {"kind": kind, "name": name, "address": address, "occasions": list(only or OCCASIONS)}
    wanted |= {"signing": read_key(signing_file)} if signing_file else {}
    with signed_in() as client:
        made = client.post(f"/courses/{course}/channels", json=wanted)
    line = f"{made['id']} “{made['name']}” ({made['hint']}) is connected. Try it: gradus channel test {course} {made['id']}"
    print_json(made) if as_json else answers().print(f"[pass]✓[/] {escape(line)}", soft_wrap=True)


@app.command("list")
def list_channels(course: CourseArgument, as_json: AsJson = False) -> None:
    """Channels, and what went through them lately."""
    from server.cli.client import signed_in

    with signed_in() as client:
        channels, sent = (client.get(f"/courses/{course}/channels{part}") for part in ("", "/deliveries"))
    if as_json:
        print_json({"channels": channels, "deliveries": sent})
        return
    if not channels:
        answers().print(f"No group is connected yet. Connect one: gradus channel add {course} wecom --name …")
    else:
        answers().print(channels_table(channels))
    if sent:
        answers().print(deliveries_table(sent))


@app.command()
def test(course: CourseArgument, channel: Number, as_json: AsJson = False) -> None:
    """Send a test message and say what came of it. Exit 1 unless the other side has taken it."""
    from server.cli.client import signed_in

    with signed_in() as client:
        path = f"/courses/{course}/channels"
        delivery = client.post(f"{path}/{channel}/test")
        remarks().print("[quiet]on its way …[/]")
        ends = time.monotonic() + PATIENCE_S
        while delivery["state"] in ON_ITS_WAY and not delivery["answer"] and time.monotonic() < ends:
            time.sleep(PAUSE_S)
            delivery = next(each for each in client.get(f"{path}/deliveries") if each["id"] == delivery["id"])
    print_json(delivery) if as_json else answers().print(said_of(delivery), soft_wrap=True)
    if delivery["state"] != "sent":
        raise typer.Exit(ExitCode.ungradable)


@app.command()
def remove(course: CourseArgument, channel: Number) -> None:
    """Forget its address; what waits for it is not sent."""
    from server.cli.client import signed_in

    with signed_in() as client:
        client.delete(f"/courses/{course}/channels/{channel}")
    answers().print(f"[pass]✓[/] Channel {channel} is gone, and its address with it.")


def check_one_of(word: str, known: tuple[str, ...]) -> None:
    if word not in known:
        raise Problem(f"{word} is none of: {', '.join(known)}.", code=ExitCode.usage)


def read_key(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Problem(f"{file} cannot be read.", why=str(error), next_step="name a text file", code=ExitCode.usage) from error


def said_of(delivery: Delivery) -> str:
    """What became of it, in a line."""
    sign, state = SIGNS.get(delivery["state"], "…"), delivery["state"]
    if state in ON_ITS_WAY and not delivery["answer"]:
        return f"{sign} No worker has sent it within {PATIENCE_S:.0f} s. Is one running? It is sent as soon as there is."
    again = " It is tried again by itself." if state == "waiting" else ""
    return f"{sign} {escape(state)}: {escape(in_language(delivery['answer']))}{again}"


def channels_table(channels: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="quiet")
    table.add_column("id", justify="right")
    for title in ("kind", "name", "address", "gets"):
        table.add_column(title, overflow="fold")
    for each in channels:
        row = (each["id"], each["kind"], each["name"], each["hint"], ", ".join(each["occasions"]) or "nothing by itself")
        table.add_row(*(escape(str(cell)) for cell in row))
    return table


def deliveries_table(sent: list[Delivery]) -> Table:
    from server.cli.report import local_time

    table = Table(box=None, pad_edge=False, header_style="quiet")
    for title in ("message", "through", "state", "when", "answer"):
        table.add_column(title, overflow="fold")
    for each in sent:
        when, state = local_time(each["sent_at"] or each["due_at"]), SIGNS.get(each["state"], "…") + " " + each["state"]
        table.add_row(*map(escape, (each["title"], each["channel"])), state, when, escape(in_language(each["answer"])))
    return table
