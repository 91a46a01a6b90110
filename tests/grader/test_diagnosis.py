"""Known mistakes are named by comparing call by call."""

import random
from typing import Any

import numpy
import pytest
import torch

from grader.checks.remote import Exchange
from grader.diagnosis import diagnose, is_relevant, rehearse, same_transcript
from grader.runner.wire import Handle
from grader.spec import Assignment

SEED = "12" * 32


def check_of(tiny: Assignment, name: str) -> Any:
    return next(check for check in tiny.checks if check.id == name)


def exchange(value: Any, **more: Any) -> Exchange:
    return Exchange("call", "f", {"value": value, "mutated": [], "gradients": None, **more})


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (torch.ones(2), torch.ones(2) + 1e-7, True),
        (torch.ones(2), torch.ones(2) + 1e-2, False),
        (torch.ones(2), torch.ones(2, 1), False),
        (torch.full((2,), float("nan")), torch.full((2,), float("nan")), True),
        ((1, "a"), [1, "a"], True),
        ({"a": 1.0}, {"a": 1.0}, True),
        (Handle(1, "MLP"), Handle(7, "Other"), True),
        (Handle(1, "MLP"), 1, False),
        (1, None, False),
    ],
)
def test_replies_are_the_same_within_the_tolerance(left: Any, right: Any, same: bool) -> None:
    assert same_transcript([exchange(left)], [exchange(right)]) is same


def test_errors_are_the_same_if_their_types_are() -> None:
    def raised(kind: str) -> list[Exchange]:
        return [Exchange("call", "f", {"error": {"kind": "exception", "type": kind, "message": kind}})]

    assert same_transcript(raised("ValueError"), raised("ValueError"))
    assert not same_transcript(raised("ValueError"), raised("IndexError"))
    assert not same_transcript(raised("ValueError"), [exchange(1)])


def test_changed_inputs_and_gradients_count_as_well() -> None:
    assert not same_transcript([exchange(1, mutated=[0])], [exchange(1)])
    assert not same_transcript([exchange(1, gradients=[torch.ones(1)])], [exchange(1, gradients=[torch.zeros(1)])])
    assert not same_transcript([exchange(1), exchange(2)], [exchange(1)])


def test_only_mistakes_that_touch_what_was_called_are_tried(tiny: Assignment) -> None:
    check = check_of(tiny, "doubles")
    transcript, _ = rehearse(tiny, check, SEED, tiny.reference_source)
    assert [m.id for m in tiny.mistakes if is_relevant(tiny, m, check, transcript)] == ["triples"]


def test_a_mistake_may_say_which_checks_it_explains(tiny: Assignment) -> None:
    mistake = next(mistake for mistake in tiny.mistakes if mistake.id == "forgets_bias")
    assert is_relevant(tiny, mistake, check_of(tiny, "affine_matches"), [])
    assert not is_relevant(tiny, mistake, check_of(tiny, "doubles"), [exchange(1)])


def test_nobody_is_told_a_mistake_for_the_references_own_answers(tiny: Assignment) -> None:
    check = check_of(tiny, "doubles")
    transcript, ended = rehearse(tiny, check, SEED, tiny.reference_source)
    assert ended is None
    assert diagnose(tiny, check, SEED, transcript) is None


def test_a_rehearsal_leaves_the_processs_random_numbers_alone(tiny: Assignment) -> None:
    states = random.getstate(), numpy.random.get_state()[1].tolist(), torch.get_rng_state()
    rehearse(tiny, check_of(tiny, "doubles"), SEED, tiny.reference_source)
    assert random.getstate() == states[0]
    assert numpy.random.get_state()[1].tolist() == states[1]
    assert torch.equal(torch.get_rng_state(), states[2])
