"""Proves a competition in which tables are handed in: whatever form a right one has, it counts; what is wrong is named."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from grader.competition.baselines import Recorded
from grader.competition.columns import facts_about_the_copy
from grader.competition.contest import Contest
from grader.competition.facts import (
    Reports,
    Run,
    contest_of,
    first_of,
    incomplete,
    is_better,
    prove_board,
    prove_order,
    prove_record,
    recorded,
    reports_of,
    runs_of,
    scores,
)
from grader.competition.predictions import as_csv
from grader.competition.secrecy import Wiretap, facts_about_a_table
from grader.disclosure import student_view
from grader.protocol import Report, Text, Word
from grader.sandbox.base import Sandbox
from grader.sandbox.fake import FakeSandbox
from grader.spec import Assignment, BrokenAssignment, Table
from grader.verify import Fact, Progress, not_graded, prove_texts, seeds_of

UNFILLED = {"empty": b"", "header": b"id,label\n"}
PLACES = re.compile(r"[Ll]ine \d+|first line"), re.compile(r"第 \d+ 行|首行")  # in en, in zh


def verify_tables(assignment: Assignment, *, sandbox: Sandbox, progress: Progress = lambda *_: None) -> list[Fact]:
    """Everything there is to prove about one. No code is handed in, so this process reads the tables."""
    contest, runs = contest_of(assignment), list(_runs(assignment))
    reports = _judged(assignment, runs, progress)
    real = {run: run.judged(assignment, sandbox) for run in runs if run.kind in ("baseline", "accepted") and not run.is_again}
    return [
        prove_texts(assignment), prove_board(assignment, contest), *facts_about_the_copy(assignment, contest),
        *_secrets(assignment, contest), *_facts_about_baselines(assignment, reports),
        *(_fact_about(assignment, run, reports) for run in runs if run.kind != "baseline"),
        *(_agrees(run, report, reports[run], sandbox.name) for run, report in real.items()),
    ]  # fmt: skip


def measure_tables(assignment: Assignment) -> list[Recorded]:
    """What `gradus verify --record` writes; one run says it all. Raises BrokenAssignment where a baseline reaches nothing."""
    reports = _judged(assignment, [run for run in _runs(assignment) if run.kind == "baseline" and not run.is_again])
    for run, report in reports.items():
        if problems := incomplete(report):
            raise BrokenAssignment(assignment.folder, f"{run.subject}: {problems[0]}")
    return [recorded(run.id, [report]) for run, report in reports.items()]


def _judged(assignment: Assignment, runs: Sequence[Run], progress: Progress = lambda *_: None) -> Reports:
    reports = {}
    for done, run in enumerate(runs, start=1):
        reports[run] = run.judged(assignment, FakeSandbox())
        progress(done, len(runs), run.subject)
    return reports


def _runs(assignment: Assignment) -> Iterator[Run]:
    tables, seeds = assignment.tables, seeds_of(assignment, 2)

    def run(kind: str, table: Table) -> Run:
        ((file, data),) = table.files.items()
        return Run(assignment.folder, kind, table.id, file, data, seeds[0])

    for table in tables.baselines:
        yield run("baseline", table)
        yield replace(run("baseline", table), seed=seeds[1], is_again=True)
    yield from (run("accepted", table) for table in tables.accepted)
    yield from (run("mistake", table) for table in tables.mistakes)
    yield replace(run("sample", tables.sample), id="sample")
    for id, data in (UNFILLED | trivial_tables(contest_of(assignment))).items():
        yield Run(assignment.folder, "trivial", id, "predictions.csv", data, seeds[0])


def trivial_tables(contest: Contest) -> dict[str, bytes]:
    """Of people who have not looked at the items. Where the order of the ids tells the class, the last two do well."""
    count, rng = len(contest.ids), np.random.default_rng(0)
    labels = {"zeros": np.zeros(count, int), "ones": np.ones(count, int)}
    if contest.classes is None:
        labels |= {"noise": rng.uniform(-1, 1, count)}
    else:
        places = np.arange(count)
        labels |= {"noise": rng.integers(0, contest.classes, count)}
        labels |= {"blocks": places * contest.classes // max(count, 1), "turns": places % contest.classes}
    return {id: as_csv(contest.ids, column.tolist()) for id, column in labels.items()}


def _secrets(assignment: Assignment, contest: Contest) -> list[Fact]:
    """Of the sample, which anybody may see."""
    wiretap, sample = Wiretap(), assignment.tables.sample
    ((file, data),) = sample.files.items()
    Run(assignment.folder, "sample", "sample", file, data, seeds_of(assignment, 1)[0]).judged(assignment, wiretap)
    return facts_about_a_table(contest, (file, data), wiretap.sent)


def _facts_about_baselines(assignment: Assignment, reports: Reports) -> list[Fact]:
    facts, measured = [], {}
    for table in assignment.tables.baselines:
        subject, found = f"baseline {table.id}", reports_of(table.id, reports)
        again = next(report for run, report in reports.items() if run.id == table.id and run.is_again)
        problems = [problem for report in found for problem in incomplete(report)]
        facts.append(Fact(subject=subject, claim="earns full marks", ok=not problems, seen=first_of(problems, runs_of(found))))
        if not problems:
            measured[table.id] = found
            facts.append(_repeats(subject, found[0], again))
    if len(measured) == len(assignment.tables.baselines):
        facts += [prove_order(assignment, measured), prove_record(assignment, measured)]
    return facts


def _repeats(subject: str, before: Report, again: Report) -> Fact:
    ok = before.measured == again.measured
    seen = scores(before) if ok else f"{scores(before)}, then {scores(again)}"
    return Fact(subject=subject, claim="has the same score again, whatever the seed", ok=ok, seen=seen)


def _fact_about(assignment: Assignment, run: Run, reports: Reports) -> Fact:
    """What must hold for this kind of table."""
    report = reports[run]
    baselines = [reports_of(table.id, reports)[0] for table in assignment.tables.baselines]
    weakest, reference = baselines[0], baselines[-1]
    match run.kind:
        case "accepted":
            claim = "has exactly the score of the reference"
            problems = incomplete(report) or (
                [] if report.measured == reference.measured else [f"has another one: {scores(report)}"]
            )
        case "sample":
            claim = "is complete, and no better than the weakest baseline"
            problems = incomplete(report) or _luck(assignment, report, weakest)
        case "trivial" if run.id not in UNFILLED:
            claim, problems = "is no better than the weakest baseline", _luck(assignment, report, weakest)
        case _:
            claim = "earns nothing, and is told which line, id or column is wrong"
            problems = _untold(report, contest_of(assignment).ids)
    problems = [*not_graded(report), *problems]
    return Fact(subject=run.subject, claim=claim, ok=not problems, seen=first_of(problems, scores(report)))


def _luck(assignment: Assignment, report: Report, weakest: Report) -> list[str]:
    return [f"is better beyond chance: {scores(report)}"] if all(is_better(assignment, report, weakest)) else []


def _untold(report: Report, ids: Sequence[str]) -> list[str]:
    """Why it earns something, or why whoever hands it in would not know what to repair."""
    problems = [f"{check.id} gives {check.points} points" for check in report.checks if check.points]
    problems += [f"is measured: {scores(report)}"] if report.measured else []
    for check in student_view(report).checks:
        if check.word not in (Word.wrong_value, Word.wrong_type):
            problems.append(f"{check.id}: {check.word}. {check.message.en}")
        elif check.word is Word.wrong_value and not _names_a_place(check.message, ids):
            problems.append(f"{check.id}: no line, id or column in {check.message.en!r}")
    return problems


def _names_a_place(message: Text, ids: Sequence[str]) -> bool:
    texts = message.en, message.zh
    has_place = all(place.search(text) for place, text in zip(PLACES, texts, strict=True))
    return has_place or any(all(str(id) in text for text in texts) for id in ids)


def _agrees(run: Run, real: Report, here: Report, sandbox: str) -> Fact:
    """To the last digit: what a table says is no matter of rounding."""
    problems = incomplete(real) or ([] if real.measured == here.measured else [f"{scores(real)} there, {scores(here)} here"])
    seen = first_of(problems, f"{scores(real)}, in {real.timing.total:.2f} s")
    return Fact(subject=run.subject, claim=f"has the same result in {sandbox}", ok=not problems, seen=seen)
