# EXPECT: graded 0 wrong_value
# ROW: E12, C3
"""Opens sockets of every family and asks for names."""

import contextlib
import socket
import urllib.request

for family in range(1, 46):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
        if family != socket.AF_UNIX:
            with contextlib.suppress(OSError), socket.socket(family, kind):
                print("FOUND a socket of family", family)
for host, port in (("127.0.0.1", 5432), ("127.0.0.1", 6379), ("1.1.1.1", 53), ("169.254.169.254", 80), ("localhost", 8000)):
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=0.2):
        print("FOUND", host, port)
with contextlib.suppress(OSError):
    print("FOUND", socket.gethostbyname("example.org"))
with contextlib.suppress(OSError):
    print("FOUND", urllib.request.urlopen("http://example.org", timeout=0.2).status)


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0
