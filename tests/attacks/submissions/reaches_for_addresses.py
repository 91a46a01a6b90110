# EXPECT: graded 0 wrong_value
# ROW: E12, E2, E18
# VARIANTS: inet inet6 raw packet netlink vsock unix bluetooth xdp metadata
"""Opens one kind of socket after another by bare system calls, and connects where a cloud keeps its secrets."""

import contextlib
import ctypes
import glob
import os
import socket
import struct

VARIANT = "inet"
libc = ctypes.CDLL(None, use_errno=True)
FAMILIES = {"inet": 2, "inet6": 10, "raw": 2, "packet": 17, "netlink": 16, "vsock": 40, "bluetooth": 31, "xdp": 44}
HOSTS = ("169.254.169.254", "100.100.100.200", "127.0.0.1", "172.17.0.1", "10.0.2.2", "192.168.0.1", "8.8.8.8", "0.0.0.0")


def connect(host, port):
    descriptor = libc.syscall(41, 2, 1 | 0o4000, 0)
    address = struct.pack("=H", 2) + struct.pack(">H", port) + socket.inet_aton(host) + bytes(8)
    return descriptor >= 0 and (libc.connect(descriptor, address, 16) == 0 or ctypes.get_errno() == 115)


if VARIANT in FAMILIES:
    for kind in range(1, 11):
        for protocol in (0, 1, 6, 17, 58, 255):
            if libc.syscall(41, FAMILIES[VARIANT], kind, protocol) >= 0:
                print("FOUND a socket of", VARIANT, kind, protocol)
if VARIANT == "metadata":
    for host in HOSTS:
        for port in (80, 443, 5432, 6379, 8000, 2375, 22, 53):
            if connect(host, port):
                print("FOUND", host, port)
if VARIANT == "unix":
    paths = ["/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock", "/run/dbus/system_bus_socket"]
    for path in [*paths, *glob.glob("/run/**/*sock*", recursive=True), *glob.glob("/var/run/**/*sock*", recursive=True)]:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as client:
            client.connect(path)
            print("FOUND", path)
    with open("/proc/net/unix") as file:
        names = {line.split()[-1] for line in file if "@" in line}
    for name in names:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as client:
            client.connect("\0" + name[1:])
            print("FOUND", name)
with contextlib.suppress(OSError):
    others = [name for name in os.listdir("/sys/class/net") if name != "lo"]
    if others:
        print("FOUND interfaces", others)


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0
