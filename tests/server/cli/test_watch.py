"""The live table of `gradus submit`."""

import io
from collections.abc import Callable

import pytest
from rich.console import Console

from grader.protocol import Logged, Progress, Series
from server.cli.terminal import THEME
from server.cli.watch import progress_table, watch
from server.grading.queries import Snapshot
from server.grading.schemas import ProgressOut
from server.submissions.models import State

Event = dict


@pytest.fixture
def event(make_progress: Callable[..., Progress]) -> Callable[..., Event]:
    """What the stream sends after so many checks."""

    def make(done: int, total: int = 4, state: State = State.running) -> Event:
        progress = make_progress(done, total)
        snapshot = Snapshot(
            submission_id=1, job_id=1, state=state, position=None, eta_s=None, checks_done=done, checks_total=total,
            score_so_far=progress.score, marks=tuple(progress.marks),
        )  # fmt: skip
        return ProgressOut.of(snapshot).model_dump(mode="json")

    return make


def shown(event: Event, *, rows: int = 40) -> list[str]:
    console = Console(file=io.StringIO(), width=60, theme=THEME)
    console.print(progress_table(event, rows=rows))
    return [" ".join(line.split()) for line in console.file.getvalue().splitlines()]


def test_every_check_has_a_row_and_those_that_ended_their_outcome(event: Callable[..., Event]) -> None:
    assert shown(event(2)) == [
        "✓ Check 0 25 / 25",
        "✗ Check 1 Wrong value. 0 / 25",
        "· Check 2 – / 25",
        "· Check 3 – / 25",
        "check 3 of 4 · 25 points so far",
    ]


LOSS = Series(name="loss", steps=[0, 900], values=[2.3, 0.125], total=901)
NORM = Series(name="norm", steps=[0, 900], values=[1.0, None], total=901)


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en_US", "logged at step 900: loss 0.125, norm – (901 points)"),
        ("zh_CN", "训练记录到第 900 步：loss 0.125，norm –（共 901 个点）"),
    ],
)
def test_the_check_that_runs_has_a_line_on_what_it_logs(
    event: Callable[..., Event], monkeypatch: pytest.MonkeyPatch, language: str, line: str
) -> None:
    monkeypatch.setenv("LC_ALL", language)
    logged = Logged(check="check_0", series=[LOSS, NORM]).model_dump(mode="json")
    assert shown(event(0) | {"logged": [logged]})[-1] == line
    assert shown(event(1) | {"logged": [logged]})[-1] != line, "only hidden checks are left"
    console = Console(file=io.StringIO(), width=60, theme=THEME)
    watch([event(1) | {"logged": [logged]}], console)
    assert console.file.getvalue().splitlines()[1].strip() == line


@pytest.mark.parametrize("done", [0, 12, 30])
def test_a_long_table_fits_a_small_screen_and_shows_where_it_is(event: Callable[..., Event], done: int) -> None:
    lines = shown(event(done, 31), rows=10)
    assert len(lines) == 11
    assert any(line.startswith(f"· Check {done} ") for line in lines)


def test_the_table_moves_on_a_terminal_and_leaves_room_for_the_report(event: Callable[..., Event]) -> None:
    console = Console(file=io.StringIO(), width=60, height=20, theme=THEME, force_terminal=True)
    watch([event(1), event(2), event(4, state=State.graded)], console)
    assert console.file.getvalue().count("Wrong value.") >= 2
    assert console.file.getvalue().endswith("\x1b[2K"), "erased at the end"
