# EXPECT: graded 0 wrong_type wrong_value timed_out crashed
# ROW: A8, A12, D17, D23
# VARIANTS: no-name long-name escape-name many-names text-step negative-step huge-step bool-step text-value int-value nested
# VARIANTS: uneven tensor bytes handle long-header long-body cut two-keys empty not-json not-utf8 infinity exponent nan score
# LIMITS: check_s=0.6
"""Writes notes of its own making in the middle of a call, wrong in its own way or meant to be taken for a score."""

import json
import os
import struct
import time

VARIANT = "no-name"
RIGHT = {"loss": [[1, 2], [0.5, 0.25]]}


def frame(tree, body=b"", header=None, length=None):
    header = json.dumps(tree).encode() if header is None else header
    return struct.pack(">4sIQ", b"GRN2", len(header), len(body) if length is None else length) + header + body


def logged(**series):
    return frame({"logged": series})


def forged():
    match VARIANT:
        case "no-name":
            return frame({"logged": {"": [[1], [0.5]]}})
        case "long-name":
            return frame({"logged": {"a" * 10_000: [[1], [0.5]]}})
        case "escape-name":
            return frame({"logged": {"\x1b[2J<script>": [[1], [0.5]]}})
        case "many-names":
            return logged(**{f"n{number}": [[1], [0.5]] for number in range(500)})
        case "text-step":
            return logged(loss=[["1"], [0.5]])
        case "negative-step":
            return logged(loss=[[-1], [0.5]])
        case "huge-step":
            return logged(loss=[[1 << 200], [0.5]])
        case "bool-step":
            return logged(loss=[[True], [0.5]])
        case "text-value":
            return logged(loss=[[1], ["100 / 100"]])
        case "int-value":
            return logged(loss=[[1], [1 << 200]])
        case "nested":
            return frame(None, header=b'{"logged":' + b"[" * 5000 + b"]" * 5000 + b"}")
        case "uneven":
            return logged(loss=[[1, 2, 3], [0.5]])
        case "tensor":
            return frame({"logged": {"loss": {"!tensor": ["float32", 0]}}})
        case "bytes":
            return frame({"logged": {"!bytes": 4}}, b"abcd")
        case "handle":
            return frame({"logged": {"!handle": [1, "loss"]}})
        case "long-header":
            return struct.pack(">4sIQ", b"GRN2", 1 << 22, 0)
        case "long-body":
            return frame({"logged": RIGHT}, length=1 << 40)
        case "cut":
            return frame({"logged": RIGHT})[:-7]
        case "two-keys":
            return frame({"logged": RIGHT, "value": 1})
        case "empty":
            return frame(None, header=b"")
        case "not-json":
            return frame(None, header=b"loss=0.5")
        case "not-utf8":
            return frame(None, header=b'{"logged":"\xff"}')
        case "infinity":
            return frame(None, header=b'{"logged":{"loss":[[1],[Infinity]]}}')
        case "exponent":
            return frame(None, header=b'{"logged":{"loss":[[1],[1e999]]}}')
        case "nan":
            return logged(loss=[[1, 2], [{"!float": "nan"}, {"!float": "-inf"}]])
        case "score":
            return logged(score=[[100], [100.0]], passed=[[1], [1.0]], points=[[100], [60.0]])


def write(data):
    while data:
        data = data[os.write(3, data) :]


def double(x):
    write(forged())
    time.sleep(0.05)
    return x * 0


def affine(x, w):
    write(forged())
    return (x @ w) * 0
