"""How an assignment declares its checks."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from types import ModuleType
from typing import Any

from grader.protocol import Text, Visibility


@dataclass(frozen=True)
class Check:
    """One fact about a submission. `run(case)` returns None or the share of the points (0 to 1) that was earned."""

    id: str
    part: str
    points: Decimal
    visibility: Visibility
    title: Text
    run: Callable[[Any], float | None]
    seconds: float | None = None  # of the student's code; the assignment's check_s where None
    diagnose: bool = True
    local: bool = True  # False: it needs data that no student's copy has

    @property
    def is_in_bundle(self) -> bool:
        return self.visibility is Visibility.public and self.local


def check(
    *,
    part: str,
    points: int | float | str | Decimal,
    title: Text,
    visibility: str = "hidden",
    seconds: float | None = None,
    diagnose: bool = True,
    local: bool = True,
) -> Callable[[Callable[[Any], float | None]], Check]:
    """Declare a check named after its function. `diagnose=False` for what is too slow to repeat with every known mistake,
    `local=False` for what needs data that students do not get."""

    def declare(function: Callable[[Any], float | None]) -> Check:
        return Check(
            id=function.__name__,
            part=part,
            points=Decimal(str(points)),
            visibility=Visibility(visibility),
            title=title,
            run=function,
            seconds=seconds,
            diagnose=diagnose,
            local=local,
        )

    return declare


def checks_of(module: ModuleType) -> tuple[Check, ...]:
    """The checks of a module, in the order in which they are written."""
    return tuple(value for value in vars(module).values() if isinstance(value, Check))
