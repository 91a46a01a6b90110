"""What `gradus verify` finds out about a competition: each fact holds for a sound one, and fails where it should."""

from collections.abc import Callable
from concurrent.futures import Executor

import pytest

from grader.competition.baselines import read_baselines, write_baselines
from grader.competition.verify import contest_of, measure_baselines, verify_competition
from grader.sandbox.fake import FakeSandbox
from grader.spec import Assignment, BrokenAssignment, load_assignment
from grader.verify import Fact
from tests.thorough import one_in

from .conftest import CONTEST

Edit = Callable[..., Assignment]
NOISY = "    return (torch.cdist(inputs, model).argmin(dim=1) + (torch.rand(len(inputs)) < torch.rand(1))) % 3"


def proved(assignment: Assignment, pool: Executor, seeds: int = 4) -> list[Fact]:
    return verify_competition(assignment, sandbox=FakeSandbox(), pool=pool, seeds=seeds)


def broken(assignment: Assignment, pool: Executor, seeds: int = 4) -> dict[tuple[str, str], str]:
    """What does not hold: what was seen, by subject and claim."""
    return {(fact.subject, fact.claim): fact.seen for fact in proved(assignment, pool, seeds) if not fact.ok}


def test_a_sound_competition_proves_itself(at_once: Executor) -> None:
    facts = proved(load_assignment(CONTEST), at_once)
    assert [fact for fact in facts if not fact.ok] == []
    subjects = {fact.subject for fact in facts}
    assert {"texts", "student's copy", "board", "into the sandbox", "test items", "baselines", "baselines.toml"} <= subjects
    assert {"baseline reference", "accepted all_points", "mistake returns_distances", "trivial noise", "starter"} <= subjects


def test_the_spread_over_the_runs_is_shown(at_once: Executor) -> None:
    facts = {(fact.subject, fact.claim): fact.seen for fact in proved(load_assignment(CONTEST), at_once, seeds=20)}
    seen = facts["baseline reference", "varies from run to run by less than its interval is wide"]
    assert seen.startswith("10 runs: public 0.9") and "±" in seen and "; private 0.8" in seen


