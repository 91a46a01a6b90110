"""Values in words: `float32 4×3`, `affine_forward(x: 4×5, w: 5×3, b: 3)`."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from grader.runner.wire import Handle

LONGEST_TEXT = 60


def shape_text(shape: Sequence[int]) -> str:
    return "×".join(str(n) for n in shape) or "()"


def dtype_text(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def value_text(value: Any) -> str:
    """What a value is: dtype and shape of a tensor, otherwise its type and, where short, the value."""
    if isinstance(value, torch.Tensor):
        return f"{dtype_text(value.dtype)} {shape_text(value.shape)}"
    if isinstance(value, tuple | list):
        opening, closing = "()" if isinstance(value, tuple) else "[]"
        return opening + _shortened(", ".join(value_text(item) for item in value)) + closing
    if isinstance(value, Mapping):
        return "{" + _shortened(", ".join(f"{key}: {value_text(item)}" for key, item in value.items())) + "}"
    if value is None:
        return "None"
    return f"{type_text(value)} {_shortened(repr(value))}" if isinstance(value, bool | int | float | str) else type_text(value)


def type_text(value: Any) -> str:
    handle = getattr(value, "__dict__", {}).get("_handle", value)  # not getattr: a proxy would ask the sandbox
    if isinstance(handle, Handle):
        return str(handle.type)
    if isinstance(value, torch.Tensor):
        return "torch.Tensor"
    return type(value).__name__


def call_text(name: str, function: Callable[..., Any] | None, args: Sequence[Any], kwargs: Mapping[str, Any]) -> str:
    """The call as the student would write it, with shapes instead of tensors."""
    names = parameter_names(function, len(args))
    shown = [_argument(label, value) for label, value in zip(names, args, strict=True)]
    shown += [_argument(label, value) for label, value in kwargs.items()]
    return f"{name}({', '.join(shown)})"


def _argument(label: str | None, value: Any) -> str:
    if isinstance(value, torch.Tensor):
        text = shape_text(value.shape) if value.dim() else f"{value.item():.6g}"
        return f"{label}: {text}" if label else text
    text = _shortened(repr(value)) if isinstance(value, bool | int | float | str | None) else _contents(value)
    return f"{label}={text}" if label else text


def _contents(value: Any) -> str:
    if isinstance(value, list | tuple) and all(isinstance(item, bool | int | float | str) for item in value):
        return _shortened(repr(value))
    return _shortened(value_text(value))


def parameter_names(function: Callable[..., Any] | None, count: int) -> list[str | None]:
    """Names of the first `count` positional parameters, None where there is none."""
    try:
        parameters = list(inspect.signature(function).parameters.values()) if callable(function) else []
    except (TypeError, ValueError):
        parameters = []
    parameters = [p for p in parameters if p.name != "self"]
    named = [p.name if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) else None for p in parameters]
    return (named + [None] * count)[:count]


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"
