"""The pool of warm hosts, with hosts on paper: how many there are, which one comes next, what becomes of the unusual."""

import errno
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest

from grader.sandbox import pool as pool_module
from grader.sandbox.base import GraderFailure, Isolation, Limits
from grader.sandbox.defences import ALL
from grader.sandbox.options import Options
from grader.sandbox.pool import Pool
from grader.sandbox.warm import WarmSandbox

TOO_MANY_FILES = OSError(errno.EMFILE, os.strerror(errno.EMFILE))


class PaperHost:
    """Becomes ready when it is told to."""

    processors = ()

    def __init__(self, *, ready: bool = True, works: bool = True, error: OSError | None = None) -> None:
        self.works, self.alive, self.closed = works, True, False
        self.error = error
        self.told = threading.Event()
        if ready:
            self.told.set()

    def wait_until_ready(self) -> None:
        self.told.wait(10)
        if self.error:
            raise self.error
        if not self.works:
            raise GraderFailure("it does not start")

    def is_alive(self) -> bool:
        return self.alive

    def abort(self) -> None:
        self.works = False
        self.told.set()

    def close(self) -> None:
        self.closed = True

    def log(self) -> str:
        return ""


class Makers:
    """Starts hosts and remembers them."""

    def __init__(self, **kind: Any) -> None:
        self.kind = kind
        self.hosts: list[PaperHost] = []

    def start(self) -> PaperHost:
        self.hosts.append(PaperHost(**self.kind))
        return self.hosts[-1]

    def open(self) -> int:
        return sum(not host.closed for host in self.hosts)


@pytest.fixture
def pool_of() -> Iterator[Callable[..., Pool]]:
    with ExitStack() as stack:

        def pool_of(makers: Makers, size: int = 2, lifetime_s: float = 100.0, used_again: bool = True) -> Pool:
            return stack.enter_context(closing(Pool(makers.start, size, lifetime_s, used_again=used_again)))

        yield pool_of


