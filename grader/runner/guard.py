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


class Guard:
    """Replaces names by raisers until it is taken off."""

    def __init__(self) -> None:
        self.names: tuple[str, ...] = ()
        self._saved: list[tuple[Any, str, Any]] = []

    def put_on(self, names: tuple[str, ...], modules: Iterable[ModuleType]) -> None:
        """Guard exactly these names. `modules` are the student's own: `from torch import relu` left a reference there."""
        if names == self.names:
            return
        self.take_off()
        self.names = names
        places = [place for name in names for place in targets(name)]
        shown = {id(getattr(owner, attribute)): name for owner, attribute, name in places}
        for module in modules:
            places += [(module, name, shown[id(value)]) for name, value in vars(module).items() if id(value) in shown]
        for owner, attribute, name in places:
            self._saved.append((owner, attribute, vars(owner).get(attribute, ABSENT)))
            setattr(owner, attribute, raiser(name))

    def take_off(self) -> None:
        for owner, attribute, value in reversed(self._saved):
            delattr(owner, attribute) if value is ABSENT else setattr(owner, attribute, value)
        self._saved.clear()
        self.names = ()


@cache
def raiser(name: str) -> Callable[..., Any]:
    def forbidden(*_: Any, **__: Any) -> Any:
        _called.append(name)
        raise ForbiddenCall(name)

    return forbidden


class Guards:
    """Guards calls. What lies in a module stays guarded until a call without it comes; methods are needed between two calls."""

    def __init__(self) -> None:
        self._lasting, self._passing = Guard(), Guard()

    @contextmanager
    def around(self, names: Sequence[str], modules: Sequence[ModuleType]) -> Iterator[None]:
        """Guard a block; raise at its end if a forbidden call's error was swallowed."""
        lasting, passing = halves(tuple(names))
        self._lasting.put_on(lasting, modules)
        self._passing.put_on(passing, modules)
        _called.clear()
        try:
            yield
        finally:
            self._passing.take_off()
        if _called:
            raise ForbiddenCall(_called[0])

    def take_off(self) -> None:
        self._lasting.take_off()


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


@cache
def halves(names: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names that lie in modules, and the others: those of classes, whose methods the harness calls itself."""
    in_modules = tuple(name for name in names if isinstance(resolve(name)[0], ModuleType))
    return in_modules, tuple(name for name in names if name not in in_modules)
