"""One variant put to the test: its reference, its starter, its mistakes, and what its neighbour's work would earn."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import Field

from grader.checks.answers import LiveAnswers
from grader.checks.case import Case
from grader.checks.remote import Channel
from grader.diagnosis import SECONDS, LocalBox, randomness_restored
from grader.protocol import Job, Plain, Report, Text, Word
from grader.questions.judging import paper_of, results_of
from grader.questions.paper import Paper, right_answer
from grader.reading.trees import parse
from grader.sandbox.fake import FakeSandbox
from grader.spec import Assignment, BrokenAssignment, load_assignment
from grader.variants.binding import bound, handout_of, starter_of
from grader.variants.drawn import has_variant
from grader.variants.variant import Constant
from grader.verify import judge_source, not_graded, patient, without_training

HANDOUTS = ("handout.en.md", "handout.zh.md")


@dataclass(frozen=True)
class VariantTrial:
    """What a process of the pool is told. neighbour: the seed of another student's variant."""

    folder: Path
    seed: str
    neighbour: str


class Tried(Plain):
    """What was found out about one variant; sentences say what does not hold.

    operators: that the reference ran in all checks. code, work: the share of the points that the neighbour's code, and the
    neighbour's code and answers together, would earn here; None where there are none.
    """

    seed: str
    constants: dict[str, str] = Field(default_factory=dict)
    reference: list[str] = Field(default_factory=list)
    accepted: dict[str, list[str]] = Field(default_factory=dict)
    mistakes: dict[str, list[str]] = Field(default_factory=dict)
    texts: list[str] = Field(default_factory=list)
    starter: list[str] = Field(default_factory=list)
    operators: int = 0
    code: float | None = None
    work: float | None = None


def try_variant(trial: VariantTrial) -> Tried:
    try:
        plain = load_assignment(trial.folder)
        mine, theirs = (bound(plain, seed) for seed in (trial.seed, trial.neighbour))
    except BrokenAssignment as broken:
        return Tried(seed=trial.seed, texts=[str(broken)])
    found: dict[str, Any] = {"constants": {name: _spelled(mine.variant[name]) for name in mine.variant}, "texts": _texts(mine)}
    earned, whole = _points_of_answers(mine, trial)
    if mine.wants_code and has_variant(trial.folder):
        mine = patient(without_training(mine))
        found |= _code(mine)
        report = judged(mine, theirs.reference_source)
        found["code"] = _share(report.score, report.max_score)
        earned, whole = earned + report.score, whole + report.max_score
    return Tried(seed=trial.seed, work=_share(earned, whole), **found)


def _spelled(value: Constant) -> str:
    return value.en if isinstance(value, Text) else str(value)


def _code(assignment: Assignment) -> dict[str, Any]:
    """What is submitted to this variant's checks, and what they make of it."""
    return {
        "reference": _lost(judged(assignment, assignment.reference_source)),
        "accepted": {each.id: _lost(judged(assignment, assignment.submission_of(each))) for each in assignment.accepted},
        "mistakes": {
            each.id: _uncaught(each.id, judged(assignment, assignment.submission_of(each))) for each in assignment.mistakes
        },
        "starter": _starter(assignment),
        "operators": count_operators(assignment),
    }


def judged(assignment: Assignment, source: str) -> Report:
    """Under the variant's own seed: the random inputs change with it."""
    return judge_source(assignment, source, assignment.variant_seed, FakeSandbox())


def _share(earned: Decimal, whole: Decimal) -> float | None:
    return float(earned / whole) if whole else None


def _lost(report: Report) -> list[str]:
    return not_graded(report) + [f"{each.id}: {each.message.en}" for each in report.checks if each.points != each.max_points]


def _uncaught(id: str, report: Report) -> list[str]:
    if report.score >= report.max_score:
        return [*not_graded(report), "loses nothing"]
    named = sorted({each.mistake.id for each in report.checks if each.mistake})
    return not_graded(report) + ([] if id in named else [f"not named, but {', '.join(named) or 'nothing'}"])


def _starter(assignment: Assignment) -> list[str]:
    report = judged(assignment, assignment.starter_source)
    wrong = [f"{each.id}: {each.word}, not {Word.missing}" for each in report.checks if each.word is not Word.missing]
    return not_graded(report) + wrong


def _texts(assignment: Assignment) -> list[str]:
    """Every placeholder of what a student reads has to stand for something, and the starter has to be Python."""
    return [problem for name in (*HANDOUTS, "starter.py") for problem in _problems_with(assignment, assignment.folder / name)]


def _problems_with(assignment: Assignment, path: Path) -> Iterator[str]:
    if not path.is_file():
        return
    try:
        if path.suffix == ".py":
            parse(starter_of(path.parent, assignment.variant))
        else:
            handout_of(path, assignment.variant)
    except BrokenAssignment as broken:
        yield f"{path.name}: {broken.problem}"
    except SyntaxError as error:
        yield f"{path.name}: is not valid Python once it is filled in: {error}"


def _points_of_answers(assignment: Assignment, trial: VariantTrial) -> tuple[Decimal, Decimal]:
    """What the neighbour's right answers earn on this paper, and what there is to earn."""
    mine, theirs = (paper_of(trial.folder, assignment, seed) for seed in (trial.seed, trial.neighbour))
    results = results_of(assignment, mine, Job(trial.folder, {}, trial.seed, answers=right_answers(theirs)))
    return sum((each.points for each in results), Decimal(0)), sum((each.max_points for each in results), Decimal(0))


def right_answers(paper: Paper) -> dict[str, object]:
    return {item.question.id: right_answer(item.asked) for item in paper.items if not item.question.is_manual}


class CountingBox(LocalBox):
    """Counts the operators that the source's functions run."""

    def __init__(self, source: str) -> None:
        self.operators = 0
        super().__init__(source)

    def request(self, op: str, payload: Mapping[str, Any], *, seconds: float) -> dict[str, Any]:
        if op != "call":
            return super().request(op, payload, seconds=seconds)
        reply = super().request(op, {**payload, "trace": True}, seconds=seconds)
        self.operators += sum((reply.get("operators") or {}).values())
        return reply


def count_operators(assignment: Assignment) -> int:
    """That the reference runs as a submission to all checks. A check that it fails counts as far as it came."""
    box = CountingBox(assignment.reference_source)
    told = {"seed": assignment.variant_seed, "answers": LiveAnswers(assignment.reference), "variant": assignment.variant}
    for check in assignment.checks:
        channel = Channel(box, box.names, seconds=SECONDS, record=False)
        with randomness_restored(), suppress(Exception):  # the fact about the reference says it
            check.run(Case(check_id=check.id, channel=channel, draws=False, **told))
        box.forget()
    return box.operators
