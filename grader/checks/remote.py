"""The student's module seen from the judge: proxies whose calls, attributes and iterations run in the sandbox."""

import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

from grader.checks.describe import call_text
from grader.checks.failures import CheckFailed, StudentError
from grader.checks.wording import not_written
from grader.protocol import Word
from grader.runner.wire import Handle
from grader.sandbox.base import Box, BoxEnded, Ending

RECEIVED_BYTES = 256 << 20  # of all replies to one check
RELEASE_AT = 64  # handles kept until so many can be released with one request
RELEASE_MOST = 4096  # in one request: a reply of many handles must not make one that is too large to send
HANDLE_BYTES = 1 << 10  # about what a proxy takes here


@dataclass(frozen=True)
class Exchange:
    """One request and what came back; a check's exchanges are its transcript."""

    op: str
    name: str
    reply: Mapping[str, Any]


class Channel:
    """The line of one check to its box: keeps the time limit, the guards, the seeds and the transcript."""

    def __init__(
        self,
        box: Box,
        names: Mapping[str, str],
        *,
        seconds: float,
        guard: Sequence[str] = (),
        record: bool = True,
        trace: bool = False,
    ) -> None:
        self.names = names
        self.transcript: list[Exchange] = []
        self._last_call: Callable[[], str | None] = lambda: None
        self.signature_of: Callable[[str], Any] = lambda _: None  # for the names of parameters
        self.next_seed: Callable[[], int | None] = lambda: None  # so that code that draws numbers draws the same ones again
        self._box = box
        self._ends_at = box.student_seconds + seconds
        self._guard = list(guard)
        self._guard_told: list[str] = []  # with the last call
        self._record = record
        self._trace = trace
        self.operators: dict[str, dict[str, int]] = {}  # of the first call of each name: a second one runs the same code
        self._grad = False
        self._received = 0
        self._unused: list[Handle] = []

    def request(self, op: str, name: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """One exchange. Raises StudentError for what the student's code raised, BoxEnded when its time is over."""
        self._release_unused()
        reply = self._box.request(op, payload, seconds=self._seconds_left())
        self._received += _bytes_in(reply)
        if self._received > RECEIVED_BYTES:  # an endless generator of large tensors must not fill the judge's memory
            raise BoxEnded(Ending.protocol_error)
        if self._record:
            self.transcript.append(Exchange(op, name, reply))
        if "error" in reply:
            raise StudentError(reply["error"])
        return reply

    def call(
        self,
        target: Handle | str,
        name: str,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        *,
        cotangents: Sequence[torch.Tensor] | None = None,
        seed: int | None = None,
    ) -> Mapping[str, Any]:
        sent, named = [to_wire(value) for value in args], {key: to_wire(value) for key, value in kwargs.items()}
        self._last_call = lambda: call_text(name, self.signature_of(name), sent, named)
        payload = {"target": target, "args": sent, "seed": self.next_seed() if seed is None else seed}
        optional = {
            "kwargs": named,
            "guard": self._guard_to_tell(),
            "grad": self._grad,
            "cotangents": cotangents and list(cotangents),
        }
        payload |= {key: value for key, value in optional.items() if value}
        if not self._trace or name in self.operators:
            return self.request("call", name, payload)
        reply = self.request("call", name, payload | {"trace": True})
        self.operators[name] = reply.get("operators") or {}
        return reply

    def _guard_to_tell(self) -> list[str] | bool:
        """True where it is that of the call before: the box remembers it, and hundreds of bytes take longer than most calls."""
        before, self._guard_told = self._guard_told, self._guard
        return True if self._guard and self._guard == before else self._guard

    @property
    def last_call(self) -> str | None:
        """The last call in words, for whoever has to explain what came of it."""
        return self._last_call()

    def value_of(self, reply: Mapping[str, Any], name: str) -> Any:
        return self._from_wire(reply.get("value"), name)

    @contextmanager
    def guarding(self, names: Sequence[str]) -> Iterator[None]:
        """Calls of these names raise inside the sandbox while the block runs."""
        before, self._guard = self._guard, [*self._guard, *names]
        try:
            yield
        finally:
            self._guard = before

    @contextmanager
    def keeping_grad(self) -> Iterator[None]:
        before, self._grad = self._grad, True
        try:
            yield
        finally:
            self._grad = before

    @property
    def seconds_left(self) -> float:
        return self._ends_at - self._box.student_seconds

    def _seconds_left(self) -> float:
        if (seconds := self.seconds_left) <= 0:
            raise BoxEnded(Ending.timed_out)
        return seconds

    def _release_unused(self) -> None:
        while len(self._unused) >= RELEASE_AT:
            handles = self._unused[:RELEASE_MOST]
            del self._unused[:RELEASE_MOST]  # in place: the proxies that still live will add to this very list
            self._box.request("release", {"handles": handles}, seconds=self._seconds_left())

    def _from_wire(self, value: Any, name: str) -> Any:
        """The value with proxies in place of handles."""
        if isinstance(value, Handle):
            proxy = RemoteObject(self, value, name)
            weakref.finalize(proxy, self._unused.append, value).atexit = False
            return proxy
        if isinstance(value, list | tuple):
            return type(value)(self._from_wire(item, name) for item in value)
        if isinstance(value, dict):
            return {key: self._from_wire(item, name) for key, item in value.items()}
        return value


def _bytes_in(value: Any) -> int:
    """About what a value that has crossed takes here."""
    kind = type(value)
    if kind is torch.Tensor:
        return value.nbytes
    if kind is str or kind is bytes:
        return len(value)
    if kind is list or kind is tuple:
        return 8 + sum(map(_bytes_in, value))
    if kind is dict:
        return 8 + sum(map(_bytes_in, value.values()))
    return HANDLE_BYTES if kind is Handle else 8


def to_wire(value: Any) -> Any:
    """The value as it is sent: handles in place of proxies, tensors without their history."""
    if isinstance(value, RemoteObject):
        return value._handle
    if isinstance(value, RemoteName):
        return value._fetch()._handle
    if isinstance(value, torch.Tensor):
        return value.detach()
    if isinstance(value, list | tuple):
        return type(value)(to_wire(item) for item in value)
    if isinstance(value, dict):
        return {key: to_wire(item) for key, item in value.items()}
    return value


class StudentModule:
    """`case.student`: every name of the student's file as an attribute."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def __getattr__(self, name: str) -> Any:
        _refuse_dunder(name)
        kind = self._channel.names.get(name)
        if kind is None:
            raise CheckFailed(not_written(name), word=Word.missing)
        remote = RemoteName(self._channel, name)
        return remote if kind in ("function", "class") else remote._fetch()


class RemoteName:
    """A function or class of the student's module, reached by its name."""

    def __init__(self, channel: Channel, name: str) -> None:
        self._channel = channel
        self._name = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        reply = self._channel.call(self._name, self._name, args, kwargs)
        return self._channel.value_of(reply, self._name)

    def __getattr__(self, name: str) -> Any:
        _refuse_dunder(name)
        return _get(self._channel, self._name, name, self._name)

    def _fetch(self) -> Any:
        """The thing itself: a value, or a proxy that can be handed to another call."""
        return _get(self._channel, "", self._name, self._name)


class RemoteObject:
    """An object that lives in the sandbox. Released there once nobody here holds it."""

    def __init__(self, channel: Channel, handle: Handle, name: str) -> None:
        object.__setattr__(self, "_channel", channel)
        object.__setattr__(self, "_handle", handle)
        object.__setattr__(self, "_name", name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        reply = self._channel.call(self._handle, self._name, args, kwargs)
        return self._channel.value_of(reply, self._name)

    def __getattr__(self, name: str) -> Any:
        _refuse_dunder(name)
        return _get(self._channel, self._handle, name, f"{self._name}.{name}")

    def __setattr__(self, name: str, value: Any) -> None:
        payload = {"target": self._handle, "name": name, "value": to_wire(value)}
        self._channel.request("set", f"{self._name}.{name}", payload)

    def __iter__(self) -> "RemoteObject":
        return self

    def __next__(self) -> Any:
        reply = self._channel.request("next", self._name, {"target": self._handle})
        if reply.get("done"):
            raise StopIteration
        return self._channel.value_of(reply, self._name)

    def __repr__(self) -> str:
        return f"<{self._handle.type} of the submission>"


def state_of(remote: RemoteObject) -> dict[str, torch.Tensor]:
    """The parameters of a remote object by name."""
    reply = remote._channel.request("state", remote._name, {"target": remote._handle})
    return remote._channel.value_of(reply, remote._name)


def _get(channel: Channel, target: Handle | str, attribute: str, name: str) -> Any:
    return channel.value_of(channel.request("get", name, {"target": target, "name": attribute}), name)


def _refuse_dunder(name: str) -> None:
    """Python looks for many such names by itself; none of them is the student's."""
    if name.startswith("__") and name.endswith("__"):
        raise AttributeError(name)
