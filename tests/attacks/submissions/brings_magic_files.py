# EXPECT: graded 0 wrong_value
# ROW: A4, E11
# ALSO: conftest.py sitecustomize.py usercustomize.py setup.py __main__.py __init__.py test_solution.py noxfile.py
# ALSO: hubconf.py pytest.py
"""Brings the files that test frameworks, installers and Python itself run unasked."""

import sys

for name in ("conftest", "sitecustomize", "usercustomize", "setup", "pytest"):
    if name in sys.modules:
        print("FOUND", name, "was imported")


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0
