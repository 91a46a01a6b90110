"""Competitions in which predictions are handed in, not code: a table of ids and labels, checked row by row."""

import csv
import io
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import torch

from grader.competition.contest import Contest
from grader.competition.uploads import SUFFIXES
from grader.protocol import Text

ID, LABEL = "id", "label"
SHOWN = 60


@dataclass(frozen=True)
class Unusable(Exception):
    """The table is no set of predictions; `text` names the first thing that is wrong, and how often it is."""

    text: Text


def uploaded_table(files: Mapping[str, bytes]) -> tuple[str, bytes]:
    """The one file that was handed in."""
    return next((name, data) for name, data in files.items() if PurePosixPath(name).suffix in SUFFIXES)


def predictions_of(found: Any, contest: Contest) -> torch.Tensor:
    """(N,) in the order of the contest's items.    found: what the reader answered; it may be anything. Raises Unusable."""
    columns, rows = _table(found)
    if rows is None:
        raise Unusable(_no_columns(columns))
    ids = [row[0] for row in rows]
    _check_ids(ids, contest.ids)
    labels = {id: _label(text, contest.classes, line) for line, (id, text) in enumerate(rows, start=2)}
    return torch.tensor([labels[id] for id in contest.ids], dtype=torch.float64 if contest.classes is None else torch.int64)


def as_csv(ids: Iterable[str], labels: Iterable[Any]) -> bytes:
    """The table that somebody with these predictions hands in."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([ID, LABEL])
    writer.writerows(zip(ids, labels, strict=True))
    return buffer.getvalue().encode()


def _table(found: Any) -> tuple[list[str], list[list[str]] | None]:
    columns, rows = found["columns"], found["rows"]
    is_text = all(isinstance(name, str) for name in columns)
    is_table = rows is None or all(len(row) == 2 and all(isinstance(cell, str) for cell in row) for row in rows)
    if not is_text or not is_table:
        raise TypeError("the reader answered something else than a table")
    return columns, rows


def _check_ids(ids: Sequence[str], wanted: Sequence[str]) -> None:
    known = set(wanted)
    repeated = [id for id, count in Counter(ids).items() if count > 1]
    if repeated:
        first = ids.index(repeated[0])
        raise Unusable(_duplicate(repeated[0], first + 2, ids.index(repeated[0], first + 1) + 2, len(repeated)))
    if unknown := [(line, id) for line, id in enumerate(ids, start=2) if id not in known]:
        raise Unusable(_unknown(*unknown[0], len(unknown)))
    given = set(ids)
    if missing := [id for id in wanted if id not in given]:
        raise Unusable(_missing(missing[0], len(missing), len(wanted)))


def _label(text: str, classes: int | None, line: int) -> float | int:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise Unusable(_no_number(text, line))
    if classes is None:
        return value
    if value != int(value) or not 0 <= value < classes:
        raise Unusable(_no_class(text, line, classes))
    return int(value)


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _no_columns(columns: Sequence[str]) -> Text:
    seen = _cut(", ".join(columns)) or "–"
    return Text(
        en=f"The table needs the columns `{ID}` and `{LABEL}`; its first line names: {seen}.",
        zh=f"表格需要 `{ID}` 和 `{LABEL}` 两列，而首行给出的列名是：{seen}。",
    )


def _duplicate(id: str, first: int, second: int, count: int) -> Text:
    return Text(
        en=f"Id {_cut(id)} stands in line {first} and again in line {second}. Ids given more than once: {count}.",
        zh=f"id {_cut(id)} 在第 {first} 行和第 {second} 行重复出现。重复的 id 共 {count} 个。",
    )


def _unknown(line: int, id: str, count: int) -> Text:
    return Text(
        en=f"Line {line}: there is no item with the id {_cut(id) or '(empty)'}. Unknown ids: {count}.",
        zh=f"第 {line} 行：不存在 id 为 {_cut(id) or '（空）'} 的样本。未知 id 共 {count} 个。",
    )


def _missing(id: str, count: int, total: int) -> Text:
    return Text(
        en=f"There is no prediction for item {_cut(id)}. Missing: {count} of {total}.",
        zh=f"缺少样本 {_cut(id)} 的预测。{total} 个样本中缺少 {count} 个。",
    )


def _no_number(text: str, line: int) -> Text:
    seen = _cut(text) or "nothing"
    return Text(
        en=f"Line {line}: the label has to be a finite number; there is {seen}.",
        zh=f"第 {line} 行：label 应为有限的数，实际是 {_cut(text) or '空'}。",
    )


def _no_class(text: str, line: int, classes: int) -> Text:
    return Text(
        en=f"Line {line}: {_cut(text)} is no class. Classes are whole numbers from 0 to {classes - 1}.",
        zh=f"第 {line} 行：{_cut(text)} 不是有效类别。类别是 0 到 {classes - 1} 的整数。",
    )
