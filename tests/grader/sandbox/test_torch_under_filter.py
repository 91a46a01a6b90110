"""What an exercise may want from PyTorch, NumPy and Python works behind the filter: otherwise people would switch it off."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox import open_sandbox
from grader.sandbox.base import GraderFailure, Limits, Sandbox

SOURCE = (Path(__file__).parent / "submissions" / "uses_torch.py").read_bytes()
SQUARES = float(sum(number * number for number in range(64)))
EXPECTED: dict[str, Any] = {
    "load_by_descriptor": SQUARES,
    "load_by_file": SQUARES,
    "load_with_workers_that_stay": SQUARES,
    "share_a_model": 12.0,
    "multiply_with_threads": [4, 600.0],
    "compute_with_numpy": True,
    "sort_a_million": True,
    "train_a_convolution": True,
    "attend": [2, 5, 8],
    "transform_functions": [[2.0, 2.0]] * 3,
    "script": 9.0,
    "decompose": 48.0,
    "use_half_precision": 64.0,
    "save_and_load": True,
    "profile": True,
    "compile_eagerly": 9.0,
    "use_pools": [[1, 4, 9]] * 3,
    "use_queues_and_locks": [2, 3.0, 3.0],
    "use_a_manager": {"a": 1},
    "use_shared_memory": 7,
    "use_threads": list(range(8)),
    "fork": 5,
    "start_python": "42\n",
    "start_python_asynchronously": "1\n",
    "handle_signals": True,
    "handle_files": ["a", "b"],
}

pytestmark = [pytest.mark.sandbox, pytest.mark.long]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    opened = open_sandbox("bubblewrap")
    try:
        opened.warm()
    except GraderFailure as failure:
        if "sandbox" in os.environ.get("GRADUS_REQUIRE", ""):
            raise
        pytest.skip(f"needs bubblewrap: {failure}")
    yield opened
    opened.close()


def call(sandbox: Sandbox, name: str) -> dict[str, Any]:
    """The reply of one function of the submission, in a box of its own."""
    with sandbox.open(Limits()) as box:
        loaded = box.request("load", {"files": {"solution.py": SOURCE}, "module": "solution"}, seconds=30)
        assert "error" not in loaded, loaded
        return box.request("call", {"target": name, "args": [], "grad": True}, seconds=60)


@pytest.mark.parametrize("name", EXPECTED)
def test_it_works(sandbox: Sandbox, name: str) -> None:
    reply = call(sandbox, name)
    assert "error" not in reply, reply["error"]["traceback"]
    assert reply["value"] == EXPECTED[name]


def test_torch_says_that_there_is_no_compiler(sandbox: Sandbox) -> None:
    error = call(sandbox, "compile_without_a_compiler")["error"]
    assert error["kind"] == "exception" and "compiler" in error["message"]
