"""The first GPU of this machine, and a sandbox with it on each backend that is there. `GRADUS_REQUIRE=gpu`: no skipping."""

import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest

from grader.checks.answers import LiveAnswers
from grader.judge import judge_with
from grader.protocol import Job, Report
from grader.sandbox import open_sandbox
from grader.sandbox.base import Box, GraderFailure, Isolation, Limits, Sandbox
from grader.sandbox.gpu import Device, Found, Nvidia, find, what_is_left
from tests.attacks.combinations import COMBINATIONS
from tests.attacks.trial import SEED, TARGET, Trial, planted, target

LIMITS = Limits(wall_s=120.0, check_s=60.0, import_s=60.0)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without a GPU one test of each module is skipped in the name of all: hundreds of lines would hide every other skip."""
    modules: dict[Path, list[pytest.Item]] = defaultdict(list)
    for item in items:
        if item.get_closest_marker("gpu"):
            modules[item.path].append(item)
    if not modules or "gpu" in os.environ.get("GRADUS_REQUIRE", "") or (found := look_for_gpus()).devices:
        return
    for first, *others in modules.values():
        first.add_marker(pytest.mark.skip(reason=f"needs an NVIDIA GPU: {found.remark} (and {len(others)} tests more)"))
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in set(others)]


def look_for_gpus() -> Found:
    return find(os.environ.get("GRADUS_DEVICES", "auto"), Nvidia())


def missing(what: str) -> NoReturn:
    if "gpu" in os.environ.get("GRADUS_REQUIRE", ""):
        pytest.fail(what, pytrace=False)
    pytest.skip(what)


@pytest.fixture(scope="session")
def nvml() -> Nvidia:
    return Nvidia()


@pytest.fixture(scope="session")
def device() -> Device:
    """The first that GRADUS_DEVICES names. Nobody else may use it while these tests run."""
    found = look_for_gpus()
    return found.devices[0] if found.devices else missing(f"needs an NVIDIA GPU: {found.remark}")


@pytest.fixture(scope="session")
def idle_bytes(device: Device, nvml: Nvidia) -> int:
    use = nvml.use(device)
    return use.used_bytes if not use.processes else missing(f"{device.name} is in use by processes {sorted(use.processes)}")


@pytest.fixture(scope="session", params=["bubblewrap", "docker"])
def backend(request: pytest.FixtureRequest, device: Device) -> str:
    try:
        open_sandbox(request.param, "fork", device=device).close()
    except GraderFailure as failure:
        missing(f"needs the {request.param} sandbox: {failure}")
    return request.param


@pytest.fixture(scope="session", params=list(Isolation))
def sandbox(request: pytest.FixtureRequest, backend: str, device: Device, idle_bytes: int) -> Iterator[Sandbox]:
    opened = open_sandbox(backend, request.param, device=device)
    try:
        opened.warm()
        yield opened
    finally:
        opened.close()


@pytest.fixture
def clean(device: Device, nvml: Nvidia, idle_bytes: int) -> Callable[[], str | None]:
    """What is still on the device, two seconds at most after a box was left."""
    return lambda: what_is_left(device, nvml, idle_bytes=idle_bytes)


class Student:
    """A box with a file loaded: `student.call("name", …)` gives the whole reply."""

    def __init__(self, box: Box, source: str) -> None:
        self.box = box
        self.box.request("load", {"files": {"solution.py": source.encode()}, "module": "solution"}, seconds=60)

    def call(self, name: str, *args: Any, seconds: float = 60.0, **payload: Any) -> dict[str, Any]:
        return self.box.request("call", {"target": name, "args": list(args), **payload}, seconds=seconds)

    def value(self, name: str, *args: Any, **payload: Any) -> Any:
        reply = self.call(name, *args, **payload)
        assert "error" not in reply, reply["error"]["traceback"]
        return reply["value"]


@pytest.fixture
def student(sandbox: Sandbox) -> Callable[..., Any]:
    @contextmanager
    def student(source: str, limits: Limits = LIMITS) -> Iterator[Student]:
        with sandbox.open(limits) as box:
            yield Student(box, source)

    return student


@pytest.fixture
def grade(sandbox: Sandbox) -> Callable[[bytes], Report]:
    """Judge a file as a submission to the attacks' target, on the device."""

    def grade(source: bytes) -> Report:
        assignment = target({})
        job = Job(assignment=TARGET, files={"solution.py": source}, seed=SEED)
        return judge_with(assignment, job, lambda _: LiveAnswers(assignment.reference), sandbox=sandbox)

    return grade


@pytest.fixture(scope="session")
def trials(backend: str, device: Device, idle_bytes: int) -> Iterator[Callable[[], Trial]]:
    """The attacks' trial in a warm sandbox with the device. It is opened at the first call."""
    combination = next(each for each in COMBINATIONS if (each.backend, each.isolation) == (backend, "fork"))
    made: list[Trial] = []
    with planted(), closing(open_sandbox(backend, "fork", device=device)) as opened:

        def trial() -> Trial:
            if not made:
                made.append(Trial(combination, opened))
            return made[0]

        yield trial
