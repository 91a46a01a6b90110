"""With a seed a submission draws the same numbers with a GPU and without. "meta" plays the device, which holds no numbers."""

from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor, nn

from grader.runner import draws
from grader.runner.guard import GUARD

DEVICE = torch.device("meta")


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(3)


MADE: dict[str, Callable[[], Tensor]] = {
    "rand": lambda: torch.rand(3, generator=generator()),
    "randn": lambda: torch.randn(2, 3, generator=generator(), dtype=torch.float64),
    "randint": lambda: torch.randint(4, (3,), generator=generator()),
    "randperm": lambda: torch.randperm(5, generator=generator()),
    "normal": lambda: torch.normal(0.0, 1.0, (3,), generator=generator()),
    "filled": lambda: torch.empty(3).uniform_(-1, 1, generator=generator()),
    "filled by name": lambda: torch.nn.init.normal_(tensor=torch.empty(3), std=2.0, generator=generator()),
    "a layer": lambda: nn.Linear(3, 4).weight,
}


@pytest.fixture
def beside_a_gpu() -> Iterator[None]:
    """What `begin` puts in force for good, for one test."""
    with DEVICE, draws.DrawnOnCpu(DEVICE):
        yield


@pytest.fixture
def moves(monkeypatch: pytest.MonkeyPatch) -> list[Tensor]:
    """What was drawn before it was moved."""
    moved: list[Tensor] = []
    to, copy = Tensor.to, Tensor.copy_
    monkeypatch.setattr(Tensor, "to", lambda self, *args: (moved.append(self.clone()), to(self, *args))[1])
    monkeypatch.setattr(Tensor, "copy_", lambda self, source: (moved.append(source.clone()), copy(self, source))[1])
    return moved


@pytest.mark.parametrize("name", MADE)
def test_what_is_drawn_is_on_the_device_and_is_what_the_cpu_draws(name: str, moves: list[Tensor]) -> None:
    torch.manual_seed(5)
    expected = MADE[name]().detach().clone()
    torch.manual_seed(5)
    moves.clear()
    with DEVICE, draws.DrawnOnCpu(DEVICE):
        assert MADE[name]().device == DEVICE
    assert torch.equal(moves[0], expected)


def test_what_a_guard_lies_over_is_drawn_on_the_cpu_all_the_same(moves: list[Tensor]) -> None:
    """The warm process has put guards on, which stay."""
    torch.manual_seed(5)
    expected = nn.Linear(3, 4).weight.detach().clone()
    with GUARD.around(["torch.nn"], []):
        pass
    try:
        torch.manual_seed(5)
        moves.clear()
        with DEVICE, draws.DrawnOnCpu(DEVICE):
            assert nn.Linear(3, 4).weight.device == DEVICE
    finally:
        GUARD.take_off()
    assert torch.equal(moves[0], expected)


def test_a_tensor_that_is_drawn_can_be_learned(beside_a_gpu: None) -> None:
    drawn = torch.randn(3, requires_grad=True)
    assert drawn.is_leaf and drawn.requires_grad
    layer = nn.Linear(2, 2)
    assert layer.weight.is_leaf and layer.weight.requires_grad and layer.weight.device == DEVICE


def test_what_is_drawn_like_a_tensor_is_where_that_one_is(beside_a_gpu: None) -> None:
    there, here = torch.zeros(3), torch.full((3,), 0.5, device="cpu")
    assert torch.randn_like(there).device == DEVICE
    for draw in (torch.rand_like, torch.bernoulli, torch.poisson, lambda chances: torch.multinomial(chances, 2)):
        assert draw(here).device == torch.device("cpu")


def test_who_names_a_device_gets_its_own_numbers(beside_a_gpu: None, moves: list[Tensor]) -> None:
    assert torch.randn(3, device="cpu").device == torch.device("cpu")
    assert torch.randn(3, device=DEVICE).device == DEVICE
    assert moves == []


def test_a_loader_may_shuffle(beside_a_gpu: None) -> None:
    """Its generator is the CPU's, which alone would refuse to draw for another default device."""
    assert torch.randperm(6, generator=torch.Generator()).device == DEVICE


def test_begin_makes_the_device_the_default_and_stays_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []
    monkeypatch.setattr(torch, "set_default_device", seen.append)
    monkeypatch.setattr(draws.DrawnOnCpu, "__enter__", lambda mode: seen.append(mode._device))
    draws.begin(DEVICE)
    assert seen == [DEVICE, DEVICE]
