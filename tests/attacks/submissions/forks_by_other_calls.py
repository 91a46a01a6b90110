# EXPECT: graded 0 too_many_processes timed_out crashed
# ROW: D1, D3
# VARIANTS: orphans threads spawn subreaper sessions
# LIMITS: check_s=0.8
"""Multiplies in ways that hide who is whose child."""

import contextlib
import ctypes
import os
import sys
import threading
import time

VARIANT = "orphans"


def orphan():
    if os.fork() == 0:
        if os.fork() == 0:
            time.sleep(60)
        os._exit(0)
    os.wait()


def from_a_thread():
    thread = threading.Thread(target=lambda: os.fork() or time.sleep(60))
    thread.start()
    thread.join()


def spawn():
    os.posix_spawn(sys.executable, [sys.executable, "-c", "import time; time.sleep(60)"], {})


def under_a_subreaper():
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
    orphan()


def in_a_session_of_its_own():
    if os.fork() == 0:
        with contextlib.suppress(OSError):
            os.setsid()
        os.nice(5)
        time.sleep(60)


WAYS = {
    "orphans": orphan,
    "threads": from_a_thread,
    "spawn": spawn,
    "subreaper": under_a_subreaper,
    "sessions": in_a_session_of_its_own,
}


def double(x, *_):
    with contextlib.suppress(OSError):
        for _ in range(200):
            WAYS[VARIANT]()
    time.sleep(60)


affine = double
