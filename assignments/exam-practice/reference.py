"""The mean of squares."""

from torch import Tensor


def mean_square(x: Tensor) -> Tensor:
    """x: (N, D)    returns: (N,), the mean of the squares of each row"""
    squares = x * x
    return squares.sum(dim=1) / x.shape[1]
