"""`verify --variants` finds what does not hold on some draw."""

import pytest

from grader.spec import Assignment, load_assignment
from grader.variants import Variant
from grader.variants.trial import count_operators
from grader.variants.verify import NOTHING, is_within, problem_with_example, verify_variants_here
from tests.grader.questions.test_paper import CNN
from tests.grader.variants.conftest import Edit

COUNT = 4


def broken(assignment: Assignment) -> dict[str, str]:
    return {fact.subject: fact.seen for fact in verify_variants_here(assignment, count=COUNT).facts if not fact.ok}


def test_a_sound_assignment_proves_its_variants(drawn: Assignment) -> None:
    proof = verify_variants_here(drawn, count=COUNT)
    assert [fact for fact in proof.facts if not fact.ok] == []
    assert {fact.subject.removeprefix("variant: ") for fact in proof.facts} == {
        "neighbours", "texts", "example", "reference", "starter", "accepted halves", "mistake adds", "mistake transposes",
        "difficulty",
    }  # fmt: skip
    assert len(proof.tried) == COUNT == len({str(each.constants) for each in proof.tried})
    assert all(each.operators > 0 and each.work < 0.5 for each in proof.tried)


def test_there_is_nothing_to_prove_where_all_have_the_same(tiny: Assignment) -> None:
    assert verify_variants_here(tiny) is NOTHING


def test_of_questions_alone_neighbours_are_compared() -> None:
    (fact,) = verify_variants_here(load_assignment(CNN), count=COUNT).facts
    assert fact.ok and fact.subject == "variant: neighbours"


SCALED = 'return VARIANT["factor"] * x'
SLOW = f'for _ in range(VARIANT["factor"]):\n        x = x + 0\n    {SCALED}'
SQUARE, SAME = "[[a, b], [c, d]]", "[[a, b], [b, d]]"
TEXTS, TRANSPOSES = "variant: texts", "variant: mistake transposes"


@pytest.mark.parametrize(
    ("file", "old", "new", "subject", "said"),
    [
        ("handout.zh.md", "{{factor}}", "{{faktor}}", TEXTS, "handout.zh.md: {{faktor}}"),
        ("starter.py", "FACTOR = {{factor}}", "FACTOR = {{factor}} {{unit}}", TEXTS, "not valid Python"),
        ("variant.py", "return Variant(", "assert draw.integer(0, 2)\n    return Variant(", TEXTS, "AssertionError"),
        ("reference.py", '    "factor": 7,\n', "", "variant: example", "'factor'"),
        ("reference.py", '"factor": 7', '"factor": 7.0', "variant: example", "another type"),
        ("accepted/halves.py", 'VARIANT["factor"] / 2) + x', "3.5) + x", "variant: accepted halves", "scale"),
        ("checks.py", "case.close(", "case.equal(case.variant['stride'], 2)\n    case.close(", "variant: reference", "scales"),
        ("starter.py", "raise NotImplementedError\n\n\ndef w", "return x\n\n\ndef w", "variant: starter", "scales"),
        ("mistakes/adds.py", "+ x", "* x", "variant: mistake adds", "loses nothing"),
        ("variant.py", SQUARE, SAME, TRANSPOSES, "loses nothing"),
        ("reference.py", SCALED, SLOW, "variant: difficulty", "median"),
        ("checks.py", 'case.compare("windows"', 'print("windows"', TRANSPOSES, "loses nothing"),
    ],
)
def test_what_does_not_hold_is_found(edited: Edit, file: str, old: str, new: str, subject: str, said: str) -> None:
    assert said in broken(edited(file, old, new)).get(subject, "")


def test_constants_that_change_nothing_are_no_variants(edited: Edit) -> None:
    """All draws of the code alike; numbers on paper still differ."""
    found = edited("variant.py", "draw: Draw) -> Variant:", "draw: Draw) -> Variant:\n    draw = Draw('00', 'all')")
    assert "0 of 4 neighbours' code loses anything" in broken(found)["variant: neighbours"]


def test_operators_are_those_of_the_reference(drawn: Assignment, edited: Edit) -> None:
    longer = edited("reference.py", 'return VARIANT["factor"] * x', 'return (VARIANT["factor"] * x).exp().log()')
    seeded = [each.model_copy(update={"variant_seed": "00" * 32}) for each in (drawn, longer)]
    assert count_operators(seeded[1]) - count_operators(seeded[0]) == 4  # two more in each of two calls


@pytest.mark.parametrize(("count", "fits"), [(74, False), (75, True), (100, True), (125, True), (126, False)])
def test_the_band_has_its_edges(count: int, fits: bool) -> None:
    assert is_within(count, 100, 0.25) is fits


def test_an_example_without_constants_is_none() -> None:
    assert problem_with_example(Variant(), Variant(a=1)) is None
