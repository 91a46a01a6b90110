"""Grades as properties: within bounds, never punished for doing better, the same in any order."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from server.gradebook.rules import Category, Cell, Line, Standing, grade_of, line_of, share_of

shares = st.decimals(0, 1, places=4)
cells = st.one_of(
    shares.map(lambda share: Cell(Standing.scored, share)),
    st.sampled_from([Cell(Standing.missing), Cell(Standing.open), Cell(Standing.excused)]),
)
SCHEME = (
    Category("homework", Decimal(50), tuple(f"h{n}" for n in range(5)), drops=1),
    Category("competition", Decimal(40), ("competition",)),
    Category("attendance", Decimal(10), ("attendance",)),
)
COLUMNS = [name for category in SCHEME for name in category.columns]
books = st.fixed_dictionaries(dict.fromkeys(COLUMNS, cells))


@given(books)
def test_grades_stay_within_0_and_100_and_end_between_what_was_foretold(book: dict[str, Cell]) -> None:
    grade = grade_of(SCHEME, book)
    assert 0 <= grade.lowest <= grade.highest <= 100
    assert grade.so_far is None or 0 <= grade.so_far <= 100


@given(books, st.data())
def test_whatever_comes_next_the_bounds_hold(book: dict[str, Cell], data: st.DataObject) -> None:
    ended = {
        name: Cell(Standing.scored, data.draw(shares)) if cell.standing is Standing.open else cell for name, cell in book.items()
    }
    before, after = grade_of(SCHEME, book), grade_of(SCHEME, ended)
    assert after.is_final and before.lowest <= after.lowest <= before.highest


@given(books, st.sampled_from(COLUMNS), shares)
def test_a_better_score_never_lowers_a_grade(book: dict[str, Cell], column: str, share: Decimal) -> None:
    low = grade_of(SCHEME, book | {column: Cell(Standing.scored, min(share, book[column].share))})
    high = grade_of(SCHEME, book | {column: Cell(Standing.scored, max(share, book[column].share))})
    assert low.lowest <= high.lowest and low.highest <= high.highest
    assert (low.so_far or 0) <= (high.so_far or 0)


@given(books, st.sampled_from(COLUMNS), shares)
def test_handing_something_in_is_never_worse_than_nothing(book: dict[str, Cell], column: str, share: Decimal) -> None:
    nothing, something = Cell(Standing.missing), Cell(Standing.scored, share)
    assert grade_of(SCHEME, book | {column: nothing}).lowest <= grade_of(SCHEME, book | {column: something}).lowest


@given(books, st.integers(0, 6))
def test_dropping_more_of_the_lowest_never_lowers(book: dict[str, Cell], drops: int) -> None:
    fewer, more = replace(SCHEME[0], drops=drops), replace(SCHEME[0], drops=drops + 1)
    assert (share_of(fewer, book)[0] or 0) <= (share_of(more, book)[0] or 0)


@given(books, st.permutations(SCHEME), st.randoms())
def test_the_order_of_columns_and_categories_changes_nothing(book: dict[str, Cell], scheme: list[Category], random) -> None:
    shuffled = [replace(each, columns=tuple(random.sample(each.columns, len(each.columns)))) for each in scheme]
    one, other = grade_of(SCHEME, book), grade_of(shuffled, book)
    assert (one.so_far, one.lowest, one.highest) == (other.so_far, other.lowest, other.highest)


@given(books)
def test_what_is_excused_is_as_if_it_had_never_been_set(book: dict[str, Cell]) -> None:
    set_for_him = [
        replace(each, columns=tuple(name for name in each.columns if book[name].standing is not Standing.excused))
        for each in SCHEME
    ]
    one, other = grade_of(SCHEME, book), grade_of(set_for_him, book)
    assert (one.so_far, one.lowest, one.highest) == (other.so_far, other.lowest, other.highest)


def test_the_points_of_the_categories_add_up_to_the_grade() -> None:
    book = {f"h{n}": Cell(Standing.scored, Decimal(n) / 4) for n in range(5)}
    book |= {"competition": Cell(Standing.scored, Decimal("0.8")), "attendance": Cell(Standing.scored, Decimal(1))}
    grade = grade_of(SCHEME, book)
    assert [each.points for each in grade.categories] == [Decimal("31.25"), Decimal(32), Decimal(10)]
    assert grade.lowest == grade.highest == grade.so_far == Decimal("73.25")
    assert grade.categories[0].dropped == ("h0",)


def test_what_is_not_due_yet_lowers_nothing_so_far() -> None:
    grade = grade_of(SCHEME, {"h0": Cell(Standing.scored, Decimal("0.9"))})
    assert (grade.so_far, grade.lowest, grade.highest) == (
        Decimal(90),
        Decimal("11.25"),
        Decimal(100),
    )  # one 0 of five is dropped


def test_an_override_is_the_grade() -> None:
    grade = grade_of(SCHEME, {}, override=Decimal("61.5"))
    assert grade.is_final and grade.so_far == Decimal("61.5")


@given(st.lists(st.integers(0, 100), unique=True), st.decimals(0, 100, places=2))
def test_a_line_is_the_highest_that_is_reached(least: list[int], grade: Decimal) -> None:
    lines = [Line(str(value), Decimal(value)) for value in least]
    reached = [value for value in least if value <= grade]
    assert line_of(lines, grade) == (Line(str(max(reached)), Decimal(max(reached))) if reached else None)


running = st.tuples(shares, shares, shares).map(sorted).map(lambda three: Cell(Standing.scored, three[1], three[0], three[2]))
any_book = st.fixed_dictionaries(dict.fromkeys(COLUMNS, st.one_of(cells, running)))


@given(any_book, st.data())
def test_what_still_runs_ends_between_its_ends_and_so_does_the_grade(book: dict[str, Cell], data: st.DataObject) -> None:
    ended = {}
    for name, cell in book.items():
        share = data.draw(st.decimals(cell.lowest, cell.highest, places=4)) if cell.lowest < cell.highest else cell.lowest
        ended[name] = cell if cell.standing is Standing.excused else Cell(Standing.scored, share)
    before, after = grade_of(SCHEME, book), grade_of(SCHEME, ended)
    assert after.is_final and before.lowest <= after.lowest <= before.highest


@given(books, st.sampled_from(COLUMNS[:5]))
def test_excusing_a_missing_work_never_hurts(book: dict[str, Cell], column: str) -> None:
    """In a category in which another is decided: else its weight goes to the others, which may be worse."""
    scheme = (replace(SCHEME[0], drops=0), *SCHEME[1:])
    if any(book[name].standing in (Standing.scored, Standing.missing) for name in COLUMNS[:5] if name != column):
        missing = grade_of(scheme, book | {column: Cell(Standing.missing)})
        excused = grade_of(scheme, book | {column: Cell(Standing.excused)})
        assert excused.so_far >= missing.so_far and excused.lowest >= missing.lowest


@given(books, st.lists(st.integers(1, 50), min_size=3, max_size=3))
def test_the_sum_of_the_categories_is_the_grade_whatever_the_weights_add_up_to(book: dict[str, Cell], weights: list[int]) -> None:
    decided = {name: cell if cell.standing is not Standing.open else Cell(Standing.missing) for name, cell in book.items()}
    scheme = [replace(each, weight=Decimal(weight)) for each, weight in zip(SCHEME, weights, strict=True)]
    grade = grade_of(scheme, decided)
    assert abs(sum(each.points for each in grade.categories) - grade.lowest) <= Decimal("0.02")
    assert grade.so_far in (None, grade.lowest)
