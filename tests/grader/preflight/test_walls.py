"""The engine below a Docker sandbox is asked too, unless a service stands before it."""

from pathlib import Path
from typing import Any

import pytest

from grader.preflight import Finding, Level, machine
from grader.preflight.walls import engine
from grader.sandbox.base import GraderFailure
from grader.sandbox.docker import check
from grader.sandbox.docker import engine as engines
from grader.sandbox.options import Options


class OldEngine:
    """What a machine with an old runc and without our image answers."""

    def api(self) -> "OldEngine":
        return self

    def version(self) -> dict[str, Any]:
        return {"Components": [{"Name": "Engine", "Version": "28.0.0"}, {"Name": "runc", "Version": "1.1.4"}]}

    root = "/nowhere"

    def info(self) -> dict[str, Any]:
        limits = dict.fromkeys(("MemoryLimit", "SwapLimit", "PidsLimit", "CpuCfsQuota"), True)
        return {"CgroupVersion": "2", "SecurityOptions": ["name=seccomp,profile=default"], "DockerRootDir": self.root, **limits}


def test_an_old_runc_is_unsafe_and_a_stale_image_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    stale = Finding("image", Level.unsafe, "not what this version of Gradus would build", check.BUILD)
    monkeypatch.setattr(engines, "find_local", lambda _: OldEngine())
    monkeypatch.setattr(check, "images", lambda api, options: [stale])
    found = {each.name: each for each in engine(Options())}
    assert found["runc"].level is Level.unsafe and "update to" in found["runc"].fix
    assert (found["image"].level, found["image"].fix) == (Level.warn, check.BUILD)
    assert (found["Engine"].level, found["cgroups"].level) == (Level.ok, Level.ok)
    assert found["users"].level is Level.warn and "userns-remap" in found["users"].fix


def test_an_engine_that_does_not_answer_is_unsafe(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent:
        def api(self) -> None:
            raise GraderFailure("the Docker engine could not be reached")

    monkeypatch.setattr(engines, "find_local", lambda _: Silent())
    (found,) = engine(Options())
    assert (found.name, found.level) == ("engine", Level.unsafe)


def test_a_service_that_does_not_answer_is_unsafe(tmp_path: Path) -> None:
    """What it answers otherwise is in tests/grader/sandbox/docker/test_service.py."""
    (found,) = engine(Options(engine=tmp_path / "runner.sock"))
    assert (found.name, found.level) == ("engine", Level.unsafe) and "gradus sandbox serve" in found.seen


def test_the_disk_below_the_engine_is_looked_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(OldEngine, "root", str(tmp_path), raising=False)
    monkeypatch.setattr(engines, "find_local", lambda _: OldEngine())
    monkeypatch.setattr(check, "images", lambda api, options: [])
    monkeypatch.setattr(machine, "ENOUGH_BYTES", 1 << 60)
    monkeypatch.setattr(machine, "LEAST_BYTES", 1 << 60)
    found = {each.name: each for each in engine(Options())}["disk"]
    assert found.level is Level.unsafe and str(tmp_path) in found.seen and "docker system prune" in found.fix


@pytest.mark.sandbox
def test_the_engine_of_this_machine_is_asked_for_all_of_it() -> None:
    if (local := engines.find_local(Options())) is None:
        pytest.skip("no Docker engine here")
    try:
        local.api()
    except GraderFailure as failure:
        pytest.skip(f"no Docker engine here: {failure}")
    found = {each.name: each for each in engine(Options())}
    assert {"Engine", "runc", "cgroups", "limits", "filter", "image"} <= set(found)
    assert not [each for each in found.values() if "should not happen" in each.fix]
