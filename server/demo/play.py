"""Every student of the demo hands in through the HTTP API, all at the same time, each one attempt after the other."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from threading import Thread
from typing import Any

from server.assignments.fingerprint import digest
from server.cli.client import Client
from server.cli.exits import Problem
from server.cli.submit import follow
from server.demo import cast


@dataclass
class Attempt:
    """A hand-in on its way, as the screen shows it; each is written by one thread only."""

    hand_in: cast.HandIn
    progress: Mapping[str, Any] | None = None
    submission: Mapping[str, Any] | None = None  # as the staff see it, once it is final
    was_known: bool = False  # graded by the same code in an earlier run
    problem: str = ""

    @property
    def is_over(self) -> bool:
        return self.submission is not None or bool(self.problem)

    @property
    def score(self) -> Decimal | None:
        score = self.submission["score"] if self.submission else None
        return None if score is None else Decimal(str(score))

    @property
    def status(self) -> str:
        """Of the report; where there is none, the state in which it got stuck."""
        if self.submission is None:
            return self.problem or "on its way"
        run = self.submission["run"]
        return run["status"] if run else self.submission["state"]

    @property
    def is_as_expected(self) -> bool:
        return self.hand_in.is_as_expected(status=self.status, score=self.score)


@dataclass(frozen=True)
class Stage:
    """Where it is played: the server, everybody's token, and of each assignment the fingerprint of the code that grades."""

    url: str
    tokens: Mapping[str, str]
    grading: Mapping[str, str]
    papers: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict)  # by folder, where questions are answered

    def files_of(self, hand_in: cast.HandIn) -> Mapping[str, bytes]:
        return self.papers.get(hand_in.folder) or hand_in.files()


def play(stage: Stage, attempts: list[Attempt], *, when_over: Callable[[Attempt], None]) -> None:
    """Hand in everything and wait for the verdicts."""
    by_person = [list(group) for _, group in groupby(attempts, key=lambda attempt: attempt.hand_in.login)]
    # Daemons, so that Ctrl-C need not wait for verdicts.
    threads = [Thread(target=play_person, args=(stage, mine, when_over), daemon=True) for mine in by_person]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def play_person(stage: Stage, attempts: list[Attempt], when_over: Callable[[Attempt], None]) -> None:
    """One student's attempts in order; the verdict is read by the instructor, who also sees hidden reasons."""
    mine, staffs = stage.tokens[attempts[0].hand_in.login], stage.tokens[cast.INSTRUCTOR]
    with Client(stage.url, mine) as student, Client(stage.url, staffs) as staff:
        for attempt in attempts:
            try:
                play_attempt(attempt, stage, student=student, staff=staff)
            except Problem as problem:
                attempt.problem = " ".join(filter(None, [problem.what, problem.why]))
            when_over(attempt)


def play_attempt(attempt: Attempt, stage: Stage, *, student: Client, staff: Client) -> None:
    files = stage.files_of(attempt.hand_in)
    key = idempotency_key(files, grading=stage.grading[attempt.hand_in.assignment])
    parts = [("files", (name, content)) for name, content in files.items()]
    submissions = f"/courses/{cast.COURSE}/assignments/{attempt.hand_in.assignment}/submissions"
    receipt = student.post(submissions, files=parts, headers={"Idempotency-Key": key})
    attempt.was_known = receipt["state"] == "graded"
    if not attempt.was_known:
        for progress in follow(student, receipt["id"]):
            attempt.progress = progress
    attempt.submission = staff.get(f"/submissions/{receipt['id']}")


def idempotency_key(files: Mapping[str, bytes], *, grading: str) -> str:
    """The same files for the same grading code make the same submission, in this run and in the next."""
    return f"demo-{digest([*sorted(files.items()), ('grading', grading.encode())])}"
