"""Submissions as pages show them: plain values, with everything hidden already taken away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from grader.disclosure import PublicPart, public_marks, public_part, student_view
from grader.notebooks import place_of
from grader.policy import REFLECTION
from grader.protocol import CheckResult, Environment, Fault, Logged, Mark, Outcome, PolicyHit, Report, Status, Text, Visibility
from grader.spec import Manifest
from server.assignments.models import Assignment
from server.deadlines.views import Account, lateness_of
from server.grading.models import Run
from server.grading.queries import Snapshot
from server.submissions import rules
from server.submissions.figures import Drawing, drawing_of
from server.submissions.models import FileKind, State, Submission, SubmissionFile
from server.submissions.training import Bands, Best, TrainingDrawing, draw_trainings

LINES_AROUND = 3
STRIP_WIDTH = 1000


@dataclass(frozen=True)
class Attempts:
    """What is left of a person's attempts, and when the next day's begin; None where it closes before."""

    limit: int
    left: int
    left_today: int
    next_at: datetime | None
    scored_left: int | None = None  # None where scores are not counted apart
    scored_left_today: int | None = None

    @classmethod
    def of(cls, assignment: Assignment, quota: rules.Quota, now: datetime, *, closes_at: datetime | None = None) -> "Attempts":
        left = rules.attempts_left(assignment, quota)
        return cls(
            assignment.attempt_limit,
            left,
            rules.attempts_left_today(assignment, quota),
            rules.next_day(assignment, now=now, closes_at=closes_at),
            rules.scored_left(assignment, quota),
            rules.scored_left_today(assignment, quota),
        )


@dataclass(frozen=True)
class AttemptRow:
    """One line of a history."""

    id: int
    number: int
    received_at: datetime
    state: str
    score: Decimal | None
    author: str
    counts: bool = False
    late_days: int = 0
    sentence: Text | None = None  # of its score, where lateness has changed it

    @classmethod
    def of(cls, submission: Submission, account: Account, *, counts: bool = False) -> "AttemptRow":
        """account: the author's; what people gave is in the score once it is published."""
        lateness, tried = lateness_of(account, submission), account.find_try(submission.assignment_id, submission.id)
        return cls(
            id=submission.id,
            number=submission.attempt,
            received_at=submission.received_at,
            state=state_word(submission.state, submission.run),
            score=tried.score if tried else None,
            author=submission.author.display_name,
            counts=counts,
            late_days=lateness.days,
            sentence=lateness.sentence,
        )


@dataclass(frozen=True)
class CheckRow:
    check: CheckResult | Mark
    look: str  # passed, partly, failed, skipped; running, waiting
    has_more: bool
    is_open: bool
    drawings: Sequence[Drawing] = ()
    trainings: Sequence[TrainingDrawing] = ()

    @property
    def is_reported(self) -> bool:
        """Otherwise no more than a mark is known."""
        return isinstance(self.check, CheckResult)

    @property
    def has_ended(self) -> bool:
        return self.check.outcome is not None


@dataclass(frozen=True)
class PartView:
    id: str
    title: Text
    score: Decimal | None
    max_score: Decimal
    checks: Sequence[CheckRow]


@dataclass(frozen=True)
class HitView:
    """One use: its name, where it stands in words and with its text; or the check in which an operator ran."""

    name: str
    place: Text | None
    source: Sequence[tuple[int, str]]
    ran_in: Text | None = None
    times: str = ""


@dataclass(frozen=True)
class RuleView:
    """A rule of the assignment that was touched, what it asks for instead, and where."""

    message: Text | None
    hits: Sequence[HitView]
    is_hint: bool  # ours, for staff


@dataclass(frozen=True)
class TraceView:
    """The operators that ran in one check, most frequent first."""

    title: Text
    operators: Sequence[tuple[str, int]]


@dataclass(frozen=True)
class Cell:
    """A stretch of the strip under the score; widths go by points."""

    look: str
    x: float
    width: float


@dataclass(frozen=True)
class SubmissionView:
    state: str
    is_final: bool
    score: Decimal | None  # None as long as nothing is known
    max_score: Decimal
    ahead: int
    waits_for: str | None
    eta: timedelta | None
    checks_done: int
    checks_total: int
    seconds: float | None
    strip: Sequence[Cell]
    parts: Sequence[PartView]
    to_look_at: Sequence[CheckRow]
    fault: Fault | None
    fault_lines: Sequence[tuple[int, str]]
    rules: Sequence[RuleView]
    traces: Sequence[TraceView]
    files: Sequence[SubmissionFile]
    staff_fault: Mapping[str, Any] | None  # what went wrong in the last try
    is_rerun: bool = False  # the report is an earlier run's, while the newest job has none
    notes: Sequence[Text] = ()
    only_hidden_left: bool = False  # while it runs
    gpu: str | None = None  # the device it ran on, for staff with the most memory it used


