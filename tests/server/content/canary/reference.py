"""SECRETreference"""

from torch import Tensor


def canaryfunction(x: Tensor) -> Tensor:
    return 2 * x
