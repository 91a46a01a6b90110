"""What torch 2.13 imports for torch.compile's sake as soon as an optimiser steps or a gradient is handed in.

It takes longer than torch itself, and code that compiles nothing needs four small functions of it. So those stand in for it, and
the modules themselves are imported when somebody asks for anything else, `torch.compile` above all.
"""

import importlib
import sys
from contextlib import nullcontext
from types import ModuleType
from typing import Any

PACKAGES = {"torch._dynamo"}


class Postponed(ModuleType):
    """A module that holds a few stand-ins and becomes the real one at the first other name."""

    def __init__(self, name: str, **standing_in: Any) -> None:
        super().__init__(name)
        vars(self).update(standing_in)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and not (name == "__path__" and self.__name__ in PACKAGES):
            raise AttributeError(name)  # inspect asks every module for its __file__, and `from x import y` for its __path__
        return getattr(self._real(), name)

    def _real(self) -> ModuleType:
        above, _, own = self.__name__.rpartition(".")
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        if vars(sys.modules[above]).get(own) is self:
            delattr(sys.modules[above], own)
        return importlib.import_module(self.__name__)


def postpone() -> None:
    """Put the stand-ins where torch looks; what is imported already stays."""
    off = Postponed("torch._dynamo.compiled_autograd", _disable=nullcontext)
    _put(Postponed("torch._dynamo", graph_break=_graph_break, disable=_disable, compiled_autograd=off))
    _put(Postponed("torch.fx.experimental.symbolic_shapes", expect_true=_expect_true, sym_eq=_sym_eq))


def _put(module: Postponed) -> None:
    above, _, own = module.__name__.rpartition(".")
    if module.__name__ not in sys.modules:
        setattr(importlib.import_module(above), own, module)
        sys.modules[module.__name__] = module


def _graph_break(msg: str = "") -> None:
    """Nothing is being compiled."""


def _disable(function: Any = None, *_: Any, **__: Any) -> Any:
    return _disable if function is None else function


def _expect_true(value: Any, skip: int = 0) -> bool:
    return bool(value)


def _sym_eq(left: Any, right: Any) -> Any:
    return left == right
