"""What facts are made of, read from real rows of reports and measurements."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from grader.protocol import CheckResult, Detail, Logged, Mistake, Outcome, Series, Text, Visibility, Word
from server.accounts.models import User
from server.assignments.models import Assignment
from server.similarity import records
from server.similarity.facts import Class, Side, facts_beside
from server.similarity.models import Comparison
from server.similarity.queries import list_pairs
from server.submissions.models import Submission
from tests.server.contest import ITEMS

SAID = Text(en="no", zh="否")
LOSSES = [2.3, 1.7, 1.2, 0.9, 0.7, 0.61, 0.52, 0.5]


def failed(
    id: str, *, word: Word = Word.wrong_value, error: float = 0.31, mistake: str | None = None, **more: Any
) -> CheckResult:
    return CheckResult(
        id=id, part="p", title=SAID, points=Decimal(0), max_points=Decimal(10), outcome=Outcome.failed, message=SAID, word=word,
        visibility=more.get("visibility", Visibility.hidden), mistake=Mistake(id=mistake, message=SAID) if mistake else None,
        detail=Detail(largest_error=error, where=[0, 4], error_map=[[error]]),
    )  # fmt: skip


def logged(name: str, values: list[float]) -> Logged:
    return Logged(check="learns", series=[Series(name=name, steps=list(range(len(values))), values=values, total=len(values))])


REPORT = {
    "checks": [
        failed("affine", error=0.31234567, mistake="no_bias"),
        failed("adam", error=0.25),
        failed("shown", visibility=Visibility.public),
        failed("unwritten", word=Word.missing),
    ],
    "training": [logged("loss", LOSSES), logged("rate", [0.1] * 20), logged("short", LOSSES[:5])],
}


def test_reports_become_what_can_be_compared(
    session: Session, assignment: Assignment, hand_in: Callable[..., Submission], make_member: Callable[..., User],
    grade: Callable[..., Any],
) -> None:  # fmt: skip
    one, other, clean = (hand_in(assignment, make_member(login), f"# {login}\n") for login in ("ada", "bob", "eve"))
    for submission in (one, other):
        grade(submission, 0, **REPORT)
    grade(clean, 100)
    found = records.records_of(session, {one.id: "user:1", other.id: "user:2", clean.id: "user:3"})
    assert found.keys() == {one.id, other.id}
    mine = found[one.id]
    assert mine.failed == {"affine", "adam"}
    assert mine.mistakes == {("affine", "no_bias")}
    assert {check for check, _ in mine.errors} == {"affine"}  # many outputs are off by a quarter
    assert {(check, name): points for (check, name, _), points in mine.curves.items()} == {("learns", "loss"): 8}
    sides = [Side(found[id].student, record=found[id]) for id in (one.id, other.id)]
    told = {fact["kind"]: fact for fact in facts_beside(*sides, Class(found.values()))}
    assert told == {
        "same_mistakes": {"kind": "same_mistakes", "mistakes": [{"check": "affine", "id": "no_bias"}], "others": 0},
        "same_failed_checks": {"kind": "same_failed_checks", "checks": ["adam", "affine"], "others": 0},
        "same_wrong_outputs": {"kind": "same_wrong_outputs", "checks": ["affine"]},
        "same_curves": {"kind": "same_curves", "names": ["loss"], "points": 8},
    }


def test_items_of_a_competition_say_which_are_wrong(
    session: Session, make_assignment: Callable[..., Assignment], student: User, reach: Callable[..., Submission]
) -> None:
    submission = reach(make_assignment(slug="contest"), student, 0.8, 0.5)
    (items,) = records.wrong_items(session, [submission.id], is_error=False).values()
    assert items.dtype == np.uint32
    assert len(items) == sum(ITEMS.values())
    assert int(items.sum()) == round(0.2 * ITEMS["public"] + 0.5 * ITEMS["private"])


def test_the_same_two_in_another_assignment_are_told(
    session: Session, compared: Comparison, compare: Callable[..., Comparison], pupils: dict[str, Submission],
    make_assignment: Callable[..., Assignment], hand_in: Callable[..., Submission],
) -> None:  # fmt: skip
    second = make_assignment(slug="contest")
    for login in ("jonas", "mallory", "yuki"):
        hand_in(second, pupils[login].author, "def f(x):\n    return [x * 3 + 7, x**5 - 11]\n" if login != "yuki" else "y = 1\n")
    rows = list_pairs(session, comparison=compare(second)).rows
    assert {rows[0].left.login, rows[0].right.login} == {"jonas", "mallory"}
    assert {"kind": "other_assignments", "assignments": ["tiny"]} in rows[0].facts
