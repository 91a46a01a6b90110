# EXPECT: graded|ungradable 0 protocol_error_at_import exited_at_import crashed_at_import timed_out_at_import crashed wrong_value
# ROW: E8
# VARIANTS: second-numbering negative unknown old-gate sysenter clone
"""Asks for refused calls by other numbers, other gates and other flags."""

import ctypes
import mmap
import os

VARIANT = "second-numbering"
libc = ctypes.CDLL(None, use_errno=True)


def run(code):
    area = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    area.write(code)
    return ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(area)))()


def called(result, name):
    if result >= 0:
        print("FOUND", name, result)


match VARIANT:
    case "second-numbering":
        for number in (101, 165, 250, 272, 319, 321, 425, 521, 539):
            called(libc.syscall(number | 0x40000000, 0, 0, 0, 0, 0), f"x32 {number}")
    case "negative":
        for number in (-1, -(2**31), 2**31, 2**32 + 425, 2**63 - 1):
            called(libc.syscall(ctypes.c_long(number), 0, 0, 0), f"number {number}")
    case "unknown":
        for number in (*range(337, 424), *range(470, 700)):
            called(libc.syscall(number, 0, 0, 0, 0, 0, 0), f"number {number}")
    case "old-gate":
        called(run(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3"), "int 0x80")
    case "sysenter":
        called(run(b"\xb8\x14\x00\x00\x00\x0f\x34\xc3"), "sysenter")
    case "clone":
        for flag in (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000, 0x80):
            if libc.syscall(56, flag | 17, 0, 0, 0, 0) == 0:
                os._exit(0)
            if ctypes.get_errno() != 1:
                print("FOUND clone with", hex(flag))


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0
