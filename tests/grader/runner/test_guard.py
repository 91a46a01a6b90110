"""Names that raise while a guarded call runs, and at no other time."""

from contextlib import suppress
from types import ModuleType

import pytest
import torch

from grader.runner.guard import ForbiddenCall, Guard, targets

NAMES = ["torch.nn", "torch.autograd", "torch.relu", "torch.Tensor.relu", "torch.Tensor.T", "torch.Tensor.backward"]


class Doubled(torch.autograd.Function):
    @staticmethod
    def forward(context: object, x: torch.Tensor) -> torch.Tensor:
        return 2 * x

    @staticmethod
    def backward(context: object, gradient: torch.Tensor) -> torch.Tensor:
        return 2 * gradient


def uses() -> dict[str, object]:
    x = torch.ones(2, 3, requires_grad=True)
    layer = torch.nn.Linear(3, 1)
    return {
        "function": lambda: torch.relu(-x).sum().item() == 0,
        "function of a module": lambda: torch.nn.functional.relu(-x).sum().item() == 0,
        "method": lambda: (-x).relu().sum().item() == 0,
        "property": lambda: x.T.shape == (3, 2),
        "class": lambda: isinstance(torch.nn.Linear(3, 1), torch.nn.Linear),
        "layer": lambda: layer(x).shape == (2, 1),
        "class method": lambda: Doubled.apply(x).sum().item() == 12,
        "gradient": lambda: torch.autograd.grad((x * x).sum(), x)[0].sum().item() == 12,
        "backward": lambda: (x * x).sum().backward() is None,
    }


@pytest.fixture
def guard() -> Guard:
    guard = Guard()
    yield guard
    guard.take_off()


@pytest.mark.parametrize("use", uses())
def test_it_raises_inside_alone(use: str, guard: Guard) -> None:
    before = {
        kind: dict(vars(kind)) for kind in (torch, torch.nn.functional, torch.Tensor, torch.nn.Linear, torch.autograd.Function)
    }
    do = uses()[use]
    with pytest.raises(ForbiddenCall), guard.around(NAMES, []):
        do()
    assert do()  # still covered, and it does what it always does
    with pytest.raises(ForbiddenCall), guard.around(NAMES, []), suppress(ForbiddenCall):  # swallowed, and told all the same
        do()
    with guard.around(["torch.sigmoid"], []):
        assert do()
    guard.take_off()
    assert {kind: dict(vars(kind)) for kind in before} == before


def test_what_a_module_of_the_students_imported_is_covered_too(guard: Guard) -> None:
    module = ModuleType("solution")
    module.r = torch.relu
    with pytest.raises(ForbiddenCall), guard.around(["torch.relu"], [module]):
        module.r(torch.ones(1))
    assert module.r(torch.ones(1)) == 1
    guard.take_off()
    assert module.r is torch.relu


def test_what_lies_over_the_library_stays_for_the_next_submission(guard: Guard) -> None:
    with guard.around(["torch.relu"], []):
        pass
    module = ModuleType("solution")
    module.r = torch.relu  # as an import finds it now
    guard.forget()
    with pytest.raises(ForbiddenCall), guard.around(["torch.relu"], [module]):
        module.r(torch.ones(1))
    assert module.r(torch.ones(1)) == 1


def test_a_name_raises_for_those_rules_alone_that_have_it(guard: Guard) -> None:
    module = ModuleType("solution")
    module.r, module.s = torch.relu, torch.sigmoid
    with guard.around(["torch.relu", "torch.nn"], [module]):
        assert module.s(torch.zeros(1)) == 0.5
    with guard.around(["torch.sigmoid", "torch.nn"], [module]):
        assert module.r(torch.ones(1)) == 1
    for name, use in (("torch.relu", module.r), ("torch.sigmoid", module.s)):
        with pytest.raises(ForbiddenCall), guard.around([name], [module]):
            use(torch.ones(1))


def test_what_a_module_of_torch_imported_for_itself_is_not_torchs() -> None:
    shown = {name for _, _, name in targets("torch.autograd")}
    assert "torch.autograd.grad" in shown
    assert "torch.autograd.profiler.Optional" not in shown
