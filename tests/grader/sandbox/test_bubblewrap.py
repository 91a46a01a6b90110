"""What is bubblewrap's own; what every sandbox promises is in test_warm.py."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from grader.runner import kernel
from grader.sandbox.base import Limits
from grader.sandbox.bubblewrap import BubblewrapSandbox
from grader.sandbox.watchdog import OOM_SCORE, offer_first

CAP_SYS_RESOURCE = 24

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
    assert len(ours) >= 6 and psutil.wait_procs(ours, timeout=20)[1] == []  # a busy kernel buries late


def test_a_killed_judge_takes_its_sandbox_with_it() -> None:
    code = "import time; from grader.sandbox import open_sandbox; s = open_sandbox('bubblewrap'); s.warm(); "
    code += "print('warm', flush=True); time.sleep(99)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as judge:
        assert judge.stdout.readline() == "warm\n"
        children = psutil.Process(judge.pid).children(recursive=True)
        judge.kill()
    gone, alive = psutil.wait_procs(children, timeout=5)
    assert len(gone) >= 3 and alive == []


def test_the_kernel_is_offered_a_sandbox_before_us_and_for_good_where_we_may() -> None:
    """Who holds CAP_SYS_RESOURCE also sets the least that the sandbox may ever ask for."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.read(reader, 1)
        kernel.drop_capabilities()
        os._exit(ask_for_mercy())
    offer_first(child)
    assert int(Path(f"/proc/{child}/oom_score_adj").read_text()) == OOM_SCORE
    os.write(writer, b"x")
    assert bool(os.waitpid(child, 0)[1]) == is_privileged()


def ask_for_mercy() -> int:
    """0 if it was granted."""
    try:
        Path("/proc/self/oom_score_adj").write_text("0")
    except OSError:
        return 1
    return 0


def is_privileged() -> bool:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("CapEff:"))
    return bool(int(line.split()[1], 16) >> CAP_SYS_RESOURCE & 1)
