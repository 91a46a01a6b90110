"""Labels that get out, in whatever way, are found; what has to go in is not mistaken for them."""

import io
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

import numpy as np
import pytest
import torch

from grader.competition.contest import Contest
from grader.competition.secrecy import facts_about_secrets
from grader.competition.verify import contest_of, verify_competition
from grader.sandbox.fake import FakeSandbox
from grader.spec import Assignment, load_assignment
from grader.verify import Fact

from .conftest import CONTEST

Edit = Callable[..., Assignment]
CALLS = "go the training data and the test items, in a new order each time, and nothing else"
LABELS = "goes no label of a test item, and no sign of its half"


def broken(facts: list[Fact]) -> dict[str, str]:
    return {fact.claim: fact.seen for fact in facts if not fact.ok}


@pytest.fixture
def sound() -> tuple[Assignment, Contest]:
    assignment = load_assignment(CONTEST)
    return assignment, contest_of(assignment)


def sent(
    contest: Contest, order: torch.Tensor, train: Any = None, budget: Any = None, inputs: Any = None
) -> list[tuple[str, Any]]:
    """The two calls of a run, as they go over the wire."""
    fit = {"target": "fit", "args": [dict(contest.train) if train is None else train, budget or {"seconds": 5.0}]}
    return [("call", fit), ("call", {"target": "predict", "args": [0, contest.inputs[order] if inputs is None else inputs]})]


def orders(contest: Contest) -> list[torch.Tensor]:
    return [torch.randperm(len(contest.labels), generator=torch.Generator().manual_seed(seed)) for seed in (1, 2)]


def test_two_calls_with_what_belongs_there_are_in_order(sound: tuple[Assignment, Contest]) -> None:
    assignment, contest = sound
    assert broken(facts_about_secrets(assignment, contest, [sent(contest, order) for order in orders(contest)])) == {}


@pytest.mark.parametrize("form", [torch.uint8, torch.int64, torch.float32, list, str])
@pytest.mark.parametrize("in_order", ["of the file", "as sent", "public ones"])
def test_labels_in_any_form_and_order_are_found(sound: tuple[Assignment, Contest], form: Any, in_order: str) -> None:
    assignment, contest = sound
    order = orders(contest)[0]
    public = torch.from_numpy(contest.is_public)
    labels = {"of the file": contest.labels, "as sent": contest.labels[order], "public ones": contest.labels[public]}[in_order]
    told = labels.to(form) if isinstance(form, torch.dtype) else form(labels.tolist())
    leaking = sent(contest, order, budget={"seconds": 5.0, "hint": told})
    assert LABELS in broken(facts_about_secrets(assignment, contest, [leaking, sent(contest, orders(contest)[1])]))


def test_a_sign_of_the_private_half_is_found(sound: tuple[Assignment, Contest]) -> None:
    assignment, contest = sound
    order = orders(contest)[0]
    leaking = sent(contest, order, budget={"seconds": 5.0, "public": torch.from_numpy(contest.is_public)[order]})
    assert LABELS in broken(facts_about_secrets(assignment, contest, [leaking, sent(contest, orders(contest)[1])]))


def test_other_calls_than_the_two_are_found(sound: tuple[Assignment, Contest]) -> None:
    assignment, contest = sound
    first, second = orders(contest)
    good = sent(contest, second)
    trial = {
        "3 calls": [*sent(contest, first), good[1]],
        "something else than the training data": sent(contest, first, train={**contest.train, "more": contest.inputs}),
        "something else than every test item": sent(contest, first, inputs=contest.inputs[first[:-1]]),
        "the same order": sent(contest, second),
        "that of the file": sent(contest, torch.arange(len(contest.labels))),
    }
    for seen, tapped in trial.items():
        assert seen in broken(facts_about_secrets(assignment, contest, [tapped, good]))[CALLS]


def test_a_test_item_that_students_can_train_on_is_found(edited: Edit, at_once: Executor) -> None:
    assignment = edited(("data.py", "inputs=points[300:], labels=labels[300:]", "inputs=points[299:], labels=labels[299:]"))
    facts = verify_competition(assignment, sandbox=FakeSandbox(), pool=at_once, seeds=4)
    assert broken(facts)["are none of the training items"] == "in both: 1 of 601"


def npz(**arrays: torch.Tensor) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **{name: array.numpy() for name, array in arrays.items()})
    return file.getvalue()


FILES = {
    "test items among training items": lambda c: (
        "train.npz",
        npz(inputs=torch.cat([c.train["inputs"], c.inputs[:2]])),
        "2 test items",
    ),
    "labels in an array": lambda c: ("train.npz", npz(labels=c.labels.float()), "labels of test items"),
    "labels in a table": lambda c: ("labels.csv", "\n".join(map(str, c.labels.tolist())).encode(), "labels of test items"),
}


@pytest.mark.parametrize("leak", FILES.values(), ids=FILES.keys())
def test_what_students_pull_is_searched(edited: Edit, leak: Callable[[Contest], tuple[str, bytes, str]]) -> None:
    assignment = edited()
    contest = contest_of(assignment)
    name, data, problem = leak(contest)
    (assignment.folder / "data").mkdir()
    (assignment.folder / "data" / name).write_bytes(data)
    tapped = [sent(contest, order) for order in orders(contest)]
    seen = broken(facts_about_secrets(load_assignment(assignment.folder), contest, tapped))[
        "holds no test item and no label of one"
    ]
    assert f"data/{name}" in seen and problem in seen


def test_a_word_of_the_test_in_a_table_is_found(sound: tuple[Assignment, Contest], edited: Edit) -> None:
    words = [f"word{n}" for n in range(600)]
    contest = Contest("accuracy", {"inputs": ["other"], "labels": torch.zeros(1)}, words, sound[1].labels, "one", classes=3)
    assignment = edited()
    (assignment.folder / "data").mkdir()
    (assignment.folder / "data" / "train.csv").write_text("word,label\nword7,1\nword7000,1\n")
    seen = broken(facts_about_secrets(load_assignment(assignment.folder), contest, []))
    assert seen["holds no test item and no label of one"] == "data/train.csv: 1 test items"
