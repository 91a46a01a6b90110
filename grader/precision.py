"""The same computation in another precision, beside itself: every operation on floats is repeated on twins of its tensors."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

FLOATS = (torch.float32, torch.float64)


class Twins(TorchDispatchMode):
    """While it is on, all that float32 and float64 tensors go through happens to twins of one dtype as well.

    Twins belong to storages, so views, changes in place and what autograd has saved are followed. What is drawn at random is
    copied; whole numbers and truth values are the original's. Not followed: memory that numpy shares.
    """

    def __init__(self, dtype: torch.dtype) -> None:
        super().__init__()
        self.dtype = dtype
        self._twins: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}  # by storage; holding the original keeps its address

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # else the first operator would import torch._dynamo

    def __torch_dispatch__(
        self, func: Any, types: Sequence[type], args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        twin_args, twin_kwargs = tree_map(self._entering, (args, kwargs))  # before the originals change
        value = func(*args, **kwargs)
        drawn = torch.Tag.nondeterministic_seeded in func.tags
        again = value if drawn else self._again(func, twin_args, twin_kwargs)
        if isinstance(value, float):
            return again  # a number that leaves torch; what is made of it should be as exact as the twins
        for original, copy in zip(tree_leaves(value), tree_leaves(again), strict=True):
            if _is_float(original) and (drawn or not self._has(original)):  # else it is a view, or was changed in place
                self.twin(original).copy_(copy)
        return value

    def twin(self, tensor: torch.Tensor) -> torch.Tensor:
        """What the tensor would be in the other precision."""
        storage = tensor.untyped_storage()
        if storage._cdata not in self._twins:
            whole = tensor.detach().as_strided((storage.nbytes() // tensor.element_size(),), (1,), 0)
            self._twins[storage._cdata] = whole, whole.to(self.dtype, copy=True)
        return self._twins[storage._cdata][1].as_strided(tensor.shape, tensor.stride(), tensor.storage_offset())

    def leaving(self, value: Any) -> Any:
        """The value with its twins' numbers, in its own dtypes."""
        return self.twin(value).to(value.dtype) if _is_float(value) else value

    def clear(self) -> None:
        self._twins.clear()

    def _has(self, tensor: torch.Tensor) -> bool:
        return tensor.untyped_storage()._cdata in self._twins

    def _entering(self, value: Any) -> Any:
        if isinstance(value, torch.dtype) and value in FLOATS:
            return self.dtype
        return self.twin(value) if _is_float(value) else value

    def _again(self, func: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        before = torch.get_default_dtype()
        torch.set_default_dtype(self.dtype)  # for quotients of whole numbers and tensors made without a dtype
        try:
            return func(*args, **kwargs)
        finally:
            torch.set_default_dtype(before)


def _is_float(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and value.dtype in FLOATS
