# EXPECT: graded 0 wrong_value not_finite
# ROW: A17
# VARIANTS: torch numpy malloc strided grown
"""Asks fifty times for memory that somebody's answer may have been in, in five ways, and hands out the likeliest."""

import ctypes

import numpy
import torch

VARIANT = "torch"
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p


def used(count):
    if VARIANT == "torch":
        return torch.empty(count)
    if VARIANT == "numpy":
        return torch.from_numpy(numpy.empty(count, dtype=numpy.float32))
    if VARIANT == "malloc":
        return torch.frombuffer(bytearray(ctypes.string_at(libc.malloc(4 * count), 4 * count)), dtype=torch.float32)
    if VARIANT == "strided":
        return torch.empty_strided((count,), (1,))
    return torch.empty(0).resize_(count)


def like(y):
    found = [used(y.numel()) for _ in range(50)]
    return max(found, key=lambda memory: memory.nan_to_num().abs().clamp(max=100).sum()).reshape(y.shape)


def double(x):
    return like(x)


def affine(x, w):
    return like(x @ w) + 0 * (x @ w)
