"""Boards that stay in memory and are brought up to date by the runs that came since. Each process has its own.

One thread at a time brings a board up to date; meanwhile the others read what is there. A run that was committed a little after
one with a higher id is not missed: the last seconds are read again each time.
"""

import gc
import threading
import time
from bisect import bisect_right
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
MOST_ITEMS = 20_000
LARGE = 10_000  # rows
RELOAD_S = 600.0  # names may have changed, which nothing tells


def keep_from_collector(rows: int, *, anew: bool = False) -> None:
    """What stays for minutes need not be looked through by every collection: for 100 000 rows that takes a tenth of a second.

    anew: collect at first what was kept before, by the board that this one follows.
    """
    if rows < LARGE:
        return
    if anew:
        gc.unfreeze()
        gc.collect()
    gc.freeze()


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


class Names:
    """Finds a text in many names at once: they are one long text, in which looking is quick."""

    def __init__(self, names: Iterable[tuple[Entrant, str]]) -> None:
        self._entrants: list[Entrant] = []
        self._starts: list[int] = []
        texts, end = [], 0
        for entrant, name in names:
            folded = name.casefold().replace("\n", " ")
            self._entrants.append(entrant)
            self._starts.append(end)
            texts.append(folded)
            end += len(folded) + 1
        self._text = "\n".join(texts)

    def find(self, wanted: str) -> list[Entrant]:
        """Everybody whose name holds the text, each once."""
        wanted, found, place = wanted.strip().casefold().replace("\n", " "), {}, 0
        while wanted and (place := self._text.find(wanted, place)) >= 0:
            index = bisect_right(self._starts, place) - 1
            found[self._entrants[index]] = True
            place = self._starts[index + 1] if index + 1 < len(self._starts) else len(self._text)
        return list(found)


class People:
    """Who is on a board, as one reading of the course found them."""

    def __init__(self, people: Iterable[Person]) -> None:
        self.by_id = {person.id: person for person in people}
        self.members: dict[Entrant, list[Person]] = {}
        for person in self.by_id.values():
            self.members.setdefault(person.entrant, []).append(person)


class LiveBoard:
    """One board of one assignment. Whoever reads it holds `lock`."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.lock = threading.RLock()
        self.board: Board | None = None
        self.people: Mapping[int, Person] = {}
        self.members: Mapping[Entrant, list[Person]] = {}
        self.revision = 0
        self._refreshing = threading.Lock()
        self._items: dict[int, bytes] = {}
        self._cache: dict[str, tuple[tuple[Any, ...], Any]] = {}
        self._stamp: Any = None
        self._watermark = Watermark()
        self._looked = self._loaded = float("-inf")

    def refresh(self, session: Session, assignment: Assignment, manifest: Manifest, *, fresh_s: float) -> None:
        """Unless it is fresh, or somebody else is at it and there is something to read meanwhile."""
        if time.monotonic() - self._looked < fresh_s:
            return
        must_wait = self.board is None or fresh_s == 0
        if self._refreshing.acquire(blocking=must_wait):
            try:
                self._refresh(session, assignment, manifest, looked=time.monotonic())
            finally:
                self._refreshing.release()

    def _refresh(self, session: Session, assignment: Assignment, manifest: Manifest, *, looked: float) -> None:
        now, *counts = queries.stamp(session, assignment=assignment)
        stamp = (counts, assignment.closes_at, assignment.counts, manifest)
        if stamp != self._stamp or looked - self._loaded > RELOAD_S:
            self._read_anew(session, assignment, manifest, now)
            self._stamp, self._loaded = stamp, looked
        else:
            self._catch_up(session, assignment, manifest, now)
        self._looked = looked

    def _read_anew(self, session: Session, assignment: Assignment, manifest: Manifest, now: datetime) -> None:
        """Beside the old one, which is read until this one is complete."""
        board, watermark = Board(rules.ranking_of(assignment, manifest, self.view)), Watermark()
        people = People(queries.list_people(session, assignment=assignment))
        board.put(self._entries(session, assignment, manifest, board, watermark, people.by_id, now))
        with self.lock:
            self.board, self.people, self.members, self._watermark = board, people.by_id, people.members, watermark
            self._cache.clear()
            self.revision += 1
        keep_from_collector(len(board), anew=True)

    def _catch_up(self, session: Session, assignment: Assignment, manifest: Manifest, now: datetime) -> None:
        found = self._entries(session, assignment, manifest, self.board, self._watermark, self.people, now)
        with self.lock:
            if self.board.put(found):
                self.revision += 1

    def _entries(
        self,
        session: Session,
        assignment: Assignment,
        manifest: Manifest,
        board: Board,
        watermark: Watermark,
        people: Mapping[int, Person],
        now: datetime,
    ) -> list[tuple[Entrant, Entry]]:
        query = queries.entries(
            assignment=assignment,
            metric=manifest.leaderboard.metric if manifest.leaderboard else None,
            is_competition=manifest.competition is not None,
            with_items=board.rules.beats is not None,
            after_run=watermark.settled,
        )
        found = [(author, at, Entry(*values)) for author, at, *values in session.execute(query)]
        watermark.read(((at, entry.run_id) for _, at, entry in found), now)
        return [(people[author].entrant, entry) for author, _, entry in found if author in people]

    def ranks_at(self, moment: datetime) -> Mapping[Entrant, int]:
        """Everybody's rank at a moment in the past; worked out once for as long as the board is not read anew."""
        return self._kept("ranks", (moment,), lambda: self.board.ranks_at(moment))

    def public_ranks(self) -> Mapping[Entrant, int]:
        """Where everybody stood before the private scores opened."""
        return self._kept("public ranks", (self.revision,), self.board.public_ranks)

    def names(self, kind: str, names_of: Callable[[Entrant], Iterable[str]]) -> Names:
        """Of everybody in the course, to be looked through; `kind` says whose reading it is."""
        named = ((entrant, name) for entrant in self.members for name in names_of(entrant))
        return self._kept(f"names {kind}", (), lambda: Names(named))

    def items(self, session: Session, run_ids: Sequence[int]) -> Mapping[int, bytes]:
        """What each public item gave in these runs, packed. Runs never change, so what was read once is kept."""
        missing = [run_id for run_id in run_ids if run_id not in self._items]
        if missing:
            if len(self._items) > MOST_ITEMS:
                self._items.clear()
                missing = list(run_ids)
            self._items |= queries.items_of(session, missing)
        return self._items

    def _kept(self, name: str, key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        kept = self._cache.get(name)
        if kept is None or kept[0] != key:
            kept = self._cache[name] = (key, make())
            keep_from_collector(len(self.board))
        return kept[1]


class Boards:
    """All boards of this process. `key`: what pseudonyms follow from."""

    def __init__(self, *, fresh_s: float, key: bytes = b"") -> None:
        self.fresh_s, self.key = fresh_s, key
        self._lock = threading.Lock()
        self._boards: dict[tuple[int, View], LiveBoard] = {}

    def get(self, session: Session, assignment: Assignment, manifest: Manifest, view: View = View.live) -> LiveBoard:
        """The board, about `fresh_s` old at most."""
        with self._lock:
            live = self._boards.setdefault((assignment.id, view), LiveBoard(view))
        live.refresh(session, assignment, manifest, fresh_s=self.fresh_s)
        return live
