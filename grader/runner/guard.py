"""While a call runs, the names that the assignment forbids raise. A hint for the honest, not a wall."""

import importlib
import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import Any

import torch

from grader.runner.values import Unsupported

ABSENT = object()
Place = tuple[Any, str, str]  # owner, attribute, name shown to the student


class ForbiddenCall(Exception):
    """The student called something the assignment forbids in this part."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} may not be used here")
        self.name = name


_called: list[str] = []  # what was called since the present call began, also if the student swallowed the error
_watched = False  # whether a guarded call runs; at all other times guarded names do what they always do


class Guard:
    """Lies over names until others are asked for: putting it on takes longer than most calls, so it stays in between."""

    def __init__(self) -> None:
        self.names: tuple[str, ...] = ()
        self._saved: list[tuple[Any, str, Any]] = []

    @contextmanager
    def around(self, names: Sequence[str], modules: Iterable[ModuleType]) -> Iterator[None]:
        """Guard a block; raise at its end if a forbidden call's error was swallowed.

        `modules` are the student's own: `from torch import relu` left a reference there.
        """
        global _watched
        if tuple(names) != self.names:
            self.take_off()
            self._put_on(tuple(names), modules)
        _called.clear()
        _watched = True
        try:
            yield
        finally:
            _watched = False
        if _called:
            raise ForbiddenCall(_called[0])

    def _put_on(self, names: tuple[str, ...], modules: Iterable[ModuleType]) -> None:
        self.names = names
        places = [place for name in names for place in targets(name)]
        covers = {id(getattr(owner, attribute)): name for owner, attribute, name in places}
        for module in modules:
            places += [(module, name, covers[id(value)]) for name, value in vars(module).items() if id(value) in covers]
        for owner, attribute, name in places:
            raw = vars(owner).get(attribute, ABSENT)
            self._saved.append((owner, attribute, raw))
            setattr(owner, attribute, cover(name, getattr(owner, attribute) if raw is ABSENT else raw))

    def take_off(self) -> None:
        for owner, attribute, value in reversed(self._saved):
            delattr(owner, attribute) if value is ABSENT else setattr(owner, attribute, value)
        self._saved.clear()
        self.names = ()


def cover(name: str, raw: Any) -> Any:
    """Stands in for what a module or a class holds under a name: raises while a guarded call runs, else does the same."""
    if isinstance(raw, classmethod | staticmethod):
        return type(raw)(cover(name, raw.__func__))
    if not callable(raw):  # an attribute such as Tensor.T
        return property(lambda owner: _pass(name, raw.__get__, owner))

    def forbidden(*args: Any, **kwargs: Any) -> Any:
        return _pass(name, raw, *args, **kwargs)

    return forbidden


def _pass(name: str, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    if _watched:
        _called.append(name)
        raise ForbiddenCall(name)
    return function(*args, **kwargs)


@cache
def targets(name: str) -> tuple[Place, ...]:
    """Everything that a dotted name stands for; it is looked up once."""
    return tuple(_targets(name))


def _targets(name: str) -> Iterator[Place]:
    owner, attribute = resolve(name)
    value = getattr(owner, attribute, ABSENT)
    if value is ABSENT:
        raise Unsupported(f"{name} is guarded, but there is no such thing")
    if isinstance(value, ModuleType):
        yield from _module_targets(value, name, depth=1)
    elif inspect.isclass(value):
        yield from _class_targets(value, name)
    else:
        yield owner, attribute, name


def _module_targets(module: ModuleType, name: str, depth: int) -> Iterator[Place]:
    """The public functions and layers of a module and of the modules right below it."""
    for attribute, value in list(vars(module).items()):
        shown = f"{name}.{attribute}"
        if attribute.startswith("_"):
            continue
        if isinstance(value, ModuleType) and depth and value.__name__ == shown:
            yield from _module_targets(value, shown, depth - 1)
        elif inspect.isclass(value) and issubclass(value, (torch.nn.Module, torch.autograd.Function)):
            yield from _class_targets(value, shown)
        elif callable(value) and not inspect.isclass(value):
            yield module, attribute, shown


def _class_targets(kind: type, name: str) -> Iterator[Place]:
    """A class stays a class (isinstance goes on working), but it can neither be made nor called."""
    if kind is torch.nn.Module:
        return
    for attribute in ("__init__", "forward", "apply"):
        if attribute in vars(kind):
            yield kind, attribute, name


def resolve(name: str) -> tuple[Any, str]:
    """The object that holds the last part of a dotted name, and that part."""
    parts = name.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        try:
            owner: Any = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for part in parts[cut:-1]:
            owner = getattr(owner, part, ABSENT)
        return owner, parts[-1]
    raise Unsupported(f"{name} is guarded, but nothing is called that")
