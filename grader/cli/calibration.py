"""`gradus verify --calibrate`: what the checks allow beside what right answers need."""

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from grader.cli.terminal import ExitCode, answers, progress_of, stop

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from rich.table import Table

    from grader.calibration import Calibration, Measured

COLOURS = {"tight": "[red]tight[/]", "loose": "[yellow]loose[/]"}


def show_calibrations(folders: list[Path], *, as_json: bool, workers: int) -> NoReturn:
    """Calibrate every folder's checks, tell what came of it, and end: exit code 1 where a tolerance is flagged."""
    from grader.verify import judging_pool

    with judging_pool(workers) as pool:
        found = {folder.name: _calibrate(folder, pool) for folder in folders}
    ok = all(calibration.ok for calibration in found.values())
    if as_json:
        listed = {name: _as_json(calibration) for name, calibration in found.items()}
        typer.echo(json.dumps({"ok": ok, "assignments": listed}, ensure_ascii=False, indent=2))
    else:
        for name, calibration in found.items():
            answers().print(_table(name, calibration))
            answers().print(_summary(name, calibration), soft_wrap=True, markup=False)
    raise typer.Exit(ExitCode.done if ok else ExitCode.ungradable)


def _calibrate(folder: Path, pool: "Executor") -> "Calibration":
    from grader.calibration import calibrate
    from grader.spec import BrokenAssignment, load_assignment

    with progress_of(folder.name) as show:
        try:
            return calibrate(load_assignment(folder), pool=pool, progress=show)
        except BrokenAssignment as broken:
            stop(ExitCode.ungradable, str(broken), "Repair the file; `gradus verify` checks all of it.")


def _as_json(calibration: "Calibration") -> dict[str, object]:
    return {
        "seeds": calibration.seeds,
        "margin": _finite(calibration.margin),
        "failed": calibration.failed,
        "tolerances": [
            {
                "check": one.check,
                "dtype": one.dtype,
                "rtol": one.rtol,
                "atol": one.atol,
                "margin": _finite(one.margin),
                "by": one.by,
                "what": one.what,
                "proposed_rtol": _finite(one.proposed_rtol),
                "proposed_atol": _finite(one.proposed_atol),
                "flag": one.flag,
            }
            for one in calibration.measured
        ],
    }


def _finite(value: float) -> float | None:
    """JSON has no infinity."""
    return float(f"{value:.4g}") if math.isfinite(value) else None


def _table(name: str, calibration: "Calibration") -> "Table":
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 1), title=f"{name}: rtol / atol", title_justify="left")
    for heading in ("", "check", "dtype", "stated", "margin", "proposed", "who is off most, and in what"):
        table.add_column(heading, overflow="fold", justify="right" if heading == "margin" else "left")
    for one in calibration.measured:
        proposed = f"{one.proposed_rtol:g} / {one.proposed_atol:g}"
        stated = f"{one.rtol:g} / {one.atol:g}"
        table.add_row(COLOURS.get(one.flag or "", ""), one.check, one.dtype, stated, _times(one), proposed, escape(_worst(one)))
    for failure in calibration.failed:
        table.add_row("[red]fails[/]", "", "", "", "", "", escape(failure))
    return table


def _times(one: "Measured") -> str:
    return f"{one.margin:,.3g} ×" if one.margin < 1000 else f"{one.margin:,.0f} ×" if one.error else "exact"


def _worst(one: "Measured") -> str:
    return f"{one.by}: {one.what}" if one.error else ""


def _summary(name: str, calibration: "Calibration") -> str:
    tight, loose = (sum(one.flag == flag for one in calibration.measured) for flag in ("tight", "loose"))
    margin = f"smallest margin {calibration.margin:.3g} ×" if math.isfinite(calibration.margin) else "nothing is ever off"
    return (
        f"{name}: {len(calibration.measured)} tolerances under {calibration.seeds} seeds, {margin}; "
        f"{tight} too tight, {loose} too loose, {len(calibration.failed)} failures of right answers"
    )
