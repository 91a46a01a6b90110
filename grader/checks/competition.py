"""How a competition's submission is asked: fit once, predict everything, compare out here."""

from typing import Any

import torch

from grader.checks.case import Case
from grader.checks.failures import StudentError
from grader.competition.contest import Contest
from grader.competition.predictions import ID, LABEL, Unusable, predictions_of, uploaded_table
from grader.protocol import Text, Word


def compete(case: Case, contest: Contest, budget: dict[str, Any]) -> None:
    """Train on what students have, predict all items at once, and measure both halves of them.

    Public and private items come mixed and in a new order for each run, so nothing inside tells one from the other. What goes
    wrong while training is shown in full; from when the code has the items, it can tell no more than one word.
    """
    order = case.permutation(len(contest.labels))
    with case.grad():
        model = case.student.fit(dict(contest.train), budget)
    case.conceal()
    found = case.student.predict(model, _picked(contest.inputs, order))
    predictions = valid_predictions(case, found, len(order), contest.classes)
    case.measure(contest.metric, contest.score(_put_back(predictions, order)))


def compete_by_predictions(case: Case, contest: Contest) -> None:
    """Where a table is handed in: read it in the sandbox, check it row by row out here, and measure both halves."""
    name, data = uploaded_table(case.files)
    try:
        found = case.student.read(name, data, [ID, LABEL], len(contest.labels))
        predictions = predictions_of(found, contest)
    except StudentError as error:
        case.fail(_unreadable(error), word=Word.wrong_type)
    except Unusable as unusable:
        case.fail(unusable.text, word=Word.wrong_value)
    case.measure(contest.metric, contest.score(predictions))


def _unreadable(error: StudentError) -> Text:
    return Text(
        en=f"The table cannot be read: {error.message}. Save it again as CSV (UTF-8) or Parquet.",
        zh=f"无法读取表格（{error.message}）。请重新保存为 CSV（UTF-8）或 Parquet。",
    )


def valid_predictions(case: Case, found: Any, count: int, classes: int | None) -> torch.Tensor:
    """(count,) int64 classes, or finite float64 for a regression. What it cannot be is said in a sentence."""
    if not isinstance(found, torch.Tensor) or found.shape != (count,):
        seen = f"({', '.join(map(str, found.shape))})" if isinstance(found, torch.Tensor) else type(found).__name__
        case.fail(_wanted(f"({count},)", seen), word=Word.wrong_shape)
    if found.is_complex() or (classes is not None and found.is_floating_point()):
        case.fail(_wanted_dtype("int64" if classes is not None else "float32", found.dtype), word=Word.wrong_type)
    if classes is None:
        _require_finite(case, found)
        return found.double()
    outside = (found < 0) | (found >= classes)
    if bool(outside.any()):
        case.fail(_outside(int(outside.nonzero()[0]), int(found[outside][0]), classes), word=Word.wrong_value)
    return found.long()


def _picked(inputs: torch.Tensor | Any, order: torch.Tensor) -> Any:
    return inputs[order] if isinstance(inputs, torch.Tensor) else [inputs[i] for i in order.tolist()]


def _put_back(predictions: torch.Tensor, order: torch.Tensor) -> torch.Tensor:
    back = torch.empty_like(predictions)
    back[order] = predictions
    return back


def _require_finite(case: Case, found: torch.Tensor) -> None:
    wrong = ~torch.isfinite(found)
    if bool(wrong.any()):
        first, count = int(wrong.nonzero()[0]), f"{int(wrong.sum())}/{len(found)}"
        case.fail(_not_finite(first, found[first].item(), count), word=Word.not_finite)


def _not_finite(place: int, value: float, count: str) -> Text:
    return Text(
        en=f"`predict` returned {value} for item {place}. Not finite in all: {count}.",
        zh=f"`predict` 对第 {place} 项返回了 {value}。非有限值共 {count} 项。",
    )


def _wanted(shape: str, seen: str) -> Text:
    return Text(
        en=f"`predict` has to return one prediction for each item, a tensor of shape {shape}. It returned {seen}.",
        zh=f"`predict` 应为每一项返回一个预测，即形状为 {shape} 的张量，实际返回了 {seen}。",
    )


def _wanted_dtype(wanted: str, seen: torch.dtype) -> Text:
    name = str(seen).removeprefix("torch.")
    return Text(
        en=f"`predict` has to return {wanted} and returned {name}. Did you forget `argmax`?",
        zh=f"`predict` 应返回 {wanted}，实际返回了 {name}。是不是忘了 `argmax`？",
    )


def _outside(place: int, value: int, classes: int) -> Text:
    return Text(
        en=f"`predict` returned class {value} for item {place}. Classes run from 0 to {classes - 1}.",
        zh=f"`predict` 对第 {place} 项返回了类别 {value}，而类别编号是 0 到 {classes - 1}。",
    )
