"""Reading sources as trees."""

import ast
import gc
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from grader.reading.trees import parse

SOURCE = "\n".join(f"def f{number}(a):\n    return [a + {number} for a in range({number})]" for number in range(60))


class GivesWay:
    """Rubbish in a ring: collecting it, wherever that happens, lets another thread go on."""

    def __init__(self) -> None:
        self.ring = self

    def __del__(self) -> None:
        time.sleep(0)


@pytest.fixture
def restless() -> Iterator[None]:
    """The collector runs as often as it can, and threads change hands all the time."""
    interval, thresholds = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(1e-6)
    gc.set_threshold(1)
    yield
    gc.set_threshold(*thresholds)
    sys.setswitchinterval(interval)


def test_threads_that_parse_at_once_do_not_make_each_other_fail(restless: None) -> None:
    """On Python 3.11.7, ast.parse failed here in each of ten runs."""

    def read(_: int) -> str:
        GivesWay()
        return ast.dump(parse(SOURCE))

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(read, range(40))) == {ast.dump(ast.parse(SOURCE))}
