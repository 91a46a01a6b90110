"""Two values side by side: type, shape, dtype, finiteness, numbers. In float64, outside the sandbox."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from grader.checks.describe import dtype_text, shape_text, type_text, value_text
from grader.protocol import Text, Word

MAP_SIZE = 16
LARGEST_SHOWN = 1e30  # JSON has no infinity


@dataclass(frozen=True)
class Difference:
    """The first way in which two values differ. `text` is a predicate: it follows "`f` " or "the gradient of x "."""

    word: Word
    text: Text
    expected: str
    actual: str
    largest_error: float | None = None
    where: list[int] | None = None
    error_map: list[list[float]] | None = None


def find_difference(actual: Any, expected: Any, *, rtol: float, atol: float, path: str = "") -> Difference | None:
    """None where they are equal within the tolerance."""
    if isinstance(expected, torch.Tensor):
        return _tensor_difference(actual, expected, rtol, atol, path)
    if isinstance(expected, bool) or expected is None or isinstance(expected, str | bytes | int):
        return _exact_difference(actual, expected, path)
    if isinstance(expected, float):
        return _number_difference(actual, expected, rtol, atol, path)
    if isinstance(expected, tuple | list):
        return _sequence_difference(actual, expected, rtol, atol, path)
    if isinstance(expected, Mapping):
        return _mapping_difference(actual, expected, rtol, atol, path)
    raise TypeError(f"values of type {type(expected).__name__} cannot be compared")


def numbers(actual: Any, expected: Any) -> Iterator[tuple[str, torch.Tensor, torch.Tensor]]:
    """What a tolerance speaks of in two values of one form: the dtype of each float that is expected, then both in float64."""
    if isinstance(expected, torch.Tensor):
        if expected.is_floating_point() or expected.is_complex():
            yield dtype_text(expected.dtype), _as_float64(actual), _as_float64(expected)
    elif isinstance(expected, float):
        yield "float", *(torch.tensor(float(value), dtype=torch.float64) for value in (actual, expected))
    elif isinstance(expected, tuple | list):
        for pair in zip(actual, expected, strict=True):
            yield from numbers(*pair)
    elif isinstance(expected, Mapping):
        for key, value in expected.items():
            yield from numbers(actual[key], value)


def _tensor_difference(actual: Any, expected: torch.Tensor, rtol: float, atol: float, path: str) -> Difference | None:
    if not isinstance(actual, torch.Tensor):
        return _type_difference(actual, expected, path)
    if actual.shape != expected.shape:
        return _difference(
            Word.wrong_shape, actual, expected, path,
            en=f"has shape {shape_text(actual.shape)}, but {shape_text(expected.shape)} is expected. Which axis should it keep?",
            zh=f"的形状是 {shape_text(actual.shape)}，应为 {shape_text(expected.shape)}。想一想应当保留哪些维度。",
        )  # fmt: skip
    if actual.dtype != expected.dtype:
        return _difference(
            Word.wrong_type, actual, expected, path,
            en=f"has dtype {dtype_text(actual.dtype)}, but {dtype_text(expected.dtype)} is expected. Look for a conversion.",
            zh=f"的 dtype 是 {dtype_text(actual.dtype)}，应为 {dtype_text(expected.dtype)}。检查一下哪里做了类型转换。",
        )  # fmt: skip
    return _value_difference(actual, expected, rtol, atol, path)


def _value_difference(actual: torch.Tensor, expected: torch.Tensor, rtol: float, atol: float, path: str) -> Difference | None:
    if torch.equal(actual, expected):
        return None
    seen, wanted = _as_float64(actual), _as_float64(expected)
    error = error_of(seen, wanted)
    if not (expected.is_floating_point() or expected.is_complex()):  # whole numbers and truth values are right or wrong
        rtol, atol, error = 0.0, 0.0, torch.where(actual == expected, 0.0, error.clamp(min=1.0))
    if bool((error <= allowed_error(wanted, rtol, atol)).all()):
        return None
    if (broken := ~torch.isfinite(seen) & torch.isfinite(wanted)).any():
        where = _first(broken)
        shown = seen[tuple(where)].item()
        return _difference(
            Word.not_finite, actual, expected, path, where=where,
            en=f"contains {shown}{_at(where)} where a finite number is expected. Look for an overflow, log(0) or 0/0.",
            zh=f"{_at_zh(where)}出现了 {shown}，这里应为有限值。检查是否有溢出、log(0) 或 0/0。",
        )  # fmt: skip
    return _number_report(actual, expected, seen, wanted, error, path)


def _number_report(
    actual: torch.Tensor, expected: torch.Tensor, seen: torch.Tensor, wanted: torch.Tensor, error: torch.Tensor, path: str
) -> Difference:
    where = _unravel(int(error.argmax()), error.shape)
    largest, got, want = (float(t[tuple(where)]) for t in (error, seen, wanted))
    return _difference(
        Word.wrong_value, actual, expected, path,
        where=where, largest_error=largest if largest < LARGEST_SHOWN else None, error_map=error_map(error),
        en=f"is off by up to {largest:.3g}{_at(where)}: {got:.6g} instead of {want:.6g}. "
        "Work this entry out by hand and compare.",
        zh=f"的最大误差是 {largest:.3g}{_at_zh(where, '，出现在')}：得到 {got:.6g}，应为 {want:.6g}。可以先手算这一项再对照。",
    )  # fmt: skip


def _as_float64(tensor: torch.Tensor) -> torch.Tensor:
    tensor = tensor.detach()
    return torch.view_as_real(tensor).to(torch.float64) if tensor.is_complex() else tensor.to(torch.float64)


def allowed_error(wanted: torch.Tensor, rtol: float, atol: float) -> torch.Tensor:
    """How far each entry may be off."""
    return atol + rtol * wanted.abs().nan_to_num(posinf=0, neginf=0)


def error_of(seen: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """|seen - wanted|, 0 where both are the same infinity or both not a number, large where only one is."""
    same = (seen == wanted) | (seen.isnan() & wanted.isnan())
    return torch.where(same, 0.0, (seen - wanted).abs().nan_to_num(nan=2 * LARGEST_SHOWN, posinf=2 * LARGEST_SHOWN))


def error_map(error: torch.Tensor) -> list[list[float]] | None:
    """The error as a picture of at most 16×16, each cell the largest error of its block."""
    if error.dim() == 0 or error.numel() == 0:
        return None
    plane = error.reshape(-1, error.shape[-1]).clamp(max=LARGEST_SHOWN)
    rows, columns = (min(MAP_SIZE, length) for length in plane.shape)
    blocks = [row.tensor_split(columns, dim=1) for row in plane.tensor_split(rows)]
    return [[float(f"{float(block.max()):.4g}") for block in row] for row in blocks]


def _exact_difference(actual: Any, expected: Any, path: str) -> Difference | None:
    if type(actual) is not type(expected):
        return _type_difference(actual, expected, path)
    if actual == expected:
        return None
    return _difference(
        Word.wrong_value, actual, expected, path,
        en=f"is {actual!r:.60}, but {expected!r:.60} is expected.",
        zh=f"是 {actual!r:.60}，应为 {expected!r:.60}。",
    )  # fmt: skip


def _number_difference(actual: Any, expected: float, rtol: float, atol: float, path: str) -> Difference | None:
    if isinstance(actual, bool) or not isinstance(actual, int | float):
        return _type_difference(actual, expected, path)
    if isinstance(actual, int):
        actual = float(actual) if abs(actual) < 2**53 else float("inf")
    as_tensors = (torch.tensor(value, dtype=torch.float64) for value in (actual, expected))
    return _value_difference(*as_tensors, rtol, atol, path)


def _sequence_difference(actual: Any, expected: Any, rtol: float, atol: float, path: str) -> Difference | None:
    if not isinstance(actual, tuple | list):
        return _type_difference(actual, expected, path)
    if len(actual) != len(expected):
        return _difference(
            Word.wrong_shape, actual, expected, path,
            en=f"holds {len(actual)} values, but {len(expected)} are expected.",
            zh=f"包含 {len(actual)} 个值，应为 {len(expected)} 个。",
        )  # fmt: skip
    pairs = enumerate(zip(actual, expected, strict=True))
    found = (find_difference(a, e, rtol=rtol, atol=atol, path=f"{path}[{i}]") for i, (a, e) in pairs)
    return next(filter(None, found), None)


def _mapping_difference(actual: Any, expected: Mapping, rtol: float, atol: float, path: str) -> Difference | None:
    if not isinstance(actual, Mapping):
        return _type_difference(actual, expected, path)
    if actual.keys() != expected.keys():
        wanted, got = ", ".join(map(str, expected)), ", ".join(map(str, actual))[:200]
        return _difference(
            Word.wrong_shape, actual, expected, path,
            en=f"has the keys {got or 'none'}; expected are {wanted}.",
            zh=f"的键是 {got or '（无）'}，应为 {wanted}。",
        )  # fmt: skip
    found = (find_difference(actual[k], e, rtol=rtol, atol=atol, path=f"{path}[{k!r}]") for k, e in expected.items())
    return next(filter(None, found), None)


def _type_difference(actual: Any, expected: Any, path: str) -> Difference:
    got, wanted = type_text(actual), type_text(expected)
    if actual is None:
        en, zh = f"is None, but a {wanted} is expected. Is a `return` missing?", f"是 None，应为 {wanted}。是不是漏了 return？"
    else:
        en, zh = f"is a {got}, but a {wanted} is expected.", f"的类型是 {got}，应为 {wanted}。"
    return _difference(Word.wrong_type, actual, expected, path, en=en, zh=zh)


def _difference(word: Word, actual: Any, expected: Any, path: str, *, en: str, zh: str, **numbers: Any) -> Difference:
    if path:
        en, zh = f"(value {path}) {en}", f"（第 {path} 项）{zh}"
    return Difference(word, Text(en=en, zh=zh), value_text(expected), value_text(actual), **numbers)


def _first(mask: torch.Tensor) -> list[int]:
    return mask.nonzero()[0].tolist()


def _unravel(index: int, shape: torch.Size) -> list[int]:
    return [int(i) for i in torch.unravel_index(torch.tensor(index), shape)] if len(shape) else []


def _at(where: list[int]) -> str:
    return f" at {where}" if where else ""


def _at_zh(where: list[int], prefix: str = "在") -> str:
    return f"{prefix} {where} " if where else ""
