"""Tables that are handed in: read inside, checked row by row, and every slip is named with its line."""

import io
import runpy
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
import torch
from arro3.core import Array, DataType, Table
from arro3.io import write_parquet

from grader.checks.answers import LiveAnswers
from grader.competition.contest import Contest
from grader.competition.predictions import as_csv, predictions_of
from grader.competition.uploads import collect_predictions
from grader.judge import judge_with
from grader.protocol import Job, Report, Word
from grader.refusals import BadSubmission
from grader.sandbox import open_sandbox
from grader.sandbox.base import Isolation, Sandbox
from grader.sandbox.fake import FakeSandbox
from grader.sandbox.options import Options
from grader.spec import Assignment, load_assignment

CONTEST = Path(__file__).parents[2] / "server" / "content" / "contest"
REQUIRED = 'required = ["fit", "predict"]\n'
IDS = [f"p{number:03}" for number in range(400)]
CHECKS = """
from grader.checks import Case, T, check, compete_by_predictions
from .data import contest
import dataclasses

CONTEST = dataclasses.replace(contest(), ids=[f"p{number:03}" for number in range(400)])

@check(part="score", points=100, visibility="public", local=False, diagnose=False, title=T(en="Scored", zh="评分"))
def scored(case: Case) -> None:
    compete_by_predictions(case, CONTEST)
"""


