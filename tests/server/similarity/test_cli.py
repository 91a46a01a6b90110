"""`gradus pairs` and `gradus archive` against the running app."""
# ruff: noqa: F401, F811  (fixtures of the commands' own tests)

import csv
import io
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import Result

from server.accounts.models import User
from server.cli.exits import ExitCode
from server.courses.models import Role
from server.database import session_factory
from server.settings import Settings
from server.similarity.models import Comparison
from server.submissions.models import Submission
from tests.server.cli.conftest import gradus, live_url, private_home, sign_in
from tests.server.similarity.conftest import disguised, make, work_of

PAIRS = ("pairs", "dl-2026/tiny")


@pytest.fixture
def worker(settings: Settings) -> threading.Thread:
    """Makes the first comparison that somebody asks for."""

    def work() -> None:
        found = None
        while found is None:
            time.sleep(0.05)
            with session_factory.begin() as own:
                found = own.scalar(select(Comparison.id))
        make(found, settings)

    return threading.Thread(target=work, daemon=True)


def test_staff_compare_with_an_archive_and_read_pairs(
    gradus: Callable[..., Result], sign_in: Callable[[User], None], pupils: dict[str, Submission], worker: threading.Thread,
    make_member: Callable[..., User], private_home: Path,
) -> None:  # fmt: skip
    sign_in(make_member("tara", Role.ta))
    assert gradus(*PAIRS).exit_code == ExitCode.refused
    (private_home / "old" / "olga").mkdir(parents=True)
    (private_home / "old" / "olga" / "solution.py").write_text(disguised(work_of("yuki")))
    (private_home / "old" / "empty.py").write_text("")
    (private_home / "old" / "notes").mkdir()
    added = json.loads(gradus("archive", "add", "dl-2026/tiny", "2024", "old", "--json").stdout)
    assert (added["works"], added["left_out"]) == (2, 1)
    assert "2024  2 works  past term" in gradus("archive", "list", "dl-2026/tiny").stdout
    worker.start()
    shown = gradus(*PAIRS, "--run")
    assert shown.exit_code == 0, shown.stderr
    assert "mallory" in shown.stdout
    assert "olga 2024" in shown.stdout
    page = json.loads(gradus(*PAIRS, "--json").stdout)
    assert page["comparison"]["archived"] == 2
    rows = list(csv.DictReader(io.StringIO(gradus(*PAIRS, "--csv", "--at-least", "0.8").stdout.removeprefix("\ufeff"))))
    assert {frozenset((row["left_login"], row["right_login"])) for row in rows} >= {frozenset({"jonas", "mallory"})}
    assert gradus("archive", "remove", "dl-2026/tiny", "2024").exit_code == 0
    assert "No archive yet." in gradus("archive", "list", "dl-2026/tiny").stdout


def test_students_are_refused_and_learn_nothing(
    gradus: Callable[..., Result],
    sign_in: Callable[[User], None],
    pupils: dict[str, Submission],
) -> None:
    sign_in(pupils["mallory"].author)
    for words in (PAIRS, (*PAIRS, "--run"), ("archive", "list", "dl-2026/tiny")):
        refused = gradus(*words)
        assert refused.exit_code == ExitCode.refused
        assert "jonas" not in refused.output
