"""Boards that stay in memory and are brought up to date by the runs that came since. Each process has its own.

A run that was committed a little after one with a higher id is not missed: the last seconds are read again each time.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from grader.spec import Manifest
from server.assignments.models import Assignment
from server.leaderboard import queries, rules
from server.leaderboard.queries import Person
from server.leaderboard.rules import View
from server.leaderboard.standings import Board, Entrant, Entry

OVERLAP = timedelta(seconds=30)  # longer than a transaction that adds a run takes
PROGRESS_S = 5.0
MOST_ITEMS = 20_000
RELOAD_S = 600.0  # names may have changed, which nothing tells


class Watermark:
    """Up to which run everything has been read. `settled`: no run up to this one can still be on its way."""

    def __init__(self) -> None:
        self.settled = 0
        self._recent: list[tuple[datetime, int]] = []

    def read(self, runs: Iterable[tuple[datetime, int]], now: datetime) -> None:
        """runs: when each was added, and its id.    now: by the same clock, the database's."""
        self._recent += runs
        old = [run_id for at, run_id in self._recent if at < now - OVERLAP]
        self.settled = max([self.settled, *old])
        self._recent = [(at, run_id) for at, run_id in self._recent if run_id > self.settled]


class LiveBoard:
    """One board of one assignment. `lock` is held by whoever reads or changes it."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.lock = threading.RLock()
        self.board: Board | None = None
        self.people: dict[int, Person] = {}
        self.members: dict[Entrant, list[Person]] = {}
        self.revision = 0
        self._items: dict[int, bytes] = {}
        self._cache: dict[str, tuple[tuple[Any, ...], Any]] = {}
        self._stamp: Any = None
        self._watermark = Watermark()
        self._looked = self._loaded = float("-inf")

    def refresh(self, session: Session, assignment: Assignment, manifest: Manifest, *, fresh_s: float) -> None:
        looked = time.monotonic()
        if looked - self._looked < fresh_s:
            return
        now, *counts = queries.stamp(session, assignment=assignment)
        stamp = (counts, assignment.closes_at, assignment.counts, manifest)
        if stamp != self._stamp or looked - self._loaded > RELOAD_S:
            self._start_anew(session, assignment, manifest)
            self._stamp, self._loaded = stamp, looked
        self._catch_up(session, assignment, manifest, now)
        self._looked = looked

    def _start_anew(self, session: Session, assignment: Assignment, manifest: Manifest) -> None:
        self.board = Board(rules.ranking_of(assignment, manifest, self.view))
        self._watermark = Watermark()
        self.people = {person.id: person for person in queries.list_people(session, assignment=assignment)}
        self.members = {}
        for person in self.people.values():
            self.members.setdefault(person.entrant, []).append(person)
        self.revision += 1

    def _catch_up(self, session: Session, assignment: Assignment, manifest: Manifest, now: datetime) -> None:
        query = queries.entries(
            assignment=assignment,
            metric=manifest.leaderboard.metric if manifest.leaderboard else None,
            is_competition=manifest.competition is not None,
            with_items=self.board.rules.beats is not None,
            after_run=self._watermark.settled,
        )
        found = [(author, at, Entry(*values)) for author, at, *values in session.execute(query)]
        self._watermark.read(((at, entry.run_id) for _, at, entry in found), now)
        if self.board.put((self.people[author].entrant, entry) for author, _, entry in found if author in self.people):
            self.revision += 1

    def ranks_at(self, moment: datetime) -> Mapping[Entrant, int]:
        """Everybody's rank at a moment in the past; worked out once for as long as the board is not read anew."""
        return self._kept(("ranks", moment, self._loaded), lambda: self.board.ranks_at(moment))

    def public_ranks(self) -> Mapping[Entrant, int]:
        """Where everybody stood before the private scores opened."""
        return self._kept(("public", self.revision), self.board.public_ranks)

    def progress(self) -> list[tuple[datetime, float]]:
        """The best value over time, at most `PROGRESS_S` old."""
        return self._kept(("progress", self.revision, int(time.monotonic() / PROGRESS_S)), self.board.progress)

    def items(self, session: Session, run_ids: Sequence[int]) -> Mapping[int, bytes]:
        """What each public item gave in these runs, packed. Runs never change, so what was read once is kept."""
        missing = [run_id for run_id in run_ids if run_id not in self._items]
        if missing:
            if len(self._items) > MOST_ITEMS:
                self._items.clear()
                missing = list(run_ids)
            self._items |= queries.items_of(session, missing)
        return self._items

    def _kept(self, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        kept = self._cache.get(key[0])
        if kept is None or kept[0] != key:
            kept = self._cache[key[0]] = (key, make())
        return kept[1]


class Boards:
    """All boards of this process."""

    def __init__(self, *, fresh_s: float) -> None:
        self.fresh_s = fresh_s
        self._lock = threading.Lock()
        self._boards: dict[tuple[int, View], LiveBoard] = {}

    def get(self, session: Session, assignment: Assignment, manifest: Manifest, view: View = View.live) -> LiveBoard:
        """The board, at most `fresh_s` old."""
        with self._lock:
            live = self._boards.setdefault((assignment.id, view), LiveBoard(view))
        with live.lock:
            live.refresh(session, assignment, manifest, fresh_s=self.fresh_s)
        return live
