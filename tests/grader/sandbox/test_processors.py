"""Each worker's submissions have processors of their own, as long as there are enough."""

import os
from collections.abc import Iterator
from multiprocessing import get_context

import pytest

from grader.sandbox import processors
from grader.sandbox.base import Limits, Sandbox
from grader.sandbox.options import Options
from tests.grader.sandbox.conftest import call, load, opened_or_skipped

EVERYBODY = get_context("fork").Barrier(4)
SOURCE = b"""
import os

def look():
    return [sorted(os.sched_getaffinity(0)), os.nice(0)]

def look_from_a_fork():
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.write(writer, str(sorted(os.sched_getaffinity(0))).encode())
        os._exit(0)
    return os.read(reader, 1000).decode()
"""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    sandbox = opened_or_skipped("bubblewrap", "fork")
    yield sandbox
    sandbox.close()


def test_workers_take_turns_until_every_processor_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The numbers are far from any real one's, so that what else runs here has not claimed them."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {7001, 7002, 7003})
    with get_context("fork").Pool(4, maxtasksperchild=1) as pool:
        taken = [tuple(places) for places in pool.map(_claim_and_wait, range(4), chunksize=1)]
    assert {place for places in taken for place in places} == {7001, 7002, 7003}
    assert all(len(places) == 1 for places in taken)


def _claim_and_wait(_: int) -> list[int]:
    claimed = processors.own(1)
    EVERYBODY.wait()
    return claimed


@pytest.mark.sandbox
def test_all_processes_of_a_submission_share_what_its_slot_has_and_come_after_ours(sandbox: Sandbox) -> None:
    with sandbox.open(Limits()) as box:
        load(box, SOURCE)
        places, nice = call(box, "look")["value"]
        assert places == sorted(processors.own(1)) and len(places) == int(Options().cpus) and nice == os.nice(0) + 10
        assert call(box, "look_from_a_fork")["value"] == str(places)


def test_the_judge_stays_beside_its_submission_and_leaves_with_it(sandbox: Sandbox) -> None:
    before = os.sched_getaffinity(0)
    with sandbox.open(Limits()) as box:
        load(box, SOURCE)
        assert sorted(os.sched_getaffinity(0)) == call(box, "look")["value"][0]
    assert os.sched_getaffinity(0) == before


def test_nobody_is_kept_where_nothing_is_known() -> None:
    before = os.sched_getaffinity(0)
    for unknown in ([], [7001]):
        with processors.beside(unknown):
            assert os.sched_getaffinity(0) == before
