"""Who is where: a pure fold over what was handed in. The same entries give the same board, in whatever order they come."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from sortedcontainers import SortedKeyList

Half = Literal["public", "private"]
Key = tuple[float, datetime, int]
Step = tuple[datetime, float]
LAST = datetime.max.replace(tzinfo=UTC)
Beats = Callable[["Entry", "Entry"], bool]


class Entrant(NamedTuple):
    """Whoever has one row: a person, or a team."""

    kind: Literal["person", "team"]
    id: int


@dataclass(frozen=True, slots=True)
class Entry:
    """The newest run of one submission. `value` is None where it has reached no score that could rank.

    items: what each public item gave, packed; only where the rules need it.
    """

    submission_id: int
    attempt: int
    received_at: datetime
    run_id: int
    value: float | None
    low: float | None = None
    high: float | None = None
    private: float | None = None
    private_low: float | None = None
    private_high: float | None = None
    metric: float | None = None  # beside the points of a homework
    chosen_at: datetime | None = None  # when it was marked as final
    items: bytes | None = None


@dataclass(frozen=True)
class Rules:
    """How entries become a place. `sees`: values as they are shown, so that what looks equal ranks as equal.

    beats: the Ladder (Blum and Hardt 2015): a value shows only where it beats the best that has shown before.
    until: what came in later is not on this board.
    """

    direction: Literal["max", "min"] = "max"
    counts: Literal["best", "latest", "chosen"] = "best"
    most_chosen: int = 2
    half: Half = "public"
    sees: Callable[[float], float] = float
    beats: Beats | None = None
    until: datetime | None = None

    @property
    def sign(self) -> int:
        return 1 if self.direction == "max" else -1


@dataclass(frozen=True, slots=True)
class Standing:
    """An entrant's place in the making. `history`: when the public value that shows became which."""

    entrant: Entrant
    entry: Entry
    value: float
    attempts: int
    history: tuple[Step, ...]
    key: Key


def shown(entries: Iterable[Entry], rules: Rules) -> list[tuple[Entry, bool]]:
    """All that have a score, in the order in which they came in, and whether their public value shows."""
    found: list[tuple[Entry, bool]] = []
    best: Entry | None = None
    for entry in sorted(filter(_ranks, entries), key=_came_in):
        shows = best is None or rules.beats is None or rules.beats(entry, best)
        best = entry if shows else best
        found.append((entry, shows))
    return found


def standing_of(entrant: Entrant, entries: Iterable[Entry], rules: Rules) -> Standing | None:
    """Where these entries bring somebody; None where none of them ranks."""
    in_time = [entry for entry in entries if rules.until is None or entry.received_at < rules.until]
    visible = [entry for entry, shows in shown(in_time, rules) if shows]
    if not visible:
        return None
    public = visible[-1] if rules.counts == "latest" else min(visible, key=lambda entry: _public_key(entry, rules))
    entry = _final(public, in_time, rules) if rules.half == "private" else public
    value = rules.sees(entry.value if rules.half == "public" else entry.private)
    key = (-rules.sign * value, entry.received_at, entry.submission_id)
    return Standing(entrant, entry, value, len(in_time), tuple(_history(visible, rules)), key)


def _ranks(entry: Entry) -> bool:
    return entry.value is not None


def _came_in(entry: Entry) -> tuple[datetime, int]:
    return entry.received_at, entry.submission_id


def _public_key(entry: Entry, rules: Rules) -> Key:
    return -rules.sign * rules.sees(entry.value), entry.received_at, entry.submission_id


def _private_key(entry: Entry, rules: Rules) -> Key:
    return -rules.sign * rules.sees(entry.private), entry.received_at, entry.submission_id


def _final(public: Entry, entries: list[Entry], rules: Rules) -> Entry:
    """The one whose private score counts: of those that were chosen the best, else the one that stood on the public board.

    Of more choices than are allowed, which two who join forces may have, those that were made first.
    """
    if rules.counts != "chosen":
        return public
    marked = sorted((e for e in entries if e.chosen_at and _ranks(e)), key=lambda e: (e.chosen_at, e.submission_id))
    return min(marked[: rules.most_chosen], key=lambda entry: _private_key(entry, rules), default=public)


