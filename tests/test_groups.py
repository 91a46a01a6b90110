"""Tests that share something expensive stay in one process; a pytest that its xdist does not know gives that up silently."""

import pytest


@pytest.mark.xdist_group("together")
def test_a_group_of_tests_goes_to_one_process(request: pytest.FixtureRequest) -> None:
    is_one_of_several_processes = hasattr(request.config, "workerinput")
    assert request.node.nodeid.endswith("@together") == is_one_of_several_processes
