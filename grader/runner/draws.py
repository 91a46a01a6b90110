"""Beside a GPU, random numbers are still the CPU's: a seed draws the same ones wherever a submission runs.

Otherwise `torch.randn(n, generator=torch.Generator().manual_seed(7))` would be an error there, since the generator is the CPU's,
and a network with a seed another network. Whoever names a device, or brings a GPU's generator, gets the GPU's own numbers.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import init
from torch.overrides import TorchFunctionMode

MAKING = frozenset({torch.rand, torch.randn, torch.randint, torch.randperm})  # they take a device
LIKE = frozenset({torch.rand_like, torch.randn_like, torch.randint_like})  # they take one too, and look at shapes alone
FOLLOWING = frozenset({torch.normal, torch.bernoulli, torch.multinomial, torch.poisson})  # they draw where their chances are
FILLING = frozenset(
    {
        *(Tensor.uniform_, Tensor.normal_, Tensor.random_, Tensor.bernoulli_, Tensor.exponential_, Tensor.cauchy_),
        *(Tensor.geometric_, Tensor.log_normal_),
        *(init.uniform_, init.normal_, init.kaiming_uniform_, init.kaiming_normal_),  # asked for as a whole
    }
)
DRAWING = MAKING | LIKE | FOLLOWING
with torch.device("cpu"):  # torch lists what makes tensors when this is used first: before a guard lies over any of it
    torch.empty(0)


class DrawnOnCpu(TorchFunctionMode):
    """While it is in force, what draws random numbers draws them on the CPU and moves them to where they are wanted."""

    def __init__(self, device: torch.device) -> None:
        super().__init__()
        self._device = device

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        kwargs = dict(kwargs or {})
        asked = getattr(func, "__wrapped__", func)  # a guard may lie over it
        if asked in FILLING and _may_be_drawn_here(kwargs):
            return _filled(func, args, kwargs)
        if asked in DRAWING and _may_be_drawn_here(kwargs):
            return self._drawn(func, args, kwargs)
        return func(*args, **kwargs)

    def _drawn(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        device = next((value.device for value in (*args, *kwargs.values()) if isinstance(value, Tensor)), self._device)
        learned = kwargs.pop("requires_grad", False)  # set afterwards: what is moved is no leaf any more
        if func in FOLLOWING:
            args, kwargs = tuple(map(_here, args)), {name: _here(value) for name, value in kwargs.items()}
        else:
            kwargs["device"] = "cpu"
        drawn = func(*args, **kwargs)
        return drawn.to(device).requires_grad_(learned)


def begin(device: torch.device) -> None:
    """From now on what is made without a device is on this one, as the tensors of the calls are; its numbers are the CPU's."""
    torch.set_default_device(device)
    DrawnOnCpu(device).__enter__()  # for good: this process serves one submission


def _may_be_drawn_here(kwargs: Mapping[str, Any]) -> bool:
    generator = kwargs.get("generator")
    return kwargs.get("device") is None and kwargs.get("out") is None and (generator is None or generator.device.type == "cpu")


def _filled(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    name = "tensor" if "tensor" in kwargs else "self"
    target, rest = (args[0], args[1:]) if args else (kwargs.pop(name), ())
    if target.device.type == "cpu":
        return func(target, *rest, **kwargs)
    target.detach().copy_(func(torch.empty_like(target, device="cpu", requires_grad=False), *map(_here, rest), **kwargs))
    return target


def _here(value: Any) -> Any:
    return value.cpu() if isinstance(value, Tensor) else value
