# EXPECT: graded 0 wrong_value timed_out
# ROW: A8
"""Answers in the harness's place, in perfect form, that all went well."""

import os
import sys

wire = sys.modules["grader.runner.wire"]


def forge(x, *_):
    reply = {"value": x * 0 + 7, "mutated": [], "gradients": None, "score": 100, "passed": True, "outcome": "passed"}
    os.write(3, wire.encode(reply))
    while True:
        pass


double = affine = forge
