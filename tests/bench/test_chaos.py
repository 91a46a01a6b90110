"""What chaos counts as a loss."""

import pytest

from bench.chaos import is_right
from server.models import State


@pytest.mark.parametrize(
    ("kind", "state", "scores"),
    [("right", State.graded, [100]), ("forges", State.graded, [0]), ("slow", State.needs_staff, [])],
)
def test_the_verdict_that_a_file_earns_alone_is_right_and_so_is_a_person_who_looks_at_it(kind, state, scores) -> None:
    assert is_right(kind, state, scores)


@pytest.mark.parametrize(
    ("kind", "state", "scores"),
    [
        ("right", State.graded, [0]),
        ("right", State.graded, []),
        ("right", State.graded, [100, 100]),
        ("forges", State.graded, [100]),
        ("right", State.running, []),
        ("slow", State.needs_staff, [0]),
    ],
)
def test_a_zero_for_the_innocent_a_second_run_and_a_job_without_an_end_are_wrong(kind, state, scores) -> None:
    assert not is_right(kind, state, scores)
