"""Answers beside code, and answers alone: one report."""

from collections.abc import Mapping
from decimal import Decimal

import pytest

from grader.disclosure import public_part
from grader.judge import judge
from grader.protocol import Feedback, Job, Outcome, Report, Status, Visibility, Word
from grader.questions.judging import judge_answers, paper_of
from grader.questions.paper import right_answer
from grader.sandbox.fake import FakeSandbox
from grader.spec import load_assignment
from tests.grader.questions.test_paper import CNN, MIXED, SEED

SOLUTION = b"def double(x): return 2 * x\n"


@pytest.fixture(scope="module")
def answers() -> dict[str, object]:
    paper = paper_of(MIXED, load_assignment(MIXED), SEED)
    return {item.question.id: right_answer(item.asked) for item in paper.items if not item.question.is_manual}


def judged(answers: Mapping[str, object] | None, *, code: bytes | None = SOLUTION, **fields: object) -> Report:
    files = {"solution.py": code} if code else {}
    return judge(Job(MIXED, files, SEED, answers=answers, **fields), sandbox=FakeSandbox())


def points(report: Report) -> dict[str, Decimal]:
    return {result.id: result.points for result in report.checks}


def test_code_and_questions_stand_in_one_report_part_by_part(answers: dict[str, object]) -> None:
    report = judged(answers)
    assert (report.score, report.max_score, report.status) == (70, 70, Status.graded)  # 30 more are marked by people
    assert [result.part for result in report.checks] == ["doubling"] * 2 + ["paper"] * 6
    assert set(report.contract()["checks"][0]) == set(report.contract()["checks"][-1])


def test_a_result_says_whether_a_question_was_asked_and_in_an_exam_only_public_code_is_told_of(
    answers: dict[str, object],
) -> None:
    report = judged(answers | {"word": "no"})  # one of a section that does not count
    asked = {question.id for question in load_assignment(MIXED).questions}
    assert [result.is_question for result in report.checks] == [result.id in asked for result in report.checks]
    assert [mark.is_question for mark in report.marks()] == [result.is_question for result in report.checks]
    code = [result for result in report.checks if result.id not in asked and result.visibility is Visibility.public]
    assert [each.title for each in public_part(report).results] == [result.title for result in code]


def test_code_that_cannot_be_loaded_leaves_the_answers_what_they_are_worth(answers: dict[str, object]) -> None:
    report = judged(answers, code=b"def double(x) return")
    assert report.status is Status.graded and report.fault.code == "syntax_error" and report.score == 40


def test_answers_without_code_are_graded_and_told_what_is_missing(answers: dict[str, object]) -> None:
    report = judged(answers, code=None)
    assert (report.score, report.fault.code) == (40, "no_code")


def test_without_answers_there_are_no_questions(answers: dict[str, object]) -> None:
    assert judged(None).score == judged(None).max_score == 30


def test_of_a_section_one_counts_and_the_other_is_worth_nothing(answers: dict[str, object]) -> None:
    report = judged(answers | {"word": "no"})
    word = next(result for result in report.checks if result.id == "word")
    assert (word.points, word.max_points, word.outcome) == (0, 0, Outcome.skipped) and report.max_score == 70
    assert points(report)["other_word"] == 5


def test_what_is_due_later_is_neither_scored_nor_told(answers: dict[str, object]) -> None:
    report = judged(answers | {"later": "41"}, stage=Feedback.at_once)
    assert "later" not in points(report) and report.open_questions == ["later"] and report.max_score == 65
    assert judged(answers, stage=Feedback.after_close).score == 70


def test_another_variant_has_other_answers(answers: dict[str, object]) -> None:
    report = judged(answers, variant=SEED[::-1])
    assert points(report)["total"] == 0 and report.variant == SEED[::-1]


def test_questions_alone_need_no_sandbox() -> None:
    assignment = load_assignment(CNN)
    paper = paper_of(CNN, assignment, SEED)
    right = {item.question.id: right_answer(item.asked) for item in paper.items if not item.question.is_manual}
    report = judge(Job(CNN, {}, SEED, answers=right), sandbox=None)
    assert (report.score, report.max_score, report.environment.sandbox) == (66, 66, "none")


def test_a_blank_paper_earns_nothing_and_says_what_is_not_answered() -> None:
    report = judge_answers(load_assignment(CNN), Job(CNN, {}, SEED, answers={}))
    assert report.score == 0 and {result.word for result in report.checks} == {Word.missing}
