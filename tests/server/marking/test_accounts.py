"""An account while something waits for a marker: which attempt that is, and grace days that are promised once."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from server.assignments.models import Counts
from server.deadlines.models import LateKind
from server.deadlines.queries import Account, Try, with_marks
from server.deadlines.rules import Dates, Policy
from server.marking.points import Marked

DUE = datetime(2026, 3, 1, tzinfo=UTC)
BY_HAND = Decimal(40)
GRACE = Policy(LateKind.grace)


def account_of(tries: list[Try], counts: Counts = Counts.best) -> Account:
    dates = Dates(DUE - timedelta(days=9), DUE, DUE + timedelta(days=9))
    return Account(1, 3, {7: dates}, {}, {7: GRACE}, {7: counts}, {7: tries})


def tried(id: int, judged: int | None, *, days: int = 0, marked: Marked | None = None) -> Try:
    score = None if judged is None else Decimal(judged)
    return with_marks(Try(id, DUE + timedelta(days=days), score, Decimal(100), score), marked, BY_HAND)


def test_grace_days_of_an_attempt_that_waits_for_its_marks_are_promised_to_nobody_else() -> None:
    account = account_of([tried(1, 30), tried(2, 50, days=2)])
    assert account.to_mark == {7: 2} and account.grace_left == 1  # the first is never marked, so it promises nothing


def test_an_older_mark_counts_until_the_newer_attempt_is_marked() -> None:
    old = tried(1, 30, marked=Marked(Decimal(40), is_published=True))
    account = account_of([old, tried(2, 50, days=0)])
    assert account.settled[7].attempt_id == 1 and account.to_mark[7] == 2 and account.awaits(7)
    assert account.open_points(7) == 40
    done = account_of([old, tried(2, 50, marked=Marked(Decimal(25), is_published=True))])
    assert done.settled[7].attempt_id == 2 and not done.awaits(7) and done.open_points(7) == 0


def test_nothing_is_awaited_of_who_has_handed_in_nothing() -> None:
    account = account_of([])
    assert not account.awaits(7) and account.open_points(7) == 0 and account.to_mark == {}


def test_what_is_not_graded_yet_is_awaited_and_the_newest_of_nothing_graded_is_marked() -> None:
    account = account_of([tried(1, None), tried(2, None)])
    assert account.awaits(7) and account.to_mark == {7: 2} and account.settled[7] is None


MARKS = st.none() | st.builds(Marked, st.integers(0, 40).map(Decimal), st.booleans(), st.booleans())
TRIES = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 4), MARKS), min_size=1, max_size=5)


@given(TRIES, st.sampled_from(list(Counts)))
def test_scores_stay_within_the_full_score_and_marks_never_take(
    rows: list[tuple[int, int, Marked | None]], counts: Counts
) -> None:
    rows = sorted(rows, key=lambda row: row[1])
    found = [tried(id, judged, days=days, marked=marked) for id, (judged, days, marked) in enumerate(rows, start=1)]
    without = [tried(each.id, judged, days=days) for each, (judged, days, _) in zip(found, rows, strict=True)]
    assert all(each.judged <= each.score <= each.most <= 100 for each in found)
    settled, alone = account_of(found, counts).settled[7], account_of(without, counts).settled[7]
    assert (settled is None) == (alone is None)
    if settled:
        assert alone.total <= settled.total <= 100


@given(TRIES)
def test_marks_do_not_change_which_attempt_is_marked(rows: list[tuple[int, int, Marked | None]]) -> None:
    found = [tried(id, judged, days=days, marked=marked) for id, (judged, days, marked) in enumerate(rows, start=1)]
    without = [tried(id, judged, days=days) for id, (judged, days, _) in enumerate(rows, start=1)]
    assert account_of(found).to_mark == account_of(without).to_mark
