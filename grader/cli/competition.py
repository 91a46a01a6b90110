"""What the grader's commands say of a competition: what a submission reached, and what its baselines do."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer
from rich.markup import escape

from grader.cli.terminal import ExitCode, answers, progress_of, said, stop

if TYPE_CHECKING:
    from grader.competition.baselines import Recorded
    from grader.protocol import Report
    from grader.spec import Assignment


def result_of(report: "Report", assignment: "Assignment") -> dict[str, Any] | None:
    """For `--json`: both halves with their intervals, and the points of the public score without those of a place."""
    if report.measured is None or assignment.competition is None:
        return None
    halves = {name: half.model_dump(include={"value", "low", "high", "count"}) for name, half in report.measured}
    points = _points(report, assignment)
    board = assignment.leaderboard
    return {"metric": board.metric, "direction": board.direction, **halves, "points": None if points is None else float(points)}


def result_lines(report: "Report", assignment: "Assignment") -> list[str]:
    """The same for a reader. Where a place is known only to the board, its bonus is left out."""
    from grader.competition.baselines import rounded
    from grader.protocol import Text

    if report.measured is None or assignment.competition is None:
        return []
    decimals = assignment.competition.decimals
    names = {"public": Text(en="public", zh="公开部分"), "private": Text(en="private", zh="保密部分")}
    lines = [""]
    for half, measure in report.measured:
        value, low, high = (f"{rounded(number, decimals):.{decimals}f}" for number in (measure.value, measure.low, measure.high))
        told = Text(en=f"95 %: {low} to {high}, {measure.count} items", zh=f"95%：{low} 到 {high}，{measure.count} 项")
        lines.append(f"{escape(assignment.leaderboard.metric)} · {said(names[half])} [bold]{value}[/]  [dim]{said(told)}[/]")
    return [*lines, said(_points_text(report, assignment))]


def _points_text(report: "Report", assignment: "Assignment") -> "Any":
    from grader.cli.report import points_text
    from grader.protocol import Text

    points = _points(report, assignment)
    if points is None:
        en = "Points by the board's rule: not known until `gradus verify --record` has measured the baselines."
        return Text(en=en, zh="按排行榜规则的得分：先用 `gradus verify --record` 测出各基线才能算出。")
    return Text(
        en=f"Points by the board's rule for the public score: {points_text(points)} of 100, without a bonus for its place.",
        zh=f"按排行榜规则，公开分数折合 {points_text(points)} 分（满分 100），名次奖励未计入。",
    )


def _points(report: "Report", assignment: "Assignment") -> "Any":
    """None while no baseline is recorded."""
    from grader.competition.baselines import NotRecorded, read_baselines
    from grader.competition.reward import points

    try:
        reached = {id: entry.public.value for id, entry in read_baselines(assignment.folder).items()}
        rule, direction = assignment.competition.reward, assignment.leaderboard.direction
        return points(report.measured.public.value, None, reward=rule, baselines=reached, direction=direction).total
    except (NotRecorded, KeyError):  # a cut-off may name a baseline that is newer than the file
        return None


def is_competition(folder: Path) -> bool:
    """A folder that cannot be read is none; whoever loads it says what is wrong."""
    from grader.spec import BrokenAssignment, load_manifest

    try:
        return load_manifest(folder).competition is not None
    except BrokenAssignment:
        return False


def record_baselines(folders: list[Path], *, workers: int) -> NoReturn:
    """Measure and write, one competition after the other."""
    from grader.competition.baselines import write_baselines
    from grader.competition.verify import measure_baselines
    from grader.spec import BrokenAssignment, load_assignment
    from grader.verify import judging_pool

    contests = list(filter(is_competition, folders))
    if not contests:
        stop(ExitCode.usage, "None of these is a competition: there are no baselines to record.", "Name one, or leave names out.")
    with judging_pool(workers) as pool:
        for folder in contests:
            try:
                with progress_of(folder.name) as show:
                    recorded = measure_baselines(load_assignment(folder), pool=pool, progress=show)
            except BrokenAssignment as broken:
                stop(ExitCode.ungradable, str(broken), f"`gradus verify {folder.name}` says more.")
            write_baselines(folder, recorded)
            for entry in recorded:
                answers().print(_line(folder.name, entry), soft_wrap=True)
    raise typer.Exit(ExitCode.done)


def _line(name: str, entry: "Recorded") -> str:
    halves = [f"{half} {getattr(entry, half).value:.4f}" for half in ("public", "private")]
    once = f"{name} · {entry.id}: {', '.join(halves)}"
    return once if entry.runs == 1 else f"{once} · ± {entry.spread:.4f} over {entry.runs} runs"
