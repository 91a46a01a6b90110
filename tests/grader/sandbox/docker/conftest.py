"""The real engine with an image that is up to date, for the tests that ask."""

import os
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from docker.errors import DockerException

from grader.sandbox.base import GraderFailure, Isolation
from grader.sandbox.docker.build import Variant, is_current, tag
from grader.sandbox.docker.engine import LocalEngine
from grader.sandbox.docker.template import Order
from grader.sandbox.options import Options


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents and "engine" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.docker)


@pytest.fixture(scope="session")
def engine() -> LocalEngine:
    """Skips without one, except where one is required."""
    options = Options(engine=None)
    found, name = LocalEngine(options), tag(Variant.cpu, options)
    try:
        missing = None if is_current(found.api(), Variant.cpu, name) else f"{name} is not up to date: gradus sandbox build"
    except (GraderFailure, DockerException) as error:
        missing = f"no Docker engine: {error}"
    if missing and "docker" in os.environ.get("GRADUS_REQUIRE", ""):
        pytest.fail(missing)
    if missing:
        pytest.skip(missing)
    return found


@pytest.fixture
def owner(engine: LocalEngine) -> Iterator[str]:
    """Somebody on another machine, whom no reaper judges; nothing of theirs is left after the test."""
    name = f"{uuid.uuid4()}/1:1:1"
    yield name
    for container in engine.containers():
        if container.owner == name:
            engine.remove(container.id)


@pytest.fixture
def order(owner: str) -> Order:
    return Order(Isolation.fresh, owner, int(time.time()) + 120)


@pytest.fixture
def left(engine: LocalEngine, owner: str) -> Callable[[], list[str]]:
    """The containers of this test that are there now, whatever their state."""
    return lambda: [container.id for container in engine.containers() if container.owner == owner]
