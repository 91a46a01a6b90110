# EXPECT: graded 0 wrong_value
# ROW: A5, C7
# ALSO: abc.py collections.py ctypes.py dataclasses.py enum.py functools.py gc.py inspect.py io.py itertools.py
# ALSO: linecache.py math.py mmap.py operator.py platform.py re.py resource.py select.py signal.py site.py socket.py
# ALSO: string.py subprocess.py tempfile.py threading.py time.py types.py typing.py weakref.py zlib.py checks.py
# ALSO: reference.py starter.py target.py
"""Brings thirty names of the standard library, and those of the assignment's own files."""

import base64
import csv
import decimal
import fractions
import queue
import random

print(base64, csv, decimal, fractions, queue, random)


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0
