"""The check says yes to walls that hold, and no to each that does not."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox.docker import check as check_module
from grader.sandbox.docker import probe
from grader.sandbox.docker.check import (
    MINIMA,
    QUESTIONS,
    Level,
    Minimum,
    check,
    is_build_since,
    judge_version,
    look_inside,
    nvidia,
    users,
)
from grader.sandbox.docker.engine import LocalEngine, attach, collect
from grader.sandbox.options import Options

RUNC = MINIMA["runc"]


@pytest.mark.parametrize(
    ("number", "build", "level"),
    [
        ("1.0.0", "v1.0.0-0-g84113ee", Level.unsafe),
        ("1.1.5+ds1", "1.1.5+ds1-1", Level.unsafe),
        ("1.1.5+ds1", "1.1.5+ds1-1+deb12u1", Level.warn),
        ("1.1.5+ds1", "1.1.5+ds1-1+deb12u12", Level.warn),
        ("1.1.12", "", Level.warn),
        ("1.2.8", "", Level.ok),
        ("1.2.9", "", Level.ok),
        ("v1.3.0-rc.1", "", Level.warn),
        ("v1.3.3", "", Level.ok),
        ("1.10.0", "", Level.ok),
        ("2", "", Level.ok),
        ("", "", Level.warn),
        ("unknown", "", Level.warn),
    ],
)
def test_versions_are_compared_as_numbers_and_a_distributions_builds_by_their_own(number: str, build: str, level: Level) -> None:
    finding = judge_version("runc", number, build, RUNC)
    assert finding.level is level
    assert bool(finding.fix) == (level is not Level.ok)


def test_a_build_is_known_to_be_patched_only_within_its_series() -> None:
    assert is_build_since("1.1.5+ds1-1+deb12u3", "1.1.5+ds1-1+deb12u1")
    assert not is_build_since("1.1.5+ds1-1+deb13u3", "1.1.5+ds1-1+deb12u1")
    assert not is_build_since("1.1.5+ds1-1+deb12u0", "1.1.5+ds1-1+deb12u1")


def test_each_minimum_says_why() -> None:
    assert all(isinstance(minimum, Minimum) and "CVE-" in minimum.why for minimum in MINIMA.values())


def test_without_an_engine_the_check_ends_with_one_finding(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nothing")
    [finding] = check(Options())
    assert (finding.name, finding.level) == ("engine", Level.unsafe)
    assert "start Docker" in finding.fix


@pytest.fixture(scope="module")
def seen(engine: LocalEngine) -> dict[str, Any]:
    """What the probe saw behind the real walls."""
    return look_inside(engine)[0]


@pytest.mark.docker
def test_every_wall_holds_on_this_machine(engine: LocalEngine) -> None:
    assert [finding for finding in check(engine.options) if finding.level is Level.unsafe] == []


HOLES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "user": lambda seen: seen.update(uids=["0", "0", "0", "0"]),
    "privileges": lambda seen: seen.update(no_new_privileges=False),
    "seccomp": lambda seen: seen.update(denied_call=None),
    "root": lambda seen: seen.update(writable=["/etc"]),
    "network": lambda seen: seen.update(interfaces=["eth0", "lo"]),
    "memory": lambda seen: seen.update(memory_bytes=None),
    "counts": lambda seen: seen.update(processes=None),
    "folders": lambda seen: seen["folders"]["/tmp"].update(missing=["noexec"]),
    "nothing else": lambda seen: seen.update(secrets=["AWS_SECRET_KEY"]),
    "torch": lambda seen: seen.update(torch="1.0.0"),
}


@pytest.mark.docker
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.__name__)
def test_each_question_notices_its_hole(seen: dict[str, Any], engine: LocalEngine, question: Callable) -> None:
    holed = copy.deepcopy(seen)
    name = question(seen, engine.options).name
    assert question(seen, engine.options).level is Level.ok
    HOLES[name](holed)
    finding = question(holed, engine.options)
    assert finding.level is Level.unsafe
    assert finding.fix


@pytest.mark.docker
def test_a_container_without_our_walls_is_seen_through(engine: LocalEngine) -> None:
    """The probe's teeth: with a bare `docker run`, what it says is what is there."""
    api = engine.api()
    bare = ["/usr/local/bin/python", "-I", "-S", "-B", "-c", Path(probe.__file__).read_text()]
    container = api.create_container(engine.options.image, entrypoint=bare, labels={"gradus.test": "1"})["Id"]
    try:
        stream = attach(api, container)
        api.start(container)
        seen = json.loads(collect(stream, seconds=60).out)
        stream.close()
    finally:
        engine.remove(container)
    failing = {
        question(seen, engine.options).name for question in QUESTIONS if question(seen, engine.options).level is Level.unsafe
    }
    assert {"privileges", "network", "memory", "counts", "folders"} <= failing


@pytest.mark.parametrize("option", ["name=userns", "name=rootless"])
def test_an_engine_whose_root_is_nobody_outside_is_good(option: str) -> None:
    assert users(["name=seccomp,profile=default", option]).ok
    assert users(["name=seccomp,profile=default"]).level is Level.warn


@pytest.mark.parametrize(
    ("number", "level"), [("1.17.8", Level.ok), ("1.16.2", Level.warn), ("1.16.1", Level.unsafe), ("", Level.warn)]
)
def test_nvidias_toolkit_is_judged_where_there_is_a_gpu(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, number: str, level: Level
) -> None:
    monkeypatch.setattr(check_module, "DRIVER", tmp_path / "none")
    assert list(nvidia(lambda: number)) == []
    monkeypatch.setattr(check_module, "DRIVER", tmp_path)
    (found,) = nvidia(lambda: number)
    assert found.level is level and bool(found.fix) == (level is not Level.ok)
