"""Each fact about the machine, made wrong, is reported with what to do."""

from dataclasses import replace
from pathlib import Path

import pytest

from grader.preflight import Level
from grader.preflight.machine import Machine, findings, read_machine

GOOD = Machine(
    cgroup_version=2,
    switches={"user/max_user_namespaces": "1000", "kernel/unprivileged_userns_clone": "1"},
    bubblewrap="0.11.0",
    swap_bytes=0,
    is_root=False,
    free_bytes={"/data": 50 << 30},
    free_inodes={"/data": 1_000_000},
)


def levels(machine: Machine, backend: str = "bubblewrap") -> dict[str, Level]:
    return {found.name: found.level for found in findings(machine, backend)}


def test_nothing_is_said_against_a_good_machine() -> None:
    assert set(levels(GOOD).values()) == {Level.ok}


@pytest.mark.parametrize(
    ("fact", "name", "level"),
    [
        ({"cgroup_version": 1}, "cgroups", Level.warn),
        ({"switches": {"kernel/unprivileged_userns_clone": "0"}}, "namespaces", Level.unsafe),
        ({"switches": {"kernel/apparmor_restrict_unprivileged_userns": "1"}}, "namespaces", Level.unsafe),
        ({"switches": {"user/max_user_namespaces": "0"}, "is_root": True}, "namespaces", Level.warn),
        ({"bubblewrap": "0.4.0"}, "bubblewrap", Level.unsafe),
        ({"bubblewrap": ""}, "bubblewrap", Level.unsafe),
        ({"swap_bytes": 1 << 30}, "swap", Level.warn),
        ({"core_pattern": "|/lib/systemd/systemd-coredump %P"}, "core dumps", Level.warn),
        ({"free_bytes": {"/data": 1 << 30}}, "disk", Level.warn),
        ({"free_bytes": {"/data": 1 << 20}}, "disk", Level.unsafe),
        ({"free_inodes": {"/data": 5_000}}, "disk", Level.warn),
        ({"free_inodes": {"/data": 10}}, "disk", Level.unsafe),
    ],
)
def test_a_wrong_fact_is_reported_with_a_remedy(fact: dict, name: str, level: Level) -> None:
    found = {found.name: found for found in findings(replace(GOOD, **fact), "bubblewrap")}
    assert found.pop(name).level is level
    assert {other.level for other in found.values()} == {Level.ok}
    assert next(found for found in findings(replace(GOOD, **fact), "bubblewrap") if found.name == name).fix


def test_a_file_system_that_does_not_count_inodes_is_fine() -> None:
    assert levels(replace(GOOD, free_inodes={"/data": None}))["disk"] is Level.ok


def test_docker_answers_for_what_bubblewrap_does_not_use() -> None:
    assert levels(replace(GOOD, bubblewrap="", swap_bytes=1 << 30), "docker") == {"core dumps": Level.ok, "disk": Level.ok}


def test_this_machine_is_read(tmp_path: Path) -> None:
    machine = read_machine(tmp_path / "not" / "there")
    assert machine.cgroup_version in (1, 2)
    assert machine.free_bytes[str(tmp_path / "not" / "there")] > 0
