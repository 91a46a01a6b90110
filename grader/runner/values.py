"""Turns what lives on the student's side into what may cross, and back: everything but plain values becomes a handle."""

import itertools
from collections.abc import Iterator
from typing import Any

import torch

from grader.runner.wire import DEPTH, INTEGER_BITS, Handle, is_plain_tensor

SCALARS = (type(None), bool, float, str, bytes)


class Missing(Exception):
    """A name that the student's files do not have."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is missing")
        self.name = name


class Unsupported(Exception):
    """A request that makes no sense for this object."""


class Objects:
    """The objects that stay here, by the number that the judge knows them by. Tensors that come in are moved to the device."""

    def __init__(self, device: torch.device | None = None) -> None:
        self._device = device
        self._objects: dict[int, Any] = {}
        self._numbers = itertools.count(1)

    def get(self, handle: Handle) -> Any:
        if handle.id not in self._objects:
            raise Unsupported(f"there is no object {handle.id}")
        return self._objects[handle.id]

    def replace(self, handle: Handle, value: Any) -> None:
        self._objects[handle.id] = value

    def release(self, handle: Handle) -> None:
        self._objects.pop(handle.id, None)

    def leave(self, value: Any, depth: int = DEPTH - 8) -> Any:
        """The value as it crosses: copied if it is plain, otherwise a handle to it."""
        if depth == 0:
            raise Unsupported("the value is nested too deeply")
        if type(value) in SCALARS or is_plain_tensor(value):
            return value
        if type(value) is int and value.bit_length() <= INTEGER_BITS:
            return value
        if type(value) is list:
            return [self.leave(item, depth - 1) for item in value]
        if is_tuple(value):
            return tuple(self.leave(item, depth - 1) for item in tuple.__iter__(value))
        if type(value).__mro__[-2:-1] == (dict,) and all(type(key) is str for key in dict.keys(value)):
            return {key: self.leave(item, depth - 1) for key, item in dict.items(value)}
        return self._keep(value)

    def enter(self, value: Any) -> Any:
        """The value as the student's code sees it: handles become their objects again."""
        if isinstance(value, Handle):
            return self.get(value)
        if isinstance(value, (list, tuple)):
            return type(value)(self.enter(item) for item in value)
        if isinstance(value, dict):
            return {key: self.enter(item) for key, item in value.items()}
        if self._device is not None and isinstance(value, torch.Tensor):
            return value.to(self._device)
        return value

    def _keep(self, value: Any) -> Handle:
        number = next(self._numbers)
        self._objects[number] = value
        return Handle(number, type_name(value))


def is_tuple(value: Any) -> bool:
    """A tuple, also a named one and those that torch returns (torch.max, torch.topk)."""
    return type(value).__mro__[-2:-1] == (tuple,)


def type_name(value: Any) -> str:
    """`numpy.ndarray`, `MLP`, `list`: without the module where it is built in or the student's own."""
    kind = type(value)
    module, name = str(kind.__module__), str(kind.__qualname__)
    layout = f" ({value.layout}, {value.dtype})" if kind is torch.Tensor else ""
    return (name if module in ("builtins", "solution", "torch.nn.parameter") else f"{module}.{name}") + layout


def tensors_in(value: Any, depth: int = 6) -> Iterator[torch.Tensor]:
    """Every tensor in a plain value, in order."""
    if isinstance(value, torch.Tensor):
        yield value
    elif depth and isinstance(value, (list, tuple)):
        for item in value:
            yield from tensors_in(item, depth - 1)
    elif depth and isinstance(value, dict):
        for item in value.values():
            yield from tensors_in(item, depth - 1)


def named_tensors(value: Any, name: str = "", depth: int = 5) -> Iterator[tuple[str, torch.Tensor]]:
    """The parameters of an object under dotted names: a module's state, otherwise the tensors among its attributes."""
    if isinstance(value, torch.Tensor):
        yield name, torch.Tensor.detach(value).as_subclass(torch.Tensor)
    elif depth == 0:
        return
    elif isinstance(value, torch.nn.Module):
        yield from ((join(name, key), tensor) for key, tensor in value.state_dict().items() if isinstance(tensor, torch.Tensor))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from named_tensors(item, join(name, str(index)), depth - 1)
    else:
        items = value if isinstance(value, dict) else getattr(value, "__dict__", {})
        for key, item in items.items():
            yield from named_tensors(item, join(name, str(key)), depth - 1)


def join(left: str, right: str) -> str:
    return f"{left}.{right}" if left else right
