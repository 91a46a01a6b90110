"""What torch imports for compiling is not there until somebody compiles, and nothing else notices."""

import subprocess
import sys

import pytest

BEFORE = """
import inspect, sys, warnings
from grader.runner import postponed
postponed.postpone_before_torch()
import torch
from torch import nn
warnings.simplefilter("ignore")
postponed.postpone()
HEAVY = {"sympy", "torch._dynamo.utils", "torch._inductor", "torch._decomp.decompositions"}
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
draw = torch.Generator().manual_seed(3)
assert torch.equal(torch.randperm(5, generator=draw), torch.randperm(5, generator=torch.Generator().manual_seed(3)))
assert isinstance(draw, torch.Generator) and draw.device == torch.device("cpu") and torch.default_generator.initial_seed()
batches = torch.utils.data.DataLoader(torch.arange(4), shuffle=True, generator=draw)
assert {int(batch) for batch in batches} == {0, 1, 2, 3} and len(torch.utils.data.random_split(range(4), [3, 1], draw)) == 2
nn.Dropout(0.5)(torch.ones(3)), torch.bernoulli(torch.ones(2), generator=draw), nn.init.normal_(torch.ones(2), generator=draw)
nn.Transformer(8, 2, 1, 1, 16)(torch.randn(5, 2, 8), torch.randn(5, 2, 8)).sum().backward()
inspect.stack(), inspect.getmodule(nn.Linear)
assert not HEAVY & set(sys.modules), HEAVY & set(sys.modules)
assert torch.equal(torch.vmap(torch.sin)(torch.zeros(2)), torch.zeros(2))
torch.manual_seed(0)
from torch.utils.flop_counter import FlopCounterMode
with FlopCounterMode(display=False) as counter:
    nn.Conv2d(3, 4, 3)(torch.ones(1, 3, 8, 8))
assert counter.get_total_flops() == 2 * 4 * 3 * 3 * 3 * 6 * 6
cube = lambda x: (x ** 3).sum(-1)
assert torch.equal(torch.func.jacfwd(cube)(torch.ones(2)), torch.full((2,), 3.0))
assert torch.equal(torch.func.hessian(cube)(torch.ones(2)), 6 * torch.eye(2))
assert torch.equal(torch.func.jvp(torch.nn.functional.gelu, (torch.zeros(2),), (torch.ones(2),))[1], torch.full((2,), 0.5))
assert torch.autograd.gradcheck(torch.nn.functional.layer_norm, (torch.randn(2, 3, dtype=torch.double, requires_grad=True), (3,)))
assert torch.equal(torch.jit.trace(torch.sin, torch.zeros(2))(torch.zeros(2)), torch.zeros(2))
ragged = torch.nested.nested_tensor([torch.ones(2, 3), torch.ones(1, 3)], layout=torch.jagged)
assert (ragged @ torch.ones(3, 2)).values().shape == (3, 2)
assert torch.fx.symbolic_trace(nn.Sequential(nn.Linear(3, 2), nn.ReLU()))(torch.ones(3)).shape == (2,)
assert torch.optim.swa_utils.AveragedModel(nn.Linear(2, 2)) and torch.utils.checkpoint
"""
WITHOUT_DATA = """
meta = sys.modules["torch._meta_registrations"]
postponed.prepare_for([b"class Meta(type): pass", b"class Net(metaclass=Meta): 'of metal'"])
assert sys.modules["torch._meta_registrations"] is meta  # it takes half a second of the time for the import
postponed.prepare_for([b"", b"model = Net().to('meta')"])
assert sys.modules["torch._meta_registrations"] is not meta
with torch.device("meta"):
    model = nn.Sequential(nn.Conv2d(3, 6, 5), nn.BatchNorm2d(6), nn.Flatten(), nn.Linear(6 * 28 * 28, 10))
assert model(torch.empty(2, 3, 32, 32, device="meta")).shape == (2, 10)
from torch._subclasses.fake_tensor import FakeTensorMode
with FakeTensorMode():
    assert torch.linalg.svd(torch.empty(4, 3)).S.shape == (3,)
"""
EXPORTS = """
exported = torch.export.export(nn.Linear(3, 2), (torch.ones(1, 3),))
assert exported.module()(torch.ones(1, 3)).shape == (1, 2)
from torch.export import Dim
"""
COMPILES = """
drawn = torch.compile(lambda x: x + torch.rand(2, generator=draw), backend="eager")(torch.ones(2))
assert 1 <= drawn.min() and torch.Generator().manual_seed(1).initial_seed() == 1
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


@pytest.mark.parametrize(
    "source",
    [USES, USES + COMPILES, IMPORTS, WITHOUT_DATA, EXPORTS],
    ids=["uses", "compiles", "imports", "without data", "exports"],
)
def test_code_of_every_kind_runs_as_if_all_were_there(source: str) -> None:
    done = subprocess.run([sys.executable, "-c", BEFORE + source], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