REFERENCE = "    return torch.cdist(inputs, model).argmin(dim=1)"
CASES = {
    "a direction that is not the metric's": (
        [("assignment.toml", 'direction = "max"', 'direction = "min"')],
        ("board", "ranks by what is measured"),
        "accuracy has the direction max, not min",
    ),
    "another metric than is measured": (
        [("assignment.toml", 'metric = "accuracy"', 'metric = "balanced_accuracy"')],
        ("board", "ranks by what is measured"),
        "assignment.toml says balanced_accuracy, data.py accuracy",
    ),
    "a board with a metric that nobody measures": (
        [("assignment.toml", 'metric = "accuracy"', 'metric = "speed"')],
        ("board", "ranks by what is measured"),
        "assignment.toml says speed, data.py accuracy",
    ),
    "data with a metric that does not exist": (
        [("data.py", 'metric="accuracy"', 'metric="speed"')],
        ("board", "ranks by what is measured"),
        "there is no metric 'speed'; known: accuracy",
    ),
    "chance that no seed governs": (
        [("reference.py", REFERENCE, "    from os import urandom\n    return torch.tensor([*urandom(len(inputs))]) % 3")],
        ("baseline reference", "has the same score again with the same seed"),
        ", then public",
    ),
    "luck decides": (
        [("reference.py", REFERENCE, NOISY)],
        ("baseline reference", "varies from run to run by less than its interval is wide"),
        "interval 0.",
    ),
    "two baselines that cannot be told apart": (
        [("baselines/linear.py", "(inputs[:, 0] > model).long()", "(inputs[:, 0] > 100 * model).long()")],
        ("baselines", "stand in the order of the assignment.toml, apart beyond their intervals"),
        "public: trivial reaches",
    ),
    "other scores than were recorded": (
        [("baselines.toml", "0.5222222222222223", "0.7222222222222223")],
        ("baselines.toml", "agrees with what is measured"),
        "linear: public 0.5222 is measured, 0.7222 is recorded",
    ),
    "a baseline that is not recorded": (
        [("baselines.toml", 'id = "linear"', 'id = "lineal"')],
        ("baselines.toml", "agrees with what is measured"),
        "is not in it, or not in assignment.toml",
    ),
    "a baseline that crashes": (
        [("baselines/linear.py", "model).long()", "model).long() / 0.0")],
        ("baseline linear", "earns full marks"),
        "the_framework_is_kept: `predict` has to return int64",
    ),
    "another right answer that is refused": (
        [("accepted/all_points.py", "    return", "    raise ValueError('no')\n    return")],
        ("accepted all_points", "earns full marks"),
        "raised ValueError: no",
    ),
    "a mistake that is none": (
        [("mistakes/forgets_the_labels.py", " + 1) % 3", " + 3) % 3")],
        ("mistake forgets_the_labels", "loses points, or stands below the reference"),
        "cannot be told from it",
    ),
    "a weakest baseline that is weaker than a constant": (
        [("baselines/trivial.py", "model.expand(len(inputs))", "((inputs[:, 1] > 0).long() + 1) * (inputs[:, 0] < 1)")],
        ("trivial ones", "is no better than the trivial baseline"),
        "is better beyond chance",
    ),
    "a run whose output students see": (
        [
            ("checks.py", 'part="run", ', 'part="run", visibility="public", '),
            ("checks.py", "    compete(case", "    case.conceal = lambda: None\n    compete(case"),
        ],
        ("out of the sandbox", "comes nothing that students are shown, where the test is inside"),
        "students read printed_inside",
    ),
    "a text in one language": (
        [("assignment.toml", 'zh = "框架"', 'zh = ""')],
        ("texts", "are there in en and zh; points add up"),
        "part framework: en or zh is empty",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("edits", "fact", "seen"), one_in(3, CASES.values()), ids=CASES.keys())
def test_what_does_not_hold_is_found(edited: Edit, at_once: Executor, edits: list, fact: tuple[str, str], seen: str) -> None:
    assert seen in broken(edited(*edits), at_once, seeds=8).get(fact, "")


def test_a_starter_that_earns_something_is_found(edited: Edit, at_once: Executor) -> None:
    easy = "def fit(train, budget):\n    return 0\n\n\ndef predict(model, inputs):\n    return (inputs[:, 0] > 1).long()\n"
    seen = broken(edited(("starter.py", "", f"\n\n{easy}")), at_once)[
        "starter", "earns nothing, and is told politely what to write"
    ]
    assert seen.startswith("the_framework_is_kept: passed, 20")


def test_what_the_real_sandbox_says_otherwise_is_found(at_once: Executor) -> None:
    class Forgetful(FakeSandbox):
        name = "forgetful"

        def open(self, limits):
            return super().open(limits.model_copy(update={"reply_bytes": 64}))

    facts = verify_competition(load_assignment(CONTEST), sandbox=Forgetful(), pool=at_once, seeds=4)
    failed = {(fact.subject, fact.claim) for fact in facts if not fact.ok}
    assert ("baseline reference", "has the same result in forgetful") in failed


def test_baselines_that_are_not_recorded_yet_say_how_to_do_it(edited: Edit, at_once: Executor) -> None:
    assignment = edited()
    (assignment.folder / "baselines.toml").unlink()
    seen = broken(load_assignment(assignment.folder), at_once)["baselines.toml", "agrees with what is measured"]
    assert "gradus verify contest --record" in seen


def test_what_is_recorded_is_the_mean_of_the_runs_and_their_spread(edited: Edit, at_once: Executor) -> None:
    assignment = edited()
    before = read_baselines(assignment.folder)
    measured = measure_baselines(assignment, pool=at_once, runs=10)
    write_baselines(assignment.folder, measured)
    assert read_baselines(assignment.folder) == before
    reference = before["reference"]
    assert reference.runs == 10 and 0 < reference.spread < 0.02
    assert reference.public.low < reference.public.value < reference.public.high


def test_a_baseline_that_reaches_nothing_is_not_recorded(edited: Edit, at_once: Executor) -> None:
    assignment = edited(("baselines/linear.py", "model).long()", "model).float()"))
    with pytest.raises(BrokenAssignment, match="baseline linear: the_framework_is_kept"):
        measure_baselines(assignment, pool=at_once, runs=2)


@pytest.mark.parametrize(
    ("data", "problem"),
    [("", "makes no contest: AttributeError"), ("def contest():\n    return 1 / 0\n", "makes no contest: ZeroDivisionError")],
)
def test_data_that_makes_no_contest_is_the_assignments_fault(edited: Edit, data: str, problem: str) -> None:
    assignment = edited(("checks.py", "from .data import contest\n", "contest = dict\n"))
    (assignment.folder / "data.py").write_text(data)
    with pytest.raises(BrokenAssignment, match=problem):
        contest_of(load_assignment(assignment.folder))
    (assignment.folder / "data.py").unlink()
    with pytest.raises(BrokenAssignment, match="is missing"):
        contest_of(load_assignment(assignment.folder))
