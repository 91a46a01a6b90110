"""What is bubblewrap's own; what every sandbox promises is in test_warm.py."""

import subprocess
import sys

import psutil
import pytest

from grader.sandbox.base import Limits
from grader.sandbox.bubblewrap import BubblewrapSandbox

pytestmark = pytest.mark.sandbox


@pytest.fixture(scope="module", autouse=True)
def _works() -> None:
    from tests.grader.sandbox.conftest import opened_or_skipped

    opened_or_skipped("bubblewrap", "fork").close()


def test_closing_leaves_no_process() -> None:
    before = set(psutil.Process().children())
    sandbox = BubblewrapSandbox()
    with sandbox.open(Limits()):
        hosts = set(psutil.Process().children()) - before
        ours = [*hosts, *(process for host in hosts for process in host.children(recursive=True))]
    sandbox.close()
    assert len(ours) >= 6 and psutil.wait_procs(ours, timeout=2)[1] == []


def test_a_killed_judge_takes_its_sandbox_with_it() -> None:
    code = "import time; from grader.sandbox import open_sandbox; s = open_sandbox('bubblewrap'); s.warm(); "
    code += "print('warm', flush=True); time.sleep(99)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as judge:
        assert judge.stdout.readline() == "warm\n"
        children = psutil.Process(judge.pid).children(recursive=True)
        judge.kill()
    gone, alive = psutil.wait_procs(children, timeout=5)
    assert len(gone) >= 3 and alive == []
