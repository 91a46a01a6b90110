"""What the operations answer, over real frames but without walls."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch

from grader.runner.wire import Handle
from grader.sandbox.base import Limits
from grader.sandbox.fake import FakeSandbox

SOURCE = b"""
import collections
import torch
import torch.nn.functional as F
from torch import nn, relu

Pair = collections.namedtuple("Pair", "left right")

def double(x):
    return 2 * x

def change(x, y):
    y += 1
    return x

def unwritten(x):
    return helper(x)

def helper(x):
    raise NotImplementedError

def refused(x):
    return torch.ones(2, device="meta").item()

def wrong(x):
    y = x + 1
    return y.nothing

def pairs(x):
    return Pair(x, torch.max(x, 0))

def count(n):
    yield from range(n)

def library(x):
    return F.relu(x)

def captured(x):
    return relu(x)

def swallows(x):
    try:
        return F.relu(x)
    except Exception:
        return x * 0

def draws():
    return torch.rand(3)

def leaves():
    raise SystemExit(0)

def too_much():
    return torch.empty(10 ** 13)

class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(2, 3)

    def forward(self, x):
        return self.inner(x)

class Plain:
    def __init__(self):
        self.weights = [torch.ones(2), torch.zeros(3)]

    @property
    def broken(self):
        return self.nowhere

class Unfinished(nn.Module):
    pass
