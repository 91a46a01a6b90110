"""What a submission to a competition can find out about the test: its inputs and nothing else, and those it cannot take out."""

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from grader.checks import compete
from grader.checks.answers import LiveAnswers
from grader.competition.secrecy import Wiretap, keys
from grader.competition.verify import contest_of
from grader.disclosure import student_view
from grader.judge import judge_with
from grader.protocol import Job, Outcome, Report
from grader.sandbox import open_sandbox
from grader.sandbox.base import Sandbox
from grader.sandbox.fake import FakeSandbox
from grader.spec import Assignment, load_assignment
from grader.verify import patient

CONTEST = Path(__file__).parents[1] / "grader" / "fixtures" / "contest"
ATTACKS = Path(__file__).parent / "contest"
SEED = "5eed" * 16


@pytest.fixture(scope="module")
def contest() -> Assignment:
    return patient(load_assignment(CONTEST))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    opened = open_sandbox("bubblewrap", "fork")
    yield opened
    opened.close()


def judged(assignment: Assignment, attack: str, sandbox: Sandbox, seed: str = SEED) -> Report:
    job = Job(CONTEST, {"solution.py": (ATTACKS / f"{attack}.py").read_bytes()}, seed)
    return judge_with(assignment, job, lambda _: LiveAnswers(assignment.reference), sandbox=sandbox)


def leaking(assignment: Assignment, **hint: object) -> Assignment:
    """The same competition, whose author has put something into the budget."""
    data = contest_of(assignment)
    framework, run = assignment.checks
    careless = replace(run, run=lambda case: compete(case, data, {"seconds": 5.0, **hint}))
    return assignment.model_copy(update={"checks": (framework, careless)})


@pytest.mark.sandbox
def test_labels_are_nowhere_inside(contest: Assignment, sandbox: Sandbox) -> None:
    report = judged(contest, "looks_for_labels", sandbox)
    assert [(check.outcome, check.message.en) for check in report.checks if check.outcome is not Outcome.passed] == []
    assert report.measured.private.value < 0.4  # of three classes


@pytest.mark.sandbox
def test_labels_that_are_inside_would_be_found(contest: Assignment, sandbox: Sandbox) -> None:
    """Else the test above says nothing."""
    hinted = leaking(contest, labels=contest_of(contest).labels)
    told = judged(hinted, "looks_for_labels", sandbox).checks[1].message.en
    assert "the budget tells labels" in told and "an object of 600" in told and "a row in memory of 8 bytes" in told


def test_the_order_tells_nothing_about_the_half(contest: Assignment) -> None:
    """Of the items that come first, as many are public as elsewhere, and they differ from run to run."""
    data = contest_of(contest)
    place_of = {key: place for place, key in enumerate(keys(data.inputs))}
    first, seen = 180, []
    for n in range(8):
        wiretap = Wiretap()
        run = contest.model_copy(update={"checks": contest.checks[1:]})
        judged(run, "shows_the_test", wiretap, seed=f"{n:02x}" * 32)
        sent = [payload for op, payload in wiretap.sent if op == "call"][1]["args"][1]
        seen.append(torch.tensor([data.is_public[place_of[key]] for key in keys(sent)[:first]]))
    share = torch.stack(seen).double().mean()
    assert abs(share - 0.3) < 3 * math.sqrt(0.3 * 0.7 / (8 * first))
    assert len({bytes(row.numpy()) for row in seen}) == 8


def test_what_a_run_prints_or_raises_reaches_no_student(contest: Assignment) -> None:
    report = judged(contest, "shows_the_test", FakeSandbox())
    assert report.model_dump_json().count("STOLEN by") >= 2  # staff see it
    assert "STOLEN" not in student_view(report).model_dump_json()
    assert student_view(report).checks[1].message.en == "Crashed."


def test_a_report_tells_a_student_neither_score_that_is_for_the_board_to_say(contest: Assignment) -> None:
    job = Job(CONTEST, {"solution.py": contest.baseline_sources["linear"].encode()}, SEED)
    report = judge_with(contest, job, lambda _: LiveAnswers(contest.reference), sandbox=FakeSandbox())
    view = student_view(report)
    assert (view.metrics, view.measured) == ({}, None)
    for half in (report.measured.public, report.measured.private):
        assert f"{half.value:.6f}"[:6] not in view.model_dump_json()
