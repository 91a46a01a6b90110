# EXPECT: graded 0 too_many_processes crashed wrong_type wrong_value timed_out incomplete wrong_shape missing not_finite
# ROW: A8, D13, D17
# VARIANTS: negative huge-shape many-dimensions huge-integer long-integer deep-lists deep-dicts two-keys bad-tag index-out
# VARIANTS: index-text overlap duplicate unknown-dtype bytes-as-tensor many-blobs not-json not-utf8 infinity exponent
# VARIANTS: wrong-magic cut-prefix
# VARIANTS: cut-body long-header long-body two-frames empty table-missing not-a-dict handle-negative handle-huge bool-garbage
# VARIANTS: no-value extra-fields gradients-few mutated-wrong limit-forged error-forged half-a-million-lists zero-with-huge
# LIMITS: check_s=0.6
"""Writes frames of its own making in the middle of a call: every field that could be believed, wrong in its own way."""

import json
import os
import struct
import time

VARIANT = "negative"


def frame(tree, body=b"", header=None, length=None):
    header = json.dumps(tree).encode() if header is None else header
    return struct.pack(">4sIQ", b"GRD2", len(header), len(body) if length is None else length) + header + body


def answer(value, **fields):
    return {"value": value, "mutated": [], "gradients": None, **fields}


def tensor(*parts):
    return answer({"!tensor": list(parts)})


ZEROS = bytes(28)
DEEP = {"deep-lists": b"[" * 100_000, "deep-dicts": b'{"value":{"a":' * 50_000}
FRAMES = {
    "negative": lambda: frame(tensor("float32", -1, -7), ZEROS),
    "huge-shape": lambda: frame(tensor("float32", 1 << 62, 4), ZEROS),
    "zero-with-huge": lambda: frame(tensor("float32", 0, 1 << 62, 1 << 62)),
    "many-dimensions": lambda: frame(tensor("float32", *[1] * 64), bytes(4)),
    "huge-integer": lambda: frame(answer(1 << 4096)),
    "long-integer": lambda: frame(None, header=b'{"value":' + b"9" * 1_000_000 + b"}"),
    "deep-lists": lambda: frame(None, header=DEEP["deep-lists"]),
    "deep-dicts": lambda: frame(None, header=DEEP["deep-dicts"]),
    "two-keys": lambda: frame(answer({"!tensor": ["float32", 7], "!bytes": 0}), ZEROS),
    "bad-tag": lambda: frame(answer({"!reduce": ["os.system", "true"]})),
    "index-out": lambda: frame(tensor("float32", 99), ZEROS),
    "index-text": lambda: frame(tensor("float32", "7"), ZEROS),
    "overlap": lambda: frame(answer([{"!tensor": ["float32", 7]}] * 1000), ZEROS),
    "duplicate": lambda: frame(None, header=b'{"value":1,"value":2,"mutated":[],"gradients":null}'),
    "unknown-dtype": lambda: frame(tensor("object", 7), ZEROS),
    "bytes-as-tensor": lambda: frame(tensor("bytes", 28), ZEROS),
    "many-blobs": lambda: frame(answer([{"!tensor": ["float32"]}] * 20_000), bytes(80_000)),
    "not-json": lambda: frame(None, header=b"\x80\x04\x95cos\nsystem\n(S'true'\ntR."),
    "not-utf8": lambda: frame(None, header=b'{"value":"\xff\xfe\x00"}'),
    "infinity": lambda: frame(answer(float("inf"))),
    "exponent": lambda: frame(None, header=b'{"value":1e999,"mutated":[],"gradients":null}'),
    "wrong-magic": lambda: b"GRD1" + frame(answer(1))[4:],
    "cut-prefix": lambda: b"GRD2\0\0",
    "cut-body": lambda: frame(tensor("float32", 7), b"", length=28),
    "long-header": lambda: struct.pack(">4sIQ", b"GRD2", (1 << 32) - 1, 0),
    "long-body": lambda: frame(answer(1), length=(1 << 64) - 1),
    "two-frames": lambda: frame(answer(1)) * 2,
    "empty": lambda: struct.pack(">4sIQ", b"GRD2", 0, 0),
    "table-missing": lambda: frame(tensor()),
    "not-a-dict": lambda: frame([1, 2, 3]),
    "handle-negative": lambda: frame(answer({"!handle": [-1, "x"]})),
    "handle-huge": lambda: frame(answer({"!handle": [1 << 61, "x" * 100_000]})),
    "bool-garbage": lambda: frame(tensor("bool", 7), b"\xff\x02\x00\x80\x01\x7f\x03"),
    "no-value": lambda: frame({"mutated": [], "gradients": None}),
    "extra-fields": lambda: frame(answer(1, score=100, points=100, outcome="passed", visibility="public", word="passed")),
    "gradients-few": lambda: frame(tensor("float32", 7) | {"gradients": [{"!tensor": ["float32", 0]}] * 5000}, ZEROS),
    "mutated-wrong": lambda: frame(answer(1, mutated=[{"!float": "nan"}, None])),
    "limit-forged": lambda: frame(answer(1, limit="too_many_processes")),
    "error-forged": lambda: frame({"error": {"kind": "unsupported", "type": 7, "message": None}}),
    "half-a-million-lists": lambda: frame(None, header=b'{"value":[' + b"[]," * 500_000 + b"0]}"),
}


def double(x, *_):
    data = memoryview(FRAMES[VARIANT]())
    while data:
        data = data[os.write(3, data) :]
    time.sleep(60)


affine = double
