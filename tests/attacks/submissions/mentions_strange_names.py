# EXPECT: graded 0 wrong_value
# ROW: D23
# VARIANTS: getattr vars attrgetter module operator
"""Names what is forbidden in strange characters, in lines that never run: the reading of the source writes them down."""

import operator
import sys

import torch

VARIANT = "getattr"


def never_called():
    match VARIANT:
        case "getattr":
            return getattr(torch.nn, "a\0b\ud800\x1b[31m\x9b2J\u202e<b>")
        case "vars":
            return vars(torch.nn)["a\0b\ud800\x1b[31m\x9b2J\u202e<b>"]
        case "attrgetter":
            return operator.attrgetter("nn.a\0b\ud800\x1b[31m")(torch)
        case "module":
            return sys.modules["torch.nn.a\0b\ud800\x1b[31m"]
        case "operator":
            return getattr(torch.nn.functional, "\x1b]0;100 / 100\x07")


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0
