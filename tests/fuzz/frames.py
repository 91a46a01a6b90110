"""What must be true of any bytes that a student's process sends: the properties that Hypothesis and atheris both try to break."""

import json
import math
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch

from grader.runner.wire import MAGIC, NOTE_MAGIC, PREFIX, WireError, decode, encode
from grader.sandbox.base import Note
from grader.sandbox.exchange import Reply, refuse
from grader.sandbox.notes import NAME, Notes
from grader.sandbox.replies import FIELDS, WITH_VALUE, check_reply

LIMIT = 1 << 20
SIZES = {"float32": 4, "float64": 8, "bool": 1, "int64": 8, "bfloat16": 2, "complex64": 8, "uint8": 1, "object": 8}
OPS = sorted({*FIELDS, *WITH_VALUE, "next", "set", "release"})
ALWAYS_BYTES = 1 << 17
PER_BYTE = 100  # an empty list is three bytes of JSON and, read and copied, twice eighty of memory


def framed(header: bytes, body: bytes, magic: bytes = MAGIC) -> bytes:
    """A frame whose lengths are right, whatever is in it."""
    return PREFIX.pack(magic, len(header), len(body)) + header + body


def refused(work: Callable[[], Any]) -> Any:
    """What the work gave, or None where it refused the bytes. Any other exception gets out and is a find."""
    try:
        return work()
    except WireError:
        return None


def check_bytes(data: bytes) -> dict[str, Any] | None:
    """All properties of one string of bytes; the message, if it is one."""
    with bounded_memory(len(data)):
        message = refused(lambda: decode(data, limit=LIMIT))
    if message is not None:
        assert_same(message, decode(encode(message)))
        for op in OPS:
            refused(lambda op=op: check_reply(op, message))
    return message


def check_chunks(data: bytes, cuts: list[int]) -> None:
    """However the bytes arrive, the outcome is that of all at once, and nothing is reserved for bytes that have not come."""
    whole = refused(lambda: decode(data, limit=LIMIT))
    with bounded_memory(len(data)):
        parts = refused(lambda: collect(data, cuts))
    assert (parts is None) == (whole is None)
    if whole is not None:
        assert_same(whole, parts)


def check_notes(data: bytes, cuts: list[int]) -> list[Note]:
    """All properties of bytes in which notes may come before a reply: what is heard can be drawn, however it arrived."""
    heard: list[Note] = []
    at_once: list[Note] = []
    with bounded_memory(len(data)):
        refused(lambda: collect(data, cuts, Notes(heard.append).take))
    refused(lambda: collect(data, [], Notes(at_once.append).take))
    assert len(heard) == len(at_once)
    for note in heard:
        for name, (steps, values) in note.items():
            assert NAME.fullmatch(name) and len(steps) == len(values)
            assert all(type(step) is int and step >= 0 for step in steps) and all(type(value) is float for value in values)
    return heard


def collect(data: bytes, cuts: list[int], take_note: Callable[[dict[str, Any]], None] = refuse) -> dict[str, Any] | None:
    """The message as the judge's side reads it: never more than it asks for."""
    reply, place = Reply(LIMIT, take_note), 0
    while place < len(data):
        step = max(1, min(reply.missing, cuts[place % len(cuts)] if cuts else reply.missing))
        message = reply.add(data[place : place + step])
        place += step
        if message is not None:
            return message if place >= len(data) else None  # what follows is of no frame
    return None


@contextmanager
def bounded_memory(count: int) -> Iterator[None]:
    """Fails if the block allocated much more than so many bytes stand for."""
    with allocations() as peak:
        yield
        taken = peak()
    allowed = ALWAYS_BYTES + PER_BYTE * count
    assert taken <= allowed, f"{taken} bytes allocated where {allowed} were expected at most"


