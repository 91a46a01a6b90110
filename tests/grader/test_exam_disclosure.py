"""While an exam runs, an attempt tells of its public checks and of nothing else at all."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.disclosure import PublicPart, PublicResult, public_marks, public_part
from grader.protocol import (
    CheckResult,
    Detail,
    Environment,
    Fault,
    Logged,
    Metric,
    Mistake,
    Outcome,
    PolicyHit,
    Report,
    Series,
    Status,
    Text,
    Timing,
    Visibility,
    Whose,
    Word,
)

CANARY, NUMBER = "canary-51c2", "98765"
SECRET = Text(en=CANARY, zh=CANARY)
POINTS = Decimal(NUMBER)
MISTAKE = Mistake(id="no_scale", message=Text(en="You did not scale.", zh="没有缩放。"))


def result(title: str, *, visibility: Visibility = Visibility.public, **fields: object) -> CheckResult:
    """Of a public check, of whose many facts four may be told."""
    known = {
        "id": CANARY, "part": CANARY, "title": Text(en=title, zh=title), "points": POINTS, "max_points": POINTS,
        "outcome": Outcome.failed, "visibility": visibility, "message": Text(en="Off by 3.", zh="差 3。"),
        "word": Word.wrong_value, "seconds": float(NUMBER), "operators": {CANARY: 1},
        "detail": Detail(call=CANARY, expected=CANARY, actual=CANARY, output=CANARY, traceback=CANARY),
    }  # fmt: skip
    return CheckResult(**(known | fields))


def hidden(**fields: object) -> CheckResult:
    mistake = Mistake(id=CANARY, message=SECRET)
    return result(CANARY, visibility=Visibility.hidden, message=SECRET, mistake=mistake, **fields)


def question(**fields: object) -> CheckResult:
    return result(CANARY, message=SECRET, mistake=Mistake(id=CANARY, message=SECRET), is_question=True, **fields)


PUBLIC = [result("Shapes", outcome=Outcome.passed, word=Word.passed), result("Values", mistake=MISTAKE)]
SEEN = PublicPart(
    results=[
        PublicResult(title=Text(en="Shapes", zh="Shapes"), outcome="passed", message=Text(en="Off by 3.", zh="差 3。")),
        PublicResult(
            title=Text(en="Values", zh="Values"),
            outcome="failed",
            message=Text(en="Off by 3.", zh="差 3。"),
            hint=MISTAKE.message,
        ),
    ]
)
others = st.lists(
    st.builds(
        lambda make, outcome, word: make(outcome=outcome, word=word),
        st.sampled_from([hidden, question]),
        st.sampled_from(Outcome),
        st.sampled_from(Word),
    ),
    max_size=6,
)


def report(checks: list[CheckResult], **fields: object) -> Report:
    whole = {
        "assignment": CANARY, "status": Status.graded, "score": POINTS, "max_score": POINTS, "seed": CANARY, "checks": checks,
        "policy": [PolicyHit(rule=CANARY, name=CANARY, line=3, evidence=CANARY)],
        "metrics": {CANARY: Metric(public=float(NUMBER), private=float(NUMBER))}, "notes": [SECRET], "variant": CANARY,
        "environment": Environment(python=CANARY, torch=CANARY, device="cpu", sandbox=CANARY, isolation="fresh"),
        "timing": Timing(sandbox=float(NUMBER), student=float(NUMBER), total=float(NUMBER)), "open_questions": [CANARY],
        "training": [Logged(check=CANARY, series=[Series(name=CANARY, steps=[1], values=[float(NUMBER)], total=1)])],
    }  # fmt: skip
    return Report(**(whole | fields))


@given(st.data(), others)
def test_whatever_is_hidden_or_asked_and_wherever_it_stands_the_same_is_seen(
    data: st.DataObject, rest: list[CheckResult]
) -> None:
    """So neither how many there are, nor what became of them, nor what they are worth."""
    order = data.draw(st.permutations([None] * len(PUBLIC) + list(range(len(rest)))))
    public = iter(PUBLIC)
    checks = [next(public) if place is None else rest[place] for place in order]
    seen = public_part(report(checks))
    assert seen == SEEN == public_part(report(PUBLIC, score=Decimal(0), max_score=Decimal(1), seed=""))
    assert CANARY not in seen.model_dump_json() and NUMBER not in seen.model_dump_json()


@given(others, st.integers(0, 2))
def test_while_it_is_judged_a_public_check_has_an_outcome_and_no_more(rest: list[CheckResult], done: int) -> None:
    marks = report([*PUBLIC, *rest]).marks()
    open_marks = [mark.model_copy(update={"outcome": None, "word": None}) for mark in marks[done:2]]
    seen = public_marks([*marks[:done], *open_marks, *marks[2:]])
    outcomes = [each.outcome if place < done else None for place, each in enumerate(PUBLIC)]
    assert [(each.title.en, each.outcome) for each in seen.results] == list(zip(["Shapes", "Values"], outcomes, strict=True))
    assert CANARY not in seen.model_dump_json() and NUMBER not in seen.model_dump_json()


def test_what_a_public_check_found_with_hidden_inputs_is_one_word() -> None:
    seen = public_part(report([result("Values", message=SECRET, mistake=Mistake(id=CANARY, message=SECRET), is_concealed=True)]))
    assert seen.results == [
        PublicResult(title=Text(en="Values", zh="Values"), outcome="failed", message=Text(en="Wrong value.", zh="数值不对。"))
    ]


@pytest.mark.parametrize(("whose", "is_told"), [(Whose.student, True), (Whose.assignment, False), (Whose.system, False)])
def test_why_their_own_file_cannot_be_loaded_is_told_and_no_fault_of_ours(whose: Whose, is_told: bool) -> None:
    message = Text(en="Line 3: invalid syntax.", zh="第 3 行语法错误。")
    fault = Fault(whose=whose, code="syntax", message=message, line=3)
    seen = public_part(report([], status=Status.ungradable, fault=fault))
    assert (seen.fault, seen.line) == ((message, 3) if is_told else (None, None))
