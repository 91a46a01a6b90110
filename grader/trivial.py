"""Students who understood nothing: right shapes and types, values out of thin air. They must earn nothing."""

from grader.spec import Assignment, joined

KINDS = {
    "zeros": "torch.zeros_like(value)",
    "ones": "torch.ones_like(value)",
    "constant": "torch.full_like(value, 7 if not value.is_floating_point() else 0.37)",
    "copy": "_copy(value, arguments)",
    "noise": "_noise(value)",
}
NUMBERS = {"zeros": 0, "ones": 1, "constant": 7, "copy": 0, "noise": 3}

TEMPLATE = '''
import functools as _functools
import inspect as _inspect
import types as _types

import torch


def _copy(value, arguments):
    """The first tensor argument, cut or repeated to the right shape."""
    for argument in arguments:
        if isinstance(argument, torch.Tensor) and argument.numel() and value.numel():
            flat = argument.detach().reshape(-1).to(value.dtype)
            return flat.repeat(-(-value.numel() // flat.numel()))[: value.numel()].reshape(value.shape)
    return torch.zeros_like(value)


def _noise(value):
    if value.is_floating_point():
        return torch.rand_like(value) * 2 - 1
    return torch.randint(0, 2 if value.dtype == torch.bool else 10, value.shape).to(value.dtype)


def _trivial(value, arguments):
    if isinstance(value, torch.Tensor):
        return {tensor}
    if isinstance(value, bool | int | float):
        return type(value)({number})
    if isinstance(value, tuple | list):
        return type(value)(_trivial(item, arguments) for item in value)
    if isinstance(value, dict):
        return {{key: _trivial(item, arguments) for key, item in value.items()}}
    if isinstance(value, _types.GeneratorType):
        return (_trivial(item, arguments) for item in value)
    return value


def _wrapped(function):
    @_functools.wraps(function)
    def trivial(*args, **kwargs):
        return _trivial(function(*args, **kwargs), [*args, *kwargs.values()])

    return trivial


for _name in {required!r}:
    _thing = globals().get(_name)
    if _inspect.isclass(_thing):
        for _method, _function in list(vars(_thing).items()):
            if _inspect.isfunction(_function) and not _method.startswith("__"):
                setattr(_thing, _method, _wrapped(_function))
    elif callable(_thing):
        globals()[_name] = _wrapped(_thing)
'''


def trivial_source(assignment: Assignment, kind: str) -> str:
    """The reference with everything that it returns replaced by values of this kind."""
    wrapper = TEMPLATE.format(tensor=KINDS[kind], number=NUMBERS[kind], required=list(assignment.required))
    return joined(assignment.reference_source, wrapper)
