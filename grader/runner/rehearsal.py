"""A submission of our own that the zygote runs: what Python and torch do only the first few times is done before any fork."""

import platform

import torch

from grader.runner import placement, seccomp
from grader.runner.dispatcher import Dispatcher
from grader.runner.wire import Handle, decode, encode

SOURCE = b"""
import torch
import torch.nn.functional as F
from torch import nn

class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))

    def forward(self, x):
        return self.body(x)

def step(x, y):
    model = Model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    return loss, x @ x.T, x.exp().mean(0), torch.where(x > 0, x, 0)

def shapes(x):
    return x @ x.T, x.softmax(-1).sum()

def plain(x):
    rows = x.reshape(-1, x.shape[-1])
    shifted = (x - x.max(dim=1, keepdim=True).values).exp()
    return rows.T @ rows, rows.sum(dim=0), shifted.sum(dim=1).log(), (x > 0).to(x.dtype), x.clamp(min=0) * x, x.sqrt(), x**2

def activate(x):
    return 1 / (1 + torch.exp(-x)), torch.tanh(x), torch.maximum(x, 0.1 * x), x.masked_fill(x < 0, 0), x.abs(), (x**2).log()

def losses(scores, labels):
    shifted = scores - scores.max(1, keepdim=True)[0]
    picked = shifted[torch.arange(len(labels)), labels]
    return {"loss": (torch.logsumexp(shifted, 1) - picked).mean(), "right": (scores.argmax(1) == labels).float().mean().item()}

def rows(x):
    for row in x.double():
        yield torch.stack([row, row.clone()]), torch.einsum("i,i->", row, row), torch.cat([row, torch.ones_like(row)])

class Unit:
    def __init__(self):
        self.weight = torch.zeros(3)

    def fit(self, x):
        for row in x:
            self.weight = self.weight + 0.5 * int((row @ self.weight > 0).long()) * row
        return True

def fail(x):
    raise ValueError("as planned")
"""
DIFFERENTIATED = ("step", "shapes")
GUARDED = ["torch.nn", "torch.autograd", "torch.func", "torch.optim"]
NAMES_TOO = [*GUARDED, "torch.relu", "torch.Tensor.relu"]
ROUNDS = 12  # the interpreter adapts its code to what ran some ten times, and a child inherits that


def run(rounds: int = 1) -> None:
    """Load, call, differentiate, guard, ask for what objects hold, and fail.

    Not differentiate where there is a GPU: autograd and optimisers count the GPUs, which starts CUDA, and CUDA does not
    survive the next fork.
    """
    seccomp.program(platform.machine())  # kept for the fork that installs it
    for _ in range(rounds):
        _run_once()


def _run_once() -> None:
    dispatcher = Dispatcher()
    x, y = torch.randn(5, 3), torch.tensor([0, 1, 1, 0, 1])
    cotangents = [torch.ones(5, 5), torch.ones(())]
    requests = [
        ("load", {"files": {"rehearsal.py": SOURCE}, "module": "rehearsal"}),
        ("call", {"target": "step", "args": [x, y], "kwargs": {}, "grad": True, "seed": 1}),
        ("call", {"target": "shapes", "args": [x], "kwargs": {}, "cotangents": cotangents}),
        ("call", {"target": "plain", "args": [x], "guard": GUARDED, "seed": 1}),
        ("call", {"target": "plain", "args": [x], "guard": GUARDED, "trace": True}),
        ("call", {"target": "activate", "args": [x], "guard": NAMES_TOO, "seed": 1}),
        ("call", {"target": "losses", "args": [x, torch.tensor([0, 1, 2, 1, 0])], "guard": NAMES_TOO}),
        ("call", {"target": "Unit", "args": [], "guard": GUARDED}),
        ("call", {"target": Handle(1, "Unit"), "attribute": "fit", "args": [x], "guard": GUARDED}),
        ("get", {"target": Handle(1, "Unit"), "name": "weight"}),
        ("set", {"target": Handle(1, "Unit"), "name": "weight", "value": torch.ones(3)}),
        ("state", {"target": Handle(1, "Unit")}),
        ("call", {"target": "rows", "args": [x]}),
        ("next", {"target": Handle(2, "generator")}),
        ("call", {"target": "fail", "args": [x], "guard": GUARDED}),
    ]
    if placement.has_gpu():
        requests = [(op, payload) for op, payload in requests if payload.get("target") not in DIFFERENTIATED]
    for op, payload in requests:
        reply = decode(dispatcher.answer(encode({"op": op, "payload": payload})))
        if "error" in reply and payload.get("target") != "fail":
            raise RuntimeError(f"the rehearsal failed: {reply['error']['traceback']}")
    dispatcher.close()
