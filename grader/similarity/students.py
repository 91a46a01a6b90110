"""Whose works are whose: all attempts of a student are one student, be they in the class, in the archive, or in both."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grader.similarity.fingerprint import Fingerprint

Numbers = NDArray[np.int64]
Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Students:
    """Students by number: the class first, then those whom only the archive knows.

    A portfolio is what one student handed in on one side. It has his number, but for the archived works of somebody of the
    class: those portfolios come last. They are compared with the class alone, as all that is archived.
    """

    names: tuple[str, ...]
    count: int  # of the class
    portfolio: Numbers  # of each work
    student: Numbers  # of each portfolio

    def __len__(self) -> int:
        return len(self.names)

    @property
    def returning(self) -> Numbers:
        """Who is in the class and in the archive, by the order of their archived portfolios."""
        return self.student[len(self) :]

    def folded(self, shared: Floats) -> Floats:
        """(rows, portfolios) by students: of somebody who returns, the better of his two."""
        if len(self.returning):
            shared[:, self.returning] = np.maximum(shared[:, self.returning], shared[:, len(self) :])
        return shared[:, : len(self)]

    def is_archived(self, portfolios: Numbers) -> NDArray[np.bool_]:
        return portfolios >= self.count


def students_of(works: Sequence[Fingerprint], archive: Sequence[Fingerprint]) -> Students:
    """Numbers by the order in which they first come."""
    present = dict.fromkeys(work.student for work in works)
    past = dict.fromkeys(work.student for work in archive)
    number = {name: place for place, name in enumerate(present | past)}
    returning = [name for name in past if name in present]
    archived = number | {name: place for place, name in enumerate(returning, start=len(number))}
    portfolio = [number[work.student] for work in works] + [archived[work.student] for work in archive]
    student = [*range(len(number)), *(number[name] for name in returning)]
    return Students(tuple(number), len(present), np.array(portfolio, np.int64), np.array(student, np.int64))
