"""What torch code comes to in another precision, beside itself."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from grader.precision import Twins


def normal(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.randn(shape, dtype=dtype, generator=torch.Generator().manual_seed(3))


def gradient(x: Tensor) -> Tensor:
    """Through what autograd keeps of its outputs: sigmoid, softmax, a square root."""
    x = x.clone().requires_grad_()
    loss = ((x @ x.T).sigmoid().softmax(dim=1) * x.square().sum(dim=1).sqrt()).sum()
    return torch.autograd.grad(loss, x)[0]


def in_place(x: Tensor) -> Tensor:
    x = x.clone()
    x[:, 1:] *= 0.1
    row = x[2]
    row += x[0] / 3
    x.T[0].div_(7)
    return x.reshape(-1).cumsum(dim=0)


def steps(x: Tensor) -> Tensor:
    weight = torch.nn.Parameter(x.clone())
    optimiser = torch.optim.Adam([weight], lr=0.1)
    for _ in range(4):
        optimiser.zero_grad()
        weight.tanh().square().sum().backward()
        optimiser.step()
    return weight.detach()


def quotients(x: Tensor) -> Tensor:
    return x * (torch.arange(1, 6) / 7) * 10000 ** (torch.arange(5) / 5)


def through_a_number(x: Tensor) -> Tensor:
    return torch.ones(1) * ((x / 3).sum().item() / 7)


@pytest.mark.parametrize("function", [gradient, in_place, steps, quotients, through_a_number])
def test_twins_hold_what_the_other_precision_comes_to(function: Callable[[Tensor], Tensor]) -> None:
    x, twins, before = normal(4, 5), Twins(torch.float64), torch.get_default_dtype()
    with twins:
        single = function(x)
    torch.set_default_dtype(torch.float64)  # for the quotients of whole numbers
    wanted = function(x.double())
    torch.set_default_dtype(before)
    assert torch.allclose(twins.twin(single), wanted, rtol=1e-12, atol=1e-14)
    assert single.dtype == torch.float32 and not torch.equal(single.double(), wanted)


def test_it_works_towards_less_precision_as_well() -> None:
    twins, x = Twins(torch.float32), normal(6, 5, dtype=torch.float64)
    with twins:
        found = gradient(x)
    assert torch.equal(found, gradient(x))
    assert twins.twin(found).dtype == torch.float32
    assert 0 < (twins.twin(found) - found).abs().max() < 1e-5


def test_numbers_drawn_at_random_are_the_same() -> None:
    twins = Twins(torch.float64)
    with twins:
        drawn, filled = torch.rand(9), torch.empty(9).normal_()
    assert torch.equal(twins.twin(drawn), drawn.double()) and torch.equal(twins.twin(filled), filled.double())


def test_what_leaves_has_its_own_dtype_and_the_twins_numbers() -> None:
    twins, x = Twins(torch.float64), torch.full((50,), 0.1)
    with twins:
        total = (1 / x).cumsum(dim=0)
    left = twins.leaving(total)
    assert left.dtype == torch.float32 and torch.equal(left, (1 / x.double()).cumsum(dim=0).float())
    assert twins.leaving([1, "two"]) == [1, "two"]
