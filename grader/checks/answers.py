"""The right answers to a check's calls: from the reference in this process, recorded, or replayed without it."""

import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import torch

PLAIN = (type(None), bool, int, float, str, bytes, torch.Tensor)


class Answers(Protocol):
    """Where a case finds what is right."""

    module: Any  # `case.reference`

    def function(self, name: str) -> Callable[..., Any] | None:
        """The reference's function, for the names of its parameters."""
        ...

    def value(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], *, seed: int) -> Any: ...

    def gradients(
        self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], weights: Sequence[torch.Tensor], *, seed: int
    ) -> list[torch.Tensor | None]:
        """One gradient per argument of the weighted sum of all float outputs; None where the argument is no float tensor."""
        ...


class LiveAnswers:
    """Runs the reference in this process."""

    def __init__(self, module: Any) -> None:
        self.module = module

    def function(self, name: str) -> Callable[..., Any] | None:
        found = self.module
        for step in name.split("."):
            found = getattr(found, step, None)
        return found

    def value(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], *, seed: int) -> Any:
        with torch.random.fork_rng(devices=[]), torch.no_grad():
            torch.default_generator.manual_seed(seed)
            return getattr(self.module, name)(*args, **kwargs)

    def gradients(
        self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], weights: Sequence[torch.Tensor], *, seed: int
    ) -> list[torch.Tensor | None]:
        args = [value.requires_grad_() if is_float_tensor(value) else value for value in args]
        inputs = [value for value in args if is_float_tensor(value)]
        with torch.random.fork_rng(devices=[]), torch.enable_grad():
            torch.default_generator.manual_seed(seed)
            outputs = float_tensors(getattr(self.module, name)(*args, **kwargs))
            total = sum((weight * output).sum() for weight, output in zip(weights, outputs, strict=True))
            found = iter(torch.autograd.grad(total, inputs, allow_unused=True))
        return [next(found) if is_float_tensor(value) else None for value in args]


def is_float_tensor(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and value.is_floating_point()


def float_tensors(value: Any) -> list[torch.Tensor]:
    """The float tensors inside a value, from left to right."""
    if isinstance(value, tuple | list):
        return [tensor for item in value for tensor in float_tensors(item)]
    if isinstance(value, Mapping):
        return [tensor for item in value.values() for tensor in float_tensors(item)]
    return [value] if is_float_tensor(value) else []


def detached(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return type(value)(detached(item) for item in value)
    if isinstance(value, Mapping):
        return {key: detached(item) for key, item in value.items()}
    return value.detach() if isinstance(value, torch.Tensor) else value


class RecordingAnswers:
    """Runs the reference and keeps every answer in order, for a student who will not have the reference."""

    def __init__(self, module: types.ModuleType) -> None:
        self.records: list[Any] = []
        self._live = LiveAnswers(module)
        self.module = _Recorded(module, self.records)

    def function(self, name: str) -> Callable[..., Any] | None:
        return self._live.function(name)

    def value(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], *, seed: int) -> Any:
        value = self._live.value(name, args, kwargs, seed=seed)
        self.records.append({"plain": detached(value)})
        return value

    def gradients(
        self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], weights: Sequence[torch.Tensor], *, seed: int
    ) -> list[torch.Tensor | None]:
        gradients = self._live.gradients(name, args, kwargs, weights, seed=seed)
        self.records.append({"plain": gradients})
        return gradients


class ReplayedAnswers:
    """Gives the recorded answers again, in the same order."""

    def __init__(self, records: Sequence[Any]) -> None:
        self._records = iter(records)
        self.module = _Replayed(self._records)

    def function(self, name: str) -> None:
        return None

    def value(self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], *, seed: int) -> Any:
        return next(self._records)["plain"]

    def gradients(
        self, name: str, args: Sequence[Any], kwargs: Mapping[str, Any], weights: Sequence[torch.Tensor], *, seed: int
    ) -> list[torch.Tensor | None]:
        return next(self._records)["plain"]


def is_plain(value: Any) -> bool:
    if isinstance(value, tuple | list):
        return all(is_plain(item) for item in value)
    if isinstance(value, dict):
        return all(is_plain(item) for item in value.values())
    return type(value) in PLAIN


class _Recorded:
    """Anything of the reference that is no plain value; what its attributes and calls give is recorded."""

    def __init__(self, subject: Any, records: list[Any]) -> None:
        self._subject = subject
        self._records = records

    def __getattr__(self, name: str) -> Any:
        return self._kept(getattr(self._subject, name))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._kept(self._subject(*map(_unwrapped, args), **{k: _unwrapped(v) for k, v in kwargs.items()}))

    def _kept(self, value: Any) -> Any:
        if is_plain(value):
            self._records.append({"plain": detached(value)})
            return value
        self._records.append({"object": type(value).__name__})
        return _Recorded(value, self._records)


def _unwrapped(value: Any) -> Any:
    return value._subject if isinstance(value, _Recorded) else value


class _Replayed:
    """Stands for anything of the reference that is no plain value."""

    def __init__(self, records: Iterator[Any]) -> None:
        self._records = records

    def __getattr__(self, name: str) -> Any:
        return self._next()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._next()

    def _next(self) -> Any:
        record = next(self._records)
        return record.get("plain", self)
