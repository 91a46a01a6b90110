"""All attempts of a student are one student: never compared with himself, and as alike to others as his most similar one."""

import numpy as np
import pytest

from grader.similarity.fingerprint import Fingerprint
from grader.similarity.score import Comparison, Pair, compare
from tests.grader.similarity import works as given
from tests.grader.similarity.conftest import likeness, made

UNLIKE_ADA = [code for name, code in given.HONEST.items() if name != "ada"]


def pair_of(comparison: Comparison, *students: str) -> Pair:
    return next(pair for pair in comparison.ranked() if {pair.left, pair.right} == set(students))


def attempts(student: str, count: int, code: str = given.ADA) -> list[Fingerprint]:
    """The same work with one more line each time."""
    return [made(student, code + "".join(f"\nprint({number}, 'rows')\n" for number in range(last))) for last in range(count)]


def test_nobody_is_compared_with_himself(honest: dict[str, Fingerprint]) -> None:
    found = compare([*honest.values(), *attempts("ada", 3)], archive=[made("ada", given.RENAMED), made("zoe", given.REORDERED)])
    pairs = list(found.ranked())
    assert all(pair.left != pair.right for pair in pairs)
    assert len(pairs) == len({frozenset((pair.left, pair.right)) for pair in pairs}) == 8 * 7 / 2 + 8


def test_a_student_is_as_alike_as_his_most_similar_attempt(honest: dict[str, Fingerprint]) -> None:
    alone = compare([*honest.values(), made("zoe", given.RENAMED)])
    tries = [made("zoe", given.EMIL.replace("64", "32")), made("zoe", given.RENAMED), made("zoe", UNLIKE_ADA[0])]
    found = compare([*honest.values(), *tries])
    pair = pair_of(found, "ada", "zoe")
    assert pair.similarity == pytest.approx(pair_of(alone, "ada", "zoe").similarity, abs=0.05)
    assert found.works[pair.right_work] is tries[1]
    assert found.works[pair_of(found, "emil", "zoe").right_work] is tries[0]


def test_equal_attempts_change_no_figure(honest: dict[str, Fingerprint]) -> None:
    once = likeness(compare([*honest.values(), made("zoe", given.REWRITTEN)]))
    often = likeness(compare([*honest.values(), *[made("zoe", given.REWRITTEN)] * 4, honest["ada"]]))
    assert often == pytest.approx(once, abs=1e-5)


def test_what_three_attempts_of_one_student_have_has_one_holder(honest: dict[str, Fingerprint]) -> None:
    tries = attempts("zoe", 3, UNLIKE_ADA[0].replace("len(x)", "len(x[::2])"))
    index = compare([*honest.values(), *tries]).indices["canonical"]
    own, others = (
        np.concatenate([part.canonical.hashes for work in works for part in work.parts]) for works in (tries, honest.values())
    )
    holders = index.holders[np.isin(index.vocabulary, np.setdiff1d(own, others))]
    assert len(holders)
    assert set(holders.tolist()) == {1}


def test_of_attempts_that_are_equally_alike_the_earliest_is_named(honest: dict[str, Fingerprint]) -> None:
    found = compare([*honest.values(), *[made("zoe", given.RENAMED)] * 3, honest["ada"]])
    pair = pair_of(found, "ada", "zoe")
    assert (pair.left_work, pair.right_work) == (found.places_of("ada")[0], found.places_of("zoe")[0])


def test_the_attempt_with_the_same_code_is_named_before_one_that_has_more(honest: dict[str, Fingerprint]) -> None:
    tries = [*attempts("zoe", 4)[1:], made("zoe", given.ADA)]
    found = compare([*honest.values(), *tries])
    pair = pair_of(found, "ada", "zoe")
    assert pair.similarity == 1
    assert found.works[pair.right_work] is tries[-1]


def test_places_are_those_of_the_works_as_they_were_given(honest: dict[str, Fingerprint]) -> None:
    works, archive = [*honest.values(), made("zoe", given.EMIL), honest["ada"]], [made("zoe", given.RENAMED)]
    found = compare(works, archive=archive)
    assert found.places_of("zoe") == (8, 10)
    assert found.places_of("ada") == (0, 9)
    assert [found.works[place] for place in found.places_of("zoe")] == [works[8], archive[0]]


def test_what_somebody_of_the_class_handed_in_last_year_counts_for_those_who_are_here(honest: dict[str, Fingerprint]) -> None:
    """Somebody copied what a student who repeats the course had handed in; a student of last year did so, too."""
    repeating, copied, old = [made("zoe", UNLIKE_ADA[0])], made("zoe", given.ADA), made("yan", given.REORDERED)
    works = [*(print_ for name, print_ in honest.items() if name != "ada"), *repeating, made("kim", given.RENAMED)]
    found = compare(works, archive=[copied, old])
    pair = pair_of(found, "zoe", "kim")
    assert pair.similarity > 0.5
    assert {found.works[pair.left_work], found.works[pair.right_work]} == {copied, works[-1]}
    assert pair_of(found, "zoe", "yan").similarity < 0.1
    assert pair_of(found, "kim", "yan").similarity > 0.5


def test_equal_code_of_two_archives_is_no_pair_of_the_class(honest: dict[str, Fingerprint]) -> None:
    works = [*(print_ for name, print_ in honest.items() if name != "ada"), made("zoe", given.EMIL.replace("64", "32"))]
    found = compare(works, archive=[made("zoe", given.ADA), made("yan", given.ADA)])
    assert pair_of(found, "zoe", "yan").similarity < 0.1


def test_twenty_attempts_that_differ_little_have_few_parts_more(honest: dict[str, Fingerprint]) -> None:
    once = compare([*honest.values()]).indices["canonical"].rows
    often = compare([*honest.values(), *attempts("ada", 20)]).indices["canonical"].rows
    assert len(often.hashes) <= len(once.hashes) + 20
    assert often.works.shape[0] <= once.works.shape[0] + 20
