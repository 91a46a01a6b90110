"""What torch 2.13 imports for torch.compile's sake: with itself, when an optimiser steps, when a gradient is handed in.

It takes longer than the rest of torch, and code that compiles nothing needs four small functions of it. So those stand in for it,
and the modules themselves are imported when somebody asks for anything else, `torch.compile` above all.
"""

import importlib
import sys
from collections.abc import Iterable
from contextlib import nullcontext
from types import ModuleType
from typing import Any

PACKAGES = {"torch._dynamo"}
META = "torch._meta_registrations"  # what operators do with tensors that have no data; they are registered, not asked for by name
SIGNS_OF_META = (b'"meta"', b"'meta'", b"fake_tensor", b"FakeTensor")


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
        """The module that this stands for, and with any of them what tensors without data need, since those serve to compile."""
        if self.__name__ != META:
            bring_meta()
        above, _, own = self.__name__.rpartition(".")
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        if vars(sys.modules[above]).get(own) is self:
            delattr(sys.modules[above], own)
        return importlib.import_module(self.__name__)


def postpone_before_torch() -> None:
    """Put a stand-in where the import of torch looks; where torch is imported already, everything stays."""
    if "torch" not in sys.modules:
        sys.modules[META] = Postponed(META)


def postpone() -> None:
    """Put the stand-ins where torch looks later; what is imported already stays."""
    if isinstance(sys.modules.get(META), Postponed):
        _let_generators_be_made()
    off = Postponed("torch._dynamo.compiled_autograd", _disable=nullcontext)
    _put(Postponed("torch._dynamo", graph_break=_graph_break, disable=_disable, compiled_autograd=off))
    _put(Postponed("torch.fx.experimental.symbolic_shapes", expect_true=_expect_true, sym_eq=_sym_eq))


def prepare_for(sources: Iterable[bytes]) -> None:
    """Import what tensors without data need where one of these sources may make some."""
    if any(sign in source for source in sources for sign in SIGNS_OF_META):
        bring_meta()


def bring_meta() -> None:
    if isinstance(waiting := sys.modules.get(META), Postponed):
        waiting._real()


def _let_generators_be_made() -> None:
    """`torch.Generator` is without its metaclass until `torch._prims.rng_prims`, postponed as well, has set it.

    torch 2.11 has none.
    """
    import torch

    if hasattr(torch._C, "_set_generator_metaclass"):
        from torch._opaque_base import OpaqueBaseMeta

        torch._C._set_generator_metaclass(OpaqueBaseMeta)


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
