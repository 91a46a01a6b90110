# EXPECT: graded|ungradable 0 protocol_error_at_import exited_at_import crashed_at_import timed_out_at_import
# EXPECT: crashed wrong_type wrong_value timed_out missing wrong_shape not_finite incomplete
# ROW: A6, A8
# VARIANTS: operations encode copies names describe json tensor frame guards kinds getpid
# LIMITS: check_s=0.6
"""Replaces what the harness will use for the next checks; it shares its process, so it can, and it gains nothing."""

import json
import os
import sys

import torch

VARIANT = "operations"
runner = {name.rsplit(".", 1)[1]: module for name, module in sys.modules.items() if name.startswith("grader.runner.")}
dispatcher, wire = runner["dispatcher"], runner["wire"]


def pretend(*_, **__):
    return {"value": torch.zeros(7), "mutated": [], "gradients": [torch.zeros(4, 5), torch.zeros(5, 3)], "passed": True}


match VARIANT:
    case "operations":
        dispatcher.OPERATIONS.update(dict.fromkeys(dispatcher.OPERATIONS, pretend))
    case "encode":
        real = wire.encode
        dispatcher.encode = lambda reply: real({**reply, "value": {"score": 100}, "outcome": "passed"})
    case "copies":
        dispatcher._copies = dispatcher._unchanged = lambda *_: []
    case "names":
        dispatcher.Dispatcher.load = dispatcher.OPERATIONS["load"] = lambda self, files, module: {
            "names": {"double": "x" * 10**6}
        }
    case "describe":
        dispatcher.describe = lambda *_: {"kind": "passed", "score": 100}
    case "json":
        json.dumps = wire.TO_JSON = lambda *_, **__: '{"value":1,"mutated":[],"gradients":null}'
    case "tensor":
        wire._tensor_bytes = lambda tensor: b"\x7f" * (tensor.numel() * 4)
    case "frame":
        dispatcher.Dispatcher.answer = lambda self, frame: bytes(frame)
    case "guards":
        runner["guard"].Guard.around = None
    case "kinds":
        dispatcher._kind = lambda value: "function\x00" * 100
    case "getpid":
        os.getpid = lambda: 1


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0
