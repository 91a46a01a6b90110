"""`from gradus import log`: what a student's code tells of its training, sent as notes before the reply.

It runs in the student's process like the rest of the runner, so whoever reads a note draws it and believes nothing. Logging
costs a training a few microseconds a step: notes are sent ten times a second, and what is too fast for that is thinned out.
"""

import math
import operator
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from numbers import Real
from types import ModuleType
from typing import Any

import numpy
import torch

from grader.runner.wire import NOTE_MAGIC, encode

MODULE = "gradus"
NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
MOST_NAMES = 8  # of one call
MOST_NAMES_A_NOTE = 32
MOST_POINTS = 512  # of one note
MOST_STEPS = 1 << 53  # beyond it JSON's numbers are not exact
PAUSE_S = 0.1

# Kept from before a student's code ran and before anything was guarded.
clock, item, detach, clone = time.monotonic, torch.Tensor.item, torch.Tensor.detach, torch.Tensor.clone
Point = tuple[int, float | torch.Tensor]  # a step, and a value that may still lie on a device


def discard(frame: bytes) -> None:
    """Where nobody reads notes."""


class Logbook:
    """The notes of one process. None leaves it but between a request and its reply, and none from a fork of it."""

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send = send
        self._process = os.getpid()
        self._points: dict[str, list[Point]] = {}
        self._count = 0
        self._next_at = 0.0
        self._is_open = False
        self._lock = threading.RLock()  # a handler of signals may log too
        self._before: ModuleType | None = None  # what had the module's name
        self._module = ModuleType(MODULE, "What Gradus offers to the code that it grades.")
        self._module.log = self.log

    def log(self, step: int, **values: float) -> None:
        """Tell how far a training is, to have it drawn: `log(step, loss=loss, accuracy=0.93)`. Never part of a score.

        step: an int, not negative    values: up to 8 real numbers, also tensors and NumPy arrays without dimensions
        """
        step, numbers = _checked_step(step), _checked_values(values)
        if os.getpid() != self._process:
            return
        with self._lock:
            for name, number in numbers.items():
                self._keep(name, (step, number))
            if clock() >= self._next_at:
                self._flush()

    def offer(self) -> None:
        """Let the student's files import it; one of theirs that has its name is not found."""
        self._before = sys.modules.get(MODULE)
        sys.modules[MODULE] = self._module

    def withdraw(self) -> None:
        """Put back what was there."""
        if sys.modules.get(MODULE) is self._module:
            del sys.modules[MODULE]
            if self._before is not None:
                sys.modules[MODULE] = self._before

    @contextmanager
    def open(self) -> Iterator[None]:
        """While a request is answered; what is still here at its end leaves then."""
        self._is_open = True
        try:
            yield
        finally:
            self._close()

    def _close(self) -> None:
        if os.getpid() != self._process:  # a fork, in which nobody will ever give the lock back
            return
        with self._lock:  # a thread of the student's may be sending
            self._flush()
            self._is_open = False

    def _keep(self, name: str, point: Point) -> None:
        if name not in self._points and len(self._points) >= MOST_NAMES_A_NOTE:
            return
        self._points.setdefault(name, []).append(point)
        self._count += 1
        if self._count > MOST_POINTS:
            self._thin_out()

    def _thin_out(self) -> None:
        """Leave every other point, and of each name the last."""
        self._points = {name: points[::-2][::-1] for name, points in self._points.items()}
        self._count = sum(map(len, self._points.values()))

    def _flush(self) -> None:
        if not self._is_open or not self._points:
            return
        points, self._points, self._count = self._points, {}, 0
        self._next_at = math.inf  # until it is sent
        told = {name: [[step for step, _ in pairs], [_shortened(value) for _, value in pairs]] for name, pairs in points.items()}
        self._send(encode({"logged": told}, magic=NOTE_MAGIC))
        self._next_at = clock() + PAUSE_S


def _checked_step(step: Any) -> int:
    try:
        number = operator.index(step)
    except TypeError:
        raise TypeError(f"the step is {_described(step)}; log takes an int: log(step, loss=0.5)") from None
    if not 0 <= number < MOST_STEPS:
        raise ValueError(f"the step is {number}; log takes one from 0 on")
    return number


def _checked_values(values: Mapping[str, Any]) -> dict[str, Any]:
    if not 0 < len(values) <= MOST_NAMES:
        raise ValueError(f"{len(values)} values; log takes 1 to {MOST_NAMES} of them by name: log(step, loss=0.5)")
    for name in values:
        if not NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name for a curve; take up to 32 of a-z, 0-9 and _, a letter first")
    return {name: _checked(name, value) for name, value in values.items()}


def _checked(name: str, value: Any) -> float | torch.Tensor:
    """A number; where it lies on a device, a copy of it there, because reading it would wait for all that runs."""
    if isinstance(value, torch.Tensor) and value.ndim == 0 and not value.is_complex():
        return float(item(value)) if value.device.type == "cpu" else clone(detach(value))
    is_number = isinstance(value, Real) or (isinstance(value, numpy.ndarray) and value.ndim == 0 and value.dtype.kind in "fiub")
    if not is_number:
        raise TypeError(f"{name} is {_described(value)}; log takes one real number, such as {name}.mean() of a tensor")
    try:
        return float(value)
    except OverflowError:
        raise ValueError(f"{name} is too large for a float") from None


def _described(value: Any) -> str:
    shape = getattr(value, "shape", None)
    return f"of type {type(value).__name__}" + (f" and shape {tuple(shape)}" if isinstance(shape, tuple) and shape else "")


def _shortened(number: float | torch.Tensor) -> float:
    """To six digits: nobody sees more, and every byte is one of a note."""
    try:
        return float(f"{float(number):.6g}")
    except RuntimeError:  # the device is lost; the request that follows says so
        return math.nan
