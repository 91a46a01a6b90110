"""Midterm, the questions in code. Write both functions; keep their names and arguments."""

from torch import Tensor


def pooled(x: Tensor) -> Tensor:
    """Average pooling over time: the means of windows of {{width}} steps that begin every {{stride}} steps.

    The first window begins at the first step. Nothing is padded: a window that does not fit is left out.

    x: (N, T), T at least {{width}}    returns: (N, M), of the dtype of x
    """
    raise NotImplementedError


def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Scaled dot-product attention in which each step sees {{reach}} steps: itself and those just before it.

    At the beginning, where there are fewer, a step sees all there are. Scores are divided by the square root of D.

    q, k: (N, T, D)    v: (N, T, E)    returns: (N, T, E), of the dtype of v
    """
    raise NotImplementedError
