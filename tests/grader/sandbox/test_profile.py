"""Docker's copy of the list says what the filter says."""

import json
from typing import Any

import pytest

from grader.runner import syscalls
from grader.sandbox.profile import docker_profile


def rules(name: str) -> list[dict[str, Any]]:
    return [rule for rule in docker_profile()["syscalls"] if name in rule["names"]]


def accepts(rule: dict[str, Any], index: int, argument: int) -> bool:
    """libseccomp's reading of a rule's condition."""
    (condition,) = rule["args"]
    assert condition["index"] == index
    if condition["op"] == "SCMP_CMP_EQ":
        return argument == condition["value"]
    if condition["op"] == "SCMP_CMP_NE":
        return argument != condition["value"]
    assert condition["op"] == "SCMP_CMP_MASKED_EQ"
    return argument & condition["value"] == condition["valueTwo"]


def test_what_is_not_named_is_refused() -> None:
    profile = docker_profile()
    named = {name for rule in profile["syscalls"] for name in rule["names"]}
    assert profile["defaultAction"] == "SCMP_ACT_ERRNO" and profile["defaultErrnoRet"] == 1
    assert named.isdisjoint(syscalls.REFUSED)
    assert json.loads(json.dumps(profile)) == profile


def test_an_allowed_call_is_allowed_without_conditions() -> None:
    for name in [*syscalls.ALLOWED, *syscalls.PREPARING]:
        (rule,) = rules(name)
        assert rule["action"] == "SCMP_ACT_ALLOW" and rule["args"] == []


@pytest.mark.parametrize("name", sorted(syscalls.CONDITIONAL.keys() - syscalls.MAPPINGS))
def test_a_condition_is_the_same_in_both(name: str) -> None:
    (rule,) = rules(name)
    argument = syscalls.CONDITIONAL[name][1]
    for value in [*range(1100), *(1 << bit for bit in range(32)), syscalls.READ_ONLY]:
        wanted = not value & argument.without if argument.equal is None else value == argument.equal
        wanted = value != argument.other_than if argument.other_than is not None else wanted
        assert accepts(rule, argument.index, value) == wanted


def test_how_memory_is_mapped_is_for_the_students_filter_to_ask() -> None:
    """The container's group counts it whoever holds it, and CUDA's driver, which is there before the filter, may need it."""
    assert [rule["args"] for rule in rules("mmap")] == [[]]


def test_the_unreadable_clone_is_unknown_rather_than_refused() -> None:
    assert rules("clone3") == [{"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "args": [], "errnoRet": 38}]


def test_no_older_architecture_comes_with_ours() -> None:
    for architecture in docker_profile()["archMap"]:
        assert architecture["subArchitectures"] == []