def _history(visible: list[Entry], rules: Rules) -> Iterator[Step]:
    """Every change of the value that stands, in time."""
    stands: float | None = None
    for entry in visible:
        value = rules.sees(entry.value)
        if stands is None or (value != stands if rules.counts == "latest" else rules.sign * value > rules.sign * stands):
            stands = value
            yield entry.received_at, value


class Board:
    """All standings in order. Of each submission it keeps the newest run that it was told of: telling twice does no harm."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.standings: dict[Entrant, Standing] = {}
        self.order: SortedKeyList = SortedKeyList(key=lambda standing: standing.key)
        self._entries: dict[Entrant, dict[int, Entry]] = {}
        self._progress: list[Step] | None = []

    def put(self, entries: Iterable[tuple[Entrant, Entry]]) -> bool:
        """Take in what is new; whether anything was."""
        changed: set[Entrant] = set()
        for entrant, entry in entries:
            mine = self._entries.setdefault(entrant, {})
            known = mine.get(entry.submission_id)
            if known is None or known.run_id < entry.run_id:
                mine[entry.submission_id] = entry
                changed.add(entrant)
        for entrant in changed:
            self._place(entrant)
        return bool(changed)

    def _place(self, entrant: Entrant) -> None:
        if (before := self.standings.pop(entrant, None)) is not None:
            self.order.remove(before)
        if (after := standing_of(entrant, self._entries[entrant].values(), self.rules)) is not None:
            self.standings[entrant] = after
            self.order.add(after)
        self._keep_progress(before, after)

    def _keep_progress(self, before: Standing | None, after: Standing | None) -> None:
        """Steps that are only added change little; where one has gone, all are looked at again when somebody asks."""
        old, new = (standing.history if standing else () for standing in (before, after))
        if self._progress is not None and new[: len(old)] == old:
            self._climb(new[len(old) :])
        else:
            self._progress = None

    def entries_of(self, entrant: Entrant) -> list[Entry]:
        """The newest run of each submission."""
        return list(self._entries.get(entrant, {}).values())

    def __len__(self) -> int:
        return len(self.order)

    def page(self, start: int, count: int) -> list[Standing]:
        return list(self.order.islice(start, start + count))

    def rank(self, entrant: Entrant) -> int | None:
        """From 1."""
        mine = self.standings.get(entrant)
        return None if mine is None else self.order.bisect_key_left(mine.key) + 1

    def better_than(self, value: float) -> int:
        """How many rows stand above a value that is nobody's; who has the same stands above, too."""
        return self.order.bisect_key_right((-self.rules.sign * value, LAST, 0))

    def ranks_at(self, moment: datetime) -> dict[Entrant, int]:
        """Everybody's rank at a moment in the past, by what stood then."""
        stood = [(key, entrant) for entrant, standing in self.standings.items() if (key := self._key_at(standing, moment))]
        return {entrant: place for place, (_, entrant) in enumerate(sorted(stood), start=1)}

    def public_ranks(self) -> dict[Entrant, int]:
        """By the last public value that showed; of a board whose order is private."""
        stood = [
            (-self.rules.sign * each.history[-1][1], each.history[-1][0], entrant) for entrant, each in self.standings.items()
        ]
        return {entrant: place for place, (*_, entrant) in enumerate(sorted(stood), start=1)}

    def _key_at(self, standing: Standing, moment: datetime) -> tuple[float, datetime, Entrant] | None:
        past = [(at, value) for at, value in standing.history if at < moment]
        if not past:
            return None
        at, value = past[-1]
        return -self.rules.sign * value, at, standing.entrant

    @property
    def progress(self) -> list[Step]:
        """How the best of all public values has risen (or fallen, where less is better)."""
        if self._progress is None:
            self._progress = []
            for standing in self.standings.values():
                self._climb(standing.history)
        return list(self._progress)

    def _climb(self, history: Iterable[Step]) -> None:
        """Take in steps that are new, wherever in time they are; none that has been taken in may have gone."""
        for step in history:
            place = bisect_right(self._progress, step)
            if place and not self._is_higher(step, self._progress[place - 1]):
                continue
            while place < len(self._progress) and not self._is_higher(self._progress[place], step):
                del self._progress[place]
            self._progress.insert(place, step)

    def _is_higher(self, step: Step, other: Step) -> bool:
        return self.rules.sign * step[1] > self.rules.sign * other[1]
