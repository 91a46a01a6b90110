"""The facts beside each pair of a comparison, from what is read once for all of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from server.assignments.models import Assignment
from server.assignments.service import manifest_of
from server.settings import Settings
from server.similarity import evidence, facts
from server.similarity import records as reading
from server.similarity.facts import NOTHING, Class, Fact, Record, Side
from server.similarity.population import Member


@dataclass(frozen=True)
class PairFacts:
    """By submission: records of all, the rest of those that stand in a pair."""

    everybody: Class
    records: Mapping[int, Record]
    declared: Mapping[int, list[dict[str, Any]]]
    items: Mapping[int, NDArray[np.uint32]]
    names: Mapping[int, tuple[str, str]]

    @classmethod
    def read(
        cls, session: Session, *, assignment: Assignment, records: Mapping[int, Record], shown: Iterable[int], settings: Settings
    ) -> "PairFacts":
        board = manifest_of(assignment, root=settings.assignments).leaderboard
        shown = list(shown)
        return cls(
            Class(records.values()),
            records,
            evidence.declared_in(session, shown),
            reading.wrong_items(session, shown, is_error=board is not None and board.direction == "min"),
            reading.names_of(session, shown),
        )

    def of(self, left: Member, right: Member) -> list[Fact]:
        return facts.facts_beside(self._side(left), self._side(right), self.everybody)

    def story(self, at_best: float, at_last: float, left: Member, right: Member) -> list[Fact]:
        """That they were more alike before, if they were."""
        found = facts.alike_earlier(at_best, at_last, self._side(left), self._side(right))
        return [found] if found else []

    def _side(self, member: Member) -> Side:
        if member.attempt is None:
            return Side(member.student)
        id = member.attempt.id
        return Side(
            student=member.student,
            names=self.names.get(id, ()),
            record=self.records.get(id, NOTHING),
            received_at=member.attempt.received_at,
            declared=tuple(self.declared.get(id, ())),
            items=self.items.get(id),
            attempt=member.attempt.number,
        )
