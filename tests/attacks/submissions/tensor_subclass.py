# EXPECT: graded 0 wrong_type
# ROW: A7
"""Returns a tensor whose class lies about comparisons."""

import torch


class Liar(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        return torch.tensor(True) if "close" in str(function) or "eq" in str(function) else torch.zeros(3)


def double(x):
    return torch.zeros(3).as_subclass(Liar)


def affine(x, w):
    return torch.zeros(3).as_subclass(Liar)
