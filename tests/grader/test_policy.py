"""The scan sees through aliases, imports and constant strings."""

import pytest

from grader.policy import scan

RULES = [{"rule": "hand", "names": ["torch.nn", "torch.autograd", "torch.Tensor.backward"]}]


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import torch\ntorch.nn.Linear(1, 2)", "torch.nn.Linear"),
        ("import torch.nn as n\nx = n.functional.relu", "torch.nn.functional.relu"),
        ("from torch import nn as N\nN.ReLU()", "torch.nn.ReLU"),
        ("from torch.nn.functional import relu as r\nr(1)", "torch.nn.functional.relu"),
        ("import torch\nF = torch.nn.functional\nF.relu(1)", "torch.nn.functional.relu"),
        ("import torch\ngetattr(torch, 'nn').Linear", "torch.nn.Linear"),
        ("t = __import__('torch')\nt.autograd.grad(1, 2)", "torch.autograd.grad"),
        ("import importlib\nm = importlib.import_module('torch.nn')\nm.Linear", "torch.nn.Linear"),
        ("def f(loss):\n    loss.backward()", "torch.Tensor.backward"),
        ("from torch.autograd import *", "torch.autograd"),
    ],
)
def test_a_use_is_found_under_its_full_name(source: str, name: str) -> None:
    assert name in {hit["name"] for hit in scan({"solution.py": source.encode()}, RULES)}


@pytest.mark.parametrize("source", ["import torch\ntorch.randn(3) @ w", "nn = 3\nnn + 1", "def f(", "x = 1\0", "torch.nnx.y"])
def test_nothing_is_found_where_nothing_is(source: str) -> None:
    assert scan({"solution.py": source.encode()}, RULES) == []


def test_the_line_that_is_shown_is_the_line_that_was_meant() -> None:
    """Form feeds and Unicode's own separators end no line of Python's, though str.splitlines thinks so."""
    source = "import torch\n\x0cname = 'a\u2028b\x1cc'\r\ny = torch.nn.ReLU()\n"
    assert ("torch.nn.ReLU", 3, "a.py: y = torch.nn.ReLU()") in [
        (hit["name"], hit["line"], hit["evidence"]) for hit in scan({"a.py": source.encode()}, RULES)
    ]


def test_a_hit_tells_file_and_line() -> None:
    (hit,) = scan({"a.py": b"import torch\n\ny = torch.nn.ReLU()\n"}, RULES)
    assert hit == {"rule": "hand", "name": "torch.nn.ReLU", "line": 3, "evidence": "a.py: y = torch.nn.ReLU()"}
