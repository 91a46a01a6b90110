"""Fifty submissions in a row that run out of memory, judged by one process in one sandbox, cost that process nothing."""

import gc
import logging
import time
from collections.abc import Callable
from contextlib import closing

import psutil
import pytest

from grader.sandbox.base import Isolation, Sandbox
from grader.sandbox.bubblewrap import BubblewrapSandbox
from grader.sandbox.warm import HOSTS
from tests.attacks.combinations import AT_REST, COMBINATIONS, Combination, bubblewrapped
from tests.attacks.conftest import MARKS
from tests.attacks.corpus import attack_named
from tests.attacks.trial import SETTLE_S, Trial, words

BUBBLEWRAP = COMBINATIONS[0]
LIMITS = {"memory_bytes": 64 << 20}
CORRECT = attack_named("control_correct").source
# Refused by the kernel: the program is told, its sandbox serves the next one.
AT_ONCE = b"def double(x, *_): return bytearray(1 << 30)\naffine = double\n"
BY_AND_BY = attack_named("grows_without_end").source
IN_TORCH = b"import torch\ndef double(x, *_): return torch.ones(1 << 28)\naffine = double\n"
# Seen by the judge's watchdog: everything is killed and the sandbox replaced, which takes a second or two of a processor. The
# eight hold more together than the limit and what each of them shares with the warm process.
IN_CHILDREN = b"""
import os, time
for _ in range(8):
    if os.fork() == 0:
        kept = b"x" * (40 << 20)
        time.sleep(60)
time.sleep(60)
"""
REFUSED = {"out_of_memory", "out_of_memory_at_import"}
SUBMISSIONS = [IN_CHILDREN if number % 8 == 7 else (AT_ONCE, BY_AND_BY, IN_TORCH)[number % 3] for number in range(50)]

pytestmark = [*MARKS[BUBBLEWRAP], pytest.mark.thorough]


def present() -> dict[str, int]:
    """What this process has now: descriptors, threads, and processes below it, whole sandboxes among them."""
    gc.collect()
    me = psutil.Process()
    below = len(me.children(recursive=True))
    return {"descriptors": me.num_fds(), "threads": me.num_threads(), "processes": below, "sandboxes": len(bubblewrapped())}


def at_rest(sandbox: Sandbox) -> dict[str, int]:
    """The same once nothing ends or starts any more."""
    sandbox.warm()
    deadline, before = time.monotonic() + SETTLE_S, {}
    while (now := present()) != before or {*bubblewrapped()} != {AT_REST["bubblewrap"]}:
        assert time.monotonic() < deadline, f"something goes on: {now}, {bubblewrapped()} processes"
        before = now
        time.sleep(0.3)
    return now


def test_fifty_submissions_out_of_memory_leave_the_judge_as_it_was(
    opened: Callable[[Combination], Sandbox], caplog: pytest.LogCaptureFixture
) -> None:
    opened(BUBBLEWRAP)
    others = len(bubblewrapped())
    with closing(BubblewrapSandbox(Isolation.fork)) as sandbox, caplog.at_level(logging.INFO, "grader.sandbox.warm"):
        trial = Trial(BUBBLEWRAP, sandbox)
        for source in (CORRECT, IN_CHILDREN):
            trial.grade({"solution.py": source}, LIMITS)
        before, found, most = at_rest(sandbox), [], 0
        caplog.clear()
        for source in SUBMISSIONS:
            found.append(words(trial.grade({"solution.py": source}, LIMITS)))
            most = max(most, len(bubblewrapped()) - others)
        replaced = sum("replaced after a submission" in message for message in caplog.messages)
        assert set.union(*found) <= REFUSED
        assert replaced >= SUBMISSIONS.count(IN_CHILDREN)
        assert most <= HOSTS + 1  # one more for the moment in which another one ends
        after = at_rest(sandbox)
        assert {what: (before[what], count) for what, count in after.items() if count > before[what]} == {}
        assert trial.grade({"solution.py": CORRECT}, LIMITS).score == 100
