# EXPECT: graded 0 wrong_type wrong_value crashed wrong_shape missing
# ROW: A18, A7
# VARIANTS: lazy future meta sparse batched wrapped quantized parameter buffer negative generator callable
"""Returns what is not a tensor yet, or no longer, or only says that it is one."""

import warnings

import torch

VARIANT = "lazy"
warnings.simplefilter("ignore")


class Lazy:
    def __init__(self, x):
        self.x = x

    @property
    def __class__(self):
        return torch.Tensor

    def __getattr__(self, name):
        return getattr(self.x * 2, name)


def batched(x):
    kept = []
    torch.func.vmap(lambda row: kept.append(row) or row)(x.reshape(-1, 1))
    return kept[0]


def wrapped(x):
    kept = []
    torch.func.grad(lambda y: kept.append(y) or y.sum())(x)
    return kept[0]


def future(x):
    promise = torch.futures.Future()
    promise.set_result(x)
    return promise


def generator(x):
    yield x * 2


FORMS = {
    "lazy": Lazy,
    "future": future,
    "meta": lambda x: x.to("meta"),
    "sparse": lambda x: x.to_sparse(),
    "batched": batched,
    "wrapped": wrapped,
    "quantized": lambda x: torch.quantize_per_tensor(x, 0.1, 0, torch.qint8),
    "parameter": lambda x: torch.nn.Parameter(x * 0),
    "buffer": lambda x: memoryview(x.numpy()),
    "negative": lambda x: torch._neg_view(x),
    "generator": generator,
    "callable": lambda x: lambda: x * 2,
}


def double(x):
    return FORMS[VARIANT](x.detach())


def affine(x, w):
    return FORMS[VARIANT]((x @ w).detach())
