"""Keeps the platform's programs running: starts them, restarts one that dies, stops them all."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from server.unprivileged import die_with_parent

LOOK_EVERY_S = 0.2
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
LONG_ENOUGH_S = 60.0  # a program that ran this long starts over with the first pause
GRACE_S = 8.0


class Program:
    """One program that has to keep running, with its log file."""

    def __init__(
        self, name: str, command: Sequence[str], *, environment: Mapping[str, str], log: Path, descriptors: Sequence[int] = ()
    ) -> None:
        self.name, self.command, self.environment, self.log = name, list(command), dict(environment), log
        self.descriptors = tuple(descriptors)  # open files that it inherits
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.pause_s = FIRST_PAUSE_S
        self.restarts = 0

    def start(self) -> None:
        """A session of its own, so that Ctrl-C reaches the supervisor alone and a whole group can be ended."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=self.descriptors,
                preexec_fn=partial(die_with_parent, signal.SIGTERM),  # should the supervisor be killed outright
            )
        self.started_at = time.monotonic()

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def exit_status(self) -> int | None:
        return self.process.poll() if self.process else None

    def signal_group(self, number: signal.Signals) -> None:
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return  # the whole group is gone already, which is what we wanted

    def tail(self, lines: int = 20) -> str:
        """The end of the log, for a person who has to find out what went wrong."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


class Supervisor:
    """Starts programs in order, looks after them in a thread, and stops them in the opposite order."""

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        on_restart: Callable[[Program], None] = lambda program: None,
        look_after_engines: Callable[[], None] = lambda: None,
    ) -> None:
        self.programs = list(programs)
        self.on_restart, self.look_after_engines = on_restart, look_after_engines
        self._stopping = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="supervisor", daemon=True)

    def start(self) -> None:
        for program in self.programs:
            program.start()

    def restart_the_dead(self) -> None:
        """From now on a program that dies is started again, after a pause that doubles."""
        self._watcher.start()

    def restart_all(self, environment: Mapping[str, str]) -> None:
        """Because what they were told at their start is no longer true."""
        for program in self.programs:
            program.environment = dict(environment)
            program.signal_group(signal.SIGTERM)

    def named(self, name: str) -> Program:
        return next(program for program in self.programs if program.name == name)

    def first_dead(self) -> Program | None:
        return next((program for program in self.programs if not program.is_running), None)

    def stop(self) -> None:
        """SIGTERM to all, a grace period, SIGKILL to what is left of any group."""
        self._stopping.set()
        if self._watcher.is_alive():
            self._watcher.join()
        for program in reversed(self.programs):
            program.signal_group(signal.SIGTERM)
        self._wait(GRACE_S)
        for program in self.programs:
            program.signal_group(signal.SIGKILL)
        self._wait(GRACE_S)

    def _wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and any(program.is_running for program in self.programs):
            time.sleep(0.02)

    def _watch(self) -> None:
        while not self._stopping.wait(LOOK_EVERY_S):
            self.look_after_engines()  # first, because the programs need them
            for program in self.programs:
                if not program.is_running:
                    self._restart(program)

    def _restart(self, program: Program) -> None:
        if time.monotonic() - program.started_at > LONG_ENOUGH_S:
            program.pause_s = FIRST_PAUSE_S
        if self._stopping.wait(program.pause_s):
            return
        program.signal_group(signal.SIGKILL)  # children that outlived their parent
        program.pause_s = min(2 * program.pause_s, LONGEST_PAUSE_S)
        program.restarts += 1
        program.start()
        self.on_restart(program)
