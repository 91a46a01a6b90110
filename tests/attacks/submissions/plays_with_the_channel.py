# EXPECT: graded 0 crashed timed_out wrong_value wrong_shape
# ROW: A8, B3
# VARIANTS: shut-reading shut-writing shut-both descriptors out-of-band nonblocking reads-requests peeks duplicates
# VARIANTS: closes replaces
# LIMITS: check_s=0.5
"""Does to the channel whatever a socket allows: hangs up halves, sends descriptors and urgent bytes, reads before the harness."""

import contextlib
import os
import socket
import sys
import threading
import time

VARIANT = "shut-reading"
channel = socket.socket(fileno=os.dup(3))
wire = sys.modules["grader.runner.wire"]


def send_descriptors():
    for _ in range(50):
        socket.send_fds(channel, [b"G"], [0, 1, 2] * 20)


def read_requests():
    while True:
        channel.recv(7)


def play():
    match VARIANT:
        case "shut-reading":
            channel.shutdown(socket.SHUT_RD)
        case "shut-writing":
            channel.shutdown(socket.SHUT_WR)
        case "shut-both":
            channel.shutdown(socket.SHUT_RDWR)
        case "descriptors":
            send_descriptors()
        case "out-of-band":
            with contextlib.suppress(OSError):
                channel.send(b"x", socket.MSG_OOB)
            time.sleep(0.2)
        case "nonblocking":
            channel.setblocking(False)
        case "reads-requests":
            threading.Thread(target=read_requests, daemon=True).start()
        case "peeks":
            channel.setsockopt(socket.SOL_SOCKET, 42, 5)
        case "duplicates":
            for number in range(4, 60):
                os.dup2(3, number)
        case "closes":
            os.close(3)
        case "replaces":
            ours, theirs = socket.socketpair()
            os.dup2(theirs.fileno(), 3)
            ours.send(wire.encode({"op": "load", "payload": {"files": {}, "module": "os"}}))
            time.sleep(0.2)


def double(x):
    play()
    return x * 0


def affine(x, w):
    play()
    return (x @ w) * 0
