"""The results of an exam as plain values for pages, JSON and files: a row of each student, a row of each item."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from server import spreadsheet
from server.exam_results.statistics import ItemStatistics, item_statistics
from server.exam_results.works import Item, Work, Works
from server.gradebook.exports import workbook_of
from server.gradebook.statistics import Spread, summary_of
from server.leaderboard.plots import histogram

Value = str | Decimal | None
LEADING = ("login", "student number", "name", "section")
ENDING = ("by judge", "by hand", "regrades", "total", "handed in", "handed in by")
OF_ITEMS = ("item", "title", "points", "students", "facility", "discrimination", "full", "part", "none", "minutes")
PERCENT = Decimal("0.0001")


@dataclass(frozen=True)
class Results:
    works: Works
    spread: Spread
    items: Sequence[tuple[Item, ItemStatistics]]


def results_of(works: Works) -> Results:
    totals = [total for each in works.written if (total := each.total) is not None]
    absent = sum(each.sitting is None for each in works.all)
    waiting = len(works.all) - absent - len(totals)
    spread = Spread(summary_of(totals), works.full, histogram(totals, works.full), missing=0, open=waiting, excused=absent)
    points = [each.points for each in works.written if each.report is not None]
    told = [(item, item_statistics(item.id, item.full, points, minutes_in(works, item))) for item in works.items]
    return Results(works, spread, told)


def minutes_in(works: Works, item: Item) -> list[int]:
    return list(works.minutes.get(item.id, {}).values())


def student_rows(works: Works) -> list[list[Value]]:
    head = [*LEADING, *(f"{each.title.en} ({each.full.normalize():f})" for each in works.items), *ENDING]
    return [head, *(student_row(works, each) for each in works.all)]


def student_row(works: Works, work: Work) -> list[Value]:
    user, section, sitting = work.student.user, work.student.section, work.sitting
    handed_in = sitting.handed_in_at.isoformat(timespec="seconds") if sitting and sitting.handed_in_at else None
    by = sitting.handed_in_by.value if sitting and sitting.handed_in_by else None
    own = [user.login, user.student_number, user.display_name, section.name if section else ""]
    sums = [work.report.score, work.by_hand, work.change] if work.report else [None, None, None]
    return [*own, *(work.points.get(each.id) for each in works.items), *sums, work.total, handed_in, by]


def item_rows(results: Results) -> list[list[Value]]:
    return [list(OF_ITEMS), *(item_row(item, found) for item, found in results.items)]


def item_row(item: Item, found: ItemStatistics) -> list[Value]:
    shares = [rounded(found.facility), rounded(found.discrimination)]
    counts = [Decimal(each) for each in (found.full, found.part, found.none)]
    return [item.id, item.title.en, item.full, Decimal(found.count), *shares, *counts, rounded(found.minutes)]


def rounded(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(value).quantize(PERCENT)


def as_csv(results: Results) -> str:
    """Of students; a workbook has the items too."""
    return spreadsheet.as_csv(student_rows(results.works))


def as_workbook(results: Results) -> bytes:
    return workbook_of([("Students", student_rows(results.works), "D2"), ("Items", item_rows(results), "A2")])
