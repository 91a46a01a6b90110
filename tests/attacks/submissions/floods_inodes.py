# EXPECT: graded 0 wrong_value
# ROW: D11
# VARIANTS: files folders links hard fifos sockets attributes deep long
"""Makes things that take no room, only a name each, until it is stopped: far below a million."""

import contextlib
import os
import socket

VARIANT = "files"
made = 0
os.chdir("/tmp")
open("one", "w").close()


def deeper(number):
    os.mkdir("d")
    os.chdir("d")


def listen(number):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"s{number}")


WAYS = {
    "files": lambda number: os.close(os.open(f"f{number}", os.O_CREAT)),
    "folders": lambda number: os.mkdir(f"d{number}"),
    "links": lambda number: os.symlink("/etc/passwd", f"l{number}"),
    "hard": lambda number: os.link("one", f"h{number}"),
    "fifos": lambda number: os.mkfifo(f"p{number}"),
    "sockets": listen,
    "attributes": lambda number: os.setxattr("one", f"user.{number}", b"x" * 1000),
    "deep": deeper,
    "long": lambda number: os.close(os.open("x" * 240 + str(number), os.O_CREAT)),
}
with contextlib.suppress(OSError):
    for number in range(1_000_000):
        WAYS[VARIANT](number)
        made += 1
if made > 5000:
    print("FOUND room for", made)


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0
