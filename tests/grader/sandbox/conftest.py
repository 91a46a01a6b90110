"""Every kind of sandbox under one fixture; other folders import `any_sandbox` from here."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from functools import cache

import pytest

from grader.sandbox import open_sandbox
from grader.sandbox.base import Box, GraderFailure, Limits, Sandbox

KINDS = [("bubblewrap", "fork"), ("bubblewrap", "fresh"), ("docker", "fork"), ("docker", "fresh")]
MARKS = {"bubblewrap": pytest.mark.sandbox, "docker": pytest.mark.docker}
REQUIRED_BY = {"bubblewrap": "sandbox", "docker": "docker"}  # the word in GRADUS_REQUIRE


def kinds(*isolations: str) -> list[object]:
    """Both backends in these isolations as parameters, each with its mark."""
    return [pytest.param(kind, id="-".join(kind), marks=MARKS[kind[0]]) for kind in KINDS if kind[1] in isolations]


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
def sandbox_of() -> Iterator[Callable[[tuple[str, str]], Sandbox]]:
    """One warm sandbox of a kind for all tests that ask, as a worker would use it."""
    with ExitStack() as stack:
        yield cache(lambda kind: stack.enter_context(closing(opened_or_skipped(*kind))))


@pytest.fixture(params=kinds("fork", "fresh"))
def any_sandbox(request: pytest.FixtureRequest, sandbox_of: Callable[[tuple[str, str]], Sandbox]) -> Sandbox:
    return sandbox_of(request.param)


@pytest.fixture(params=kinds("fork"))
def serving_sandbox(request: pytest.FixtureRequest, sandbox_of: Callable[[tuple[str, str]], Sandbox]) -> Sandbox:
    """For what a single-use sandbox cannot do differently: inside it is the same, and each test would wait for one to start."""
    return sandbox_of(request.param)


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
