"""Looks for labels of test items in all that goes to a sandbox, and for test items as well in all that goes to students."""

import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from grader.bundle import build_bundle
from grader.checks.compare import find_difference
from grader.competition.contest import Contest
from grader.competition.predictions import ID, LABEL
from grader.competition.uploads import READER
from grader.disclosure import student_view
from grader.runner.wire import encode
from grader.sandbox.base import Box, Limits
from grader.sandbox.fake import FakeBox, FakeSandbox
from grader.spec import Assignment
from grader.verify import Fact, judge_source

WIDTHS = (np.uint8, np.int16, np.int32, np.int64, np.float32, np.float64)
PIECE, PIECES = 24, 12  # so many labels in a row are no coincidence; so many such rows are looked for
CELL = re.compile(rb"[^,;\t\r\n\"]+")
TELLTALE = ("printed_inside", "raised_inside", "logged_inside")
CHATTERBOX = """
from gradus import log

def fit(train, budget):
    return None

def predict(model, inputs):
    print("printed_inside")
    log(1, logged_inside=1.0)
    raise RuntimeError("raised_inside")
"""
Sent = list[tuple[str, Mapping[str, Any]]]  # every request: op and payload


class Wiretap(FakeSandbox):
    """Keeps what is sent to its boxes."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: Sent = []

    @contextmanager
    def open(self, limits: Limits) -> Iterator[Box]:
        box = TappedBox(limits, self.sent)
        try:
            yield box
        finally:
            box.close()


class TappedBox(FakeBox):
    def __init__(self, limits: Limits, sent: Sent) -> None:
        super().__init__(limits)
        self._sent = sent

    def request(self, op: str, payload: Mapping[str, Any], *, seconds: float) -> dict[str, Any]:
        self._sent.append((op, payload))
        return super().request(op, payload, seconds=seconds)


def facts_about_secrets(assignment: Assignment, contest: Contest, tapped: Sequence[Sent]) -> list[Fact]:
    """tapped: what the measuring check alone sent, under seeds that differ."""
    inside = [_only_inputs(contest, tapped), _no_labels(contest, tapped)]
    return [*inside, _told(assignment), _unknown(contest), _copy(assignment, contest)]


def facts_about_a_table(contest: Contest, table: tuple[str, bytes], sent: Sent) -> list[Fact]:
    """Where tables are handed in. sent: what went into the sandbox with this one, name and content."""
    found = _places(contest, sent, [range(len(contest.labels))])
    return [_only_the_table(contest, table, sent), _none_found(contest, found), _unknown(contest)]


def _only_inputs(contest: Contest, tapped: Sequence[Sent]) -> Fact:
    """`fit` gets the training data, `predict` the model and every test item once, each time in another order."""
    claim = "go the training data and the test items, in a new order each time, and nothing else"
    problems, orders = [], [list(range(len(contest.labels)))]
    for sent in tapped:
        calls = [payload for op, payload in sent if op == "call"]
        if len(calls) != 2 or [len(call["args"]) + len(call.get("kwargs", {})) for call in calls] != [2, 2]:
            problems.append(f"{len(calls)} calls, not fit(train, budget) and predict(model, inputs)")
            continue
        if find_difference(calls[0]["args"][0], dict(contest.train), rtol=0, atol=0):
            problems.append("fit got something else than the training data")
        orders.append(order := _order(contest, calls[1]["args"][1]))
        if sorted(order) != orders[0]:
            problems.append("predict got something else than every test item once")
    if len({tuple(order) for order in orders}) != len(orders):
        problems.append("two runs saw the items in the same order, or in that of the file")
    seen = problems[0] if problems else f"{len(contest.labels)} items, {len(tapped)} runs"
    return Fact(subject="into the sandbox", claim=claim, ok=not problems, seen=seen)


def _order(contest: Contest, sent: Any) -> list[int]:
    """Which item stands where; nothing for what is no item."""
    places: dict[bytes, list[int]] = {}
    for place, key in enumerate(keys(contest.inputs)):
        places.setdefault(key, []).append(place)
    return [places[key].pop() for key in keys(sent) if places.get(key)]


def _no_labels(contest: Contest, tapped: Sequence[Sent]) -> Fact:
    found = 0
    for sent in tapped:
        calls = [payload for op, payload in sent if op == "call"]
        orders = [range(len(contest.labels)), *(_order(contest, call["args"][-1]) for call in calls[1:] if call["args"])]
        found += _places(contest, sent, orders)
    return _none_found(contest, found)


def _places(contest: Contest, sent: Sent, orders: Sequence[Sequence[int]]) -> int:
    """How many of the pieces stand in what was sent."""
    frames = b"".join(encode({"op": op, "payload": dict(payload)}) for op, payload in sent)
    return sum(piece in frames for order in orders for piece in pieces(contest, list(order)))


def _none_found(contest: Contest, found: int) -> Fact:
    seen = f"{found} places" if found else f"none of {len(contest.labels)} in any of {len(WIDTHS)} widths, or as text"
    return Fact(
        subject="into the sandbox", claim="goes no label of a test item, and no sign of its half", ok=not found, seen=seen
    )


def _only_the_table(contest: Contest, table: tuple[str, bytes], sent: Sent) -> Fact:
    """Our reader, what was handed in, and how many rows are wanted."""
    wanted = [*table, [ID, LABEL], len(contest.labels)]
    problems = [f"a request {op!r}" for op, _ in sent if op not in ("load", "call")]
    problems += ["another program than the reader" for op, each in sent if op == "load" and [*each["files"].values()] != [READER]]
    calls = [payload for op, payload in sent if op == "call"]
    problems += [f"a call of {c['target']} with something else" for c in calls if c["args"] != wanted or c.get("kwargs")]
    problems += [] if calls else ["nothing is read there"]
    claim, seen = "go the table that was handed in and our reader of it, and nothing else", f"calls: {len(calls)}"
    return Fact(subject="into the sandbox", claim=claim, ok=not problems, seen=problems[0] if problems else seen)


def _told(assignment: Assignment) -> Fact:
    """A submission that prints, logs and raises when it has the test: nothing of that may be in a student's report."""
    measuring = tuple(check for check in assignment.checks if not check.local)
    alone = assignment.model_copy(update={"checks": measuring, "forbidden": []})
    shown = student_view(judge_source(alone, CHATTERBOX, "ab" * 32, FakeSandbox())).model_dump_json()
    told = [word for word in TELLTALE if word in shown]
    return Fact(
        subject="out of the sandbox",
        claim="comes nothing that students are shown, where the test is inside",
        ok=not told and bool(measuring),
        seen=f"students read {told[0]}" if told else f"checks with local=False: {len(measuring)}",
    )


