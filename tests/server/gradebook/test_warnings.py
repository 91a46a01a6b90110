"""Reasons for a word: each is a fact that its numbers show."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from server.gradebook.rules import Cell, Standing
from server.gradebook.statistics import summary_of
from server.gradebook.warnings import SILENT, Why, reasons_of

NOW = datetime(2026, 11, 2, tzinfo=UTC)
shares = st.decimals(0, 1, places=2)


def works(*values: str | None) -> list[tuple[str, Cell]]:
    """A share, or None where nothing was handed in."""
    cells = [Cell(Standing.missing) if each is None else Cell(Standing.scored, Decimal(each)) for each in values]
    return [(f"h{n}", cell) for n, cell in enumerate(cells)]


def whys(*values: str | None, silent_days: int = 0, is_work_open: bool = True) -> list[Why]:
    last_seen = NOW - timedelta(days=silent_days)
    return [each.why for each in reasons_of(works(*values), last_seen=last_seen, now=NOW, is_work_open=is_work_open)]


def test_three_works_each_below_the_one_before_are_a_fall() -> None:
    assert whys("0.9", "0.8", "0.7") == [Why.falling]
    assert whys("0.9", "0.85", "0.75") == []  # less than a fifth
    assert whys("0.9", "0.6", "0.7") == [] and whys("0.9", "0.4") == []
    assert whys("0.2", "1", "0.9", "0.7") == [Why.falling]  # the last three


def test_two_missing_works_are_named() -> None:
    (reason,) = reasons_of(works(None, "1", None), last_seen=NOW, now=NOW, is_work_open=True)
    assert (reason.why, reason.works) == (Why.missing, ("h0", "h2"))
    assert whys(None, "1") == []


def test_two_silent_weeks_count_while_there_is_work() -> None:
    assert whys(silent_days=14) == [Why.silent] and whys(silent_days=13) == []
    assert whys(silent_days=30, is_work_open=False) == []


@given(st.lists(shares, max_size=6), st.integers(0, 40))
def test_whoever_does_not_fall_and_is_there_has_no_reason(values: list[Decimal], days: int) -> None:
    found = reasons_of(works(*map(str, sorted(values))), last_seen=NOW - timedelta(days=days), now=NOW, is_work_open=True)
    assert [each.why for each in found] == ([Why.silent] if timedelta(days=days) >= SILENT else [])


@given(st.lists(st.decimals(0, 100, places=2), min_size=1))
def test_a_summary_stands_in_order_and_within_its_values(values: list[Decimal]) -> None:
    found = summary_of(values)
    assert found.least <= found.lower <= found.median <= found.upper <= found.most
    assert min(values) <= found.mean.quantize(Decimal("0.01")) <= max(values) + Decimal("0.01")


def test_quartiles_are_those_of_a_spreadsheet() -> None:
    found = summary_of([Decimal(each) for each in (20, 40, 60, 100)])
    assert (found.lower, found.median, found.upper, found.mean) == (35, 50, 70, 55)
