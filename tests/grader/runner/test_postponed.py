"""What torch imports for compiling is not there until somebody compiles, and nothing else notices."""

import subprocess
import sys

import pytest

BEFORE = """
import inspect, sys, warnings
import torch
from torch import nn
from grader.runner import postponed
warnings.simplefilter("ignore")
postponed.postpone()
HEAVY = {"sympy", "torch._dynamo.utils", "torch._inductor"}
"""
USES = """
model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.LSTM(4, 2))
for kind in (torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW, torch.optim.RMSprop, torch.optim.Adagrad):
    optimiser = kind(model.parameters(), lr=0.1)
    optimiser.zero_grad()
    model(torch.ones(5, 3))[0].sum().backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()
    torch.optim.lr_scheduler.StepLR(optimiser, 1).step()
    optimiser.load_state_dict(optimiser.state_dict())
    optimiser.add_param_group({"params": [nn.Parameter(torch.zeros(1))]})
x = torch.tensor([1.0, 2.0], requires_grad=True)
(x * x).backward(torch.tensor([1.0, 10.0]))
assert torch.equal(x.grad, torch.tensor([2.0, 40.0]))
assert torch.equal(torch.autograd.grad(x * x, x, torch.ones(2))[0], torch.tensor([2.0, 4.0]))
try:
    torch.autograd.grad(x * x, x, torch.ones(3))
except RuntimeError as error:
    assert "Mismatch in shape" in str(error)
else:
    raise AssertionError("a gradient of the wrong shape was accepted")
assert torch.equal(torch.func.grad(lambda x: (x * x).sum())(torch.ones(2)), torch.full((2,), 2.0))
assert torch.equal(torch.vmap(torch.sin)(torch.zeros(2)), torch.zeros(2))
nn.Transformer(8, 2, 1, 1, 16)(torch.randn(5, 2, 8), torch.randn(5, 2, 8)).sum().backward()
inspect.stack(), inspect.getmodule(nn.Linear)
assert not HEAVY & set(sys.modules), HEAVY & set(sys.modules)
"""
COMPILES = """
assert torch.equal(torch.compile(lambda x: x + 1, backend="eager")(torch.ones(2)), torch.full((2,), 2.0))
assert "torch._dynamo.utils" in sys.modules and type(torch._dynamo) is type(sys)
optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
optimiser.zero_grad(), optimiser.step()
"""
IMPORTS = """
import torch._dynamo.config
from torch.fx.experimental.symbolic_shapes import ShapeEnv, sym_eq
assert torch._dynamo.config.cache_size_limit and ShapeEnv() and sym_eq((1, 2), (1, 2))
assert torch._dynamo.compiled_autograd.in_compiled_autograd_region in (False, True)
"""


@pytest.mark.parametrize("source", [USES, USES + COMPILES, IMPORTS], ids=["uses", "compiles after all", "imports"])
def test_code_of_every_kind_runs_as_if_all_were_there(source: str) -> None:
    done = subprocess.run([sys.executable, "-c", BEFORE + source], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
