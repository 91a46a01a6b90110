# EXPECT: graded 0 crashed timed_out out_of_memory
# ROW: D16
# VARIANTS: null code stack float assertion bus free frames pthread object refcount
# LIMITS: check_s=1.0
"""Crashes in C, in every way that comes to mind."""

import ctypes
import gc
import mmap
import os
import sys
import threading
import types

VARIANT = "null"
libc = ctypes.CDLL(None)


def overflow():
    function = ctypes.CFUNCTYPE(None)
    holder = []
    holder.append(function(lambda: holder[0]()))
    sys.setrecursionlimit(1 << 30)
    holder[0]()


def past_the_end_of_a_file():
    with open("/tmp/file", "w+b") as file:
        file.write(b"x")
        file.flush()
        memory = mmap.mmap(file.fileno(), 1)
        os.ftruncate(file.fileno(), 0)
        memory[0]


def free_twice():
    libc.malloc.restype = ctypes.c_void_p
    place = ctypes.c_void_p(libc.malloc(10_000))
    while True:
        libc.free(place)


def wrong_code():
    code = (lambda: 0).__code__
    exec(code.replace(co_code=bytes(range(1, 255)) * 10, co_stacksize=1))


def end_the_first_thread():
    threading.Thread(target=lambda: __import__("time").sleep(60)).start()
    ctypes.PyDLL(None).pthread_exit(None)


def overwrite_an_object():
    ctypes.memset(id(types.SimpleNamespace), 0xFF, 64)
    types.SimpleNamespace()
    gc.collect()


def forget_none():
    ctypes.memset(id(None), 0, 8)
    return [None for _ in range(10_000)]


CRASHES = {
    "null": lambda: ctypes.string_at(0),
    "code": lambda: ctypes.CFUNCTYPE(None)(ctypes.addressof(ctypes.create_string_buffer(b"\xf4\x0f\x0b" * 99)))(),
    "stack": overflow,
    "float": lambda: libc.raise_(8) if hasattr(libc, "raise_") else os.kill(os.getpid(), 8),
    "assertion": libc.abort,
    "bus": past_the_end_of_a_file,
    "free": free_twice,
    "frames": wrong_code,
    "pthread": end_the_first_thread,
    "object": overwrite_an_object,
    "refcount": forget_none,
}


def double(x, *_):
    CRASHES[VARIANT]()
    os.abort()


affine = double