def view_of(
    submission: Submission,
    snapshot: Snapshot,
    manifest: Manifest,
    *,
    for_staff: bool,
    sources: Mapping[str, bytes],
    best: Run | None = None,
    bands: Bands | None = None,
) -> SubmissionView:
    """`sources`: the collected files, for the lines around a syntax error. `best`: the best run before, for comparison.

    bands: where the baselines are, by the name under which code logs such a number.
    """
    run = run_at(submission, snapshot)
    report = shown_report(run, for_staff=for_staff)
    fault = report.fault if report else None
    is_judged = report is not None and report.status is Status.graded
    logged = report.training if is_judged else snapshot.logged
    trainings = trainings_of(logged, best, bands, author_id=submission.author_id, for_staff=for_staff)
    rows = rows_of(report.checks if is_judged else snapshot.marks, trainings, for_staff=for_staff)
    parts = parts_of(rows, manifest) if is_judged or not snapshot.state.is_final else []
    return SubmissionView(
        state=state_word(snapshot.state, run),
        is_final=snapshot.state.is_final,
        score=score_of(report, snapshot),
        max_score=full_score(manifest),
        ahead=(snapshot.position or 1) - 1,
        waits_for=snapshot.waits_for,
        eta=timedelta(seconds=snapshot.eta_s) if snapshot.eta_s else None,
        checks_done=snapshot.checks_done,
        checks_total=snapshot.checks_total,
        seconds=report.timing.total if report and for_staff else None,
        strip=strip([(row.look, float(row.check.max_points)) for row in rows]) if parts else [],
        parts=parts,
        to_look_at=[row for part in parts for row in part.checks if row.look != "passed"] if is_judged else [],
        fault=fault,
        fault_lines=lines_around(fault, sources, manifest.module) if fault else [],
        rules=rules_of(report, manifest, sources) if report else [],
        traces=traces_of(report) if report else [],
        files=[file for file in submission.files if file.kind is not FileKind.collected],
        staff_fault=submission.job.fault if for_staff else None,
        is_rerun=run is not None and snapshot.state is not State.graded,
        notes=report.notes if report else (),
        only_hidden_left=not is_judged and bool(snapshot.marks) and not any(row.look == "running" for row in rows),
        gpu=gpu_of(report.environment) if report else None,
    )


def with_marks(view: SubmissionView, by_part: Mapping[str, Decimal]) -> SubmissionView:
    """With what people gave, where students may see it, on top of what the judge gave. by_part: points."""
    if view.score is None:
        return view
    parts = [replace(each, score=(each.score or 0) + by_part[each.id]) if each.id in by_part else each for each in view.parts]
    return replace(view, score=view.score + sum(by_part.values(), Decimal()), parts=parts)


def gpu_of(environment: Environment) -> str | None:
    """The device's name; in the report that staff see also how much of its memory was used at most."""
    if environment.gpu is None or environment.gpu_memory_bytes is None:
        return environment.gpu
    return f"{environment.gpu}, {environment.gpu_memory_bytes / (1 << 30):.1f} GiB"


def run_at(submission: Submission, snapshot: Snapshot) -> Run | None:
    """The newest run that there was at this moment, however the job after it stands."""
    is_over = snapshot.state is State.graded
    known = [run for run in submission.runs if run.job_id < snapshot.job_id or (is_over and run.job_id == snapshot.job_id)]
    return known[-1] if known else None


def shown_report(run: Run | None, *, for_staff: bool) -> Report | None:
    """The run's report as this reader may see it."""
    if run is None:
        return None
    report = run.read_report()
    return report if for_staff else student_view(report)


def public_results(submission: Submission, snapshot: Snapshot) -> PublicPart:
    """What its author may see of a submission while he sits in an exam, before its verdict and after."""
    run = run_at(submission, snapshot)
    return public_part(run.read_report()) if run else public_marks(snapshot.marks)


def score_of(report: Report | None, snapshot: Snapshot) -> Decimal | None:
    """No zero stands where nothing was judged: a fault of ours is never a score."""
    if report:
        return report.score
    return snapshot.score_so_far if snapshot.state is State.running else None


def state_word(state: State, run: Run | None) -> str:
    """A job's state, or `ungradable` where it ended because of the student's file."""
    is_ungradable = state is State.graded and run and run.status is Status.ungradable
    return "ungradable" if is_ungradable else state.value


def full_score(manifest: Manifest) -> Decimal:
    return sum((part.points for part in manifest.parts), Decimal())


