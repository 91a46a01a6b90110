"""The attack must fail, and it must be able to succeed: without a wall, or with a judge that is fooled, it is reported."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.checks.case import Case
from grader.preflight import Level
from grader.preflight.attack import FOLDER, canary
from grader.preflight.walls import walls
from grader.sandbox import owner
from grader.sandbox.base import GraderFailure, Isolation, Sandbox
from grader.sandbox.bubblewrap import BubblewrapSandbox
from grader.sandbox.defences import ALL, Defence
from grader.sandbox.options import Options
from grader.spec import load_assignment

pytestmark = pytest.mark.sandbox


@pytest.fixture
def open_without() -> Iterator[Callable[..., Sandbox]]:
    opened = []

    def open_without(*down: Defence) -> Sandbox:
        opened.append(BubblewrapSandbox(Isolation.fork, ALL - set(down), Options(pool=1)))
        return opened[-1]

    yield open_without
    for sandbox in opened:
        sandbox.close()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One with all its walls, for every test that takes none down."""
    opened = BubblewrapSandbox(Isolation.fork, options=Options(pool=1))
    yield opened
    opened.close()


def test_the_attack_fails_and_the_right_answer_passes(sandbox: Sandbox) -> None:
    found = canary(sandbox)
    assert (found.level, found.fix) == (Level.ok, "")


@pytest.mark.parametrize("wall", [Defence.filesystem, Defence.environment])
def test_without_a_wall_it_finds_the_planted_word(open_without: Callable[..., Sandbox], wall: Defence) -> None:
    found = canary(open_without(wall))
    assert (found.level, found.seen) == (Level.unsafe, "the attack read a word that was planted outside")


def test_a_judge_that_believes_the_attack_is_reported(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a comparison had been taken over: whatever comes back counts as right."""
    monkeypatch.setattr(Case, "compare", lambda self, name, *inputs, **_: None)
    found = canary(sandbox)
    assert found.level is Level.unsafe and "the attack earned 100" in found.seen


def test_a_judge_that_fails_everything_is_reported_too(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Case, "compare", lambda self, name, *inputs, **_: self.require(False, load_assignment(FOLDER).title))
    found = canary(sandbox)
    assert found.level is Level.unsafe and "a right answer earned 0" in found.seen


def test_all_questions_are_asked_and_one_wall_down_is_enough(open_without: Callable[..., Sandbox], tmp_path: Path) -> None:
    found = {each.name: each.level for each in walls(open_without(Defence.seccomp), folders=[tmp_path])}
    assert found["seccomp"] is Level.unsafe
    assert found["canary"] is Level.ok
    assert {"disk", "sandbox", "environment", "network", "files", "privileges"} <= set(found)


def test_without_a_box_nothing_more_is_asked(
    open_without: Callable[..., Sandbox], monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    sandbox = open_without()

    def fail() -> None:
        raise GraderFailure("first line\nno user namespaces here")

    monkeypatch.setattr(sandbox, "warm", fail)
    last = list(walls(sandbox, folders=[tmp_path]))[-1]
    assert (last.name, last.level, last.seen) == ("sandbox", Level.unsafe, "no user namespaces here")


def test_nothing_planted_is_left(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(owner, "LASTING", tmp_path)  # in the usual place other tests plant at the same time
    canary(sandbox)
    assert "GRADUS_CANARY" not in os.environ
    assert not list(tmp_path.iterdir())
