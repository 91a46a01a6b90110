"""A column that is the answer is found, however it is written; one that only resembles it is not."""

import dataclasses
import io
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from arro3.core import Array, DataType, Table
from arro3.io import write_parquet

from grader.competition.columns import columns_of, facts_about_the_copy, label_columns
from grader.competition.contest import Contest
from grader.competition.facts import contest_of
from grader.spec import BrokenAssignment, load_assignment

COUNT = 200
LABELS = torch.arange(COUNT) * 7 % 10
IDS = [f"p{number}" for number in range(COUNT)]
CONTEST = Contest("accuracy", {}, IDS, LABELS, "columns", classes=10, ids=IDS)
RARE = dataclasses.replace(CONTEST, labels=(torch.arange(COUNT) % 100 == 0).long(), classes=2)  # two of them are 1
Cells = list[str]


def found(contest: Contest, **columns: Cells) -> list[str]:
    return list(label_columns(contest, columns))


def texts(numbers: torch.Tensor, form: str = "{}") -> Cells:
    return [form.format(number) for number in numbers.tolist()]


@pytest.mark.parametrize("form", ["{}", "{:.3f}", " {} ", "{:e}"])
def test_labels_are_found_in_any_form(form: str) -> None:
    assert found(CONTEST, id=IDS, x=["0.5"] * COUNT, y=texts(LABELS, form)) == ["y"]


def test_labels_are_found_by_the_ids_beside_them_and_in_the_order_of_the_items() -> None:
    order = torch.randperm(COUNT, generator=torch.Generator().manual_seed(1))
    ids = [IDS[place] for place in order.tolist()]
    assert found(CONTEST, id=[*ids, "q1"], y=[*texts(LABELS[order]), "3"]) == ["y"]
    assert found(CONTEST, id=ids, y=texts(LABELS)) == []
    assert found(CONTEST, y=texts(LABELS)) == ["y"]
    assert found(CONTEST, y=texts(LABELS)[1:]) == []


def test_labels_of_some_items_are_enough() -> None:
    some = [text if place < 30 else "" for place, text in enumerate(texts(LABELS))]
    assert found(CONTEST, id=IDS, y=some) == ["y"]
    few = [text if place < 20 else "" for place, text in enumerate(texts(LABELS))]
    assert found(CONTEST, id=IDS, y=few) == []


def test_what_is_right_only_because_one_class_is_frequent_is_no_answer() -> None:
    assert found(RARE, id=IDS, constant=["0"] * COUNT, y=texts(RARE.labels)) == ["y"]
    shifted = texts(torch.roll(RARE.labels, 1))
    assert found(RARE, id=IDS, sparse=shifted) == []


def parquet(columns: Mapping[str, list]) -> bytes:
    buffer = io.BytesIO()
    kinds = {str: DataType.string(), int: DataType.int64()}
    write_parquet(Table.from_pydict({name: Array(cells, kinds[type(cells[0])]) for name, cells in columns.items()}), buffer)
    return buffer.getvalue()


def npz(columns: Mapping[str, list]) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, pictures=np.zeros((2, 3, 3)), **{name: np.array(cells) for name, cells in columns.items()})
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "written"),
    [("t.csv", lambda _: b"\xef\xbb\xbfid, n\r\na, 1\r\n\r\nb, 2\r\n"), ("t.parquet", parquet), ("t.npz", npz)],
)
def test_tables_of_every_kind_are_read(name: str, written: Callable[[Mapping[str, list]], bytes]) -> None:
    assert columns_of(name, written({"id": ["a", "b"], "n": [1, 2]})) == {"id": ["a", "b"], "n": ["1", "2"]}


@pytest.mark.parametrize(("name", "data"), [("x.png", b"\x89PNG"), ("t.csv", b"")])
def test_where_there_is_no_column_there_is_none(name: str, data: bytes) -> None:
    assert columns_of(name, data) == {}


@pytest.mark.parametrize(("name", "data"), [("a.csv", b"\xff\xfe"), ("a.parquet", b"PAR1"), ("a.npz", b"no zip")])
def test_a_file_that_cannot_be_read_is_the_assignments_fault(by_table: Path, tmp_path: Path, name: str, data: bytes) -> None:
    assignment = load_assignment(by_table)
    copied = assignment.model_copy(update={"folder": tmp_path})
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / name).write_bytes(data)
    with pytest.raises(BrokenAssignment, match=f"data/{name}: cannot be read"):
        facts_about_the_copy(copied, contest_of(assignment))