def parts_of(rows: Sequence[CheckRow], manifest: Manifest) -> list[PartView]:
    """A part has a score as soon as one of its checks has ended."""
    parts = []
    for part in manifest.parts:
        own = [row for row in rows if row.check.part == part.id]
        score = sum((row.check.points for row in own), Decimal()) if any(row.has_ended for row in own) else None
        parts.append(PartView(part.id, part.title, score, part.points, own))
    return parts


Trainings = Mapping[str, Sequence[TrainingDrawing]]  # by check


def trainings_of(
    logged: Sequence[Logged], best: Run | None, bands: Bands | None, *, author_id: int, for_staff: bool
) -> Trainings:
    """What was logged may be seen, so the best run's is only read where there is any; of somebody else it says whose."""
    report = shown_report(best, for_staff=for_staff) if logged else None
    before = None
    if report:
        made = best.submission
        author = made.author.display_name if made.author_id != author_id else None
        before = Best.of(made.attempt, report.training, author)
    return {each.check: draw_trainings(each, before, bands) for each in logged}


def rows_of(checks: Sequence[CheckResult | Mark], trainings: Trainings, *, for_staff: bool) -> list[CheckRow]:
    """Of a report, or of the marks while it is being made."""
    running = next((check.id for check in checks if check.outcome is None and check.visibility is Visibility.public), None)
    return [
        check_row(check, trainings.get(check.id, ()), is_running=check.id == running, for_staff=for_staff) for check in checks
    ]


def check_row(check: CheckResult | Mark, trainings: Sequence[TrainingDrawing], *, is_running: bool, for_staff: bool) -> CheckRow:
    look = "running" if is_running else look_of(check)
    may_read = isinstance(check, CheckResult) and (for_staff or check.visibility is Visibility.public)
    drawings = [drawing_of(figure) for figure in check.figures] if may_read else []
    has_more = bool(trainings) or (may_read and (look != "passed" or bool(drawings)))
    is_open = has_more and look != "skipped"
    return CheckRow(check, look, has_more=has_more, is_open=is_open, drawings=drawings, trainings=trainings)


def look_of(check: CheckResult | Mark) -> str:
    if check.outcome is None:
        return "waiting"
    if 0 < check.points < check.max_points:
        return "partly"
    return check.outcome.value if check.outcome in (Outcome.passed, Outcome.skipped) else "failed"


def strip(parts: Sequence[tuple[str, float]]) -> list[Cell]:
    total = sum(size for _, size in parts) or 1.0
    cells, x = [], 0.0
    for look, size in parts:
        width = STRIP_WIDTH * size / total
        cells.append(Cell(look, x=round(x, 2), width=round(max(width - 3, 1), 2)))
        x += width
    return cells


def rules_of(report: Report, manifest: Manifest, sources: Mapping[str, bytes]) -> list[RuleView]:
    """The hits by rule, in the order in which they were found."""
    rules = dict.fromkeys(hit.rule for hit in report.policy)
    return [
        RuleView(
            manifest.message_of(rule),
            [hit_view(hit, report, manifest, sources) for hit in report.policy if hit.rule == rule],
            is_hint=rule == REFLECTION,
        )
        for rule in rules
    ]


def hit_view(hit: PolicyHit, report: Report, manifest: Manifest, sources: Mapping[str, bytes]) -> HitView:
    """Evidence is written `file: text`, or `check: times` for an operator."""
    first, _, rest = hit.evidence.partition(": ")
    if hit.kind == "trace":
        title = next((check.title for check in report.checks if check.id == first), None)
        return HitView(hit.name, None, [], ran_in=title, times=rest)
    if hit.line is None:
        return HitView(hit.name, None, [])
    file = None if first == f"{manifest.module}.py" else first
    return HitView(hit.name, place_of(hit.line, sources.get(first, b""), file), [(hit.line, rest)])


def traces_of(report: Report) -> list[TraceView]:
    """Empty for students: their report comes without."""
    return [TraceView(check.title, list(check.operators.items())) for check in report.checks if check.operators]


def lines_around(fault: Fault, sources: Mapping[str, bytes], module: str) -> list[tuple[int, str]]:
    """The faulty line with three around it, from the file that the message names."""
    if fault.line is None:
        return []
    named = [name for name in sources if name in fault.message.en]
    source = sources.get(named[0] if named else f"{module}.py", b"").decode("utf-8", errors="replace")
    numbered = list(enumerate(source.splitlines(), start=1))
    return numbered[max(0, fault.line - 1 - LINES_AROUND) : fault.line + LINES_AROUND]


def history_of(submissions: Sequence[Submission], assignment: Assignment, account: Account) -> list[AttemptRow]:
    """Newest first, the attempt marked that counts after what lateness takes off."""
    standing = account.settled[assignment.id]
    counted = standing.attempt_id if standing else None
    return [AttemptRow.of(each, account, counts=each.id == counted) for each in submissions]
