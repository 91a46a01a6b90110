"""`gradus demo`: the platform with a sample course whose students hand in before your eyes."""

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.live import Live

from server.cli.exits import ExitCode
from server.cli.terminal import answers, remarks
from server.cli.up import Port, stopped_by_signals, wait_for_signal

if TYPE_CHECKING:
    from server.cli.client import Client
    from server.cli.platform import Platform
    from server.demo.play import Attempt

WORKERS = 2
SIMILAR = 3  # pairs that are shown

EXIT_HELP = "Stop when all is graded; exit code 0 only if every score is the expected one."
Exit = Annotated[bool, typer.Option("--exit", help=EXIT_HELP)]
Fresh = Annotated[bool, typer.Option("--fresh", help="Forget the last demo and start over.")]


COURSE_HELP = "sample, or full: beside it a whole term with 300 students, which takes about a minute more the first time."
Which = Annotated[Literal["sample", "full"], typer.Option("--course", help=COURSE_HELP)]


def demo(exit_when_done: Exit = False, fresh: Fresh = False, port: Port = None, course: Which = "sample") -> None:
    """Start everything with a sample course and real submissions."""
    from server.cli.platform import running_platform
    from server.demo.afterwards import talk
    from server.demo.stage import demo_settings, forget, set_stage

    settings = demo_settings()
    if fresh:
        forget(settings)
    with stopped_by_signals(), running_platform(settings, port=port, workers=WORKERS, tell=remarks().print) as platform:
        password, tokens = set_stage(platform)
        attempts = hand_in_everything(platform, tokens)
        talk(platform.url, tokens, attempts)
        if course == "full":
            play_full(platform, password)
        show_outcome(platform, attempts, tokens=tokens, password=password)
        if not exit_when_done:
            answers().print(f"Still serving at [strong]{platform.url}[/] until Ctrl-C.")
            wait_for_signal()
    raise typer.Exit(judge_outcome(attempts))


def hand_in_everything(platform: "Platform", tokens: Mapping[str, str]) -> list["Attempt"]:
    """All students at once, shown as it happens: a live table, or a line for each where nobody looks."""
    from server.assignments.fingerprint import grading_fingerprint
    from server.database import session_factory
    from server.demo import cast
    from server.demo.paper import work_out
    from server.demo.play import Attempt, Stage, play
    from server.demo.show import one_line, progress_table

    console, started = remarks(), time.monotonic()
    folders = {each.assignment: platform.settings.assignments / each.assignment for each in cast.TABLE}
    grading = {name: grading_fingerprint(folder) for name, folder in folders.items()}
    with session_factory() as session:
        papers = work_out(session, cast.TABLE, platform.settings)
    stage = Stage(platform.url, tokens, grading, papers)
    attempts = [Attempt(hand_in) for hand_in in cast.TABLE]
    if console.is_terminal:
        with Live(get_renderable=lambda: progress_table(attempts), console=console, refresh_per_second=8):
            play(stage, attempts, when_over=lambda attempt: None)
    else:
        play(stage, attempts, when_over=lambda attempt: console.print(one_line(attempt)))
    console.print(f"{len(attempts)} submissions in {time.monotonic() - started:.1f} s")
    return attempts


def play_full(platform: "Platform", password: str) -> None:
    from server.demo.full import COURSE
    from server.demo.term import play_term

    console, started = remarks(), time.monotonic()
    play_term(platform.settings, password=password, tell=console.print)
    console.print(f"{platform.url}/courses/{COURSE}/gradebook after {time.monotonic() - started:.1f} s", soft_wrap=True)


def show_outcome(platform: "Platform", attempts: list["Attempt"], *, tokens: Mapping[str, str], password: str) -> None:
    from server.cli.board import show_board
    from server.cli.client import Client
    from server.cli.pairs import table_of
    from server.demo import cast
    from server.demo.show import login_table, score_table

    console = answers()
    with Client(platform.url, tokens[cast.INSTRUCTOR]) as client:
        course = f"/courses/{cast.COURSE}/assignments"
        boards = [client.get(f"{course}/{name}/leaderboard") for name in (cast.ASSIGNMENT, cast.COMPETITION)]
        alike = similar_pairs(client, f"{course}/{cast.ASSIGNMENT}/similarity")
    table = table_of("Similar works, for staff alone", alike)
    for shown in (score_table(attempts), *map(show_board, boards), table, login_table(password)):
        console.print(shown, "")
    console.print(f"[strong]{platform.url}[/]   logs: {platform.logs}", soft_wrap=True)


def similar_pairs(client: "Client", path: str) -> list[dict[str, Any]]:
    """The first of them; compared once, since what is handed in later is held against that by itself."""
    from server.cli.pairs import compare

    if client.get(path) is None:
        compare(client, path, remarks())
    return client.get(f"{path}/pairs", limit=SIMILAR)["pairs"]


def judge_outcome(attempts: list["Attempt"]) -> ExitCode:
    """Name every score that is not the expected one."""
    surprises = [each for each in attempts if not each.is_as_expected]
    for each in surprises:
        got = f"{each.status}, score {each.score}"
        remarks().print(f"[fail]✗[/] {each.hand_in.folder}: {got}; expected {each.hand_in.status}, score {each.hand_in.expected}")
    return ExitCode.ungradable if surprises else ExitCode.done
