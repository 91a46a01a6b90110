"""Operators are counted where they run, and only where somebody asked."""

import subprocess
import sys

import pytest
import torch

from grader.runner.dispatcher import Dispatcher
from grader.runner.operators import MOST_NAMES, Counter, counting
from grader.runner.wire import WireError
from grader.sandbox.replies import check_reply

SOURCE = b"""
import torch

def affine(x, w):
    return x @ w + 1

def differentiates(x):
    x = x.clone().requires_grad_()
    x.exp().sum().backward()
    return x.grad

def normalises(x):
    return torch.ops.aten.native_layer_norm(x, [4], None, None, 1e-5)[0]

def fails(x):
    raise ValueError(x.exp())
"""


@pytest.fixture
def dispatcher() -> Dispatcher:
    opened = Dispatcher()
    opened.run("load", {"files": {"solution.py": SOURCE}, "module": "solution"})
    return opened


def operators(dispatcher: Dispatcher, name: str, *inputs: torch.Tensor, **options: object) -> dict[str, int] | None:
    return dispatcher.run("call", {"target": name, "args": list(inputs), "trace": True, **options})["operators"]


def test_each_operator_is_counted_once_for_each_time_it_runs(dispatcher: Dispatcher) -> None:
    assert operators(dispatcher, "affine", torch.ones(2, 3), torch.ones(3, 2)) == {"aten::mm": 1, "aten::add": 1}


def test_a_library_layer_shows_under_its_operator_however_it_was_reached(dispatcher: Dispatcher) -> None:
    assert "aten::native_layer_norm" in operators(dispatcher, "normalises", torch.ones(2, 4))


def test_a_backward_pass_counts_too(dispatcher: Dispatcher) -> None:
    ran = operators(dispatcher, "differentiates", torch.ones(3), grad=True)
    assert {"aten::exp", "aten::sum", "aten::mul"} <= set(ran)


def test_our_own_copies_and_gradients_are_not_counted(dispatcher: Dispatcher) -> None:
    inputs = (torch.ones(2, 3), torch.ones(3, 2))
    ran = operators(dispatcher, "affine", *inputs, cotangents=[torch.ones(2, 2)])
    assert set(ran) == {"aten::mm", "aten::add"}


def test_nothing_is_counted_unasked_and_after_an_error_nothing_goes_on(dispatcher: Dispatcher) -> None:
    x = torch.ones(2, 2)
    assert dispatcher.run("call", {"target": "affine", "args": [x, x]})["operators"] is None
    assert "error" in dispatcher.run("call", {"target": "fails", "args": [x], "trace": True})
    assert torch._C._len_torch_dispatch_stack() == 0


def test_only_so_many_names_are_kept() -> None:
    counts = {f"mine::{number}": 1 for number in range(MOST_NAMES)}
    with Counter(counts):
        torch.ones(2) + 1
    assert len(counts) == MOST_NAMES and "aten::add" not in counts


def test_counting_does_not_import_the_compiler() -> None:
    code = "import sys, torch\nfrom grader.runner.operators import counting\n"
    code += "with counting(True) as seen:\n    torch.ones(2) + 1\n"
    code += "assert seen == {'aten::ones': 1, 'aten::add': 1}, seen\nassert 'torch._dynamo' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    "forged",
    [
        {"aten::add": 0},
        {"aten::add": 1 << 60},
        {"aten::add": True},
        {"aten::add": 1.5},
        {"add": 1},
        {"aten::add\x00": 1},
        {"aten::" + "a" * 100: 1},
        {f"aten::a{number}": 1 for number in range(MOST_NAMES + 1)},
        ["aten::add"],
    ],
)
def test_a_forged_count_of_another_form_is_refused(forged: object) -> None:
    with pytest.raises(WireError):
        check_reply("call", {"value": 1, "mutated": [], "gradients": None, "operators": forged})


def test_counting_nothing_costs_nothing() -> None:
    with counting(False) as seen:
        assert torch._C._len_torch_dispatch_stack() == 0
    assert seen is None
