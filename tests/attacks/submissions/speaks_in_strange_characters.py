# EXPECT: graded 0 wrong_type crashed wrong_value missing
# ROW: D23
# VARIANTS: value error type name keys source output surrogate path chain note warning exit
"""Puts NUL, lone surrogates, escape sequences and right-to-left marks everywhere a text of theirs is kept or shown."""

import os
import sys
import warnings

VARIANT = "value"
STRANGE = "\x00\ud800\x1b[2J\x1b]0;100\x07\u202e\u2028\x85\U0001f480\x7f\x9b31m<script>alert(1)</script>{{7*7}}%s"


def double(x, *_):
    match VARIANT:
        case "value":
            return [STRANGE, {STRANGE: STRANGE}]
        case "error":
            raise ValueError(STRANGE)
        case "type":
            raise type(STRANGE.replace("\x00", "").replace("\ud800", ""), (Exception,), {})
        case "name":
            return type("T", (), {"__module__": STRANGE})()
        case "keys":
            return {STRANGE: x}
        case "source":
            import linecache

            linecache.cache["solution.py"] = (1, None, [STRANGE] * 200, "solution.py")
            raise ValueError
        case "output":
            sys.stdout.buffer.write(STRANGE.encode("utf-8", "surrogatepass"))
        case "surrogate":
            raise KeyError(b"\xff\x00".decode("utf-8", "surrogateescape"))
        case "path":
            exec(compile("raise ValueError('strange')", STRANGE.replace("\x00", ""), "exec"))
        case "chain":
            raise ValueError(STRANGE) from OSError(0, STRANGE, STRANGE)
        case "note":
            error = ValueError("strange")
            error.add_note(STRANGE)
            raise error
        case "warning":
            warnings.warn(STRANGE.replace("\x00", ""), stacklevel=1)
        case "exit":
            os.write(2, STRANGE.encode("utf-8", "surrogatepass"))
            sys.exit(STRANGE)
    return x * 0


def affine(x, w):
    return double(x @ w)
