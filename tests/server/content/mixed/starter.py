from torch import Tensor


def double(x: Tensor) -> Tensor:
    """Twice x. x: any shape. returns: same shape."""
    raise NotImplementedError
