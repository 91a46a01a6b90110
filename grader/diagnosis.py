"""Names the known mistake behind a failed check: the one that answers every call exactly as the submission did."""

import contextlib
import io
import random
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy
import torch

from grader.checks.answers import Answers, LiveAnswers
from grader.checks.case import Case
from grader.checks.compare import find_difference
from grader.checks.declare import Check
from grader.checks.failures import CheckFailed, StudentError
from grader.checks.remote import Channel, Exchange
from grader.outline import Outline
from grader.protocol import Mistake
from grader.runner.dispatcher import Dispatcher
from grader.runner.values import Objects
from grader.runner.wire import Handle, decode, encode
from grader.spec import Assignment, BrokenAssignment, Overlay

RTOL, ATOL = 1e-4, 1e-6
MODULE = "variation_of_the_reference"
SECONDS = 1e9  # code of ours is trusted to end


class LocalBox:
    """Answers a check's requests in this process. For the reference and its variations only, never for a student's file."""

    def __init__(self, source: str) -> None:
        self.student_seconds = 0.0
        self._dispatcher = Dispatcher()
        self.names = self._load(source)["names"]
        self._dispatcher.files.unload()

    def request(self, op: str, payload: Mapping[str, Any], *, seconds: float) -> dict[str, Any]:
        unguarded = {**payload, "guard": []} if "guard" in payload else dict(payload)
        with contextlib.redirect_stdout(io.StringIO()):
            return decode(self._answer(encode({"op": op, "payload": unguarded})))

    def _answer(self, frame: bytes) -> bytes:
        return self._dispatcher.answer(frame)

    def _load(self, source: str) -> dict[str, Any]:
        reply = self.request("load", {"files": {f"{MODULE}.py": source.encode()}, "module": MODULE}, seconds=0)
        if "error" in reply:
            raise BrokenAssignment(MODULE, f"cannot be imported: {reply['error']['message']}")
        return reply

    def output(self) -> str:
        return ""

    def forget(self) -> None:
        """Drop the objects of the last check."""
        self._dispatcher.objects = Objects()


@lru_cache(maxsize=128)
def local_box(source: str) -> LocalBox:
    return LocalBox(source)


@lru_cache(maxsize=256)
def outline(source: str) -> Outline:
    return Outline(source)


def rehearse(
    assignment: Assignment, check: Check, seed: str, source: str, *, answers: Answers | None = None
) -> tuple[list[Exchange], Exception | None]:
    """Run a check against a source of ours: its transcript, and what ended it early."""
    box = local_box(source)
    channel = Channel(box, box.names, seconds=SECONDS)
    answers = answers or LiveAnswers(assignment.reference)
    files = assignment.tables.reference.files if assignment.tables else {}
    told = {"draws": False, "files": files, "variant": assignment.variant}
    case = Case(seed=seed, check_id=check.id, channel=channel, answers=answers, **told)
    ended = None
    with randomness_restored():
        try:
            check.run(case)
        except Exception as error:  # also the check's own: whoever asks decides what it means
            ended = error
    box.forget()
    return channel.transcript, ended


@contextlib.contextmanager
def randomness_restored() -> Iterator[None]:
    """The dispatcher seeds every global generator; this process may need its own."""
    python, array = random.getstate(), numpy.random.get_state()
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        random.setstate(python)
        numpy.random.set_state(array)


def diagnose(assignment: Assignment, check: Check, seed: str, transcript: Sequence[Exchange]) -> Mistake | None:
    """The known mistake that explains this transcript, if there is one."""
    if not check.diagnose or not transcript:
        return None
    candidates = [mistake for mistake in assignment.mistakes if is_relevant(assignment, mistake, check, transcript)]
    if not candidates or same_transcript(transcript, rehearse(assignment, check, seed, assignment.reference_source)[0]):
        return None
    for mistake in candidates:
        played, ended = rehearse(assignment, check, seed, assignment.submission_of(mistake))
        if isinstance(ended, CheckFailed | StudentError) and same_transcript(transcript, played):
            return Mistake(id=mistake.id, message=mistake.explanation)
    return None


def is_relevant(assignment: Assignment, mistake: Overlay, check: Check, transcript: Sequence[Exchange]) -> bool:
    """Whether the mistake changes something that this check calls."""
    if mistake.checks is not None:
        return check.id in mistake.checks
    called = {exchange.name.split(".")[0] for exchange in transcript}
    changed = outline(mistake.source).definitions.keys()
    return bool(changed & outline(assignment.submission_of(mistake)).reached(called))


def same_transcript(left: Sequence[Exchange], right: Sequence[Exchange]) -> bool:
    """Equal requests with equal replies, from the first to the last."""
    return len(left) == len(right) and all(map(_same_exchange, left, right))


def _same_exchange(left: Exchange, right: Exchange) -> bool:
    if (left.op, left.name) != (right.op, right.name):
        return False
    if "error" in left.reply or "error" in right.reply:
        return _error_type(left) == _error_type(right)
    fields = ("value", "mutated", "gradients", "done")
    return all(_same_value(left.reply.get(field), right.reply.get(field)) for field in fields)


def _error_type(exchange: Exchange) -> tuple[str, str] | None:
    error = exchange.reply.get("error")
    return (str(error.get("kind")), str(error.get("type"))) if isinstance(error, Mapping) else None


def _same_value(left: Any, right: Any) -> bool:
    if isinstance(left, Handle) or isinstance(right, Handle):
        return isinstance(left, Handle) and isinstance(right, Handle)
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(_same_value, left, right))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(_same_value(left[key], right[key]) for key in left)
    return find_difference(left, right, rtol=RTOL, atol=ATOL) is None
