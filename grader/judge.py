"""Judges one submission: loads it into a sandbox, runs the checks out here, explains what failed, reports."""

import platform
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

import torch

from grader.attempt import Attempt, GpuMemory, Ungradable
from grader.checks.answers import Answers, LiveAnswers
from grader.checks.case import Case
from grader.checks.declare import Check
from grader.checks.failures import CheckFailed, StudentError
from grader.checks.remote import Channel, Exchange
from grader.checks.wording import (
    ENDED,
    NO_TIME_LEFT,
    NOT_LOADED,
    PASSED,
    RAN_ON_CPU,
    broken_check,
    not_written,
    out_of_gpu_memory,
    partly,
    student_error,
    unusable,
    uses_forbidden,
)
from grader.competition.uploads import READER
from grader.diagnosis import diagnose, rehearse
from grader.disclosure import student_view
from grader.evidence import is_traced, totals, trace_hits
from grader.logged import Record
from grader.outline import lines_of
from grader.protocol import (
    Abandoned,
    CheckResult,
    Detail,
    Environment,
    Fault,
    Job,
    Mark,
    Measured,
    Metric,
    Outcome,
    PolicyHit,
    Progress,
    Report,
    Status,
    Text,
    Timing,
    Visibility,
    Whose,
    Word,
)
from grader.questions.judging import answered, in_order, judge_answers, kept, marks_of
from grader.sandbox.base import BoxEnded, Ending, GraderFailure, Listener, Note, Sandbox
from grader.sandbox.gpu import Device
from grader.sandbox.gpu_sandbox import ON_THE_GPU
from grader.spec import Assignment, load_assignment
from grader.variants.binding import bound

__all__ = ["give_up", "judge", "judge_with", "refuse", "student_view"]

CENT = Decimal("0.01")
LINES_SHOWN = 4
NEWS_S = 1.0  # between two words on what a check logs
EXPLAINABLE = {Word.wrong_value, Word.wrong_shape, Word.wrong_type, Word.not_finite, Word.crashed, Word.incomplete}
AnswersFor = Callable[[Check], Answers]


@dataclass(frozen=True)
class Verdict:
    """What running one check came to."""

    outcome: Outcome
    word: Word
    text: Text
    share: Decimal = Decimal(0)
    detail: Detail | None = None


@dataclass
class Sitting:
    """The judging of one job, while it lasts."""

    job: Job
    assignment: Assignment
    checks: tuple[Check, ...]
    attempt: Attempt
    answers: AnswersFor
    progress: Callable[[Progress], None]
    started: float
    metrics: dict[str, Metric]
    questions: list[CheckResult] = field(default_factory=list)  # of what was answered beside the code
    measured: Measured | None = None
    device: Device | None = None
    called: dict[str, set[str]] = field(default_factory=dict)  # by part: the student's names that its checks have called
    results: dict[str, CheckResult] = field(default_factory=dict)
    record: Record = field(default_factory=Record)  # of what the student's code logs


def judge(job: Job, *, sandbox: Sandbox, progress: Callable[[Progress], None] = lambda _: None) -> Report:
    """Run one submission through its checks and report what happened. Raises BrokenAssignment where there is nothing to run."""
    assignment = bound(load_assignment(job.assignment), job.variant or job.seed)
    if not (assignment.wants_code or assignment.wants_table):
        return judge_answers(assignment, job)
    return judge_with(assignment, job, lambda _: LiveAnswers(assignment.reference), sandbox=sandbox, progress=progress)


