# EXPECT: graded 0 out_of_memory timed_out crashed too_many_processes wrong_value too_much_output
# ROW: D8, D9, D12
# VARIANTS: private shared file devshm stack threads pipes sockets lazy numpy sparse forked lists brk maps
# VARIANTS: shared_released munmapped zero_released memfd_released page_tables socket_buffers
# LIMITS: check_s=0.8
"""Takes memory in ways that a simple limit does not count; the machine must not feel it."""

import contextlib
import ctypes
import mmap
import os
import socket
import threading
import time

import numpy
import torch

VARIANT = "private"
MB = 1 << 20
kept = []


def private():
    kept.append(mmap.mmap(-1, 16 * MB, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))
    kept[-1].write(b"x" * 16 * MB)


def shared():
    kept.append(mmap.mmap(-1, 16 * MB))
    kept[-1].write(b"x" * 16 * MB)


def file(folder="/tmp"):
    with open(f"{folder}/{len(kept)}", "wb") as out:
        kept.append(out.write(b"x" * MB))


def thread():
    threading.stack_size(64 * MB)
    threading.Thread(target=lambda: (bytearray(8 * MB), time.sleep(60)), daemon=True).start()


def pipe():
    kept.append(os.pipe())
    with contextlib.suppress(OSError):
        __import__("fcntl").fcntl(kept[-1][1], 1031, MB)
    os.set_blocking(kept[-1][1], False)
    os.write(kept[-1][1], b"x" * MB)


def sockets():
    kept.append(socket.socketpair())
    for end in kept[-1]:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 64 * MB)
        end.setblocking(False)
        end.send(b"x" * MB)


def recurse(depth=0):
    return recurse(depth + 1) if depth < 900 else kept.append(bytearray(8 * MB))


def sparse():
    with open("/tmp/sparse", "r+b" if os.path.exists("/tmp/sparse") else "w+b") as out:
        os.ftruncate(out.fileno(), MB)
        kept.append(mmap.mmap(out.fileno(), MB))
        kept[-1].write(b"x" * MB)


def forked():
    if os.fork() == 0:
        kept.append(bytearray(os.urandom(1)) * (40 * MB))
        time.sleep(60)
    time.sleep(0.02)


def grow_the_heap():
    libc = ctypes.CDLL(None)
    libc.sbrk.restype = ctypes.c_void_p
    place = libc.sbrk(ctypes.c_long(16 * MB))
    if place == ctypes.c_void_p(-1).value:
        raise MemoryError
    ctypes.memset(place, 1, 16 * MB)


def dropped(area):
    """Written, then taken out of the page table: still there, but no process holds it."""
    area.write(b"x" * len(area))
    area.madvise(mmap.MADV_DONTNEED)
    kept.append(area)


def munmapped():
    libc = ctypes.CDLL(None)
    libc.mmap.restype = ctypes.c_void_p
    place = libc.mmap(None, ctypes.c_size_t(16 * MB), 3, 0x21, -1, ctypes.c_long(0))
    if place == ctypes.c_void_p(-1).value:
        raise PermissionError
    ctypes.memset(place, 1, 16 * MB)
    libc.munmap(ctypes.c_void_p(place + 4096), ctypes.c_size_t(16 * MB - 4096))


def zero():
    with open("/dev/zero", "r+b") as device:
        dropped(mmap.mmap(device.fileno(), 16 * MB))


def memfd():
    descriptor = os.memfd_create("memory")
    kept.append(descriptor)
    os.ftruncate(descriptor, 16 * MB)
    with mmap.mmap(descriptor, 16 * MB) as area:
        area.write(b"x" * 16 * MB)


def tables():
    """A page of tables for every 2 MiB of which one byte is read."""
    kept.append(mmap.mmap(-1, 4096 * MB, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, mmap.PROT_READ))
    for place in range(0, 4096 * MB, 2 * MB):
        kept[-1][place]


def socket_buffers():
    with contextlib.suppress(OSError):
        while True:
            kept.append(socket.socketpair())
            for end in kept[-1]:
                end.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    while True:
                        end.send(b"x" * MB)
    if os.fork() == 0:
        kept.clear()
        socket_buffers()
    time.sleep(60)


WAYS = {
    "shared_released": lambda: dropped(mmap.mmap(-1, 16 * MB)),
    "munmapped": munmapped,
    "zero_released": zero,
    "memfd_released": memfd,
    "page_tables": tables,
    "socket_buffers": socket_buffers,
    "private": private,
    "shared": shared,
    "file": file,
    "devshm": lambda: file("/dev/shm"),
    "stack": recurse,
    "threads": thread,
    "pipes": pipe,
    "sockets": sockets,
    "lazy": lambda: kept.append(torch.zeros(10**9)),
    "numpy": lambda: kept.append(numpy.ones(4 * MB)),
    "sparse": sparse,
    "forked": forked,
    "lists": lambda: kept.append([0] * MB),
    "brk": grow_the_heap,
    "maps": lambda: kept.append(mmap.mmap(-1, 4096)),
}


def double(x, *_):
    with contextlib.suppress(OSError):
        while True:
            WAYS[VARIANT]()
    time.sleep(60)


affine = double
