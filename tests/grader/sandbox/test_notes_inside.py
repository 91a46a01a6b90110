"""Notes out of real sandboxes: they come while the code still runs, and tell of its training also if it never ends."""

import time
from collections.abc import Callable, Iterator

import pytest

from grader.judge import judge
from grader.protocol import Job, Progress, Status
from grader.sandbox.base import Box, BoxEnded, Ending, Note, Sandbox
from tests.grader.conftest import SEED, TINY
from tests.grader.sandbox.conftest import call, opener

SOURCE = b"""
import os, time
import torch
from gradus import log

def train(steps, pause):
    weight = torch.zeros(3, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=0.1)
    for step in range(steps):
        loss = (weight - 1).square().sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        log(step, loss=loss, norm=weight.detach().norm())
        time.sleep(pause)
    return weight.detach()

def train_and_die(steps):
    for step in range(steps):
        log(step, loss=1.0)
    time.sleep(0.2)
    log(steps, loss=1.0)
    os.kill(os.getpid(), 11)

def train_in_a_fork():
    child = os.fork()
    for step in range(3):
        log(step, loss=float(child > 0))
    if child == 0:
        return 0
    os.waitpid(child, 0)
    return 1
"""


@pytest.fixture
def opened(any_sandbox: Sandbox) -> Iterator[Callable[..., Box]]:
    yield from opener(any_sandbox, SOURCE)


def test_notes_come_while_the_training_runs(opened: Callable[..., Box]) -> None:
    box, heard = opened(), []
    started = time.monotonic()
    box.listener = lambda note: heard.append((time.monotonic() - started, note))
    reply = box.request("call", {"target": "train", "args": [100, 0.01], "grad": True}, seconds=30)
    ended = time.monotonic() - started
    steps = [step for _, note in heard for step in note["loss"].steps]
    losses = [value for _, note in heard for value in note["loss"].values]
    assert "error" not in reply and steps == list(range(100)) and losses == sorted(losses, reverse=True)
    assert len(heard) >= 3 and heard[0][0] < ended / 2, "not all at the end"


@pytest.mark.parametrize(("name", "arguments", "ending"), [
    ("train", [10**6, 0.01], Ending.timed_out), ("train_and_die", [50], Ending.crashed),
])  # fmt: skip
def test_a_training_that_does_not_end_well_has_told_what_it_did(
    name: str, arguments: list[object], ending: Ending, opened: Callable[..., Box]
) -> None:
    heard: list[Note] = []
    box = opened()
    box.listener = heard.append
    with pytest.raises(BoxEnded) as ended:
        box.request("call", {"target": name, "args": arguments, "grad": True}, seconds=1.5)
    assert ended.value.ending is ending
    assert len([step for note in heard for step in note["loss"].steps]) > 20


def test_only_the_process_that_answers_is_heard(opened: Callable[..., Box]) -> None:
    heard: list[Note] = []
    box = opened()
    box.listener = heard.append
    assert call(box, "train_in_a_fork")["value"] == 1
    assert {value for note in heard for value in note["loss"].values} == {1.0}


def test_a_submission_that_logs_is_judged_told_of_and_reported(any_sandbox: Sandbox, changed: Callable[[str], str]) -> None:
    """The whole way, from `log` in the sandbox to the report."""
    logs = """
import time
from gradus import log

_double = double

def double(x):
    for step in range(120):
        log(step, loss=1 / (1 + step), accuracy=step / 120)
        time.sleep(0.01)
    return _double(x)
"""
    heard: list[Progress] = []
    job = Job(TINY, {"solution.py": changed(logs).encode()}, SEED)
    report = judge(job, sandbox=any_sandbox, progress=heard.append)
    assert report.status is Status.graded and report.score == report.max_score
    (first, *_) = report.training
    assert first.check == "doubles" and [series.name for series in first.series] == ["loss", "accuracy"]
    assert first.series[0].steps == list(range(120)) and first.series[0].values[0] == 1.0
    during = [progress for progress in heard if progress.check_id == "doubles" and progress.logged]
    assert during and 0 < during[0].logged[0].series[0].total < 120, "told in the middle of the check"
