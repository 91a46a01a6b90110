"""`verify` finds what does not hold."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from grader.judge import judge
from grader.protocol import Job, Report
from grader.sandbox.fake import FakeSandbox
from grader.sandbox.fake_gpu import FakeNvml, fake_device
from grader.sandbox.gpu_sandbox import GpuSandbox
from grader.spec import Assignment, load_assignment
from grader.trivial import KINDS, trivial_source
from grader.verify import Fact, Trial, judged_trial, run_trial, verify_here

TINY = Path(__file__).parent / "fixtures" / "tiny"
Edit = Callable[..., Assignment]


@pytest.fixture
def edited(tmp_path: Path) -> Edit:
    """The tiny assignment with one text replaced in one file."""

    def edit(file: str, old: str, new: str) -> Assignment:
        folder = Path(shutil.copytree(TINY, tmp_path / "tiny", ignore=shutil.ignore_patterns("__pycache__")))
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
        return load_assignment(folder)

    return edit


def broken(assignment: Assignment, seeds: int = 2) -> dict[str, str]:
    """What does not hold, by subject."""
    return {fact.subject: fact.seen for fact in verify_here(assignment, sandbox=FakeSandbox(), seeds=seeds) if not fact.ok}


def test_a_sound_assignment_proves_itself(tiny: Assignment) -> None:
    facts = verify_here(tiny, sandbox=FakeSandbox(), seeds=2)
    assert [fact for fact in facts if not fact.ok] == []
    expected = {"reference", "starter", "accepted adds", "mistake triples", "trivial noise", "texts", "rules", "student's copy"}
    assert expected <= {fact.subject for fact in facts}


@pytest.mark.parametrize(
    ("file", "old", "new", "subject", "seen"),
    [
        ("accepted/adds.py", "return x + x", "return x + x + 0.1", "accepted adds", "doubles: What `double` returned"),
        ("mistakes/triples.py", "3 * x", "2 * x", "mistake triples", "loses nothing"),
        ("mistakes/triples.py", "EXPLANATION", "CHECKS = ['accuracy']\nEXPLANATION", "mistake triples", "not named"),
        ("starter.py", "raise NotImplementedError\n\n\ndef affine", "return 2 * x\n\n\ndef affine", "starter", "doubles"),
        ("checks.py", "share = float", "return 1.0\n    share = float", "trivial zeros", "accuracy gives 10.00 points"),
        ("assignment.toml", '"torch.nn"', '"torch.nn.functional.rellu"', "rules", "there is no such thing"),
        ("checks.py", 'zh="加倍"', 'zh=""', "texts", "check doubles: en or zh is empty"),
    ],
)
def test_what_does_not_hold_is_found(edited: Edit, file: str, old: str, new: str, subject: str, seen: str) -> None:
    assert seen in broken(edited(file, old, new)).get(subject, "")


def test_a_check_that_depends_on_luck_is_flaky(edited: Edit) -> None:
    assignment = edited("checks.py", "n = case.integer(3, 7)", "n = 3\n    assert case.integer(0, 3), 'bad luck'")
    assert "squares_come_one_by_one" in broken(assignment, seeds=6)["reference"]


@pytest.mark.parametrize("kind", KINDS)
def test_trivial_students_have_the_right_shapes_and_nothing_else(tiny: Assignment, kind: str) -> None:
    trial = Trial(TINY, "trivial", kind, trivial_source(tiny, kind), ("00" * 32,), ("00" * 32,))
    reports = run_trial(trial)
    words = {result.id: str(result.word) for result in reports["00" * 32].checks}
    assert words["doubles"] == words["affine_matches"] == words["counter_counts"] == "wrong_value"
    assert all(fact.ok for fact in judged_trial(tiny, trial, reports))


def test_where_there_is_a_gpu_every_right_answer_is_tried_on_it_too(tiny: Assignment) -> None:
    device = fake_device()
    facts = verify_here(tiny, sandbox=GpuSandbox(FakeSandbox(), device, FakeNvml(device)), seeds=2)
    tried = {fact.subject for fact in facts if fact.claim == "has the same result in fake on Paper 9000"}
    assert tried == {"reference", "starter"} | {
        *(f"mistake {each.id}" for each in tiny.mistakes),
        *(f"accepted {each.id}" for each in tiny.accepted),
    }
    assert all(fact.ok for fact in facts)


def test_a_fact_is_plain_data() -> None:
    fact = Fact(subject="reference", claim="earns full marks", ok=True, seen="20 seeds")
    assert fact.model_dump() == {"subject": "reference", "claim": "earns full marks", "ok": True, "seen": "20 seeds"}


def test_a_fact_says_on_how_many_seeds_the_checks_ran_that_train(tiny: Assignment) -> None:
    first, *others = tiny.checks
    trains = tiny.model_copy(update={"checks": (replace(first, diagnose=False), *others)})
    trial = Trial(tiny.folder, "accepted", "adds", "", ("a", "b"), ("a",))
    fact = judged_trial(trains, trial, dict.fromkeys(("a", "b", "again"), _report(tiny)))[0]
    assert fact.seen.startswith("2 seeds (checks that train: 1)")


def _report(tiny: Assignment) -> Report:
    job = Job(tiny.folder, {"solution.py": tiny.reference_source.encode()}, "ab" * 32)
    return judge(job, sandbox=FakeSandbox())
