"""A competition's one run: full feedback while it trains on what students have, one word from when it has the test items."""

from collections.abc import Callable
from pathlib import Path

import pytest

from grader.checks.answers import LiveAnswers
from grader.disclosure import HIDDEN, student_view
from grader.judge import judge_with
from grader.protocol import Job, Outcome, Report, Word
from grader.sandbox.fake import FakeSandbox
from grader.spec import load_assignment

CONTEST = Path(__file__).parents[2] / "server" / "content" / "contest"
FIT = "def fit(train, budget):\n    return None\n"
PREDICT = "def predict(model, inputs):\n    import torch\n    return torch.zeros(len(inputs), dtype=torch.int64)\n"
TELL = """
import sys
from gradus import log

def tell(inputs):
    print(inputs[0].tolist())
    log(int(inputs[0, 0] > 0), leak=float(inputs[0, 0]))
"""


@pytest.fixture
def judged() -> Callable[[str], Report]:
    assignment = load_assignment(CONTEST)

    def judged(source: str) -> Report:
        job = Job(CONTEST, {"solution.py": source.encode()}, "ab" * 32)
        return judge_with(assignment, job, lambda _: LiveAnswers(assignment.reference), sandbox=FakeSandbox())

    return judged


def test_what_goes_wrong_while_training_is_told_in_full(judged: Callable[[str], Report]) -> None:
    source = 'def fit(train, budget):\n    print("halfway")\n    raise RuntimeError(f"{len(train)} things")\n' + PREDICT
    (seen,) = student_view(judged(source)).checks
    assert "2 things" in seen.message.en and seen.detail.line == 3 and "halfway" in seen.detail.output


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("tell(inputs)\n    raise RuntimeError(str(inputs[0].tolist()))", Word.crashed),
        ("tell(inputs)\n    return torch.full((len(inputs),), int(abs(inputs[0, 0]) * 1e9))", Word.wrong_value),
        ("tell(inputs)\n    return torch.zeros(int(abs(inputs[0, 0]) * 1e6), dtype=torch.int64)", Word.wrong_shape),
        ("tell(inputs)\n    return inputs[:, 0]", Word.wrong_type),
        ("tell(inputs)\n    return str(inputs[0])", Word.wrong_shape),
        (
            "tell(inputs)\n    raise type('E' + str(inputs[0, 0].item()).replace('.', '_').replace('-', '_'), (Exception,), {})",
            Word.crashed,
        ),
    ],
)
def test_with_the_items_in_hand_code_can_tell_one_word_only(judged: Callable[[str], Report], body: str, word: Word) -> None:
    report = judged(f"import torch\n{TELL}\n{FIT}\ndef predict(model, inputs):\n    {body}\n")
    staff, student = report.checks[0], student_view(report).checks[0]
    assert (staff.outcome, staff.word, staff.is_concealed) == (Outcome.failed, word, True)
    assert staff.detail is not None and staff.detail.output
    assert (student.message, student.detail, student.mistake, student.figures) == (HIDDEN[word], None, None, [])
    assert student_view(report).training == [] and report.measured is None


def test_what_is_logged_while_training_is_shown_and_nothing_after_it(judged: Callable[[str], Report]) -> None:
    fit = "def fit(train, budget):\n    for step in range(3):\n        log(step, loss=1.0 / (step + 1))\n    return None\n"
    predict = PREDICT.replace("    import torch\n", "    import torch\n    tell(inputs)\n")
    report = student_view(judged(f"{TELL}\n{fit}\n{predict}"))
    (logged,) = report.training
    assert [(series.name, series.steps) for series in logged.series] == [("loss", [0, 1, 2])]
    assert report.checks[0].outcome is Outcome.passed


def test_a_run_is_measured_and_the_same_seed_gives_the_same(judged: Callable[[str], Report]) -> None:
    reference = load_assignment(CONTEST).reference_source
    first, again = judged(reference), judged(reference)
    assert first.measured == again.measured and 0.8 < first.measured.public.value < 0.95
    assert first.metrics["accuracy"].private == first.measured.private.value
    seen = student_view(first)
    assert (seen.measured, seen.metrics) == (None, {})
    assert "measured" not in first.contract() and first.contract()["metrics"]["accuracy"]["public"] == first.measured.public.value
