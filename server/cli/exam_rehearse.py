"""`gradus exam rehearse`: a class of simulated students sits an exam before the day, and what came of it is said."""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from server.cli.exam import Target, app, exam_path
from server.cli.exits import ExitCode, Problem
from server.cli.terminal import THEME, WIDTH_OF_A_FILE, AsJson, answers, in_language, print_json, remarks

if TYPE_CHECKING:
    from server.cli.client import Client
    from server.rehearsals.hall import Played

Report = dict[str, Any]
STAGES = {
    "sitting": {"en": "sitting", "zh": "作答中"},
    "judging": {"en": "waiting for the last verdicts", "zh": "等待评测"},
    "comparing": {"en": "comparing", "zh": "比对中"},
}


@app.command()
def rehearse(
    target: Target,
    students: Annotated[int, typer.Option(min=1, max=300, help="Simulated ones; they are nobody's accounts.")] = 30,
    minutes: Annotated[float, typer.Option(min=0.1, max=60, help="From the first start to the end.")] = 3.0,
    wait: Annotated[int, typer.Option(min=0, max=3600, help="Seconds for the last verdicts after the end.")] = 300,
    report: Annotated[Path | None, typer.Option(dir_okay=False, help="Write the report, too; JSON if it ends so.")] = None,
    as_json: AsJson = False,
) -> None:
    """Let a class that does not exist sit the exam before the day; ends with 1 where it is not ready."""
    from server.cli.client import signed_in
    from server.cli.target import find_target
    from server.rehearsals.report import figures_of, report_of

    with signed_in() as client:
        place = find_target(client, target)
        path = exam_path(place)
        checklist = client.get(f"{path}/checklist")  # before: the window opens with the rehearsal
        with rehearsal(client, path, students=students, seconds=round(60 * minutes)) as begun:
            found = report_of(play(client.url, begun, wait_s=wait), begun, checklist, target=str(place))
            keep(client, f"{path}/rehearsals/{begun['id']}/report", {"is_ready": found["is_ready"], "figures": figures_of(found)})
    if report is not None:
        write(report, found)
    print_json(found) if as_json else tell(answers(), found)
    if not found["is_ready"]:
        raise typer.Exit(ExitCode.ungradable)


@contextmanager
def rehearsal(client: "Client", path: str, *, students: int, seconds: int) -> Iterator[Report]:
    """Its accounts are shut whatever happens in between; Ctrl-C, too."""
    begun = client.post(f"{path}/rehearsals", json={"students": students, "seconds": seconds})
    try:
        yield begun
    finally:
        try:
            client.delete(f"{path}/rehearsals/{begun['id']}")
        except Problem as problem:
            remarks().print(f"[wait]![/] The rehearsal ends by itself at {begun['expires_at']}: {escape(problem.what)}")


def keep(client: "Client", path: str, told: Report) -> None:
    """For the checklist; the report is printed even where that cannot be told."""
    try:
        client.put(path, json=told)
    except Problem as problem:
        remarks().print(f"[wait]![/] The checklist was not told: {escape(problem.what)}")


def play(url: str, begun: Report, *, wait_s: float) -> "Played":
    from server.rehearsals import hall

    with progress(len(begun["students"])) as tell_progress:
        return asyncio.run(hall.play(url, begun, tell=tell_progress, wait_s=wait_s))


@contextmanager
def progress(students: int) -> Iterator[Callable[["Played"], None]]:
    """On standard error, so that standard output holds the report alone."""
    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[counts]}")
    with Progress(*columns, console=remarks(), transient=True) as shown:
        task = shown.add_task(in_language(STAGES["sitting"]), total=students, counts="")

        def tell_progress(played: "Played") -> None:
            done = sum(each.written.receipt is not None or each.is_over for each in played.students)
            started = sum(each.has_started for each in played.students)
            saves, wrong = sum(each.written.count for each in played.students), sum(played.log.errors.values())
            counts = in_language(
                {
                    "en": f"{played.elapsed_s:.0f} s · {started} begun · {saves} saves · {done} done · {wrong} errors",
                    "zh": f"{played.elapsed_s:.0f} 秒 · {started} 人已开始 · 保存 {saves} 次 · {done} 人结束 · {wrong} 个错误",
                }
            )
            shown.update(task, description=in_language(STAGES[played.stage]), completed=done, counts=counts)

        yield tell_progress


