"""Looks into the tables that go to students: all ids of the test have to be there, and none of the answers."""

import io
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from grader.bundle import build_bundle
from grader.competition.contest import Contest
from grader.competition.predictions import ID
from grader.competition.reader import table
from grader.competition.secrecy import holds_labels, pieces
from grader.competition.uploads import SUFFIXES
from grader.spec import Assignment, BrokenAssignment
from grader.verify import Fact

FEWEST, SHARE = 24, 0.99  # so many filled cells, of which so many are the labels, are no coincidence
CLOSE = 0.01  # of the labels' standard deviation: rounding hides nothing

Columns = Mapping[str, Sequence[str]]


def facts_about_the_copy(assignment: Assignment, contest: Contest) -> list[Fact]:
    """Where tables are handed in, students are given the test items: by their ids, and without their labels."""
    copy = build_bundle(assignment)
    tables = {name: _columns(assignment, name, data) for name, data in copy.items()}
    return [_one_id_each(contest), _ids_are_given(contest, tables), _labels_are_kept(contest, copy, tables)]


def _columns(assignment: Assignment, name: str, data: bytes) -> Columns:
    try:
        return columns_of(name, data)
    except Exception as error:  # each format has kinds of its own
        raise BrokenAssignment(assignment.folder / name, f"cannot be read: {type(error).__name__}: {error}") from error


def _one_id_each(contest: Contest) -> Fact:
    ids = list(contest.ids)
    problems = [f"{len(ids)} ids for {len(contest.labels)} items"] if len(ids) != len(contest.labels) else []
    problems += [f"{id!r} is no text, or has spaces around it" for id in ids if not _is_plain(id)]
    problems += [f"{id!r} stands for {count} items" for id, count in Counter(ids).items() if count > 1]
    seen = problems[0] if problems else f"{len(ids)} ids"
    return Fact(subject="ids", claim="are texts, one for each item", ok=not problems, seen=seen)


def _is_plain(id: object) -> bool:
    return isinstance(id, str) and id != "" and id == id.strip()


def _ids_are_given(contest: Contest, tables: Mapping[str, Columns]) -> Fact:
    wanted = sorted(map(str, contest.ids))
    found = [name for name, each in tables.items() if name.startswith("data/") and sorted(each.get(ID, ())) == wanted]
    seen = found[0] if found else f"no table in data/ has just these in a column {ID}"
    return Fact(subject="ids", claim="stand in what students get, each once", ok=bool(found), seen=seen)


def _labels_are_kept(contest: Contest, copy: Mapping[str, bytes], tables: Mapping[str, Columns]) -> Fact:
    """They are looked for everywhere, and in the columns of tables row by row."""
    labels, problems = pieces(contest, list(range(len(contest.labels)))), []
    for name, data in copy.items():
        problems += [f"{name}: labels of test items"] if holds_labels(labels, name, data) else []
        problems += [f"{name}: the column {column} is the labels" for column in label_columns(contest, tables[name])]
    seen = "; ".join(problems) or "none"
    return Fact(subject="student's copy", claim="holds no label of a test item", ok=not problems, seen=seen)


def columns_of(name: str, data: bytes) -> Columns:
    """The cells of a .csv, a .parquet or the vectors of a .npz as text, by column; nothing for other files."""
    if name.endswith(SUFFIXES):
        return _of_table(name, data)
    return _of_arrays(data) if name.endswith(".npz") else {}


def label_columns(contest: Contest, columns: Columns) -> Iterator[str]:
    """Those whose cells are the labels of the test items: of the ids beside them or, without ids, in the contest's order."""
    place_of = dict(zip(contest.ids, range(len(contest.labels)), strict=False))
    ids = columns.get(ID, contest.ids)
    rows = [(row, place_of[id]) for row, id in enumerate(ids) if id in place_of]
    labels = contest.labels.double().numpy()
    for column, cells in columns.items():
        if column != ID and (ID in columns or len(cells) == len(ids)):
            found = np.array([_number(cells[row]) for row, _ in rows])
            if _is_labels(found, labels[[place for _, place in rows]], CLOSE * labels.std()):
                yield column


def _is_labels(found: np.ndarray, labels: np.ndarray, close: float) -> bool:
    """Also among the rows that do not have the most frequent label, which a constant would have right."""
    filled = np.isfinite(found)
    if filled.sum() < FEWEST:
        return False
    hits, labels = np.abs(found - labels)[filled] <= close, labels[filled]
    values, counts = np.unique(labels, return_counts=True)
    common = labels == values[counts.argmax()]
    return len(values) > 1 and all(hits[rows].mean() >= SHARE for rows in (common, ~common))


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")


def _of_table(name: str, data: bytes) -> Columns:
    """As a hand-in would be read."""
    columns, _ = table(name, data, [], 0)
    _, rows = table(name, data, columns, sys.maxsize)
    return {column: [row[place] for row in rows] for place, column in enumerate(columns)}


def _of_arrays(data: bytes) -> Columns:
    with np.load(io.BytesIO(data)) as archive:
        return {name: list(map(str, archive[name].tolist())) for name in archive.files if archive[name].ndim == 1}
