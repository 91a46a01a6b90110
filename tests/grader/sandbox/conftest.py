"""Every kind of sandbox under one fixture."""

import os
from collections.abc import Callable, Iterator

import pytest

from grader.sandbox import open_sandbox
from grader.sandbox.base import Box, GraderFailure, Limits, Sandbox
from tests.thorough import THOROUGH

KINDS = [("bubblewrap", "fork"), ("bubblewrap", "fresh"), ("docker", "fork"), ("docker", "fresh")]
MARKS = {"bubblewrap": pytest.mark.sandbox, "docker": pytest.mark.docker}
REQUIRED_BY = {"bubblewrap": "sandbox", "docker": "docker"}  # the word in GRADUS_REQUIRE


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`any_sandbox`: all four kinds. `opened`, for the walls, which both isolations share: one of each backend, and in CI all."""
    if "any_sandbox" in metafunc.fixturenames:
        chosen = [kind for kind in KINDS if THOROUGH or kind[1] == "fork" or "opened" not in metafunc.fixturenames]
        parameters = [pytest.param(kind, id="-".join(kind), marks=MARKS[kind[0]]) for kind in chosen]
        metafunc.parametrize("any_sandbox", parameters, indirect=True, scope="session")


def opened_or_skipped(backend: str, isolation: str) -> Sandbox:
    """A warm sandbox of this kind; where it cannot be had, the test is skipped, unless GRADUS_REQUIRE names it."""
    sandbox = None
    try:
        sandbox = open_sandbox(backend, isolation)
        sandbox.warm()
    except GraderFailure as failure:
        if sandbox is not None:
            sandbox.close()
        if REQUIRED_BY[backend] in os.environ.get("GRADUS_REQUIRE", ""):
            raise
        pytest.skip(f"needs {backend}: {failure}")
    return sandbox


@pytest.fixture(scope="session")
def any_sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """One warm sandbox of each kind for all tests that ask, as a worker would use it."""
    sandbox = opened_or_skipped(*request.param)
    yield sandbox
    sandbox.close()


def load(box: Box, source: bytes) -> dict:
    return box.request("load", {"files": {"solution.py": source}, "module": "solution"}, seconds=10)


def call(box: Box, name: str, *arguments: object, seconds: float = 10) -> dict:
    return box.request("call", {"target": name, "args": list(arguments)}, seconds=seconds)


def opener(sandbox: Sandbox, source: bytes) -> Iterator[Callable[..., Box]]:
    """For fixtures: opens boxes with these limits and the source loaded, and closes them after the test."""
    contexts = []

    def opened(**limits: object) -> Box:
        contexts.append(sandbox.open(Limits(**limits)))
        box = contexts[-1].__enter__()
        load(box, source)
        return box

    yield opened
    for context in contexts:
        context.__exit__(None, None, None)
