"""A person at a real terminal sees Python as a student would."""

import os
import pty
import select
import sys
import time

import pytest

from grader.sandbox.docker.engine import LocalEngine

pytestmark = pytest.mark.docker
PROGRAM = "from grader.cli.sandbox import app; app(['shell'])"


def read_until(terminal: int, wanted: bytes, seconds: float = 30) -> bytes:
    said, deadline = b"", time.monotonic() + seconds
    while wanted not in said:
        assert select.select([terminal], [], [], max(deadline - time.monotonic(), 0))[0], said
        said += os.read(terminal, 4096)
    return said


def test_a_prompt_is_a_students_and_ends_with_its_container(engine: LocalEngine) -> None:
    person, terminal = pty.fork()
    if person == 0:
        os.execv(sys.executable, [sys.executable, "-c", PROGRAM])
    try:
        assert b"as user 20000" in read_until(terminal, b">>> ")
        os.write(terminal, b"os.getuid() + 1, os.access('/', os.W_OK), os.get_terminal_size().columns > 0\r")
        assert b"(20001, False, True)" in read_until(terminal, b">>> ")
        os.write(terminal, b"\x04")
        assert os.waitpid(person, 0)[1] == 0
    finally:
        os.close(terminal)
