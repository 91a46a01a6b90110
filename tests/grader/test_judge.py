"""From a submission to a report."""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from grader.checks.answers import LiveAnswers
from grader.judge import judge, judge_with
from grader.protocol import (
    CheckResult,
    Fault,
    Job,
    Metric,
    Outcome,
    PolicyHit,
    Progress,
    Report,
    Status,
    Text,
    Whose,
    Word,
)
from grader.sandbox.base import BoxEnded, Ending, GraderFailure, Isolation, Limits
from grader.sandbox.fake import FakeSandbox
from grader.sandbox.fake_gpu import fake_device
from grader.sandbox.gpu_sandbox import ON_THE_GPU
from grader.spec import Assignment, BrokenAssignment

TINY = Path(__file__).parent / "fixtures" / "tiny"
SEED = "0123456789abcdef" * 4
Grade = Callable[..., Report]
Changed = Callable[[str], str]


def result(report: Report, check_id: str) -> CheckResult:
    return next(result for result in report.checks if result.id == check_id)


def outcomes(report: Report) -> dict[str, Word]:
    return {result.id: result.word for result in report.checks}


def test_the_reference_earns_full_marks(grade: Grade, tiny: Assignment) -> None:
    report = grade(tiny.reference_source)
    assert (report.status, report.score, report.max_score, report.fault) == (Status.graded, 100, 100, None)
    assert report.metrics["accuracy"].public == 1.0
    assert [result.id for result in report.checks] == [check.id for check in tiny.checks]


TEXT = {"en": str, "zh": str}
CONTRACT = {
    "assignment": str, "status": str, "score": float, "max_score": float, "seed": str,
    "fault": {"whose": str, "code": str, "message": TEXT, "line": int},
    "checks": [
        {
            "id": str, "title": TEXT, "points": float, "max_points": float, "outcome": str, "visibility": str, "message": TEXT,
            "mistake": {"id": str, "message": TEXT}, "seconds": float,
        }
    ],
    "policy": [{"rule": str, "name": str, "line": int, "evidence": str}],
    "metrics": {"accuracy": {"public": float, "private": float}},
    "environment": {"python": str, "torch": str, "device": str, "sandbox": str, "isolation": str},
    "timing": {"sandbox": float, "student": float, "total": float},
}  # fmt: skip


def form(value: object) -> object:
    """A value's keys at every depth, and the types at their ends."""
    if isinstance(value, dict):
        return {key: form(item) for key, item in value.items()}
    return [form(value[0])] if isinstance(value, list) else type(value)


def test_the_contract_has_exactly_the_keys_that_others_rely_on(grade: Grade, tiny: Assignment) -> None:
    report = grade(tiny.submission_of(tiny.mistakes[0]))
    failed = next(result for result in report.checks if result.mistake)
    text = Text(en="a", zh="b")
    full = {
        "fault": Fault(whose=Whose.system, code="c", message=text, line=1),
        "policy": [PolicyHit(rule="r", name="n", line=1, evidence="e")],
        "metrics": {"accuracy": Metric(public=0.5, private=0.5)},
        "checks": [failed],
    }
    data = json.loads(json.dumps(report.model_copy(update=full).contract(), allow_nan=False))
    assert form(data) == CONTRACT and list(data) == list(CONTRACT)
    assert json.loads(json.dumps(report.contract()))["fault"] is None


class OnPaper(FakeSandbox):
    """Claims to have a GPU, and its boxes to have used so much of it."""

    device = fake_device()

    @contextmanager
    def open(self, limits: Limits) -> Iterator[Any]:
        with super().open(limits) as box:
            box.gpu_peak_bytes = 3 << 20
            yield box


def test_a_report_tells_where_it_ran_and_how_much_of_the_gpu_was_used(tiny: Assignment) -> None:
    report = judge(Job(TINY, {"solution.py": tiny.reference_source.encode()}, SEED), sandbox=OnPaper())
    assert report.score == 100
    found = report.contract()["environment"]
    assert (found["device"], found["gpu"], found["gpu_memory_bytes"]) == ("cuda", "Paper 9000", 3 << 20)
    assert "gpu_allocated_bytes" not in found


