# EXPECT: graded 0 wrong_value
# ROW: C3, E12
# LIMITS: import_s=8
"""Asks hubs, package indexes and name servers for a ready solution; every way must fail fast."""

import contextlib
import socket
import subprocess
import sys
import time
import urllib.request

import torch

started = time.monotonic()
with contextlib.suppress(Exception):
    torch.hub.load("pytorch/vision", "resnet18", trust_repo=True)
    print("FOUND a hub")
with contextlib.suppress(Exception):
    torch.hub.load_state_dict_from_url("http://download.example.org/model.pth")
    print("FOUND weights")
with contextlib.suppress(Exception):
    urllib.request.urlopen("https://huggingface.co", timeout=0.5)
    print("FOUND a page")
with contextlib.suppress(Exception):
    if subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, timeout=2).returncode == 0:
        print("FOUND pip")
for name in ("example.org", "pypi.org", "host.docker.internal", "metadata.google.internal", "postgres", "redis"):
    with contextlib.suppress(OSError):
        print("FOUND", name, socket.getaddrinfo(name, 80))
if time.monotonic() - started > 6:
    print("FOUND a way to wait for the network")


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0
