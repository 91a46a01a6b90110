# EXPECT: graded 0 wrong_value
# ROW: A5
# ALSO: torch.py json.py random.py numpy.py struct.py grader.py ast.py traceback.py sitecustomize.py conftest.py os.py
"""Brings files named like the modules that the harness uses."""


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0
