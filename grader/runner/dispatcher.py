"""Answers the judge's requests by running the student's code. It shares the student's process, so nothing it says is believed."""

import random
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy
import torch

from grader.runner import operators, placement
from grader.runner.errors import describe, limit_of
from grader.runner.guard import GUARD
from grader.runner.logbook import Logbook, discard
from grader.runner.modules import StudentFiles
from grader.runner.postponed import prepare_for
from grader.runner.values import Missing, Objects, Unsupported, named_tensors, tensors_in
from grader.runner.wire import Handle, WireError, decode, encode, is_plain_tensor

# Kept from before the student's code ran, so that a patched torch at least does not break the harness by accident.
no_grad, enable_grad, autograd_grad, equal = torch.no_grad, torch.enable_grad, torch.autograd.grad, torch.equal


class Dispatcher:
    """One submission's modules and objects, and the requests they answer. Tensors come in on the device and leave from it."""

    def __init__(self, device: torch.device | None = None, send: Callable[[bytes], None] = discard) -> None:
        self.device = device
        self.logbook = Logbook(send)
        self.files = StudentFiles({})
        self.module = ModuleType("solution")
        self.objects = Objects(device)
        self.guarded: list[str] = []  # what the last call named, for one that says: the same

    def answer(self, frame: bytes | bytearray) -> bytes:
        """The reply frame to a request frame; notes are sent before it. Every error of the student's code is a reply."""
        request = decode(frame)
        try:
            with self.logbook.open():
                reply = self.run(request["op"], request["payload"])
            return encode(reply)
        except WireError as error:
            return encode(self._failure(Unsupported(str(error))))

    def run(self, op: str, payload: dict[str, Any]) -> dict[str, Any]:
        if op not in OPERATIONS:
            return self._failure(Unsupported(f"there is no operation {op}"))
        try:
            reply = OPERATIONS[op](self, **payload)
            placement.settle(self.device)
            return reply
        except BaseException as error:  # SystemExit and KeyboardInterrupt of the student's code are answers too
            return self._failure(error)

    def load(self, files: dict[str, bytes], module: str) -> dict[str, Any]:
        """Import the module."""
        self.close()
        self.logbook.offer()
        prepare_for(files.values())
        if any(b"jit" in data for data in files.values()):  # torch.jit reads the source of what it compiles
            GUARD.take_off()
        self.files = StudentFiles(files)
        self.module = self.files.load(module)
        return {"names": {name: _kind(value) for name, value in vars(self.module).items() if not name.startswith("__")}}

    def call(
        self,
        target: Handle | str,
        args: list[Any],
        kwargs: dict[str, Any] | None = None,
        attribute: str | None = None,
        cotangents: list[Any] | None = None,
        guard: list[str] | bool = False,
        seed: int | None = None,
        grad: bool = False,
        trace: bool = False,
    ) -> dict[str, Any]:
        """Call a function or method; see docs/architecture.md for gradients, guards, traces and mutated arguments."""
        if guard is not True:
            self.guarded = guard or []
        function = self._find(target, attribute)
        arguments, named = self.objects.enter(args), self.objects.enter(kwargs or {})
        inputs = _make_differentiable(arguments) if cotangents is not None else []
        before = {place: _copies(value) for place, value in [*enumerate(arguments), *named.items()]}
        _seed(seed)
        differentiable = enable_grad if grad or cotangents is not None else no_grad
        with differentiable(), GUARD.around(self.guarded, [self.module]), operators.counting(trace) as counts:
            value = function(*arguments, **named)
        if cotangents is not None:
            cotangents = self.objects.enter(cotangents)
        after = dict([*enumerate(arguments), *named.items()])
        mutated = [place for place, copies in before.items() if not _unchanged(copies, after[place])]
        gradients = None if cotangents is None else _gradients(value, inputs, cotangents, len(arguments))
        return {"value": self.objects.leave(value), "mutated": mutated, "gradients": gradients, "operators": counts}

    def get(self, target: Handle | str, name: str) -> dict[str, Any]:
        return {"value": self.objects.leave(self._find(target, name))}

    def set(self, target: Handle | str, name: str, value: Any) -> dict[str, Any]:
        """Set an attribute; a parameter keeps its identity and takes the values."""
        owner, value = self._find(target, None), self.objects.enter(value)
        present = getattr(owner, name, None)
        if isinstance(present, torch.nn.Parameter) and is_plain_tensor(value) and present.shape == value.shape:
            with no_grad():
                present.copy_(value)
        else:
            setattr(owner, name, value)
        return {}

    def next(self, target: Handle) -> dict[str, Any]:
        """The next value of an iterator; anything iterable becomes one at the first request."""
        iterator = self.objects.get(target)
        if not hasattr(type(iterator), "__next__"):
            iterator = iter(iterator)
            self.objects.replace(target, iterator)
        try:
            return {"value": self.objects.leave(next(iterator))}
        except StopIteration:
            return {"done": True}

    def state(self, target: Handle | str) -> dict[str, Any]:
        tensors = named_tensors(self._find(target, None))
        return {"value": {name: tensor for name, tensor in tensors if is_plain_tensor(tensor)}}

    def memory(self) -> dict[str, Any]:
        """The most that was allocated on the device, as torch tells it."""
        return {"value": placement.peak_bytes(self.device)}

    def release(self, handles: list[Handle]) -> dict[str, Any]:
        for handle in handles:
            self.objects.release(handle)
        return {}

    def close(self) -> None:
        """Forget everything of this submission."""
        GUARD.forget()
        self.logbook.withdraw()
        self.files.unload()
        self.objects = Objects(self.device)

    def _failure(self, error: BaseException) -> dict[str, Any]:
        """The reply to a request that failed; `limit` tells the judge that the kernel refused something."""
        return {"error": describe(error, self.files), "limit": limit_of(error)}

    def _find(self, target: Handle | str, attribute: str | None) -> Any:
        """The object that a handle or a dotted name means, and the attribute below it; "" is the module itself."""
        found = self.objects.get(target) if isinstance(target, Handle) else self.module
        dotted = ".".join(part for part in (target if isinstance(target, str) else "", attribute or "") if part)
        for part in dotted.split(".") if dotted else []:
            found = _attribute(found, part, dotted)
        return found


