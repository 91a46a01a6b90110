# EXPECT: graded 0 wrong_type crashed
# ROW: A11
# VARIANTS: pickle torch objects reduce reference
"""Hands the judge bytes that would run if somebody unpickled them."""

import io
import pickle

import numpy
import torch

VARIANT = "pickle"


class Bomb:
    def __reduce__(self):
        return open, ("/var/tmp/gradus-was-here", "w")


def double(x, *_):
    stream = io.BytesIO()
    if VARIANT == "pickle":
        return pickle.dumps(Bomb())
    if VARIANT == "torch":
        torch.save({"x": Bomb()}, stream)
        return stream.getvalue()
    if VARIANT == "objects":
        return numpy.array([Bomb(), x], dtype=object)
    if VARIANT == "reference":
        raise type("Error", (Exception,), {"__reduce__": Bomb.__reduce__})(Bomb())
    return Bomb()


affine = double
