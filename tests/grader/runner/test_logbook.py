"""What `log` accepts, what it says about the rest, and when its notes leave."""

import math
import os
import sys
import threading
from collections.abc import Callable

import numpy
import pytest
import torch

from grader.runner import logbook as module
from grader.runner.logbook import MOST_NAMES_A_NOTE, MOST_POINTS, Logbook
from grader.runner.wire import NOTE_BYTES, NOTE_MAGIC, decode
from grader.sandbox.base import Limits, Note
from grader.sandbox.fake import FakeSandbox
from grader.sandbox.notes import read_note


class Sent(list[bytes]):
    @property
    def notes(self) -> list[Note]:
        return [read_note(decode(frame, limit=NOTE_BYTES, magic=NOTE_MAGIC)) for frame in self]


@pytest.fixture
def sent() -> Sent:
    return Sent()


@pytest.fixture
def logbook(sent: Sent) -> Logbook:
    return Logbook(sent.append)


@pytest.mark.parametrize(
    "value",
    [
        2,
        2.0,
        True + 1,
        torch.tensor(2.0, requires_grad=True),
        torch.tensor(2),
        numpy.float32(2),
        numpy.int64(2),
        numpy.array(2.0),
    ],
)
def test_every_kind_of_real_number_can_be_logged(value: object, logbook: Logbook, sent: Sent) -> None:
    with logbook.open():
        logbook.log(numpy.int64(3), loss=value)
    assert sent.notes == [{"loss": ([3], [2.0])}]


@pytest.mark.parametrize(
    ("step", "values", "error", "says"),
    [
        (0.5, {"loss": 1.0}, TypeError, "the step is of type float"),
        ("1", {"loss": 1.0}, TypeError, "the step is of type str"),
        (torch.ones(2), {"loss": 1.0}, TypeError, r"of type Tensor and shape \(2,\)"),
        (-1, {"loss": 1.0}, ValueError, "the step is -1"),
        (1 << 53, {"loss": 1.0}, ValueError, "the step is"),
        (0, {}, ValueError, "0 values"),
        (0, {f"name_{n}": 1.0 for n in range(9)}, ValueError, "9 values"),
        (0, {"Loss": 1.0}, ValueError, "'Loss' is no name"),
        (0, {"l" * 33: 1.0}, ValueError, "is no name"),
        (0, {"loss": torch.ones(2)}, TypeError, r"loss is of type Tensor and shape \(2,\)"),
        (0, {"loss": torch.tensor(1j)}, TypeError, "one real number"),
        (0, {"loss": "1"}, TypeError, "loss is of type str"),
        (0, {"loss": None}, TypeError, "loss is of type NoneType"),
        (0, {"loss": 10**400}, ValueError, "too large"),
    ],
)
def test_a_wrong_argument_is_refused_with_what_is_wanted(
    step: object, values: dict[str, object], error: type[Exception], says: str, logbook: Logbook, sent: Sent
) -> None:
    with pytest.raises(error, match=says), logbook.open():
        logbook.log(step, **values)
    assert sent == []


def test_what_is_no_number_crosses(logbook: Logbook, sent: Sent) -> None:
    with logbook.open():
        logbook.log(0, loss=float("inf"), worst=float("nan"))
    (note,) = sent.notes
    assert note["loss"].values == [float("inf")] and note["worst"].values[0] != note["worst"].values[0]


def test_what_lies_on_a_device_is_read_when_a_note_leaves_and_a_lost_device_leaves_a_gap(logbook: Logbook, sent: Sent) -> None:
    with logbook.open():
        logbook.log(0, loss=torch.zeros((), device="meta"))
    assert math.isnan(sent.notes[0]["loss"].values[0])


def test_a_fast_training_sends_few_notes_that_all_have_a_legal_size(
    logbook: Logbook, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(module, "clock", lambda: now[0])
    names = [f"{n:_>32}".replace("_", "a") for n in range(40)]
    with logbook.open():
        for step in range(5000):
            now[0] += 0.001
            logbook.log((1 << 52) + step, **dict.fromkeys(names[step % 5 * 8 : step % 5 * 8 + 8], -1.23456e-200))
    assert 49 <= len(sent) <= 52
    assert all(len(note) <= MOST_NAMES_A_NOTE for note in sent.notes)
    assert max(sum(len(steps) for steps, _ in note.values()) for note in sent.notes) <= MOST_POINTS
    assert sent.notes[-1][names[31]].steps[-1] == (1 << 52) + 4998, "what came last is there"


def test_nothing_is_sent_outside_of_a_request(logbook: Logbook, sent: Sent) -> None:
    logbook.log(1, loss=1.0)
    assert sent == []
    with logbook.open():
        logbook.log(2, loss=2.0)
    logbook.log(3, loss=3.0)
    assert sent.notes == [{"loss": ([1, 2], [1.0, 2.0])}]


def test_a_fork_sends_nothing_and_ends(sent: Sent) -> None:
    reader, writer = os.pipe()
    logbook = Logbook(lambda frame: sent.append(frame) or os.write(writer, b"x"))
    with logbook.open():
        logbook.log(1, loss=1.0)
        if not (child := os.fork()):
            for step in range(100):
                logbook.log(step, loss=0.0)
            logbook._close()
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        assert os.read(reader, 9) == b"x" and len(sent) == 1
    os.close(reader)
    os.close(writer)


def test_threads_may_log_side_by_side(logbook: Logbook, sent: Sent) -> None:
    def train(name: str) -> None:
        for step in range(2000):
            logbook.log(step, **{name: float(step)})

    with logbook.open():
        threads = [threading.Thread(target=train, args=(name,)) for name in ("left", "right")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert all(points.values == [float(step) for step in points.steps] for note in sent.notes for points in note.values())
    assert sent.notes[-1]["left"].steps[-1] == sent.notes[-1]["right"].steps[-1] == 1999


def test_ours_wins_over_a_file_of_its_name_and_is_gone_afterwards(heard: Callable[[bytes], list[Note]]) -> None:
    before = sys.modules.get("gradus")
    source = b"import gradus\ngradus.log(0, loss=1)\nfrom gradus import log\nlog(1, loss=1)\n"
    assert [note["loss"].steps for note in heard(source)] == [[0], [1]]
    assert sys.modules.get("gradus") is before


@pytest.fixture
def heard() -> Callable[[bytes], list[Note]]:
    """What a file logs while it is imported."""

    def heard(source: bytes) -> list[Note]:
        notes: list[Note] = []
        with FakeSandbox().open(Limits()) as box:
            box.listener = notes.append
            files = {"solution.py": source, "gradus.py": b"raise SystemExit('this file must not be imported')"}
            assert "error" not in box.request("load", {"files": files, "module": "solution"}, seconds=9)
        return notes

    return heard
