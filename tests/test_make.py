"""What the two ways in do before any test runs: `.ci/run` calls every suite, `make` leaves no half-made environment behind."""

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NOTES_WHAT_IT_IS_CALLED_WITH = '#!/bin/sh\necho "$* with $GRADUS_REQUIRE" >>"$CALLS"\n'
SAYS_ITS_NAME_AND_MAY_FAIL = '#!/bin/sh\ncall="${0##*/} $*"\necho "$call"\ncase "$call" in *%s*) exit 1 ;; esac\n'
MAKES_HALF_AN_ENVIRONMENT = '#!/bin/sh\nmkdir -p "$3/bin" && ln -s /bin/true "$3/bin/python"\nexit 1\n'


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str, str], Path]:
    """A shell script under this name, in a folder of its own."""

    def program(name: str, text: str) -> Path:
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
        return path

    return program


def test_ci_runs_the_suite_and_brings_the_composition_up(tmp_path: Path, program: Callable[[str, str], Path]) -> None:
    program("dpkg-query", "#!/bin/sh\necho install ok installed\n")
    program("docker", "#!/bin/sh\n")
    folder, calls = program("make", NOTES_WHAT_IT_IS_CALLED_WITH).parent, tmp_path / "calls"
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "CALLS": str(calls)}
    done = subprocess.run([ROOT / ".ci/run"], env=environment, capture_output=True, text=True, check=True)
    assert calls.read_text().splitlines() == [
        "test SEEDS=10 with sandbox,docker,browser",
        "compose-test with sandbox,docker,browser",
    ]
    assert "make test SEEDS=10 took" in done.stdout and "make compose-test took" in done.stdout
    assert re.search(r"part (1|[1-4]/4) of the thorough tests", done.stdout)


@pytest.mark.parametrize("fails", ["ruff", "pytest", "verify", ""])
def test_the_suite_is_style_tests_and_assignments_and_each_can_fail_it(
    tmp_path: Path, program: Callable[[str, str], Path], fails: str
) -> None:
    for name in ("ruff", "python", "gradus"):
        folder = program(name, SAYS_ITS_NAME_AND_MAY_FAIL % (fails or "nothing")).parent
    ready = tmp_path / "ready"
    ready.touch()
    command = ["make", "test", f"BIN={folder}", f"READY={ready}", f"ASSETS={ready}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode != 0) == bool(fails)
    assert fails == "ruff" or ("python -m pytest -n 2" in done.stdout and "gradus verify" in done.stdout)
    assert (fails == "pytest") == ("python -m pytest --last-failed" in done.stdout)


@pytest.mark.parametrize("thorough", ["", "2/4", "1"])
def test_only_where_nobody_waits_for_it_runs_what_is_long(
    tmp_path: Path, program: Callable[[str, str], Path], thorough: str
) -> None:
    for name in ("ruff", "python", "gradus"):
        folder = program(name, SAYS_ITS_NAME_AND_MAY_FAIL % "nothing").parent
    ready = tmp_path / "ready"
    ready.touch()
    command = ["make", "test", f"BIN={folder}", f"READY={ready}", f"ASSETS={ready}"]
    environment = {**os.environ, "GRADUS_THOROUGH": thorough}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert ("not docker and not long" in done.stdout) == (not thorough) and "not compose" in done.stdout


def test_an_environment_that_could_not_be_made_is_not_left_half_made(tmp_path: Path, program: Callable[[str, str], Path]) -> None:
    python, folder = program("python", MAKES_HALF_AN_ENVIRONMENT), tmp_path / "environment"
    for _ in range(2):
        done = subprocess.run(
            ["make", "setup", f"PYTHON={python}", f"VENV={folder}"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode != 0 and "apt install python3-venv" in done.stderr
        assert not folder.exists()
