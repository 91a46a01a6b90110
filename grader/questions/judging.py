"""The judge's part in questions: answers become check results beside those of code. Where there is no code, the whole report."""

import platform
import time
from collections.abc import Mapping
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path

from grader.protocol import CheckResult, Environment, Fault, Job, Mark, Outcome, Report, Status, Text, Timing, Visibility, Word
from grader.questions.manifest import Question, points_of
from grader.questions.paper import QUESTIONS, BrokenQuestions, Item, Paper, draw_paper
from grader.questions.scoring import Scored, left_out, points_earned, score
from grader.spec import Assignment, BrokenAssignment, Manifest, load_manifest
from grader.variants.drawn import has_variant

NO_SANDBOX = "none"

DOES_NOT_COUNT = Text(
    en="Does not count: others of this section earned as much or more.", zh="不计分：本节中其他题目得分不低于此题。"
)


def paper_of(folder: Path, manifest: Manifest, seed: str) -> Paper:
    """Raises BrokenAssignment."""
    try:
        return draw_paper(folder, manifest, seed)
    except BrokenQuestions as broken:
        raise BrokenAssignment(folder / QUESTIONS, str(broken)) from broken


def answered(assignment: Assignment, job: Job) -> list[CheckResult]:
    """Of every question that the judge scores and that is due; none where answers are left out."""
    if job.answers is None:
        return []
    return results_of(assignment, paper_of(assignment.folder, assignment, job.variant or job.seed), job)


def results_of(manifest: Manifest, paper: Paper, job: Job) -> list[CheckResult]:
    """In a section of which only some count, the others are worth nothing: what the judge can give stays what it was."""
    found = {item.question.id: (item, score(item.asked, (job.answers or {}).get(item.question.id))) for item in _due(paper, job)}
    earned = {id: points_earned(item.question, scored) for id, (item, scored) in found.items()}
    dropped = left_out(manifest.questions, manifest.sections, earned)
    return [_dropped(item.question) if id in dropped else _result(item.question, scored) for id, (item, scored) in found.items()]


def _due(paper: Paper, job: Job) -> list[Item]:
    return [item for item in paper.items if not item.question.is_manual and item.question.feedback.is_due(job.stage)]


def open_questions(manifest: Manifest, job: Job) -> list[str]:
    """Those that are scored later."""
    if job.answers is None:
        return []
    return [each.id for each in manifest.questions if not each.is_manual and not each.feedback.is_due(job.stage)]


def _result(question: Question, scored: Scored) -> CheckResult:
    return CheckResult(
        id=question.id,
        is_question=True,
        part=question.part,
        title=question.title,
        points=points_earned(question, scored),
        max_points=question.points,
        outcome=Outcome.passed if scored.word is Word.passed else Outcome.failed,
        visibility=Visibility.public,
        message=scored.text,
        word=scored.word,
        mistake=scored.mistake,
        cells=[list(row) for row in scored.cells],
    )


def _dropped(question: Question) -> CheckResult:
    return CheckResult(
        id=question.id,
        is_question=True,
        part=question.part,
        title=question.title,
        points=Decimal(0),
        max_points=Decimal(0),
        outcome=Outcome.skipped,
        visibility=Visibility.public,
        message=DOES_NOT_COUNT,
        word=Word.incomplete,
    )


def in_order(manifest: Manifest, results: list[CheckResult]) -> list[CheckResult]:
    """Part by part, so that code and questions of one part stand together."""
    places = {part.id: place for place, part in enumerate(manifest.parts)}
    return sorted(results, key=lambda result: places[result.part])


def marks_of(results: list[CheckResult]) -> list[Mark]:
    return [Mark.model_validate(result, from_attributes=True) for result in results]


def judge_answers(assignment: Assignment, job: Job) -> Report:
    """Of questions alone: no sandbox is opened, and nothing takes longer than a moment."""
    started = time.monotonic()
    results = in_order(assignment, answered(assignment, job))
    return Report(
        assignment=assignment.id,
        status=Status.graded,
        score=sum((result.points for result in results), Decimal(0)),
        max_score=sum((result.max_points for result in results), Decimal(0)),
        seed=job.seed,
        checks=results,
        environment=environment(),
        timing=Timing(sandbox=0.0, student=0.0, total=round(time.monotonic() - started, 4)),
        run_id=job.run_id,
        **kept(assignment, job),
    )


def refuse_answers(assignment: Assignment, fault: Fault, *, seed: str) -> Report:
    """On files that are no answers: nothing was scored."""
    return Report(
        assignment=assignment.id,
        status=Status.ungradable,
        score=Decimal(0),
        max_score=points_by_judge(assignment),
        seed=seed,
        fault=fault,
        environment=environment(),
        timing=Timing(sandbox=0.0, student=0.0, total=0.0),
    )


def points_by_judge(manifest: Manifest) -> Decimal:
    """What questions can earn without a person."""
    scored = [each for each in manifest.questions if not each.is_manual]
    sections = [each for each in manifest.sections if each.id in {question.section for question in scored}]
    return points_of(scored, sections)


def environment() -> Environment:
    """Where nothing of a student's ran."""
    return Environment(
        python=platform.python_version(), torch=version("torch"), device="cpu", sandbox=NO_SANDBOX, isolation=NO_SANDBOX
    )


def kept(manifest: Manifest, job: Job) -> Mapping[str, object]:
    """What a report says of its questions beside their results."""
    asked = job.answers is not None and bool(manifest.questions)
    if not (asked or has_variant(job.assignment)):
        return {}
    return {"variant": job.variant or job.seed, "open_questions": open_questions(manifest, job)}


def is_questions_alone(folder: Path) -> bool:
    """A folder that cannot be read is not; whoever loads it says what is wrong."""
    try:
        manifest = load_manifest(folder)
    except BrokenAssignment:
        return False
    return bool(manifest.questions) and not manifest.wants_code
