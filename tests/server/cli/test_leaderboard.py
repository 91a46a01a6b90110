"""`gradus leaderboard` of a competition, and what `status` says of a submission to one."""

import csv
import io
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import Result

from server.accounts.models import User
from server.assignments.models import Assignment
from server.cli.board import show_board
from server.cli.client import Client
from server.cli.credentials import load_credentials
from server.cli.leaderboard import follow_board
from server.cli.terminal import THEME
from server.models import Submission
from server.settings import Settings
from tests.server.contest import SLUG, write_contest

Run = Callable[..., Result]
PATH = f"/courses/dl-2026/assignments/{SLUG}/leaderboard"


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    return settings.model_copy(update={"assignments": write_contest(tmp_path / "content")})


@pytest.fixture
def contest(make_assignment: Callable[..., Assignment]) -> Assignment:
    return make_assignment(slug=SLUG)


@pytest.fixture
def signed_in(student: User, sign_in: Callable[[User], None]) -> User:
    sign_in(student)
    return student


def test_a_competition_has_intervals_ties_baselines_and_a_foot(
    gradus: Run, signed_in: User, make_member: Callable[..., User], reach: Callable[..., object], contest: Assignment
) -> None:
    for login, value in (("bob", 0.91), ("cleo", 0.905), ("dan", 0.5)):
        reach(contest, make_member(login), value)
    reach(contest, signed_in, 0.7)
    lines = gradus("leaderboard", f"dl-2026/{SLUG}").stdout.splitlines()
    rows = [line.split() for line in lines if any(name in line for name in ("Bob", "Cleo", "Ada", "Linear", "Dan", "Most"))]
    assert [row[:2] for row in rows] == [
        ["┌", "1"],
        ["└", "2"],
        ["→", "3"],
        ["Linear", "model"],
        ["4", "new"],
        ["Most", "frequent"],
    ]
    assert rows[0][2:6] == ["new", "Bob", "0.910", "0.890–0.930"]
    assert any("open, closes" in line and "public scores" in line for line in lines)
    assert any("higher is better" in line for line in lines)


def test_private_scores_are_refused_to_a_student(
    gradus: Run, signed_in: User, reach: Callable[..., object], contest: Assignment
) -> None:
    reach(contest, signed_in, 0.7)
    result = gradus("leaderboard", f"dl-2026/{SLUG}", "--half", "private")
    assert result.exit_code == 4
    assert "Private scores are not open yet" in result.stderr


def test_csv_is_the_whole_board_and_search_is_for_names(
    gradus: Run, signed_in: User, make_member: Callable[..., User], reach: Callable[..., object], contest: Assignment
) -> None:
    reach(contest, make_member("bob"), 0.9)
    reach(contest, signed_in, 0.7)
    table = csv.DictReader(io.StringIO(gradus("leaderboard", SLUG, "--csv").stdout.removeprefix("\ufeff")))
    assert [(row["rank"], row["name"], row["metric"]) for row in table] == [("1", "Bob", "0.9"), ("2", "Ada", "0.7")]
    found = gradus("leaderboard", SLUG, "--search", "bo").stdout
    assert "Bob" in found
    assert "→" in found, "one's own row stays in sight"
    assert gradus("leaderboard", SLUG, "--csv", "--json").exit_code == 2


def test_watching_shows_what_comes_in_without_colour_where_nobody_looks(
    signed_in: User,
    make_member: Callable[..., User],
    reach: Callable[..., object],
    contest: Assignment,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("server.leaderboard.events.REREAD_S", 0.05)
    bob = make_member("bob")
    reach(contest, signed_in, 0.7)

    class Enough(Exception):
        """Raised in place of Ctrl-C."""

    console = Console(file=io.StringIO(), width=120, theme=THEME)
    printed = console.print

    def print_until_bob(*what: object) -> None:
        printed(*what)
        if "Bob" in console.file.getvalue():
            raise Enough
        threading.Thread(target=reach, args=(contest, bob, 0.9), daemon=True).start()

    console.print = print_until_bob
    known = load_credentials()
    with Client(known.url, known.token) as client, pytest.raises(Enough):
        follow_board(client, PATH, console, half=None, search="")
    first, second = console.file.getvalue().split(f"dl-2026/{SLUG}")[1:]
    assert ("Bob" in first, "Bob" in second) == (False, True)
    assert "\x1b" not in second


def test_a_small_screen_shows_the_first_three_and_those_around_oneself() -> None:
    rows = [row_of(rank, is_me=rank == 60) for rank in range(1, 101)]
    board = board_of(rows)
    console = Console(file=io.StringIO(), width=100, theme=THEME)
    console.print(show_board(board, rows=12))
    ranks = [int(line.split()[line.split()[0] == "→"]) for line in console.file.getvalue().splitlines() if "person" in line]
    assert ranks[:3] == [1, 2, 3]
    assert 60 in ranks and len(ranks) == 12


def row_of(rank: int, **fields: object) -> dict[str, object]:
    row = {"rank": rank, "name": f"person {rank}", "metric": 1 - rank / 200, "low": 0.1, "high": 0.9, "moved": 0, "attempts": 1}
    return row | {"received_at": "2026-03-01T00:00:00+00:00", "is_me": False} | fields


def board_of(rows: list[dict[str, object]]) -> dict[str, object]:
    return {
        "course": "dl-2026", "assignment": SLUG, "metric": "accuracy", "direction": "max", "half": "public", "phase": "open",
        "closes_at": "2026-03-22T00:00:00+00:00", "freezes_at": None, "rules": {"decimals": 3, "ladder": False},
        "rows": rows, "me": next(row for row in rows if row["is_me"]), "total": len(rows), "start": 0,
        "baselines": [], "bands": [],
    }  # fmt: skip


def test_status_says_the_value_with_its_interval(
    gradus: Run, signed_in: User, reach: Callable[..., Submission], contest: Assignment
) -> None:
    submission = reach(contest, signed_in, 0.873)
    lines = gradus("status", str(submission.id)).stdout.splitlines()
    assert "✓ accuracy 0.873 (0.853 to 0.893) on the public items" in lines
    assert lines[-1].endswith("attempt 1 · accuracy 0.873")


def test_status_says_when_the_ladder_keeps_a_value_back(
    gradus: Run, signed_in: User, reach: Callable[..., Submission], contest: Assignment, settings: Settings, tmp_path: Path
) -> None:
    reach(contest, signed_in, 0.873)
    (settings.assignments / SLUG).rename(tmp_path / "old")
    (write_contest(tmp_path / "strict", ladder=True) / SLUG).rename(settings.assignments / SLUG)
    second = reach(contest, signed_in, 0.874)
    said = gradus("status", str(second.id)).stdout
    assert "not significantly better than your best so far; the board keeps accuracy 0.873" in said
    assert "0.874" not in said