def test_running_out_of_gpu_memory_says_how_much_there_is_and_what_helps(changed: Changed) -> None:
    source = changed("def double(x):\n    raise RuntimeError('CUDA out of memory. Tried to allocate 80.00 GiB')\n")
    report = judge(Job(TINY, {"solution.py": source.encode()}, SEED), sandbox=OnPaper())
    found = result(report, "doubles")
    assert found.word is Word.out_of_memory
    assert "the device has 16 GiB" in found.message.en and "torch.no_grad()" in found.message.en
    assert "16 GiB" in found.message.zh and "显存不足" in found.message.zh


@pytest.mark.parametrize("detail", [ON_THE_GPU, ""])
def test_a_box_killed_for_its_gpu_memory_says_which_memory_it_was(tiny: Assignment, detail: str) -> None:
    class Greedy(OnPaper):
        @contextmanager
        def open(self, limits: Limits) -> Iterator[Any]:
            with super().open(limits) as box:
                answer = box.request

                def request(op: str, payload: Mapping[str, Any], *, seconds: float) -> dict[str, Any]:
                    if op == "call":
                        raise BoxEnded(Ending.out_of_memory, detail)
                    return answer(op, payload, seconds=seconds)

                box.request = request
                yield box

    report = judge(Job(TINY, {"solution.py": tiny.reference_source.encode()}, SEED), sandbox=Greedy())
    assert outcomes(report)["doubles"] is Word.out_of_memory
    assert ("GPU" in result(report, "doubles").message.en) == bool(detail)


def test_an_assignment_that_would_like_a_gpu_says_that_it_ran_without(tiny: Assignment) -> None:
    job = Job(TINY, {"solution.py": tiny.reference_source.encode()}, SEED)
    wishful = tiny.model_copy(update={"device": "auto"})
    report = judge_with(wishful, job, lambda _: LiveAnswers(tiny.reference), sandbox=FakeSandbox())
    assert (report.environment.device, report.score) == ("cpu", 100)
    assert "CPU" in report.contract()["notes"][0]["en"] and "CPU" in report.notes[0].zh
    on_a_gpu = judge_with(wishful, job, lambda _: LiveAnswers(tiny.reference), sandbox=OnPaper())
    assert "notes" not in on_a_gpu.contract()


def test_the_starter_earns_nothing_and_is_told_politely(grade: Grade, tiny: Assignment) -> None:
    report = grade(tiny.starter_source)
    assert (report.status, report.score) == (Status.graded, 0)
    assert set(outcomes(report).values()) == {Word.missing}
    assert result(report, "doubles").message.en.startswith("`double` is not written yet.")
    assert result(report, "counter_counts").message.zh.startswith("`Counter` 还没有实现")


def test_an_empty_file_earns_what_the_starter_earns(grade: Grade) -> None:
    assert set(outcomes(grade("")).values()) == {Word.missing}


@pytest.mark.parametrize("overlay", ["triples", "forgets_bias", "counts_from_zero", "squares_from_one"])
def test_every_mistake_is_named(grade: Grade, tiny: Assignment, overlay: str) -> None:
    mistake = next(mistake for mistake in tiny.mistakes if mistake.id == overlay)
    named = [result.mistake for result in grade(tiny.submission_of(mistake)).checks if result.mistake]
    assert [found.id for found in named] == [overlay]
    assert named[0].message == mistake.explanation


def test_an_unknown_mistake_is_not_given_a_name(grade: Grade, changed: Changed) -> None:
    report = grade(changed("def double(x): return 2.5 * x"))
    assert result(report, "doubles").outcome is Outcome.failed
    assert not [result for result in report.checks if result.mistake]


