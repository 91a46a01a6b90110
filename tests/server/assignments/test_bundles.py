"""A class pulls when an assignment opens: its files are made once, however many ask."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from server.assignments import bundles
from server.assignments.bundles import BundleUnavailable, get_bundle
from tests.server.conftest import CONTENT

TINY = CONTENT / "tiny"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], bytes]], list[Path]]:
    """Have bundles made by a function that takes its time; the list tells for what it was called."""

    def replace(make: Callable[[], bytes]) -> list[Path]:
        calls: list[Path] = []

        def slowly(folder: Path, _seed: str | None) -> bytes:
            calls.append(folder)
            time.sleep(0.3)
            return make()

        monkeypatch.setattr(bundles, "make_bundle", slowly)
        return calls

    return replace


def fail() -> bytes:
    raise BundleUnavailable("tiny")


def ask(cache: Path) -> bytes | BundleUnavailable:
    try:
        return get_bundle(TINY, cache=cache)
    except BundleUnavailable as refusal:
        return refusal


def test_many_who_ask_at_once_get_what_one_of_them_had_made(made, tmp_path: Path) -> None:
    calls = made(lambda: b"a zip")
    with ThreadPoolExecutor(12) as class_room:
        answers = list(class_room.map(ask, [tmp_path / "bundles"] * 12))
    assert answers == [b"a zip"] * 12
    assert calls == [TINY]


def test_a_failure_is_everybodys_who_waited_and_the_next_one_tries_again(made, tmp_path: Path) -> None:
    calls = made(fail)
    with ThreadPoolExecutor(6) as class_room:
        answers = list(class_room.map(ask, [tmp_path] * 6))
    assert all(isinstance(answer, BundleUnavailable) for answer in answers)
    assert calls == [TINY]
    calls = made(lambda: b"a zip")
    assert ask(tmp_path) == b"a zip"
    assert calls == [TINY]
