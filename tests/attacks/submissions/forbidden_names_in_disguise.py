# EXPECT: graded 0 wrong_value
# ROW: C1, C2
"""Reaches library code by every detour; here no part forbids it, and it earns nothing because its answer is wrong."""

import importlib
import inspect
import operator

import torch

ways = [
    lambda: getattr(torch, "".join(["n", "n"])).Linear,
    lambda: torch.__dict__["nn"].Linear,
    lambda: vars(torch)["nn"].Linear,
    lambda: importlib.import_module("torch.nn").Linear,
    lambda: __import__("torch.nn", fromlist=["Linear"]).Linear,
    lambda: operator.attrgetter("nn.Linear")(torch),
    lambda: eval("torch.nn.Linear"),
    lambda: dict(inspect.getmembers(torch.nn, inspect.isclass))["Linear"],
    lambda: next(kind for kind in torch.nn.Module.__subclasses__() if kind.__name__ == "Linear"),
    lambda: torch.ops.aten.linear,
]
print(len([way() for way in ways]))


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0
