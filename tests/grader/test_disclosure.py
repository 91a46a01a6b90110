"""What a student may see of a report."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from grader.disclosure import HIDDEN, student_view
from grader.protocol import (
    CheckResult,
    Curve,
    Detail,
    Environment,
    Metric,
    Mistake,
    Outcome,
    Pictures,
    PolicyHit,
    Report,
    Scatter,
    Status,
    Text,
    Timing,
    Visibility,
    Word,
)

CANARY = "canary-7f3a"
texts = st.text(max_size=20).map(lambda text: CANARY + text)
numbers = st.floats(allow_nan=False, allow_infinity=False)
details = st.builds(
    Detail,
    call=texts,
    expected=texts,
    actual=texts,
    largest_error=numbers,
    where=st.lists(st.integers(), max_size=3),
    error_map=st.lists(st.lists(numbers, max_size=3), max_size=3),
    line=st.integers(1, 99),
    source=st.lists(st.tuples(st.integers(), texts), max_size=2),
    traceback=texts,
    output=texts,
)
TITLE = Text(en=CANARY, zh=CANARY)
figures = st.sampled_from(
    [
        Curve(title=TITLE, steps=[1, 9], values=[0.5, None], band=(0.25, 1.0), is_fraction=True),
        Scatter(title=TITLE, points=[(0.5, 0.5)], marks=[(0.0, 1.0)], frame=(0.0, 0.0, 2.0), outside=3, total=4),
        Pictures(title=TITLE, pixels=[[[0, 255], [7, 8]]], total=2),
    ]
)
secrets = st.fixed_dictionaries(
    {
        "message": st.builds(Text, en=texts, zh=texts),
        "seconds": numbers,
        "detail": st.none() | details,
        "figures": st.lists(figures, max_size=2),
        "mistake": st.none() | st.builds(Mistake, id=texts, message=st.builds(Text, en=texts, zh=texts)),
    }
)
verdicts = st.fixed_dictionaries(
    {"points": st.sampled_from([Decimal(0), Decimal(5)]), "outcome": st.sampled_from(Outcome), "word": st.sampled_from(Word)}
)
PUBLIC = CheckResult(
    id="public_one",
    part="part",
    title=Text(en="Public", zh="公开"),
    points=Decimal(1),
    max_points=Decimal(2),
    outcome=Outcome.failed,
    visibility=Visibility.public,
    message=Text(en="Off by 3.", zh="差 3。"),
    word=Word.wrong_value,
    seconds=0.25,
    detail=Detail(call="f(2)"),
    figures=[Curve(title=Text(en="Loss", zh="损失"), steps=[1, 9], values=[2.5, 0.5])],
)


def report(verdict: dict, secret: dict, *, seed: str, metric: float, timing: float, gpu: int | None = None) -> Report:
    title = Text(en="Hidden", zh="隐藏")
    hidden = CheckResult(
        id="hidden_one", part="part", title=title, max_points=Decimal(5), visibility=Visibility.hidden, **verdict, **secret
    )
    return Report(
        assignment="tiny",
        status=Status.graded,
        score=Decimal(1) + verdict["points"],
        max_score=Decimal(7),
        seed=seed,
        checks=[PUBLIC, hidden],
        policy=[PolicyHit(rule="r", name="torch.nn", line=3, evidence="import torch.nn")],
        metrics={"accuracy": Metric(public=0.5, private=metric)},
        environment=Environment(python="3.11", torch="2", device="cpu", sandbox="fake", isolation="fork", gpu_memory_bytes=gpu),
        timing=Timing(sandbox=timing, student=timing, total=timing),
    )


@given(verdicts, secrets, secrets, st.text(max_size=5), numbers)
def test_equal_verdicts_look_equal_whatever_the_hidden_inputs_were(
    verdict: dict, one: dict, other: dict, seed: str, number: float
) -> None:
    first = student_view(report(verdict, one, seed=seed, metric=number, timing=number, gpu=int(abs(number)))).model_dump_json()
    second = student_view(report(verdict, other, seed="00" * 32, metric=0.25, timing=1.0)).model_dump_json()
    assert first == second
    assert CANARY not in first


@given(verdicts, secrets)
def test_totals_and_public_checks_stay(verdict: dict, secret: dict) -> None:
    before = report(verdict, secret, seed="s", metric=1.0, timing=1.0)
    seen = student_view(before)
    assert (seen.score, seen.max_score, seen.status) == (before.score, before.max_score, before.status)
    assert seen.checks[0] == PUBLIC
    assert seen.checks[1].message == HIDDEN[verdict["word"]]
    assert (seen.checks[1].points, seen.checks[1].outcome) == (verdict["points"], verdict["outcome"])
    assert seen.environment == before.environment and seen.policy == before.policy


def test_there_is_a_text_for_every_word() -> None:
    assert set(HIDDEN) == set(Word)


def test_hints_about_reflection_are_for_staff_only() -> None:
    hits = [PolicyHit(rule=rule, name="x", line=1, evidence="solution.py: x") for rule in ("hand_written", "reflection")]
    report = Report(
        assignment="tiny",
        status=Status.graded,
        score=Decimal(0),
        max_score=Decimal(0),
        seed="",
        policy=hits,
        environment=Environment(python="3", torch="2", device="cpu", sandbox="fake", isolation="fork"),
        timing=Timing(sandbox=0, student=0, total=0),
    )
    assert [hit.rule for hit in student_view(report).policy] == ["hand_written"]