def _unknown(contest: Contest) -> Fact:
    known = set(keys(contest.train.get("inputs", ())))
    both = sum(key in known for key in keys(contest.inputs))
    return Fact(
        subject="test items",
        claim="are none of the training items",
        ok=not both,
        seen=f"in both: {both} of {len(contest.labels)}",
    )


def _copy(assignment: Assignment, contest: Contest) -> Fact:
    """What students pull: items are looked for in data/, labels everywhere."""
    items, labels = set(keys(contest.inputs)), pieces(contest, list(range(len(contest.labels))))
    problems = []
    for name, data in build_bundle(assignment).items():
        arrays = arrays_of(data) if name.endswith(".npz") else []
        rows = {key for array in arrays if array.ndim for key in keys(torch.from_numpy(array))}
        known = rows | (set(CELL.findall(data)) if name.startswith("data/") else set())
        if held := len(items & known):
            problems.append(f"{name}: {held} test items")
        if holds_labels(labels, name, data):
            problems.append(f"{name}: labels of test items")
    return Fact(
        subject="student's copy",
        claim="holds no test item and no label of one",
        ok=not problems,
        seen="; ".join(problems) or "none",
    )


def holds_labels(labels: Sequence[bytes], name: str, data: bytes) -> bool:
    """labels: as `pieces` gives them."""
    arrays = arrays_of(data) if name.endswith(".npz") else []
    return any(piece in whole for whole in (data, *(array.tobytes() for array in arrays)) for piece in labels)


def arrays_of(data: bytes) -> list[np.ndarray]:
    with np.load(io.BytesIO(data)) as archive:
        return [archive[name] for name in archive.files]


def keys(items: Any) -> list[bytes]:
    """What tells one item from another, for each of them."""
    if isinstance(items, torch.Tensor):
        return [row.tobytes() for row in np.ascontiguousarray(items.numpy())]
    return [item.encode() if isinstance(item, str) else json.dumps(item, default=str).encode() for item in items]


def pieces(contest: Contest, order: list[int]) -> list[bytes]:
    """Labels in this order, of all items and of each half, a few dozen at a time; and which items are public. In every form."""
    labels, is_public = contest.labels.numpy()[order], contest.is_public[order]
    parts = [part for whole in (labels, labels[is_public], labels[~is_public]) for part in _parts(whole)]
    return [form for part in (*parts, is_public.astype(np.int64)) for form in _forms(part)]


def _parts(labels: np.ndarray) -> Iterator[np.ndarray]:
    """Without rows of equal numbers, which tell nothing."""
    starts = np.linspace(0, max(0, len(labels) - PIECE), PIECES).astype(int)
    for start in sorted(set(starts.tolist())):
        if len(np.unique(part := labels[start : start + PIECE])) > 1:
            yield part


def _forms(numbers: np.ndarray) -> Iterator[bytes]:
    with np.errstate(over="ignore", invalid="ignore"):
        yield from (numbers.astype(width).tobytes() for width in WIDTHS)
    for separator in (",", ", ", "\n"):
        yield separator.join(map(str, numbers.tolist())).encode()