def _attribute(owner: Any, name: str, shown: str) -> Any:
    """getattr that tells a name that is not there from an error inside the student's own property."""
    try:
        return getattr(owner, name)
    except AttributeError as error:
        if name in dir(type(owner)):
            raise
        raise Missing(shown) from error


def _kind(value: Any) -> str:
    if isinstance(value, type):
        return "class"
    return "function" if callable(value) else "value"


def _seed(seed: int | None) -> None:
    if seed is not None:
        torch.default_generator.manual_seed(seed)  # torch.manual_seed also formats a stack trace for CUDA, which takes longer
        if torch.cuda.is_initialized():
            torch.cuda.manual_seed_all(seed)
        random.seed(seed)
        numpy.random.seed(seed % (1 << 32))


def _make_differentiable(arguments: list[Any]) -> list[tuple[int, torch.Tensor]]:
    """The positions of the float tensors, which from now on require grad."""
    places = [place for place, value in enumerate(arguments) if is_plain_tensor(value) and value.is_floating_point()]
    return [(place, arguments[place].requires_grad_()) for place in places]


def _copies(value: Any) -> list[torch.Tensor]:
    return [tensor.detach().clone() for tensor in tensors_in(value) if is_plain_tensor(tensor)]


def _unchanged(before: list[torch.Tensor], value: Any) -> bool:
    after = [tensor.detach() for tensor in tensors_in(value) if is_plain_tensor(tensor)]
    return len(before) == len(after) and all(map(_same, before, after))


def _same(left: torch.Tensor, right: torch.Tensor) -> bool:
    if left.dtype != right.dtype or left.shape != right.shape:
        return False
    return equal(left, right) or equal(left.nan_to_num(), right.nan_to_num())


def _gradients(value: Any, inputs: list[tuple[int, torch.Tensor]], cotangents: list[Any], count: int) -> list[Any]:
    """One per argument; None where it is no float tensor or no gradient reaches it."""
    outputs = [tensor for tensor in tensors_in(value) if tensor.is_floating_point()]
    pairs = [(out, cotangent) for out, cotangent in zip(outputs, cotangents, strict=False) if out.requires_grad]
    gradients: list[Any] = [None] * count
    if pairs and inputs:
        outs, weights = zip(*pairs, strict=True)
        found = autograd_grad(outs, [tensor for _, tensor in inputs], weights, allow_unused=True)
        for (place, _), gradient in zip(inputs, found, strict=True):
            gradients[place] = gradient
    return gradients


OPERATIONS: dict[str, Callable[..., dict[str, Any]]] = {
    name: getattr(Dispatcher, name) for name in ("load", "call", "get", "set", "next", "state", "release", "memory")
}
