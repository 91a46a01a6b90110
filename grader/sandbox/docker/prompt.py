"""A person's look inside: Python's prompt as a student, behind every wall of the launch template."""

import os
import select
import shutil
import signal
import socket
import sys
import termios
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from docker.errors import APIError

from grader.sandbox import owner
from grader.sandbox.base import Isolation
from grader.sandbox.docker.engine import LocalEngine
from grader.sandbox.docker.probe import SITE, UID
from grader.sandbox.docker.template import Order

LASTS_S = 3600
DIFFERENT = (
    f"Python as a student sees it, as user {UID}; Ctrl-D leaves. Other than for a student there is a terminal, the keeper is not "
    f"running, and no limit of a single submission holds. After {LASTS_S // 60} minutes the reaper ends it."
)
BECOME = f"import os, sys; os.setgroups([]); os.setresgid(*[{UID}] * 3); os.setresuid(*[{UID}] * 3); sys.path.append('{SITE}')"


def open_prompt(engine: LocalEngine) -> None:
    """Until the person leaves or the time is over. Needs a terminal on our side."""
    order = Order(Isolation.fresh, owner.this_process(), int(time.time() + LASTS_S))
    line = engine.start_instead(order, ["-i", "-c", BECOME], terminal=True)
    try:
        with raw_terminal(), following_size(engine, line.id):
            converse(line.socket)
    finally:
        line.close()


def converse(stream: socket.socket) -> None:
    """Both ways until the container ends."""
    typing, shown = sys.stdin.fileno(), sys.stdout.fileno()
    while True:
        ready, _, _ = select.select([stream, typing], [], [])
        if stream in ready:
            if not (said := stream.recv(1 << 16)):
                return
            os.write(shown, said)
        if typing in ready:
            stream.sendall(os.read(typing, 1 << 12))


@contextmanager
def raw_terminal() -> Iterator[None]:
    """Every key goes inside, Ctrl-C among them; afterwards the terminal is as it was."""
    before = termios.tcgetattr(sys.stdin)
    tty.setraw(sys.stdin)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


@contextmanager
def following_size(engine: LocalEngine, container: str) -> Iterator[None]:
    """The terminal inside is as large as the one outside."""

    def resize(*_: object) -> None:
        columns, rows = shutil.get_terminal_size()
        with suppress(APIError):  # it may have ended
            engine.api().resize(container, height=rows, width=columns)

    before = signal.signal(signal.SIGWINCH, resize)
    resize()
    try:
        yield
    finally:
        signal.signal(signal.SIGWINCH, before)
