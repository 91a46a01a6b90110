# EXPECT: graded 0 crashed timed_out wrong_value
# ROW: E14, A8
# VARIANTS: trap kill errno notify
# LIMITS: check_s=0.6
"""Puts a filter of its own on, so that the harness's next write is trapped, killed, or said to have worked."""

import ctypes
import signal
import struct

VARIANT = "trap"
libc = ctypes.CDLL(None, use_errno=True)
ACTIONS = {"trap": 0x00030000, "kill": 0x80000000, "errno": 0x00050000, "notify": 0x7FC00000}
WRITES = (44, 1, 20, 46)


def double(x, *_):
    signal.signal(signal.SIGSYS, lambda *_: None)
    code = [struct.pack("=HBBI", 0x20, 0, 0, 0)]
    for number in WRITES:
        code += [struct.pack("=HBBI", 0x15, 0, 1, number), struct.pack("=HBBI", 0x06, 0, 0, ACTIONS[VARIANT])]
    code.append(struct.pack("=HBBI", 0x06, 0, 0, 0x7FFF0000))
    program = ctypes.create_string_buffer(b"".join(code))
    header = struct.pack("@HP", len(code), ctypes.addressof(program))
    libc.prctl(38, 1, 0, 0, 0)
    libc.syscall(317, 1, 8 if VARIANT == "notify" else 0, header)
    libc.prctl(22, 2, header, 0, 0)
    return x * 0


def affine(x, w):
    return double(x @ w)