def judge_with(
    assignment: Assignment,
    job: Job,
    answers: AnswersFor,
    *,
    sandbox: Sandbox,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Report:
    """As `judge`, for an assignment that is loaded already and answers that may be recorded ones."""
    started = time.monotonic()
    checks = tuple(c for c in assignment.checks if not job.public_only or c.visibility is Visibility.public)
    questions = answered(assignment, job)
    with Attempt(assignment, files_to_run(assignment, job), sandbox) as attempt:
        sitting = Sitting(job, assignment, checks, attempt, answers, progress, started, metrics={}, device=device_of(sandbox))
        sitting.questions = questions
        try:
            attempt.load()
            results = _run_checks(sitting)
        except Ungradable as ungradable:
            status = Status.graded if questions else Status.ungradable  # what was answered counts whatever the code is
            return _report(sitting, sandbox, status, [_not_loaded(c) for c in checks], ungradable.fault)
        except GraderFailure as failure:
            return _report(sitting, sandbox, Status.system_fault, [], _system_fault(failure))
        return _report(sitting, sandbox, *_graded(results))


def files_to_run(assignment: Assignment, job: Job) -> Mapping[str, bytes]:
    """The student's own; where a table is handed in, our reader of it."""
    return {f"{assignment.module}.py": READER} if assignment.wants_table else job.files


def refuse(assignment: Assignment, fault: Fault, *, seed: str, sandbox: Sandbox, run_id: int | None = None) -> Report:
    """The report on files that are no submission: nothing was run."""
    return Report(
        assignment=assignment.id,
        status=Status.ungradable,
        score=Decimal(0),
        max_score=sum((check.points for check in assignment.checks), Decimal(0)),
        seed=seed,
        fault=fault,
        checks=[_not_loaded(check) for check in assignment.checks],
        environment=_environment(sandbox),
        timing=Timing(sandbox=0.0, student=0.0, total=0.0),
        run_id=run_id,
    )


def give_up(assignment: str, fault: Fault, *, seed: str, sandbox: str, isolation: str) -> Report:
    """The report where judging could not begin: no sandbox, or a folder that is no assignment."""
    environment = Environment(
        python=platform.python_version(), torch=str(torch.__version__), device="cpu", sandbox=sandbox, isolation=isolation
    )
    return Report(
        assignment=assignment,
        status=Status.system_fault,
        score=Decimal(0),
        max_score=Decimal(0),
        seed=seed,
        fault=fault,
        environment=environment,
        timing=Timing(sandbox=0.0, student=0.0, total=0.0),
    )


def _run_checks(sitting: Sitting) -> list[CheckResult]:
    """The results in the assignment's order. Public checks run first: what they show cannot hold anything of a hidden one."""
    for check in sorted(sitting.checks, key=lambda check: check.visibility is Visibility.hidden):
        sitting.progress(_progress(sitting, check))
        sitting.results[check.id] = _run_check(sitting, check)
    return [sitting.results[check.id] for check in sitting.checks]


def _progress(sitting: Sitting, check: Check) -> Progress:
    """Nothing that was logged in a hidden check is in it."""
    results = sitting.results
    public = [check.id for check in sitting.checks if check.visibility is Visibility.public]
    return Progress(
        done=len(results),
        total=len(sitting.checks),
        check_id=check.id,
        score=sum((result.points for result in [*results.values(), *sitting.questions]), Decimal(0)),
        marks=[*(_mark(each, results.get(each.id)) for each in sitting.checks), *marks_of(sitting.questions)],
        logged=sitting.record.logged(public, running=check.id),
    )


def _listener(sitting: Sitting, check: Check, case: Case) -> Listener:
    """Records what a check's code logs and tells of it now and then; of a hidden check nothing is told before the report."""
    tracks = sitting.record.begin(check.id)
    next_at = time.monotonic() + NEWS_S / 2

    def hear(note: Note) -> None:
        nonlocal next_at
        if case.is_concealed:
            return
        tracks.take(note)
        if check.visibility is Visibility.public and (now := time.monotonic()) >= next_at:
            next_at = now + NEWS_S
            sitting.progress(_progress(sitting, check))

    return hear


def _mark(check: Check, result: CheckResult | None) -> Mark:
    """A check that broke, which is not the student's fault, stays open until the report."""
    mark = Mark(id=check.id, part=check.part, title=check.title, max_points=check.points, visibility=check.visibility)
    if result is None or result.outcome is Outcome.error:
        return mark
    return mark.model_copy(update={"points": result.points, "outcome": result.outcome, "word": result.word})


def _run_check(sitting: Sitting, check: Check) -> CheckResult:
    attempt = sitting.attempt
    if attempt.seconds_left <= 0:
        return _result(check, Verdict(Outcome.skipped, Word.incomplete, NO_TIME_LEFT))
    before, transcript, operators, figures = attempt.student_seconds, [], {}, []
    case: Case | None = None
    try:
        channel = _open_channel(sitting, check)
        case = _new_case(sitting, check, channel)
        transcript, operators, figures = channel.transcript, channel.operators, case.figures
        with attempt.heard_by(_listener(sitting, check, case)):
            verdict = _verdict(sitting, check, case, transcript)
        _draw_the_rest(attempt, case)
    except BoxEnded as ended:
        verdict = _ended(sitting, ended)
        attempt.close()
    except Ungradable as ungradable:  # loaded once, but not again
        verdict = Verdict(Outcome.failed, Word.crashed, ungradable.fault.message)
        attempt.close()
    if verdict.word is Word.missing:
        verdict = _with_all_that_is_missing(sitting, check, verdict)
    sitting.called.setdefault(check.part, set()).update(_names_called(transcript))
    mistake = None
    if verdict.word in EXPLAINABLE:
        mistake = diagnose(sitting.assignment, check, sitting.job.seed, transcript)
    seconds = attempt.student_seconds - before
    found = {"mistake": mistake, "figures": figures, "operators": totals(operators)}
    found["is_concealed"] = case is not None and case.is_concealed
    return _result(check, verdict, output=attempt.output(), seconds=seconds, **found)


def _draw_the_rest(attempt: Attempt, case: Case) -> None:
    """The points are given by now. Neither what the student's code does here nor the time it takes is held against it."""
    before = attempt.student_seconds
    try:
        for draw in case.drawn_later:
            draw()
    except BoxEnded:
        attempt.close()
    except (CheckFailed, StudentError):
        pass  # there is one picture less
    attempt.forgive(attempt.student_seconds - before)


def _open_channel(sitting: Sitting, check: Check) -> Channel:
    rules = [rule for rule in sitting.assignment.forbidden if check.part in rule.parts]
    return sitting.attempt.channel(
        seconds=check.seconds or sitting.assignment.limits.check_s,
        guard=[name for rule in rules for name in rule.names],
        record=check.diagnose or bool(rules),
        trace=not sitting.job.public_only and is_traced(sitting.assignment, check),
    )


def _new_case(sitting: Sitting, check: Check, channel: Channel) -> Case:
    job, variant = sitting.job, sitting.assignment.variant
    told = {"answers": sitting.answers(check), "draws": job.draws, "files": job.files, "variant": variant}
    return Case(seed=job.seed, check_id=check.id, channel=channel, **told)


def _verdict(sitting: Sitting, check: Check, case: Case, transcript: list[Exchange]) -> Verdict:
    """Run the check. What the student's code did wrong is a verdict; only BoxEnded and what is not theirs gets out."""
    try:
        share = check.run(case)
    except CheckFailed as failed:
        return Verdict(Outcome.failed, failed.word, failed.text, detail=_located(sitting, failed.detail, transcript))
    except StudentError as error:
        return _raised(sitting, error, case.last_call)
    except (BoxEnded, GraderFailure, Abandoned):
        raise
    except Exception as error:
        return _stumbled(sitting, check, error)
    if hit := _forbidden_use(sitting, check, transcript):
        return hit
    sitting.metrics.update(case.metrics)
    sitting.measured = case.measured or sitting.measured
    return _earned(share)


def _with_all_that_is_missing(sitting: Sitting, check: Check, verdict: Verdict) -> Verdict:
    """A check stops at the first function that is not written; name the others too that it would have called."""
    source = sitting.assignment.reference_source
    if not check.diagnose or not source:
        return verdict
    transcript, _ = rehearse(sitting.assignment, check, sitting.job.seed, source)
    needed = dict.fromkeys(exchange.name.split(".")[0] for exchange in transcript)
    unwritten = [name for name in needed if name not in sitting.attempt.names or sitting.attempt.outline.is_empty(name)]
    return replace(verdict, text=not_written(*unwritten)) if len(unwritten) > 1 else verdict


def _earned(share: float | None) -> Verdict:
    if share is None or share >= 1:
        return Verdict(Outcome.passed, Word.passed, PASSED, Decimal(1))
    share = max(share, 0.0) if share == share else 0.0
    return Verdict(Outcome.failed, Word.incomplete, partly(share), Decimal(str(share)))


def _located(sitting: Sitting, detail: Detail, transcript: list[Exchange]) -> Detail:
    """With the line where the student defines what was called last, and the lines after it."""
    name = transcript[-1].name.split(".")[0] if transcript else ""
    if not (line := sitting.attempt.outline.line_of(name)):
        return detail
    lines = lines_of(sitting.attempt.text)[line - 1 : line - 1 + LINES_SHOWN]
    return _extended(detail, line=line, source=list(enumerate(lines, start=line)))


def _extended(detail: Detail, **seen: object) -> Detail:
    """With more in it, which is cleaned like the rest: model_copy would take it as it is."""
    return Detail.model_validate({**dict(detail), **seen})


def _raised(sitting: Sitting, error: StudentError, call: str | None) -> Verdict:
    word, text = student_error(error, call, sitting.attempt.place(error.line, error.file))
    if word is Word.out_of_memory and sitting.device is not None and error.is_of_gpu:
        text = _out_of_gpu_memory(sitting)
    detail = Detail(call=call, line=error.line, source=error.source, traceback=error.traceback)
    return Verdict(Outcome.failed, word, text, detail=detail)


def _ended(sitting: Sitting, ended: BoxEnded) -> Verdict:
    word, text = ENDED[ended.ending]
    if ended.ending is Ending.out_of_memory and ended.detail == ON_THE_GPU:
        text = _out_of_gpu_memory(sitting)
    return Verdict(Outcome.failed, word, text)


def _out_of_gpu_memory(sitting: Sitting) -> Text:
    return out_of_gpu_memory(sitting.device.memory_bytes, sitting.assignment.limits.gpu_memory_bytes)


def _stumbled(sitting: Sitting, check: Check, error: Exception) -> Verdict:
    """The check itself raised. If it gets through with the reference, what the student returned made it stumble."""
    problem = f"{type(error).__name__}: {error}"[:200]
    if _reference_passes(sitting, check):
        return Verdict(Outcome.failed, Word.wrong_type, unusable(problem))
    return Verdict(Outcome.error, Word.incomplete, broken_check(check.id, problem))


def _reference_passes(sitting: Sitting, check: Check) -> bool:
    """Also where there is no reference: a student's copy holds only checks that it has passed."""
    source = sitting.assignment.reference_source
    return not source or rehearse(sitting.assignment, check, sitting.job.seed, source)[1] is None


def _forbidden_use(sitting: Sitting, check: Check, transcript: list[Exchange]) -> Verdict | None:
    """A forbidden name in the code that this check has called, as far as the source tells."""
    rules = {rule.rule: rule for rule in sitting.assignment.forbidden if check.part in rule.parts}
    if not (hits := [hit for hit in sitting.attempt.policy if hit.rule in rules]):
        return None
    reached = sitting.attempt.outline.lines(_names_called(transcript))
    for hit in hits:
        if _is_reached(sitting, hit, reached):
            place = sitting.attempt.place(hit.line)
            text = uses_forbidden(hit.name, place, rules[hit.rule].message)
            return Verdict(Outcome.failed, Word.forbidden, text, detail=Detail(line=hit.line))
    return None


def _hits_that_count(sitting: Sitting) -> list[PolicyHit]:
    """Without uses of a name that lie where it is allowed: in code that no check of the rule's parts has called."""
    if not sitting.attempt.policy:
        return []
    parts = {part.id for part in sitting.assignment.parts}
    reached: dict[str, set[int]] = {}  # by rule, of those that leave parts out: lines that checks of its parts have called
    for rule in sitting.assignment.forbidden:
        if not parts <= set(rule.parts):
            called = set().union(*(sitting.called.get(part, ()) for part in rule.parts))
            reached[rule.rule] = sitting.attempt.outline.lines(called)
    return [hit for hit in sitting.attempt.policy if hit.rule not in reached or _is_reached(sitting, hit, reached[hit.rule])]


def _names_called(transcript: list[Exchange]) -> set[str]:
    return {exchange.name.split(".")[0] for exchange in transcript}


def _is_reached(sitting: Sitting, hit: PolicyHit, lines: set[int]) -> bool:
    """Whether the hit lies on one of these lines of the main file; in another file of the submission it always counts."""
    file = f"{sitting.assignment.module}.py"
    if not hit.evidence.startswith(f"{file}:") or hit.line is None:
        return True
    return hit.line in lines


def _result(check: Check, verdict: Verdict, *, output: str = "", seconds: float = 0.0, **found: object) -> CheckResult:
    detail = verdict.detail
    if output and verdict.outcome is Outcome.failed:
        detail = _extended(detail or Detail(), output=output)
    return CheckResult(
        id=check.id,
        part=check.part,
        title=check.title,
        points=(check.points * verdict.share).quantize(CENT),
        max_points=check.points,
        outcome=verdict.outcome,
        visibility=check.visibility,
        message=verdict.text,
        word=verdict.word,
        seconds=round(seconds, 4),
        detail=detail,
        **found,
    )


def _not_loaded(check: Check) -> CheckResult:
    return _result(check, Verdict(Outcome.skipped, Word.incomplete, NOT_LOADED))


def _graded(results: list[CheckResult]) -> tuple[Status, list[CheckResult], Fault | None]:
    broken = next((result for result in results if result.outcome is Outcome.error), None)
    if broken is None:
        return Status.graded, results, None
    fault = Fault(whose=Whose.assignment, code="broken_check", message=broken.message)
    return Status.system_fault, results, fault


def _system_fault(failure: GraderFailure) -> Fault:
    text = Text(
        en=f"Our system failed, not your code ({failure}). Nothing is lost; it will be graded again.",
        zh=f"是我们的系统出了故障，与你的代码无关（{failure}）。提交不会丢失，稍后会重新评测。",
    )
    return Fault(whose=Whose.system, code="sandbox_failed", message=text)


def _report(sitting: Sitting, sandbox: Sandbox, status: Status, results: list[CheckResult], fault: Fault | None) -> Report:
    sitting.attempt.measure()
    every = in_order(sitting.assignment, [*results, *sitting.questions]) if results else []
    return Report(
        assignment=sitting.assignment.id,
        status=status,
        score=sum((result.points for result in every), Decimal(0)),
        max_score=sum((each.points for each in sitting.checks), sum((each.max_points for each in sitting.questions), Decimal(0))),
        seed=sitting.job.seed,
        fault=fault,
        checks=every,
        policy=[*_hits_that_count(sitting), *trace_hits(sitting.assignment, results)],
        metrics=sitting.metrics,
        measured=sitting.measured,
        environment=_environment(sandbox, sitting.attempt.gpu_memory),
        timing=_timing(sitting),
        training=sitting.record.logged([check.id for check in sitting.checks]),
        notes=[RAN_ON_CPU] if sitting.assignment.device != "cpu" and sitting.device is None else [],
        run_id=sitting.job.run_id,
        **kept(sitting.assignment, sitting.job),
    )


def device_of(sandbox: Sandbox) -> Device | None:
    """The GPU that its boxes have, if any."""
    return getattr(sandbox, "device", None)


def _environment(sandbox: Sandbox, gpu_memory: GpuMemory | None = None) -> Environment:
    device, memory = device_of(sandbox), gpu_memory or GpuMemory()
    return Environment(
        python=platform.python_version(),
        torch=str(torch.__version__),
        device="cpu" if device is None else "cuda",
        sandbox=sandbox.name,
        isolation=str(sandbox.isolation),
        gpu=device.name if device else None,
        gpu_memory_bytes=memory.seen,
        gpu_allocated_bytes=memory.told,
    )


def _timing(sitting: Sitting) -> Timing:
    return Timing(
        sandbox=round(sitting.attempt.sandbox_seconds, 4),
        student=round(sitting.attempt.student_seconds, 4),
        total=round(time.monotonic() - sitting.started, 4),
    )
