"""The answers. CANARY-in-the-reference"""

from torch import Tensor


def double(x: Tensor) -> Tensor:
    """x: (N,)    returns: (N,), 2 x"""
    return 2 * x


def affine(x: Tensor, w: Tensor) -> Tensor:
    """x: (N, D)    w: (D, M)    returns: (N, M), x w + 1"""
    return x @ w + 1
