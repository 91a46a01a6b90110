"""One attack against one sandbox: judged like any submission, with every byte recorded; what is not as it should be is named."""

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from grader.checks.answers import LiveAnswers
from grader.disclosure import student_view
from grader.judge import judge_with
from grader.protocol import Job, Report, Status
from grader.sandbox.base import Box, Limits, Sandbox
from grader.sandbox.exchange import Reply
from grader.spec import Assignment, load_assignment
from tests.attacks.combinations import Combination
from tests.attacks.corpus import Attack, attack_named

TARGET = Path(__file__).parent / "target"
SEED = "5eed" * 16
GRACE_S = 2.0
SETTLE_S = 20.0  # a machine under load takes its time to end what was killed
CANARY = "CANARY-in-the-"  # environment, file, reference, checks, neighbour: what follows says where it was planted
HIDDEN_INPUT = "73128"  # the digits of a number that only the hidden check hands out
OBEYED = re.compile(r"(?<!\\)\\u00[01][0-9a-f]|[\x7f-\x9f]")  # control characters in JSON; two backslashes are a text about one
MARK = Path("/var/tmp/gradus-was-here")  # what a program that runs on the trusted side would make
NEIGHBOUR = b"""# CANARY-in-the-neighbour
import os
WORD = "CANARY-in-the-neighbour"
for folder in ("/tmp", "/dev/shm"):
    with open(os.path.join(folder, "notes.txt"), "w") as file:
        file.write(WORD)
print(WORD)
def double(x):
    return x + x
def affine(x, w):
    return x @ w + 1
"""


class Recorder:
    """A sandbox that keeps what its boxes printed, also while files were imported, and every byte that they sent."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.name, self.isolation = sandbox.name, sandbox.isolation
        self.sandbox = sandbox
        self.printed = ""
        self.sent = bytearray()

    @contextmanager
    def open(self, limits: Limits) -> Iterator[Box]:
        with self.sandbox.open(limits) as box:
            try:
                yield box
            finally:
                self.printed += box.output()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Keep a copy of the bytes of every reply while the block lasts, whole or not."""
        add = Reply.add

        def recording(reply: Reply, data: bytes) -> Any:
            self.sent += data
            return add(reply, data)

        with patch.object(Reply, "add", recording):
            yield

    def forget(self) -> None:
        self.printed = ""
        self.sent.clear()


@contextmanager
def planted() -> Iterator[None]:
    """Canaries in the judge's environment and in a file that everybody may read; the target's answers hold more."""
    os.environ["GRADUS_TEST_SECRET"] = f"{CANARY}environment"
    path = Path(f"/var/tmp/gradus-canary-{os.getpid()}")
    path.write_text(f"{CANARY}file")
    path.chmod(0o644)
    try:
        yield
    finally:
        path.unlink()
        del os.environ["GRADUS_TEST_SECRET"]


class Trial:
    """Judges submissions to the target in one sandbox and looks at what is left afterwards."""

    def __init__(self, combination: Combination, sandbox: Sandbox) -> None:
        self.combination = combination
        self.shared = combination.isolation == "fork"  # only then there are submissions before and after
        self.recorder = Recorder(sandbox)

    def grade(self, files: dict[str, bytes], limits: dict[str, float] | None = None) -> Report:
        assignment = target(limits or {})
        job = Job(assignment=TARGET, files=files, seed=SEED)
        with self.recorder.listening():
            return judge_with(assignment, job, lambda _: LiveAnswers(assignment.reference), sandbox=self.recorder)

    def surprises(self, attack: Attack) -> list[str]:
        """What an attack brought about that it should not have; nothing is the good answer."""
        if self.shared and self.grade({"solution.py": NEIGHBOUR}).score != 100:
            return ["a correct submission before it did not earn 100"]
        self.recorder.forget()
        started = time.monotonic()
        report = self.grade(attack.files, attack.limits)
        seconds = time.monotonic() - started
        found = [*_verdict(attack, report), *self._leaks(report), *self._remains()]
        if late := lateness(report, attack, seconds):
            found.append(late)
        if self.shared and self.grade(attack_named("control_correct").files).score != 100:
            found.append("a correct submission after it did not earn 100")
        return found

    def _leaks(self, report: Report) -> Iterator[str]:
        """Planted words in anything that came out, and hidden numbers in what the student may see."""
        shown = student_view(report).model_dump_json()
        if "FOUND" in self.recorder.printed:
            yield self.recorder.printed[self.recorder.printed.index("FOUND") :][:300]
        for place, text in {
            "the report": report.model_dump_json(),
            "the student's view": shown,
            "what it printed": self.recorder.printed,
            "the bytes that it sent": bytes(self.recorder.sent).decode("latin-1"),
        }.items():
            if CANARY in text:
                yield f"{place} holds {text[text.index(CANARY) :][:40]}"
        if HIDDEN_INPUT in shown:
            yield "the student's view holds a hidden input"
        if obeyed := OBEYED.search(report.model_dump_json()):
            yield f"the report holds {obeyed[0]!a}, which no database stores or a terminal obeys"

    def _remains(self) -> Iterator[str]:
        if MARK.exists():
            MARK.unlink()
            yield "something of it ran on the trusted side"
        deadline = time.monotonic() + SETTLE_S
        while (left := self.combination.strangers()) and time.monotonic() < deadline:
            time.sleep(0.02)
        if left:
            yield f"{left} processes are left"


def target(limits: dict[str, float]) -> Assignment:
    """The assignment that attacks are handed in to, with limits of their own."""
    assignment = load_assignment(TARGET)
    return assignment.model_copy(update={"limits": assignment.limits.model_copy(update=limits)}) if limits else assignment


def lateness(report: Report, attack: Attack, seconds: float) -> str:
    """By how much it outlasted the limits that apply to it: of the import, then of each check. Opening boxes is ours."""
    assignment = target(attack.limits)
    limits = assignment.limits
    checks_s = 0 if report.status is Status.ungradable else len(assignment.checks) * limits.check_s
    allowed = min(limits.wall_s, limits.import_s + checks_s) + GRACE_S
    took = seconds - report.timing.sandbox
    return f"it took {took:.1f} s, {took - allowed:.1f} s more than its limits allow" if took > allowed else ""


def words(report: Report) -> set[str]:
    return {report.fault.code} if report.fault else {str(result.word) for result in report.checks}


def _verdict(attack: Attack, report: Report) -> Iterator[str]:
    expected = attack.expected
    if report.status not in expected.statuses or int(report.score) != expected.score:
        yield f"{report.status} with {report.score}, not {'/'.join(sorted(expected.statuses))} with {expected.score}"
    if not words(report) <= expected.words:
        yield f"the verdict was {', '.join(sorted(words(report)))}, not {', '.join(sorted(expected.words))}"