def wait_for(fact: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 5
    while not fact() and time.monotonic() < deadline:
        time.sleep(0.005)
    return fact()


def test_hosts_that_are_used_again_count_while_they_are_in_use(pool_of: Callable[..., Pool]) -> None:
    makers = Makers()
    pool = pool_of(makers)
    for _ in range(10):
        pool.give_back(pool.take())
    assert wait_for(lambda: len(makers.hosts) == 2) and makers.open() == 2


def test_single_use_hosts_are_replaced_when_they_are_taken(pool_of: Callable[..., Pool]) -> None:
    makers = Makers()
    pool = pool_of(makers, used_again=False)
    taken = [pool.take() for _ in range(3)]
    assert wait_for(lambda: len(makers.hosts) == 5) and len(set(map(id, taken))) == 3


def test_a_replacement_starts_before_the_discarded_host_is_closed(pool_of: Callable[..., Pool]) -> None:
    makers = Makers()
    pool = pool_of(makers, size=1)
    host = pool.take()
    seen: list[int] = []
    host.close = lambda: seen.append(wait_for(lambda: len(makers.hosts) == 2))
    pool.discard(host)
    assert seen == [True]


def test_a_dead_host_is_not_given_out(pool_of: Callable[..., Pool]) -> None:
    makers = Makers()
    pool = pool_of(makers, size=1)
    first = pool.take()
    pool.give_back(first)
    first.alive = False
    assert pool.take() is not first and first.closed


@pytest.mark.parametrize("used_again", [True, False])
def test_a_host_past_its_time_stays_until_its_successor_is_ready(
    pool_of: Callable[..., Pool], monkeypatch: pytest.MonkeyPatch, used_again: bool
) -> None:
    """Who comes meanwhile gets the old one at once, instead of waiting for an import."""
    makers = Makers()
    pool = pool_of(makers, size=1, lifetime_s=3600.0, used_again=used_again)
    pool.wait()
    (old,) = makers.hosts
    makers.kind = {"ready": False}
    now = time.monotonic()
    monkeypatch.setattr(pool_module.time, "monotonic", lambda: now + 3601.0)
    pool.fill()
    assert wait_for(lambda: len(makers.hosts) == 2) and not old.closed
    assert pool.take() is old
    for host in makers.hosts:
        host.told.set()
    if used_again:
        assert wait_for(lambda: bool(pool._ready))
        pool.give_back(old)
        assert old.closed
    monkeypatch.undo()
    assert pool.take() is not old


def test_what_has_grown_old_or_died_is_replaced_while_nobody_asks(
    pool_of: Callable[..., Pool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One after the other, so that a small machine never holds twice as many."""
    monkeypatch.setattr(pool_module, "LOOK_EVERY_S", 0.01)
    makers = Makers()
    pool = pool_of(makers, size=3, lifetime_s=3600.0, used_again=False)
    pool.wait()
    assert wait_for(lambda: len(pool._ready) == 3)
    makers.hosts[0].alive = False
    assert wait_for(lambda: makers.hosts[-1] in pool._ready and makers.hosts[0] not in pool._ready and len(makers.hosts) == 4)
    most: list[int] = []
    start = makers.start
    pool._start = lambda: (most.append(makers.open() + 1), start())[1]
    pool._born = dict.fromkeys(pool._born, time.monotonic() - 3601.0)
    assert wait_for(lambda: len(makers.hosts) == 7 and makers.open() == 3)
    assert max(most) == 4 and all(host.closed for host in makers.hosts[:4])


def test_nothing_is_started_after_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "LOOK_EVERY_S", 0.01)
    makers = Makers()
    pool = Pool(makers.start, 2, 100.0, used_again=True)
    pool.wait()
    keeper = pool._keeper
    pool.close()
    assert not keeper.is_alive() and makers.open() == 0


def test_a_host_that_cannot_start_fails_the_one_who_asks_and_is_tried_again(pool_of: Callable[..., Pool]) -> None:
    makers = Makers(works=False)
    pool = pool_of(makers, size=1)
    for attempt in (1, 2):
        with pytest.raises(GraderFailure, match="does not start"):
            pool.take()
        assert len(makers.hosts) == attempt and makers.open() == 0
    makers.kind = {}
    assert not pool.take().closed


def test_a_host_that_cannot_start_for_a_reason_nobody_thought_of_is_closed(pool_of: Callable[..., Pool]) -> None:
    makers = Makers(error=TOO_MANY_FILES)
    with pytest.raises(GraderFailure, match="Too many open files"):
        pool_of(makers, size=1).take()
    assert wait_for(lambda: makers.open() == 0) and len(makers.hosts) == 1


class PaperLink:
    """Opens, and answers nothing."""

    closed = False

    def close(self) -> None:
        self.closed = True


def opened_on_paper(monkeypatch: pytest.MonkeyPatch, makers: Makers, **does: Callable[..., object]) -> WarmSandbox:
    """A sandbox of paper hosts that do this, and whose boxes are open without a word."""
    for name, function in does.items():
        monkeypatch.setattr(PaperHost, name, function, raising=False)
    monkeypatch.setattr("grader.sandbox.warm.LinkedBox", lambda *_: SimpleNamespace(ending=None, close=lambda: None))
    return WarmSandbox(Isolation.fork, makers.start, Options(), ALL)


def too_many_files(*_: object) -> NoReturn:
    raise TOO_MANY_FILES


def test_a_host_that_fails_while_it_is_taken_is_destroyed_and_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    makers = Makers()
    sandbox = opened_on_paper(monkeypatch, makers, take=too_many_files)
    for attempt in (1, 2, 3):
        with pytest.raises(OSError, match="Too many open files"), sandbox.open(Limits()):
            pass
        assert wait_for(lambda: makers.open() == 2) and len(makers.hosts) == 2 + attempt
    sandbox.close()
    assert makers.open() == 0


def test_a_host_that_fails_while_it_is_cleaned_is_destroyed_and_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    makers, links = Makers(), [PaperLink() for _ in range(3)]
    waiting = iter(links)
    sandbox = opened_on_paper(monkeypatch, makers, take=lambda _: next(waiting), finish=too_many_files)
    for attempt in (1, 2, 3):
        with sandbox.open(Limits()):
            pass
        sandbox.warm()
        assert wait_for(lambda: makers.open() == 2) and len(makers.hosts) == 2 + attempt
    sandbox.close()
    assert makers.open() == 0 and all(link.closed for link in links)


def test_a_box_more_than_there_are_hosts_gets_one_of_its_own(pool_of: Callable[..., Pool]) -> None:
    makers = Makers()
    pool = pool_of(makers)
    taken = [pool.take() for _ in range(4)]
    assert len(set(map(id, taken))) == 4
    for host in taken:
        pool.give_back(host)
    assert makers.open() == 2


def test_a_host_that_is_about_to_be_given_back_is_waited_for(pool_of: Callable[..., Pool]) -> None:
    makers = Makers()
    pool = pool_of(makers)
    taken = [pool.take(), pool.take()]
    cleaning = threading.Timer(0.05, pool.give_back, [taken[0]])
    cleaning.start()
    assert pool.take() is taken[0]
    cleaning.join()
    assert len(makers.hosts) == 2


def test_closing_gives_up_what_is_still_starting() -> None:
    makers = Makers(ready=False)
    pool = Pool(makers.start, 2, 100.0, used_again=True)
    pool.fill()
    assert wait_for(lambda: len(makers.hosts) == 2)
    pool.close()
    assert makers.open() == 0
