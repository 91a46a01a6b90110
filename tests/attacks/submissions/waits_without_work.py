# EXPECT: graded 0 timed_out
# ROW: D6
# VARIANTS: pause select poll epoll lock sigwait read barrier flock futex waitpid connect
# LIMITS: check_s=0.3
"""Waits in every way that takes no processor time."""

import ctypes
import fcntl
import os
import select
import signal
import socket
import threading
import time

VARIANT = "pause"
reading, writing = os.pipe()
lock = threading.Lock()
lock.acquire()


def wait_for_a_lock_of_a_child():
    child = os.fork()
    if child:
        time.sleep(0.1)
    fcntl.flock(os.open("/tmp/lock", os.O_CREAT | os.O_RDWR), fcntl.LOCK_EX)
    time.sleep(60)


def wait_for_a_child():
    if os.fork() == 0:
        time.sleep(60)
    os.wait()


def wait_for_a_listener():
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("/tmp/socket")
    listener.listen(0)
    clients = [socket.socket(socket.AF_UNIX) for _ in range(3)]
    for client in clients:
        client.connect("/tmp/socket")


WAITS = {
    "pause": signal.pause,
    "select": lambda: select.select([reading], [], []),
    "poll": lambda: select.poll().poll(),
    "epoll": lambda: select.epoll().poll(),
    "lock": lock.acquire,
    "sigwait": lambda: signal.sigwait([signal.SIGUSR1]),
    "read": lambda: os.read(reading, 1),
    "barrier": lambda: threading.Barrier(2).wait(),
    "flock": wait_for_a_lock_of_a_child,
    "futex": lambda: ctypes.CDLL(None).sem_wait(ctypes.create_string_buffer(64)),
    "waitpid": wait_for_a_child,
    "connect": wait_for_a_listener,
}


def double(x, *_):
    WAITS[VARIANT]()
    time.sleep(60)


affine = double