@pytest.mark.parametrize(
    ("source", "code", "line"),
    [
        ("def double(x)\n    return x", "syntax_error", 1),
        ("x = 1\n\nraise RuntimeError('no')", "raised_at_import", 3),
        ("import torch_of_tomorrow", "import_error", 1),
        ("x = 1\nimport sys; sys.exit(0)", "exited_at_import", 2),
        ("import time\ntime.sleep(0.3)", "timed_out_at_import", None),
    ],
)
def test_what_cannot_be_imported_is_ungradable(source: str, code: str, line: int | None, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(TINY, tmp_path / "tiny"))
    toml = folder / "assignment.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace("check_s = 20", "check_s = 20\nimport_s = 0.2"), encoding="utf-8")
    report = judge(Job(folder, {"solution.py": source.encode()}, SEED), sandbox=FakeSandbox())
    assert (report.status, report.score, report.max_score) == (Status.ungradable, 0, 100)
    assert (report.fault.whose, report.fault.code, report.fault.line) == (Whose.student, code, line)
    assert report.fault.message.en and report.fault.message.zh
    assert {result.outcome for result in report.checks} == {Outcome.skipped}


def test_every_function_that_is_not_written_is_named(grade: Grade, tiny: Assignment) -> None:
    messages = [check.message for check in grade(tiny.starter_source).checks]
    for name in tiny.required:
        assert any(f"`{name}`" in message.en and f"`{name}`" in message.zh for message in messages)


def test_a_missing_module_is_named() -> None:
    report = judge(Job(TINY, {"other.py": b"x = 1"}, SEED), sandbox=FakeSandbox())
    assert (report.status, report.fault.code) == (Status.ungradable, "missing_module")
    assert "solution.py" in report.fault.message.en


def test_an_exception_shows_the_line_and_what_was_printed(grade: Grade, changed: Changed) -> None:
    source = changed("def double(x):\n    print('got here')\n    return x[100]")
    failed = result(grade(source), "doubles")
    line = source.count("\n") + 1
    assert (failed.word, failed.detail.line) == (Word.crashed, line)
    assert f"line {line}" in failed.message.en and "IndexError" in failed.message.en
    assert failed.detail.output == "got here\n"
    assert (line, "    return x[100]") in failed.detail.source


def test_a_line_of_a_notebook_is_a_line_of_a_cell(grade: Grade) -> None:
    source = "# --- cell 2 ---\nimport torch\n\n# --- cell 5 ---\ndef double(x):\n    return x[100]\n"
    assert "cell 5, line 2" in result(grade(source), "doubles").message.en
    report = grade("# --- cell 4 ---\nx = 1\ndef (:\n")
    assert "cell 4, line 2" in report.fault.message.en and "第 4 个单元第 2 行" in report.fault.message.zh


def test_a_share_of_the_points_can_be_earned(grade: Grade, changed: Changed) -> None:
    source = changed(
        "import torch\ndef double(x):\n    y = 2 * x\n    return y if y.dim() == 2 else torch.cat([y[:2], 0 * y[2:]])"
    )
    share = result(grade(source), "accuracy")
    assert (share.points, share.outcome, share.word) == (Decimal("2.50"), Outcome.failed, Word.incomplete)
    assert "25 %" in share.message.en


def test_what_a_check_stumbles_over_is_the_students_if_the_reference_passes(grade: Grade, changed: Changed) -> None:
    failed = result(grade(changed("def squares(n): return 5")), "squares_come_one_by_one")
    assert (failed.outcome, failed.word) == (Outcome.failed, Word.wrong_type)
    assert "TypeError" in failed.message.en


