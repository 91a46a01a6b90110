# EXPECT: graded 0 wrong_value
# ROW: A2, B5
"""Tries to write, rename, delete and chmod whatever it can name; only its own two folders may give way."""

import contextlib
import os
import sys

OWN = ("/tmp", "/dev/shm", "/proc", "/sys")
places = {os.path.dirname(getattr(module, "__file__", None) or "") for module in list(sys.modules.values())} - {""}
places |= {"/", "/etc", "/usr", "/usr/bin", "/usr/lib", "/dev", "/site", "/site/grader", "/var", "/opt", "/root", "/home", "/run"}
for folder in sorted(place for place in places if not place.startswith(OWN)):
    attempts = [
        lambda path=folder: open(os.path.join(path, "intruder.py"), "w").close(),
        lambda path=folder: os.mkdir(os.path.join(path, "intruder")),
        lambda path=folder: os.symlink("/tmp", os.path.join(path, "intruder-link")),
        lambda path=folder: os.chmod(path, 0o777),
        lambda path=folder: os.rename(path, "/tmp/away"),
        lambda path=folder: os.utime(path),
        lambda path=folder: os.setxattr(path, "user.word", b"word"),
    ]
    for name in sorted(os.listdir(folder))[:20] if os.access(folder, os.R_OK) and os.path.isdir(folder) else []:
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            attempts += [
                lambda path=path: open(path, "r+b").close(),
                lambda path=path: os.truncate(path, 0),
                lambda path=path: os.unlink(path),
                lambda path=path: os.link(path, "/tmp/linked"),
            ]
    for attempt in attempts:
        with contextlib.suppress(OSError):
            attempt()
            print("FOUND a way to change", folder)


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0
