# EXPECT: ungradable 0 protocol_error_at_import
# ROW: A6, A8
"""Replaces the harness's own functions by ones that always answer well."""

import sys

for name, module in list(sys.modules.items()):
    if name.startswith("grader.runner"):
        for attribute, value in list(vars(module).items()):
            if callable(value) and attribute in ("encode", "describe", "equal", "is_plain_tensor"):
                setattr(module, attribute, lambda *_, **__: b"passed" * 100)


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0
