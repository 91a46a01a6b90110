"""The rules of the house that nobody should have to remember."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
UNSAFE = {
    "pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal",
    "torch.load", "torch.multiprocessing", "multiprocessing.shared_memory",
}  # fmt: skip
COPIES_OUT = {"extractall", "unpack_archive", "get_archive", "put_archive", "export"}
OPENS = {
    "read_text", "read_bytes", "write_text", "write_bytes", "readlink", "listdir", "scandir", "iterdir", "glob", "rglob", "copy",
    "copyfile", "copytree", "memmap", "fromfile", "from_file",
}  # fmt: skip
OPENED_WHILE_JUDGING = {
    "grader/sandbox/child.py": "/proc/self/fdinfo",
    "grader/sandbox/docker/build.py": "the sources of our own runner",
    "grader/sandbox/docker/check.py": "the text of our own probe",
    "grader/sandbox/docker/probe.py": "/proc and /sys, in a container that no student enters",
    "grader/sandbox/gpu.py": "/proc",
    "grader/sandbox/mounts.py": "the machine's own libraries, before any student's code runs",
    "grader/sandbox/owner.py": "/proc",
    "grader/sandbox/reaper.py": "notes of our own account, links not followed; students write inside their sandbox alone",
    "grader/sandbox/watchdog.py": "/proc",
}


def sources(folder: str) -> list[Path]:
    return sorted(path for path in (ROOT / folder).rglob("*.py") if "hand_ins" not in path.parts)


@cache
def nodes(path: Path) -> tuple[ast.Import | ast.ImportFrom | ast.Call, ...]:
    """What the rules are about, in a file that several of them read."""
    asked = (ast.Import, ast.ImportFrom, ast.Call)
    return tuple(node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, asked))


def imports(path: Path) -> Iterator[str]:
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def dotted(node: ast.AST) -> str:
    """The name that an attribute chain spells, or an empty string."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (head := dotted(node.value)):
        return f"{head}.{node.attr}"
    return ""


def calls(path: Path) -> list[ast.Call]:
    return [node for node in nodes(path) if isinstance(node, ast.Call)]


def method_calls(path: Path) -> list[ast.Call]:
    return [call for call in calls(path) if isinstance(call.func, ast.Attribute)]


ALONE = [ROOT / "grader" / f"{name}.py" for name in ("judge", "attempt", "diagnosis", "disclosure", "policy", "outline")]
JUDGING = sources("grader/sandbox") + sources("grader/checks") + ALONE


@pytest.mark.parametrize("path", sources("grader"), ids=str)
def test_the_grader_never_imports_the_server(path: Path) -> None:
    assert not [name for name in imports(path) if name.split(".")[0] in {"server", "assignments"}]


@pytest.mark.parametrize("path", sources("grader/runner"), ids=str)
def test_what_runs_in_the_sandbox_imports_nothing_of_ours_but_itself(path: Path) -> None:
    ours = [name for name in imports(path) if name.split(".")[0] in {"grader", "server", "assignments"}]
    assert all(name.startswith("grader.runner") for name in ours)


AUTHORED = {"checks.py", "data.py", "questions.py", "variant.py"}  # run in the judge; data.py has the labels
DRAWN = {"questions.py", "variant.py"}  # run in the web's process, too


@pytest.mark.parametrize("path", [p for p in sources("assignments") if p.name in AUTHORED - DRAWN], ids=str)
def test_checks_know_only_the_authoring_api(path: Path) -> None:
    ours = [name for name in imports(path) if name.split(".")[0] in {"grader", "server"}]
    assert all(name.startswith("grader.checks") for name in ours)


@pytest.mark.parametrize("path", [p for p in sources("assignments") if p.name in DRAWN], ids=str)
def test_questions_know_only_their_authoring_api_and_start_without_torch(path: Path) -> None:
    """Pages draw them, in a process that never imports torch."""
    ours = [name for name in imports(path) if name.split(".")[0] in {"grader", "server"}]
    assert all(name.startswith(("grader.questions", "grader.variants")) for name in ours)
    assert "torch" not in {name.split(".")[0] for name in imports(path)}


@pytest.mark.parametrize("path", [p for p in sources("assignments") if p.name not in AUTHORED], ids=str)
def test_everything_else_of_an_assignment_needs_only_python_and_torch(path: Path) -> None:
    assert not [name for name in imports(path) if name.split(".")[0] in {"grader", "server", "sklearn"}]


@pytest.mark.parametrize("path", sources("grader") + sources("server") + sources("assignments"), ids=str)
def test_no_bytes_are_ever_unpickled(path: Path) -> None:
    assert not UNSAFE.intersection(imports(path))
    assert not [call.lineno for call in calls(path) if dotted(call.func) in UNSAFE]
    assert not [call.lineno for call in calls(path) for keyword in call.keywords if keyword.arg == "allow_pickle"]


@pytest.mark.parametrize("path", sources("grader") + sources("server"), ids=str)
def test_nothing_is_unpacked_or_copied_out_by_somebody_elses_rules(path: Path) -> None:
    """Archives and containers may hold links; our own unpacking (grader/archives.py) refuses them."""
    assert not COPIES_OUT.intersection(call.func.attr for call in method_calls(path))


@pytest.mark.parametrize("path", JUDGING, ids=str)
def test_the_judge_opens_no_file_that_a_student_can_make(path: Path) -> None:
    """What is opened while judging stands in this list with what it is; nothing in it lies where a student can write."""
    opened = {call.func.attr for call in method_calls(path)} & OPENS
    opened |= {dotted(call.func) for call in calls(path)} & {"open", "io.open", "os.open", "os.walk"}
    if str(path.relative_to(ROOT)) in OPENED_WHILE_JUDGING:
        assert opened, "nothing is opened here any more: take it off the list"
    else:
        assert not opened


@pytest.mark.parametrize("folder", ["grader", "server", "assignments", "bench"])
def test_files_stay_small_enough_to_read_in_one_go(folder: str) -> None:
    assert {str(path): n for path in sources(folder) if (n := len(path.read_text(encoding="utf-8").splitlines())) > 500} == {}