def edited(tmp_path: Path, file: str, old: str, new: str) -> Path:
    folder = Path(shutil.copytree(TINY, tmp_path / "tiny"))
    path = folder / file
    assert old in path.read_text(encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    return folder


def test_a_broken_check_is_the_assignments_fault(tmp_path: Path, tiny: Assignment) -> None:
    folder = edited(tmp_path, "checks.py", "n = case.integer(3, 7)", "n = [][3]")
    report = judge(Job(folder, {"solution.py": tiny.reference_source.encode()}, SEED), sandbox=FakeSandbox())
    assert (report.status, report.fault.whose) == (Status.system_fault, Whose.assignment)
    assert result(report, "squares_come_one_by_one").outcome is Outcome.error
    assert report.score == 90


def test_a_broken_folder_raises(tmp_path: Path) -> None:
    folder = edited(tmp_path, "checks.py", "points=40", "points=30")
    with pytest.raises(BrokenAssignment):
        judge(Job(folder, {"solution.py": b""}, SEED), sandbox=FakeSandbox())


def test_a_forbidden_name_fails_the_checks_of_its_parts_that_use_it(grade: Grade, changed: Changed) -> None:
    report = grade(changed("import torch.nn.functional as F\ndef affine(x, w, b):\n    return F.linear(x, w.T, b)"))
    assert result(report, "affine_matches").word is Word.forbidden
    assert {hit.name for hit in report.policy} == {"torch.nn.functional.linear"}
    assert result(report, "doubles").outcome is Outcome.passed


def test_a_forbidden_name_is_allowed_in_the_other_parts(grade: Grade, changed: Changed) -> None:
    report = grade(
        changed("class Counter(Counter):\n    def add(self, n):\n        torch.nn.ReLU()\n        return super().add(n)")
    )
    assert report.score == 100
    assert report.policy == []  # nobody is told off for what is allowed


def test_a_name_that_is_allowed_nowhere_is_reported_wherever_it_stands(tmp_path: Path, tiny: Assignment) -> None:
    folder = edited(tmp_path, "assignment.toml", 'parts = ["basics"]', 'parts = ["basics", "objects"]')
    source = f"{tiny.reference_source}\nfrom torch import nn\n\n\ndef unused(x):\n    return nn.ReLU()(x)\n"
    report = judge(Job(folder, {"solution.py": source.encode()}, SEED), sandbox=FakeSandbox())
    assert report.score == 100
    assert {hit.name for hit in report.policy} == {"torch.nn", "torch.nn.ReLU"}


def test_a_forbidden_call_hidden_from_the_source_still_raises(grade: Grade, changed: Changed) -> None:
    hidden = "    f = getattr(getattr(torch, ''.join(sorted('nn'))), 'functional')\n    return f.linear(x, w.T, b)"
    report = grade(changed(f"def affine(x, w, b):\n{hidden}"))
    assert {hit.rule for hit in report.policy} == {"reflection"}
    assert result(report, "affine_matches").word is Word.forbidden


def test_a_forbidden_name_counts_in_whatever_encoding_a_file_declares(grade: Grade, changed: Changed) -> None:
    """Read as UTF-8, the second line is an open bracket; as Python reads the file, it is a comment."""
    text = changed("import torch.nn.functional as F\ndef affine(x, w, b):\n    F.linear\n    return x @ w + b")
    report = grade("# coding: utf-7\n+ACM- (\n" + text.encode("utf-7").decode("ascii"))
    assert result(report, "affine_matches").word is Word.forbidden


def test_reflection_costs_nothing_by_itself(grade: Grade, changed: Changed) -> None:
    report = grade(changed("def affine(x, w, b):\n    torch.Tensor.__mro__\n    return x @ w + b"))
    assert [hit.rule for hit in report.policy] == ["reflection"]
    assert report.score == report.max_score


def test_a_file_nested_too_deeply_to_be_read_does_not_pass_for_hand_written(grade: Grade, changed: Changed) -> None:
    report = grade(changed("def unused(x): return x" + ".a" * 3000))
    assert report.status is Status.ungradable or result(report, "affine_matches").word is Word.forbidden


def test_the_same_seed_gives_the_same_report_and_another_seed_other_inputs(tiny: Assignment) -> None:
    def judged(seed: str) -> dict[str, Any]:
        job = Job(TINY, {"solution.py": tiny.submission_of(tiny.mistakes[-1]).encode()}, seed)
        return judge(job, sandbox=FakeSandbox()).model_dump(exclude={"timing": True, "checks": {"__all__": {"seconds"}}})

    assert judged(SEED) == judged(SEED)
    assert judged(SEED) != judged("ff" * 32)


def test_public_only_leaves_hidden_checks_out(grade: Grade, tiny: Assignment) -> None:
    report = grade(tiny.reference_source, public_only=True)
    assert (report.score, report.max_score, len(report.checks)) == (50, 50, 3)


def test_progress_is_told_before_each_check_and_public_ones_come_first(tiny: Assignment) -> None:
    seen: list[Progress] = []
    judge(Job(TINY, {"solution.py": tiny.reference_source.encode()}, SEED), sandbox=FakeSandbox(), progress=seen.append)
    assert [progress.done for progress in seen] == [0, 1, 2, 3, 4]
    assert [progress.check_id for progress in seen][-2:] == ["affine_matches", "accuracy"]
    assert [progress.score for progress in seen] == [0, 20, 30, 50, 90]


def test_progress_says_of_each_check_that_ended_what_the_report_will_say(tiny: Assignment) -> None:
    seen: list[Progress] = []
    source = tiny.submission_of(tiny.mistakes[0]).encode()
    report = judge(Job(TINY, {"solution.py": source}, SEED), sandbox=FakeSandbox(), progress=seen.append)
    for progress in seen:
        assert [mark.id for mark in progress.marks] == [check.id for check in tiny.checks]
        assert [mark.is_done for mark in progress.marks].count(True) == progress.done
        assert all(mark in report.marks() for mark in progress.marks if mark.is_done)
    assert {mark.word for mark in seen[-1].marks} - {None, Word.passed}, "a failed one is among them"


def test_a_check_that_breaks_is_told_by_the_report_alone(tmp_path: Path) -> None:
    """It is not the student's fault, so it is not shown as a failure while the others run."""
    shutil.copytree(TINY, tmp_path / "tiny")
    checks = tmp_path / "tiny" / "checks.py"
    checks.write_text(checks.read_text().replace("-> None:\n", "-> None:\n    raise RuntimeError('broken')\n", 1))
    seen: list[Progress] = []
    source = (TINY / "reference.py").read_bytes()
    report = judge(Job(tmp_path / "tiny", {"solution.py": source}, SEED), sandbox=FakeSandbox(), progress=seen.append)
    broken = next(check.id for check in report.checks if check.outcome is Outcome.error)
    assert all(not mark.is_done for progress in seen for mark in progress.marks if mark.id == broken)


class EndingSandbox(FakeSandbox):
    """A sandbox in which calling a certain function ends the box, as a fork bomb or an endless loop would."""

    def __init__(self, function: str, ending: Ending, seconds: float = 0.0) -> None:
        super().__init__(Isolation.fork)
        self.function, self.ending, self.seconds, self.opened = function, ending, seconds, 0

    @contextmanager
    def open(self, limits: Limits) -> Iterator[Any]:
        self.opened += 1
        with super().open(limits) as box:
            yield EndingBox(box, self)


class EndingBox:
    def __init__(self, box: Any, sandbox: EndingSandbox) -> None:
        self.box, self.sandbox, self.extra = box, sandbox, 0.0

    def request(self, op: str, payload: Mapping[str, Any], *, seconds: float) -> dict[str, Any]:
        if op == "call" and payload["target"] == self.sandbox.function:
            self.extra += self.sandbox.seconds
            raise BoxEnded(self.sandbox.ending)
        return self.box.request(op, payload, seconds=seconds)

    def output(self) -> str:
        return self.box.output()

    @property
    def student_seconds(self) -> float:
        return self.box.student_seconds + self.extra


@pytest.mark.parametrize(
    ("ending", "word"),
    [
        (Ending.timed_out, Word.timed_out),
        (Ending.out_of_memory, Word.out_of_memory),
        (Ending.too_many_processes, Word.too_many_processes),
        (Ending.too_much_output, Word.too_much_output),
        (Ending.crashed, Word.crashed),
        (Ending.exited, Word.crashed),
        (Ending.protocol_error, Word.crashed),
    ],
)
def test_a_box_that_ends_costs_one_check_and_not_the_others(tiny: Assignment, ending: Ending, word: Word) -> None:
    sandbox = EndingSandbox("affine", ending)
    report = judge(Job(TINY, {"solution.py": tiny.reference_source.encode()}, SEED), sandbox=sandbox)
    assert result(report, "affine_matches").word is word
    assert (report.status, report.score, sandbox.opened) == (Status.graded, 60, 2)


def test_what_does_not_fit_into_the_time_of_the_submission_is_skipped(tiny: Assignment) -> None:
    sandbox = EndingSandbox("double", Ending.timed_out, seconds=100.0)
    report = judge(Job(TINY, {"solution.py": tiny.reference_source.encode()}, SEED), sandbox=sandbox)
    assert outcomes(report)["doubles"] is Word.timed_out
    assert {result.outcome for result in report.checks[1:]} == {Outcome.skipped}
    assert "time for the whole submission" in result(report, "accuracy").message.en


class FailingSandbox(FakeSandbox):
    @contextmanager
    def open(self, limits: Limits) -> Iterator[Any]:
        raise GraderFailure("no user namespaces here")
        yield


def test_our_own_failure_is_never_a_zero_of_the_student(tiny: Assignment) -> None:
    report = judge(Job(TINY, {"solution.py": tiny.reference_source.encode()}, SEED), sandbox=FailingSandbox())
    assert (report.status, report.fault.whose) == (Status.system_fault, Whose.system)
    assert report.checks == []


class LyingBox(EndingBox):
    """Sends nonsense in place of the reply to `load`."""

    def request(self, op: str, payload: Mapping[str, Any], *, seconds: float) -> dict[str, Any]:
        return {"names": 3, "score": 100} if op == "load" else super().request(op, payload, seconds=seconds)


class LyingSandbox(EndingSandbox):
    @contextmanager
    def open(self, limits: Limits) -> Iterator[Any]:
        with FakeSandbox.open(self, limits) as box:
            yield LyingBox(box, self)


def test_a_forged_reply_is_only_a_wrong_answer(tiny: Assignment) -> None:
    sandbox = LyingSandbox("nothing", Ending.crashed)
    report = judge(Job(TINY, {"solution.py": tiny.reference_source.encode()}, SEED), sandbox=sandbox)
    assert (report.status, report.score) == (Status.ungradable, 0)


def test_what_was_printed_before_a_box_ended_is_kept(tiny: Assignment) -> None:
    loud = tiny.reference_source + "\n\ndef double(x):\n    print('before the end \\x1b[31m' + 5000 * '.')\n    return x\n"

    class Ends(EndingBox):
        def request(self, op: str, payload: Mapping[str, Any], *, seconds: float) -> dict[str, Any]:
            reply = self.box.request(op, payload, seconds=seconds)
            if op == "call" and payload["target"] == "double":
                raise BoxEnded(Ending.timed_out)
            return reply

    class Sandbox(FakeSandbox):
        @contextmanager
        def open(self, limits: Limits) -> Iterator[Any]:
            with super().open(limits) as box:
                yield Ends(box, EndingSandbox("double", Ending.timed_out))

    report = judge(Job(TINY, {"solution.py": loud.encode()}, SEED), sandbox=Sandbox(Isolation.fork))
    ended = next(result for result in report.checks if result.word is Word.timed_out)
    assert ended.detail.output.startswith("before the end \N{REPLACEMENT CHARACTER}[31m") and len(ended.detail.output) == 4000