@pytest.fixture(scope="module")
def assignment(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    folder = tmp_path_factory.mktemp("contests") / "contest"
    shutil.copytree(CONTEST, folder)
    manifest = folder / "assignment.toml"
    manifest.write_text(
        manifest.read_text().replace("ladder = true", 'ladder = true\naccepts = "predictions"').replace(REQUIRED, "")
    )
    (folder / "checks.py").write_text(CHECKS)
    for name in ("sample", "baselines/trivial", "baselines/reference"):
        (folder / f"{name}.csv").write_bytes(as_csv(IDS, [0] * len(IDS)))
    return load_assignment(folder)


@pytest.fixture(scope="module")
def bubblewrap() -> Iterator[Sandbox]:
    sandbox = open_sandbox("bubblewrap", Isolation.fork, Options(pool=1))
    yield sandbox
    sandbox.close()


@pytest.fixture
def hand_in(assignment: Assignment) -> Callable[..., Report]:
    def hand_in(data: bytes, name: str = "predictions.csv", sandbox: Sandbox | None = None) -> Report:
        job = Job(assignment.folder, collect_predictions({name: data}), "ab" * 32)
        return judge_with(assignment, job, lambda _: LiveAnswers(assignment.reference), sandbox=sandbox or FakeSandbox())

    return hand_in


@cache
def true_labels() -> tuple[int, ...]:
    """Those of the test items; data.py says how they are drawn."""
    data = runpy.run_path(str(CONTEST / "data.py"))
    return tuple(data["points"](400, seed=2)[1].tolist())


def right() -> list[int]:
    return list(true_labels())


def table(**changes: object) -> bytes:
    """All labels right, but for those at the named rows."""
    labels: list[object] = right()
    for row, label in changes.items():
        labels[int(row[1:])] = label
    return as_csv(IDS, labels)


def parquet(ids: list[str | None], labels: list[int | None]) -> bytes:
    columns = {
        "id": Array(ids, DataType.string()),
        "label": Array(labels, DataType.int64()),
        "more": Array(labels, DataType.int64()),
    }
    buffer = io.BytesIO()
    write_parquet(Table.from_pydict(columns), buffer)
    return buffer.getvalue()


def test_right_labels_score_whatever_the_order_of_rows_and_columns(hand_in: Callable[..., Report]) -> None:
    lines = table().decode().splitlines()
    turned = "\r\n".join(["\ufefflabel, id", *(",".join(reversed(line.split(","))) for line in reversed(lines[1:])), "", ""])
    for data in (table(), turned.encode()):
        report = hand_in(data)
        assert (report.score, report.measured.public.value, report.measured.private.value) == (100, 1.0, 1.0)


def test_what_is_wrong_is_counted_where_it_is(hand_in: Callable[..., Report]) -> None:
    measured = hand_in(as_csv(IDS, [1 - label for label in right()])).measured
    assert (measured.public.value, measured.private.value, measured.public.count) == (0.0, 0.0, 200)


@pytest.mark.parametrize(
    ("data", "en"),
    [
        (b"", "the columns `id` and `label`; its first line names: –"),
        (b"name,label\na,1\n", "its first line names: name, label"),
        (as_csv(IDS[:-2], right()[:-2]), "There is no prediction for item p398. Missing: 2 of 400."),
        (as_csv([*IDS, "p007"], [*right(), 1]), "Id p007 stands in line 9 and again in line 402. Ids given more than once: 1."),
        (as_csv(["q000", *IDS[1:]], right()), "Line 2: there is no item with the id q000. Unknown ids: 1."),
        (table(r5="nan"), "Line 7: the label has to be a finite number; there is nan."),
        (table(r5="inf"), "Line 7: the label has to be a finite number; there is inf."),
        (table(r5=""), "Line 7: the label has to be a finite number; there is nothing."),
        (table(r5="cat"), "Line 7: the label has to be a finite number; there is cat."),
        (table(r5=2), "Line 7: 2 is no class. Classes are whole numbers from 0 to 1."),
        (table(r5=0.5), "Line 7: 0.5 is no class."),
        (table(r5=-1), "Line 7: -1 is no class."),
        (b"\xff\xfe" + table(), "The table cannot be read: it is not UTF-8 (byte 0)."),
        (b'id,label\n"p000,1\n', "The table cannot be read: line 2: unexpected end of data."),
        (b"PAR1 not really", "its first line names: PAR1 not really"),
    ],
)
def test_every_slip_is_named_with_its_line(hand_in: Callable[..., Report], data: bytes, en: str) -> None:
    report = hand_in(data)
    (result,) = report.checks
    assert en in result.message.en and result.message.zh != result.message.en
    assert (report.score, report.measured, result.word in (Word.wrong_value, Word.wrong_type)) == (0, None, True)


def test_a_table_far_too_long_is_not_read_to_its_end(hand_in: Callable[..., Report]) -> None:
    (result,) = hand_in(b"id,label\n" + b"p000,1\n" * 500_000).checks
    assert "Id p000 stands in line 2 and again in line 3" in result.message.en


@pytest.mark.sandbox
def test_csv_and_parquet_are_read_inside(hand_in: Callable[..., Report], bubblewrap: Sandbox) -> None:
    scored = [
        hand_in(table(), sandbox=bubblewrap),
        hand_in(parquet(IDS, right()), "mine.PARQUET", bubblewrap),
    ]
    assert [(report.score, report.measured.public.value) for report in scored] == [(100, 1.0)] * 2


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1PAR1", b"PAR1 cut off in the middle", b"id,label\n"])
def test_what_is_no_parquet_is_told_so(hand_in: Callable[..., Report], data: bytes) -> None:
    (result,) = hand_in(data, "p.parquet").checks
    assert result.message.en.startswith("The table cannot be read: it is no Parquet file, or only a part of one. Save it again")


@pytest.mark.sandbox
def test_a_parquet_that_is_none_or_has_gaps_is_named(hand_in: Callable[..., Report], bubblewrap: Sandbox) -> None:
    (broken,) = hand_in(b"PAR1" + b"x" * 100 + b"PAR1", "p.parquet", bubblewrap).checks
    assert "The table cannot be read" in broken.message.en
    (gap,) = hand_in(parquet(IDS, [None, *right()[1:]]), "p.parquet", bubblewrap).checks
    assert "Line 2: the label has to be a finite number; there is nothing." in gap.message.en


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({}, "one_table"),
        ({"a.csv": b"", "b.csv": b""}, "one_table"),
        ({"solution.py": b"x = 1"}, "unknown_kind"),
        ({"big.csv": bytes(9 << 20)}, "too_large"),
    ],
)
def test_only_one_table_of_a_size_is_taken(files: dict[str, bytes], code: str) -> None:
    with pytest.raises(BadSubmission) as refused:
        collect_predictions(files)
    assert refused.value.code == code


def test_a_regression_takes_any_finite_number() -> None:
    contest = Contest("mean_absolute_error", {}, ["x", "y"], torch.tensor([0.5, 1.5]), split_seed="s", ids=["a", "b"])
    found = {"columns": ["id", "label"], "rows": [["b", "1e-3"], ["a", "-2"]]}
    assert predictions_of(found, contest).tolist() == [-2.0, 0.001]
