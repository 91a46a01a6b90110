"""While a call runs, the names that the assignment forbids raise. A hint for the honest, not a wall."""

import importlib
import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, wraps
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
_watched: frozenset[str] = frozenset()  # the names that raise now: none but while a guarded call runs


@dataclass
class Cover:
    """What lies over one place, and the guarded names that it belongs to."""

    owner: Any
    attribute: str
    raw: Any  # what the owner itself held there, or ABSENT
    original: Any
    names: set[str]


class Guard:
    """Lies over names for as long as the process lives: putting it on takes longer than most calls, and forks inherit it."""

    def __init__(self) -> None:
        self._shown: dict[str, dict[int, str]] = {}  # by guarded name: everything under it, by identity, as a student knows it
        self._library: dict[tuple[int, str], Cover] = {}
        self._students: dict[tuple[int, str], Cover] = {}
        self._read: set[tuple[int, str]] = set()  # modules of the student's, by identity, and the names looked for in them

    @contextmanager
    def around(self, names: Sequence[str], modules: Iterable[ModuleType]) -> Iterator[None]:
        """Guard a block; raise at its end if a forbidden call's error was swallowed.

        `modules` are the student's own: `from torch import relu` left a reference there.
        """
        global _watched
        for name in names:
            self._put_on(name)
        for module in modules if names else ():
            self._look_into(module, [name for name in names if (id(module), name) not in self._read])
        _called.clear()
        _watched = frozenset(names)
        try:
            yield
        finally:
            _watched = frozenset()
        if _called:
            raise ForbiddenCall(_called[0])

    def _put_on(self, name: str) -> None:
        if name in self._shown:
            return
        shown = self._shown[name] = {}
        for owner, attribute, full in targets(name):
            cover = _cover(self._library, owner, attribute, full, name)
            shown[id(cover.original)] = full

    def _look_into(self, module: ModuleType, names: Sequence[str]) -> None:
        if not names:
            return
        self._read.update((id(module), name) for name in names)
        for attribute, value in list(vars(module).items()):
            known = self._students.get((id(module), attribute))
            original = id(known.original if known else value)
            for name in names:
                if original in self._shown[name]:
                    _cover(self._students, module, attribute, self._shown[name][original], name)

    def forget(self) -> None:
        """The student's modules are nobody's any more; what lies over the library stays, and does nothing."""
        _take_off(self._students)
        self._read.clear()

    def take_off(self) -> None:
        """Leave everything as it was found."""
        self.forget()
        _take_off(self._library)
        self._shown.clear()


GUARD = Guard()  # a process has one library, and hence one of these


def _cover(covers: dict[tuple[int, str], Cover], owner: Any, attribute: str, shown: str, name: str) -> Cover:
    """The cover of a place, which from now on belongs to this name too."""
    cover = covers.get((id(owner), attribute))
    if cover is None:
        raw = vars(owner).get(attribute, ABSENT)
        original = getattr(owner, attribute)
        cover = covers[id(owner), attribute] = Cover(owner, attribute, raw, original, set())
        setattr(owner, attribute, covered(shown, original if raw is ABSENT else raw, cover.names))
    cover.names.add(name)
    return cover


def _take_off(covers: dict[tuple[int, str], Cover]) -> None:
    for cover in covers.values():
        if cover.raw is ABSENT:
            delattr(cover.owner, cover.attribute)
        else:
            setattr(cover.owner, cover.attribute, cover.raw)
    covers.clear()


def covered(shown: str, raw: Any, names: set[str]) -> Any:
    """Stands in for what a module or a class holds under a name: raises while one of these is watched, else does the same."""
    if isinstance(raw, classmethod | staticmethod):
        return type(raw)(covered(shown, raw.__func__, names))
    if not callable(raw):  # an attribute such as Tensor.T
        return property(lambda owner: _pass(shown, names, raw.__get__, owner))

    @wraps(raw)  # torch itself reads some functions' attributes when more of it is imported
    def forbidden(*args: Any, **kwargs: Any) -> Any:
        return _pass(shown, names, raw, *args, **kwargs)

    return forbidden


def _pass(shown: str, names: set[str], function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    if not _watched.isdisjoint(names):
        _called.append(shown)
        raise ForbiddenCall(shown)
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
        elif callable(value) and not inspect.isclass(value) and _is_of_torch(value):
            yield module, attribute, shown


def _is_of_torch(function: Callable[..., Any]) -> bool:
    """Not what a module imported for itself, such as typing.Optional."""
    return (getattr(function, "__module__", None) or "torch").startswith("torch")


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
