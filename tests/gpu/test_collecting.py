"""How the tests of this folder are collected where there is no GPU; this one needs none."""

from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest

from grader.sandbox.gpu import Found
from tests.gpu import conftest


def item(module: str, *marks: str) -> pytest.Item:
    skips: list[object] = []
    return Mock(path=Path(module), get_closest_marker=lambda name: name in marks, add_marker=skips.append, skips=skips)


@pytest.fixture
def collect(monkeypatch: pytest.MonkeyPatch) -> object:
    """What is left of items, by module, and how many of them are skipped."""

    def collect(devices: tuple[object, ...], require: str = "") -> tuple[list[str], int]:
        monkeypatch.setenv("GRADUS_REQUIRE", require)
        monkeypatch.setattr(conftest, "look_for_gpus", lambda: Found(devices, "there is none"))
        items = [item("a", "gpu"), item("a", "gpu"), item("b", "gpu"), item("c"), item("c")]
        conftest.pytest_collection_modifyitems(SimpleNamespace(hook=Mock()), items)
        return [str(each.path) for each in items], sum(len(each.skips) for each in items)

    return collect


def test_without_a_gpu_one_of_each_module_is_skipped_for_all(collect) -> None:
    assert collect(()) == (["a", "b", "c", "c"], 2)


def test_with_a_gpu_or_where_one_is_required_all_are_run(collect) -> None:
    everything = ["a", "a", "b", "c", "c"]
    assert collect(("a device",)) == collect((), require="gpu") == (everything, 0)