"""


@pytest.fixture
def ask() -> Iterator[Callable[..., dict[str, Any]]]:
    with FakeSandbox().open(Limits()) as box:
        box.request("load", {"files": {"solution.py": SOURCE}, "module": "solution"}, seconds=9)

        def ask(op: str, **payload: Any) -> dict[str, Any]:
            return box.request(op, payload, seconds=9)

        yield ask


def load(source: bytes, **others: bytes) -> dict[str, Any]:
    files = {"solution.py": source, **{f"{name}.py": data for name, data in others.items()}}
    with FakeSandbox().open(Limits()) as box:
        return box.request("load", {"files": files, "module": "solution"}, seconds=9)


@pytest.mark.parametrize(
    ("source", "kind", "line"),
    [
        (b"x = (", "syntax", 1),
        (b"\nimport nothing_like_this", "import", 2),
        (b"\n\nexit(0)", "exit", 3),
        (b"x = 1\n1 / 0", "exception", 2),
        (b"raise NotImplementedError", "not_implemented", 1),
        (b"x = 1\0", "syntax", None),
    ],
)
def test_a_file_that_cannot_be_imported_says_why_and_where(source: bytes, kind: str, line: int | None) -> None:
    error = load(source)["error"]
    assert (error["kind"], error["line"]) == (kind, line)


def test_other_files_can_be_imported_but_shadow_nothing() -> None:
    reply = load(b"import json, part\nx = part.y + len(json.dumps(1))", part=b"y = 1", json=b"raise SystemExit")
    assert reply["names"]["x"] == "value"


def test_names_tell_functions_from_classes(ask: Callable[..., dict[str, Any]]) -> None:
    names = load(SOURCE)["names"]
    assert (names["double"], names["Layer"], names["torch"]) == ("function", "class", "value")


def test_a_call_returns_the_value_and_gradients(ask: Callable[..., dict[str, Any]]) -> None:
    x = torch.randn(3)
    reply = ask("call", target="double", args=[x], cotangents=[torch.ones(3)])
    assert torch.equal(reply["value"], 2 * x) and torch.equal(reply["gradients"][0], torch.full((3,), 2.0))
    assert ask("call", target="double", args=[x])["gradients"] is None


def test_a_changed_argument_is_named(ask: Callable[..., dict[str, Any]]) -> None:
    assert ask("call", target="change", args=[torch.ones(2), torch.ones(2)])["mutated"] == [1]
    assert ask("call", target="change", args=[torch.ones(2)], kwargs={"y": torch.ones(2)})["mutated"] == ["y"]
    assert ask("call", target="double", args=[torch.tensor([float("nan")])])["mutated"] == []


@pytest.mark.parametrize(
    ("name", "kind", "function"),
    [
        ("absent", "missing", "absent"),
        ("Layer.absent", "missing", "Layer.absent"),
        ("unwritten", "not_implemented", "helper"),
        ("refused", "exception", "refused"),
        ("wrong", "exception", "wrong"),
    ],
)
def test_what_is_not_there_is_told_from_what_fails(name: str, kind: str, function: str, ask: Callable[..., Any]) -> None:
    error = ask("call", target=name, args=[torch.ones(2)])["error"]
    assert (error["kind"], error["function"]) == (kind, function)


def test_an_error_shows_the_line_and_three_around_it(ask: Callable[..., dict[str, Any]]) -> None:
    error = ask("call", target="wrong", args=[torch.ones(2)])["error"]
    assert dict(error["source"])[error["line"]] == "    return y.nothing"
    assert len(error["source"]) == 7 and "/" not in error["traceback"]


def test_exit_and_memory_have_their_own_words(ask: Callable[..., dict[str, Any]]) -> None:
    assert ask("call", target="leaves", args=[])["error"]["kind"] == "exit"
    assert ask("call", target="too_much", args=[])["error"]["kind"] == "memory"


def test_a_module_without_forward_is_not_implemented(ask: Callable[..., dict[str, Any]]) -> None:
    layer = ask("call", target="Unfinished", args=[])["value"]
    error = ask("call", target=layer, args=[torch.ones(2)])["error"]
    assert (error["kind"], error["function"]) == ("not_implemented", "Unfinished.forward")


def test_an_error_inside_a_property_is_not_a_missing_name(ask: Callable[..., dict[str, Any]]) -> None:
    plain = ask("call", target="Plain", args=[])["value"]
    assert ask("get", target=plain, name="broken")["error"]["kind"] == "exception"
    assert ask("get", target=plain, name="absent")["error"]["kind"] == "missing"


def test_named_tuples_cross_as_tuples_and_objects_as_handles(ask: Callable[..., dict[str, Any]]) -> None:
    left, (values, index) = ask("call", target="pairs", args=[torch.tensor([1.0, 3.0])])["value"]
    assert (float(values), int(index), tuple(left.shape)) == (3.0, 1, (2,))
    assert isinstance(ask("get", target="", name="Layer")["value"], Handle)


def test_a_generator_gives_its_values_one_by_one(ask: Callable[..., dict[str, Any]]) -> None:
    handle = ask("call", target="count", args=[2])["value"]
    assert [ask("next", target=handle) for _ in range(3)] == [{"value": 0}, {"value": 1}, {"done": True}]


def test_state_lists_parameters_and_tensors(ask: Callable[..., dict[str, Any]]) -> None:
    layer, plain = (ask("call", target=name, args=[])["value"] for name in ("Layer", "Plain"))
    assert set(ask("state", target=layer)["value"]) == {"inner.weight", "inner.bias"}
    assert set(ask("state", target=plain)["value"]) == {"weights.0", "weights.1"}


def test_setting_a_parameter_keeps_it_a_parameter(ask: Callable[..., dict[str, Any]]) -> None:
    layer = ask("call", target="Layer", args=[])["value"]
    inner = ask("get", target=layer, name="inner")["value"]
    ask("set", target=inner, name="weight", value=torch.ones(3, 2))
    ask("set", target=inner, name="bias", value=torch.zeros(3))
    assert torch.equal(ask("call", target=layer, attribute="forward", args=[torch.ones(1, 2)])["value"], torch.full((1, 3), 2.0))


@pytest.mark.parametrize("name", ["library", "captured", "swallows", "Layer"])
def test_guarded_names_raise_and_work_again_afterwards(name: str, ask: Callable[..., dict[str, Any]]) -> None:
    arguments = [] if name == "Layer" else [torch.ones(2)]
    error = ask("call", target=name, args=arguments, guard=["torch.nn", "torch.relu"])["error"]
    assert error["kind"] == "forbidden"
    assert "error" not in ask("call", target=name, args=arguments)
    assert torch.nn.functional.relu(torch.tensor(-1.0)) == 0


def test_what_jit_reads_is_not_covered_by_the_guard_of_the_submission_before(ask: Callable[..., dict[str, Any]]) -> None:
    ask("call", target="double", args=[torch.ones(2)], guard=["torch.nn"])
    source = b"import torch\n\n@torch.jit.script\ndef f(x: torch.Tensor):\n    return torch.nn.functional.relu(x)\n"
    assert load(source)["names"]["f"]


def test_a_guard_can_be_repeated_without_its_names(ask: Callable[..., dict[str, Any]]) -> None:
    arguments = [torch.ones(2)]
    ask("call", target="no such function", args=[], guard=["torch.nn", "torch.relu"])
    for _ in range(2):
        assert ask("call", target="library", args=arguments, guard=True)["error"]["kind"] == "forbidden"
    assert "error" not in ask("call", target="library", args=arguments)
    assert "error" not in ask("call", target="library", args=arguments, guard=True)  # the call before named none


def test_the_harness_needs_nothing_that_is_guarded(ask: Callable[..., dict[str, Any]]) -> None:
    equal, guard = (
        torch.equal,
        ["torch.equal", "torch.from_numpy", "torch.frombuffer", "torch.empty", "torch.Tensor.clone", "torch.Tensor.numpy"],
    )
    values = [torch.ones(2), torch.ones(2, dtype=torch.bfloat16), torch.ones(0, 2)]
    for value in values + values:
        reply = ask("call", target="double", args=[value], guard=guard)
        assert equal(reply["value"], 2 * value) and reply["mutated"] == []


def test_gradients_work_under_a_guard_of_autograd(ask: Callable[..., dict[str, Any]]) -> None:
    guard = ["torch.autograd", "torch.Tensor.backward"]
    reply = ask("call", target="double", args=[torch.ones(2)], cotangents=[torch.ones(2)], guard=guard)
    assert torch.equal(reply["gradients"][0], torch.full((2,), 2.0))


def test_a_seed_makes_draws_repeatable(ask: Callable[..., dict[str, Any]]) -> None:
    first, again = (ask("call", target="draws", args=[], seed=5)["value"] for _ in range(2))
    assert torch.equal(first, again)


def test_a_released_handle_is_gone(ask: Callable[..., dict[str, Any]]) -> None:
    layer = ask("call", target="Layer", args=[])["value"]
    ask("release", handles=[layer])
    assert ask("state", target=layer)["error"]["kind"] == "unsupported"
