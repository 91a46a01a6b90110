"""What a student may see of a report: everything about public checks, one word about hidden ones. In an exam far less."""

from collections.abc import Iterable

from grader.policy import REFLECTION
from grader.protocol import (
    CheckResult,
    Logged,
    Mark,
    Metric,
    Outcome,
    Plain,
    PolicyHit,
    Report,
    Text,
    Timing,
    Visibility,
    Whose,
    Word,
)

HIDDEN = {
    Word.passed: Text(en="Passed.", zh="通过。"),
    Word.wrong_value: Text(en="Wrong value.", zh="数值不对。"),
    Word.wrong_shape: Text(en="Wrong shape.", zh="形状不对。"),
    Word.wrong_type: Text(en="Wrong type.", zh="类型不对。"),
    Word.not_finite: Text(en="Not finite.", zh="出现了 inf 或 nan。"),
    Word.crashed: Text(en="Crashed.", zh="运行出错。"),
    Word.missing: Text(en="Not written yet.", zh="尚未实现。"),
    Word.forbidden: Text(en="Uses something this part forbids.", zh="用到了本部分禁用的接口。"),
    Word.timed_out: Text(en="Out of time.", zh="超时。"),
    Word.out_of_memory: Text(en="Out of memory.", zh="内存超限。"),
    Word.too_many_processes: Text(en="Too many processes.", zh="进程过多。"),
    Word.too_much_output: Text(en="Too much output.", zh="输出过多。"),
    Word.incomplete: Text(en="Not complete.", zh="未完成。"),
}


class PublicResult(Plain):
    """Of one public check of code. `hint`: the known mistake that explains it."""

    title: Text
    outcome: Outcome | None  # None until it has ended
    message: Text | None = None
    hint: Text | None = None


class PublicPart(Plain):
    """All that who sits in an exam learns of an attempt: no points, no total, no question, nothing of hidden checks."""

    results: list[PublicResult]
    fault: Text | None = None  # why the code could not be loaded at all
    line: int | None = None


def public_part(report: Report) -> PublicPart:
    """Of a finished run. Built from what may be said, so that what a report gets later stays out of it."""
    fault = report.fault if report.fault and report.fault.whose is Whose.student else None
    return PublicPart(
        results=[_told_in_exam(check) for check in report.checks if _is_public_code(check)],
        fault=fault.message if fault else None,
        line=fault.line if fault else None,
    )


def public_marks(marks: Iterable[Mark]) -> PublicPart:
    """The same of a run that goes on."""
    return PublicPart(results=[PublicResult(title=mark.title, outcome=mark.outcome) for mark in marks if _is_public_code(mark)])


def _is_public_code(check: CheckResult | Mark) -> bool:
    return check.visibility is Visibility.public and not check.is_question


def _told_in_exam(result: CheckResult) -> PublicResult:
    shown = _shown(result)
    return PublicResult(
        title=shown.title,
        outcome=shown.outcome,
        message=shown.message,
        hint=shown.mistake.message if shown.mistake else None,
    )


def student_view(report: Report) -> Report:
    """The report without anything that depends on a hidden check beyond its one word. Totals stay.

    What a competition's predictions reached is left out, too: how much of it shows, and when, is for the board to say.
    """
    return report.model_copy(
        update={
            "variant": None,
            "seed": "",  # it would tell the hidden inputs to whoever knows the checks
            "policy": [hit for hit in report.policy if _is_for_students(hit)],
            "checks": [_shown(result) for result in report.checks],
            "metrics": {} if report.measured else {name: Metric(public=each.public) for name, each in report.metrics.items()},
            "measured": None,
            "training": public_logs(report),
            "timing": Timing(sandbox=0.0, student=0.0, total=0.0),
            # hidden inputs have a share in the largest use of memory, as they have in the times
            "environment": report.environment.model_copy(update={"gpu_memory_bytes": None, "gpu_allocated_bytes": None}),
        }
    )


def public_logs(report: Report) -> list[Logged]:
    """Student code can log whatever it is given, hidden inputs too. A public check gives it nothing that they do not have, or
    nothing of it is recorded from when it does.
    """
    public = {result.id for result in report.checks if result.visibility is Visibility.public}
    return [logged for logged in report.training if logged.check in public]


def _is_for_students(hit: PolicyHit) -> bool:
    """What a rule of the assignment found in their own file. Reflection and traces are hints for staff."""
    return hit.rule != REFLECTION and hit.kind == "source"


def _shown(result: CheckResult) -> CheckResult:
    if result.visibility is Visibility.public and not result.is_concealed:
        return result.model_copy(update={"operators": {}})
    return CheckResult(
        id=result.id,
        part=result.part,
        title=result.title,
        points=result.points,
        max_points=result.max_points,
        outcome=result.outcome,
        visibility=result.visibility,
        message=HIDDEN[result.word],
        word=result.word,
        is_concealed=result.is_concealed,
        is_question=result.is_question,
    )
