"""The named constants of one variant."""

import math
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from grader.protocol import Text

NAME = re.compile(r"[a-z][a-z0-9_]*")
Constant = bool | int | float | str | list[Any] | tuple[Any, ...] | Text


class Variant(Mapping[str, Constant]):
    """`Variant(stride=2, kernel=[[1, 2], [0, 1]], task=T(en="…", zh="…"))`.

    A list or a tuple holds constants again; a Text is wording, which no reference gets. Raises ValueError.
    """

    def __init__(self, **constants: Constant) -> None:
        for name, value in constants.items():
            if not NAME.fullmatch(name):
                raise ValueError(f"{name}: small letters, digits and _ only")
            if not (isinstance(value, Text) or _is_constant(value)):
                raise ValueError(f"{name}: {value!r:.80} is no finite number, text, list or tuple of these")
        self._constants = deepcopy(constants)

    def __getitem__(self, name: str) -> Constant:
        return deepcopy(self._constants[name])  # what a check does to its list, the next one does not see

    def __iter__(self) -> Iterator[str]:
        return iter(self._constants)

    def __len__(self) -> int:
        return len(self._constants)

    def __repr__(self) -> str:
        return f"Variant({', '.join(f'{name}={value!r}' for name, value in self._constants.items())})"

    @property
    def numbers(self) -> dict[str, Constant]:
        """What can be computed with: all but wording."""
        return {name: self[name] for name in self if not isinstance(self._constants[name], Text)}

    def only(self, names: set[str]) -> "Variant":
        return Variant(**{name: self[name] for name in self if name in names})


def _is_constant(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_constant, value))
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, bool | int | str)
