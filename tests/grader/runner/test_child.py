"""What has to be true before the walls go up around a student's process."""

import threading

import pytest

from grader.runner import child


def test_a_thread_that_runs_before_the_walls_are_up_is_refused() -> None:
    """It would keep its capabilities and run without the filter."""
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait)
    thread.start()
    try:
        with pytest.raises(RuntimeError, match="threads run before the walls are up"):
            child._check_alone()
    finally:
        ended.set()
        thread.join()
