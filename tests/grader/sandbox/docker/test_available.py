"""Which backend is opened, and what is said where Docker cannot be used."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from grader.sandbox import open_sandbox
from grader.sandbox.base import GraderFailure
from grader.sandbox.docker import available
from grader.sandbox.options import Options


class Answering:
    """An engine that is only asked for its image."""

    def __init__(self, answer: Callable[[], str]) -> None:
        self.answer, self.times = answer, 0

    def digest(self, device: str | None = None) -> str:
        self.times += 1
        return self.answer()


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answering]:
    """The engine of these tests; nothing of what it answers is remembered after them."""
    engine = Answering(lambda: "sha256:1")
    monkeypatch.setattr(available, "engine_of", lambda options: engine)
    monkeypatch.setattr(available, "_answers", {})
    yield engine


def refuse() -> str:
    raise GraderFailure("the sandbox image is not there; build it: gradus sandbox build")


def test_auto_takes_docker_where_the_engine_has_the_image_and_asks_only_once(engine: Answering) -> None:
    assert [open_sandbox("auto", "fork").name for _ in range(3)] == ["docker"] * 3
    assert engine.times == 1


@pytest.mark.sandbox
def test_auto_takes_bubblewrap_where_docker_refuses(engine: Answering) -> None:
    engine.answer = refuse
    assert open_sandbox("auto", "fresh").name == "bubblewrap"


def test_docker_by_name_says_what_is_missing_and_is_asked_again_later(engine: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    engine.answer = refuse
    for _ in range(2):
        with pytest.raises(GraderFailure, match="gradus sandbox build"):
            open_sandbox("docker")
    assert engine.times == 1
    monkeypatch.setattr(available, "AGAIN_S", 0.0)
    engine.answer = lambda: "sha256:1"
    assert open_sandbox("docker").name == "docker"


def test_an_engine_that_hangs_is_not_waited_for(engine: Answering) -> None:
    hanging = threading.Event()
    engine.answer = lambda: str(hanging.wait(20))
    started = time.monotonic()
    assert "has not answered" in available.why_not(Options())
    assert available.ANSWER_S <= time.monotonic() - started < available.ANSWER_S + 2
    hanging.set()