def write(path: Path, found: Report) -> None:
    if path.suffix == ".json":
        path.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        return
    with path.open("w", encoding="utf-8") as file:
        tell(Console(theme=THEME, file=file, width=WIDTH_OF_A_FILE, highlight=False), found)


def tell(console: Console, found: Report) -> None:
    """The verdict first, then what to do, then the figures."""
    verdict = in_language({"en": found["verdict"], "zh": "可以开考" if found["is_ready"] else "尚未就绪"})
    mark = f"[pass]✓ {verdict}[/]" if found["is_ready"] else f"[fail]✗ {verdict}[/]"
    who = in_language(
        {
            "en": f"{found['students']} simulated students, {found['seconds']:.0f} s",
            "zh": f"{found['students']} 名模拟学生，{found['seconds']:.0f} 秒",
        }
    )
    console.print(f"{mark}  [strong]{escape(found['exam'])}[/] · {who}", soft_wrap=True)
    for each in found["findings"]:
        mark = "[fail]✗[/]" if each["is_problem"] else "[wait]![/]"
        console.print(f"{mark} {escape(in_language(each['seen']))}", soft_wrap=True)
        if step := in_language(each["next_step"]):
            console.print(f"    {escape(step)}", soft_wrap=True)
    console.print(table_of(found))
    for sentence in figures(found):
        console.print(escape(in_language(sentence)), soft_wrap=True)


def table_of(found: Report) -> Table:
    table = Table(box=None, pad_edge=False, header_style="quiet")
    for title in ("request", "count", "failed", "p50 ms", "p95 ms", "max ms"):
        table.add_column(title, justify="left" if title == "request" else "right")
    for each in found["requests"]:
        times = (f"{each[name]:.0f}" for name in ("p50_ms", "p95_ms", "max_ms"))
        table.add_row(escape(each["kind"]), str(each["count"]), str(each["failed"]), *times)
    return table


def figures(found: Report) -> Iterator[Mapping[str, str]]:
    saves, checks, grading = found["saves"], found["checks"], found["grading"]
    by, moves, given = found["hand_ins"], found["moves"], found["credits"]
    yield {
        "en": f"{saves['acknowledged']} answers acknowledged, {saves['lost']} of them lost",
        "zh": f"确认保存答案 {saves['acknowledged']} 次，其中丢失 {saves['lost']} 次",
    }
    if checks["asked"]:
        p50, most = seconds(checks["delay_p50_s"]), seconds(checks["delay_most_s"])
        yield {
            "en": f"{checks['asked']} runs of the checks; waited for the judge: p50 {p50}, at most {most}",
            "zh": f"运行检查 {checks['asked']} 次，等待评测：p50 {p50}，最长 {most}",
        }
    p50, p95, most = (seconds(grading[name]) for name in ("p50", "p95", "most"))
    yield {
        "en": f"{grading['count']} works judged; from handing in to the verdict: p50 {p50}, p95 {p95}, at most {most}",
        "zh": f"评完 {grading['count']} 份答卷，交卷到出分：p50 {p50}，p95 {p95}，最长 {most}",
    }
    yield {
        "en": f"handed in by themselves {by['student']}, by the clock {by['clock']}; "
        f"moved to another device {moves['permitted']} of {moves['asked']}",
        "zh": f"自行交卷 {by['student']} 人，到时自动交卷 {by['clock']} 人；更换设备 {moves['permitted']}/{moves['asked']} 人",
    }
    if given["students"]:
        yield {
            "en": f"the platform gave time back to {given['students']} students, {given['seconds']} s in all",
            "zh": f"平台自动补时 {given['students']} 人，共 {given['seconds']} 秒",
        }


def seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} s"
