from torch import Tensor


def canaryfunction(x: Tensor) -> Tensor:
    """CANARYstarter twice x. x: any shape. returns: same shape."""
    raise NotImplementedError
