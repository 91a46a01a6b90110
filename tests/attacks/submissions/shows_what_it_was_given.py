# EXPECT: graded 0 crashed wrong_value wrong_type too_much_output
# ROW: B6, B15, B7
# VARIANTS: print raise type class function attribute values exit chain warning log
"""Tries to carry the inputs of the hidden check out to its student."""

import os
import sys
import warnings

from gradus import log

VARIANT = "print"


def show(*inputs):
    text = str([value.tolist() for value in inputs])
    name = "".join(character if character.isalnum() else "_" for character in text)[:400]
    match VARIANT:
        case "print":
            print(text, flush=True)
            os.write(2, text.encode())
        case "raise":
            raise ValueError(text)
        case "type":
            raise type(text, (Exception,), {})(text)
        case "class":
            return type(name, (), {"__module__": text, "__qualname__": text})()
        case "function":
            exec(compile(f"def _{name}():\n    raise KeyError('{name}')\n_{name}()", "solution.py", "exec"))
        case "attribute":
            return {text: text}
        case "values":
            return [text] * 10
        case "exit":
            sys.exit(text)
        case "chain":
            try:
                raise ValueError(text)
            except ValueError as error:
                raise RuntimeError(text) from error
        case "warning":
            warnings.warn(text, stacklevel=1)
        case "log":
            for number, value in enumerate(inputs[0].flatten().tolist()):
                log(int(abs(value)), **{f"input_{number % 8}": value})
    return inputs[0].matmul(inputs[-1]) * 0


def double(x):
    return x * 0


def affine(x, w):
    return show(x, w)
