# EXPECT: graded 0 wrong_value
# ROW: B1, B16
"""Reads every file that it can and looks for the planted words."""

import contextlib
import os
import stat

WORD = b"CANARY" + b"-in-the-"
seen = 0
for folder, folders, files in os.walk("/"):
    if folder in ("/dev", "/sys") or folder.count("/") > 12 or (folder.startswith("/proc/") and "/task" in folder):
        folders.clear()
        continue
    for name in files:
        path = os.path.join(folder, name)
        with contextlib.suppress(OSError):
            if not stat.S_ISREG(os.stat(path).st_mode) or os.stat(path).st_size > 1 << 20:
                continue
            with open(path, "rb") as file:
                seen += 1
                if WORD in file.read(1 << 20):
                    print("FOUND the word in", path)
            if seen > 3000 and not path.startswith("/proc"):
                folders.clear()
                break
for path in ("/etc/passwd", "/etc/shadow", "/proc/1/environ", "/proc/1/mem"):
    with contextlib.suppress(OSError), open(path, "rb") as file:
        if data := file.read(10):
            print("FOUND", path, data)
for path in ("/root", "/home", "/var", "/var/tmp", "/work", "/mnt", "/srv", "/opt", "/run"):
    with contextlib.suppress(OSError):
        if set(os.listdir(path)) - {".pyenv", "lib"}:
            print("FOUND", path)
print("files read:", seen)


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0