@contextmanager
def allocations() -> Iterator[Callable[[], int]]:
    """How many bytes Python held at most since the block began. Counting slows everything, so it lasts no longer than that."""
    tracemalloc.start()
    try:
        yield lambda: tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def assert_same(left: Any, right: Any) -> None:
    assert type(left) is type(right), f"{left!r} came back as {right!r}"
    if isinstance(left, torch.Tensor):
        assert left.dtype == right.dtype and left.shape == right.shape
        assert as_bytes(left) == as_bytes(right)
    elif isinstance(left, dict):
        assert list(left) == list(right)
        for key in left:
            assert_same(left[key], right[key])
    elif isinstance(left, list | tuple):
        assert len(left) == len(right)
        for one, other in zip(left, right, strict=True):
            assert_same(one, other)
    else:
        assert left == right or (isinstance(left, float) and math.isnan(left) and math.isnan(right))


def as_bytes(tensor: torch.Tensor) -> bytes:
    """Bit by bit, so that no value that is not a number is lost."""
    return bytes(tensor.contiguous().reshape(-1).view(torch.uint8).tolist()) if tensor.numel() else b""


def nearly_right(choose: Callable[[int], int], text: Callable[[], str]) -> bytes:
    """A frame of a tree of ours and mostly the body that it asks for; `choose(n)` gives a number below n."""
    asked = [0]
    message = {text(): tree(choose, text, asked) for _ in range(choose(4))}
    for _ in range(choose(8) * choose(8)):
        message = {text(): [message]}
    body = bytes(choose(256) for _ in range(min(asked[0], 64))).ljust(asked[0], b"\x01")
    return framed(json.dumps(message).encode() + b" " * choose(20), body if choose(5) else body[1:])


def nearly_notes(choose: Callable[[int], int], text: Callable[[], str]) -> bytes:
    """A few notes, mostly right ones, and what else a child may say between them."""
    return b"".join(_nearly_note(choose, text) for _ in range(choose(5)))


def _nearly_note(choose: Callable[[int], int], text: Callable[[], str]) -> bytes:
    odd = [
        text,
        lambda: -1,
        lambda: True,
        lambda: 1 << 60,
        lambda: None,
        lambda: {"!float": "nan"},
        lambda: {"!tensor": ["bool", 0]},
    ]

    def column(right: Callable[[], Any], count: int) -> list[Any]:
        return [right() if choose(40) else odd[choose(len(odd))]() for _ in range(count)]

    logged = {}
    for _ in range(1 + choose(3)):
        count = 1 + choose(3) if choose(20) else 0
        columns = [column(lambda: choose(1 << 20), count), column(lambda: choose(100) / 8, count + (choose(20) == 0))]
        logged["loss" if choose(3) else text()] = columns if choose(20) else columns[0]
    message = {"logged": logged} if choose(20) else logged
    data = framed(json.dumps(message).encode(), b"", (NOTE_MAGIC, MAGIC)[choose(20) == 0])
    return data if choose(20) else data[: choose(len(data))]


def tree(choose: Callable[[int], int], text: Callable[[], str], asked: list[int], depth: int = 5) -> Any:
    """A JSON tree that is nearly what the wire expects; `asked` counts the bytes that its blobs need."""
    kind = choose(15 if depth else 9)
    if kind < 6:
        return [None, True, choose(1 << 30) - (1 << 29), 1.5, text(), {"!float": ("nan", "inf", "-inf", "1")[choose(4)]}][kind]
    if kind == 6:
        dtype, shape = list(SIZES)[choose(len(SIZES))], [choose(4) for _ in range(choose(4))]
        asked[0] += SIZES[dtype] * math.prod(shape)
        return {"!tensor": [dtype, *shape]}
    if kind == 7:
        count = choose(9)
        asked[0] += count
        return {"!bytes": count}
    if kind == 8:
        return {"!handle": [choose(99), text()]}
    items = [tree(choose, text, asked, depth - 1) for _ in range(choose(4))]
    named = {text(): item for item in items}
    return [items, {"!tuple": items}, named, {"!dict": ["!" + text(), items]}, {"!" + text(): items}, {"!dict": items}][kind - 9]
