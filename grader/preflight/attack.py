"""One attack that must fail, and one right answer that must not: both judged as any submission is."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.judge import judge
from grader.preflight import Finding, finding
from grader.protocol import Job, Report
from grader.sandbox import owner
from grader.sandbox.base import Box, Limits, Sandbox
from grader.seeds import SEED_HEX_DIGITS

FOLDER = Path(__file__).parent / "canary"
PREFIX = "gradus-canary-"
FIX = "stop grading, and report this: gradus doctor --json holds what was seen"


def canary(sandbox: Sandbox) -> Finding:
    """Scores are looked at, and every byte that came out of the box is searched for the planted word."""
    recorder = Recorder(sandbox)
    with planted() as word:
        attack = run(recorder, FOLDER / "attack.py")
    control = run(sandbox, FOLDER / "reference.py")
    wrong = list(what_is_wrong(attack, control, found=word in attack.model_dump_json() + recorder.printed))
    return finding("canary", not wrong, "; ".join(wrong) or "an attack earned nothing, a right answer everything", FIX)


def what_is_wrong(attack: Report, control: Report, *, found: bool) -> Iterator[str]:
    if attack.score != 0 or any(check.points for check in attack.checks):
        yield f"the attack earned {attack.score} points"
    if found:
        yield "the attack read a word that was planted outside"
    if control.score != control.max_score or not control.max_score:
        why = control.fault.message.en if control.fault else next(c.message.en for c in control.checks if c.points < c.max_points)
        yield f"a right answer earned {control.score} of {control.max_score}: {why}"


class Recorder:
    """A sandbox that keeps what its boxes printed, also while the file was imported."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.name, self.isolation = sandbox.name, sandbox.isolation
        self.sandbox, self.printed = sandbox, ""

    @contextmanager
    def open(self, limits: Limits) -> Iterator[Box]:
        with self.sandbox.open(limits) as box:
            try:
                yield box
            finally:
                self.printed += box.output()


def run(sandbox: Sandbox | Recorder, solution: Path) -> Report:
    seed = secrets.token_hex(SEED_HEX_DIGITS // 2)
    return judge(Job(assignment=FOLDER, files={"solution.py": solution.read_bytes()}, seed=seed), sandbox=sandbox)


@contextmanager
def planted() -> Iterator[str]:
    """A word in a file that everybody may read and in our environment."""
    word = PREFIX + secrets.token_hex(16)
    with owner.temporary_folder("canary", owner.LASTING) as folder:
        (folder / "word").write_text(word)
        (folder / "word").chmod(0o644)
        folder.chmod(0o755)
        os.environ["GRADUS_CANARY"] = word
        try:
            yield word
        finally:
            del os.environ["GRADUS_CANARY"]
