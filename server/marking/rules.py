"""Points of marks, questions and sections, who marks what, and in which order. Values in, answer out; no session, no clock."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from server.marking import refusals
from server.marking.models import Scale

NONE, CENT = Decimal(0), Decimal("0.01")


@dataclass(frozen=True)
class Worth:
    """A manual question: what it is worth, where its marks begin, and its section, of which the best `choose` count."""

    id: int
    points: Decimal
    scale: Scale = Scale.additive
    section: str | None = None
    choose: int | None = None


@dataclass(frozen=True)
class Given:
    """A mark as it was given: ids of items, and points beyond them. `number` counts up; the highest holds."""

    question: int
    number: int
    items: tuple[int, ...] = ()
    adjustment: Decimal = NONE


def points_of(given: Given, worth: Worth, items: Mapping[int, Decimal]) -> Decimal:
    """Of one mark, by the items as they are now; 0..worth.points."""
    begin = worth.points if worth.scale is Scale.subtractive else NONE
    total = begin + sum((items[each] for each in given.items), NONE) + given.adjustment
    return min(max(total, NONE), worth.points)


def newest(given: Iterable[Given]) -> dict[int, Given]:
    """By question, in whatever order the rows come."""
    found: dict[int, Given] = {}
    for each in given:
        if each.question not in found or found[each.question].number < each.number:
            found[each.question] = each
    return found


def counted(points: Mapping[int, Decimal], worths: Sequence[Worth]) -> dict[int, Decimal]:
    """Points by question, as far as they count: of a section the best ones, of equals those that stand first."""
    found = {}
    for section in dict.fromkeys(each.section for each in worths):
        mine = [each for each in worths if each.section == section and each.id in points]
        if section is not None:
            mine = sorted(mine, key=lambda each: -points[each.id])[: mine[0].choose if mine else 0]
        found |= {each.id: points[each.id] for each in mine}
    return found


def total_of(given: Iterable[Given], worths: Sequence[Worth], items: Mapping[int, Decimal]) -> Decimal:
    """Of one work; 0..most_of(worths)."""
    by_id = {each.id: each for each in worths}
    marks = {id: each for id, each in newest(given).items() if id in by_id}
    points = {id: points_of(each, by_id[id], items) for id, each in marks.items()}
    return sum(counted(points, worths).values(), NONE)


def most_of(worths: Sequence[Worth]) -> Decimal:
    return sum(counted({each.id: each.points for each in worths}, worths).values(), NONE)


def open_of(marked: Collection[int], worths: Sequence[Worth]) -> list[int]:
    """Which questions of a work wait for a marker; those without an answer are given their 0 all at once."""
    return [each.id for each in worths if each.id not in marked]


def scale_of(points: Iterable[Decimal]) -> Scale:
    """What a rubric means that was written without saying it: one that only takes begins at the top."""
    all_points = list(points)
    takes = bool(all_points) and all(each <= 0 for each in all_points) and any(all_points)
    return Scale.subtractive if takes else Scale.additive


def read_points(typed: str) -> Decimal:
    """Raises BadPoints; nothing typed is nothing. A Chinese or typographic minus is one."""
    tidy = typed.strip().replace("−", "-").replace("－", "-").replace("+", "", 1)
    try:
        value = Decimal(tidy or "0")
    except InvalidOperation as error:
        raise refusals.BadPoints(typed) from error
    if not (value.is_finite() and abs(value) <= refusals.MAX_POINTS and value == round(value, 2)):
        raise refusals.BadPoints(typed)
    return value


def tidy_text(typed: str, *, most: int = refusals.MAX_TEXT) -> str | None:
    """None where nothing was said. Raises TextTooLong."""
    tidy = typed.replace("\r\n", "\n").replace("\0", "").strip()
    if len(tidy) > most:
        raise refusals.TextTooLong(most)
    return tidy or None


def order_of(works: Iterable[int], *, seed: str) -> list[int]:
    """In an order of this marker's own, which stays when works are added: the smallest SHA-256 of `seed:work` first."""
    return sorted(works, key=lambda work: (ticket_of(seed, work), work))


def ticket_of(seed: str, work: int) -> str:
    return hashlib.sha256(f"{seed}:{work}".encode()).hexdigest()


def deal(works: Iterable[int], markers: Sequence[int], *, held: Mapping[int, int], seed: str) -> dict[int, int]:
    """Work → marker. Who has one of `markers` already keeps it; the rest go, in the seed's order, to who has fewest."""
    in_order = order_of(works, seed=seed)
    dealt = {work: held[work] for work in in_order if held.get(work) in markers}
    load = Counter(dict.fromkeys(markers, 0))
    load.update(dealt.values())
    for work in in_order:
        if work not in dealt:
            dealt[work] = min(markers, key=lambda marker: (load[marker], markers.index(marker)))
            load[dealt[work]] += 1
    return dealt


@dataclass(frozen=True)
class Share:
    """One row of who marks what: exactly one of the three is said."""

    marker: int
    question: int | None = None
    section: int | None = None
    student: int | None = None


def marker_of(shares: Iterable[Share], *, question: int, section: int | None, student: int) -> int | None:
    """Whose it is: what is said of the student goes before what is said of the question, and that before the section."""
    found: dict[str, int] = {}
    for each in shares:
        if each.student == student:
            found["student"] = each.marker
        elif each.question == question:
            found["question"] = each.marker
        elif each.section is not None and each.section == section:
            found["section"] = each.marker
    return next((found[name] for name in ("student", "question", "section") if name in found), None)


@dataclass(frozen=True)
class Spread:
    """Points of several marks: how many, their mean, and how often each value was given."""

    count: int
    mean: Decimal | None
    counts: Mapping[Decimal, int]


def spread_of(points: Iterable[Decimal]) -> Spread:
    values = sorted(points)
    mean = (sum(values, NONE) / len(values)).quantize(CENT) if values else None
    return Spread(len(values), mean, Counter(values))
