# EXPECT: graded 0 crashed wrong_value wrong_type
# ROW: A3
# VARIANTS: call-0 call-1 call-9 destructor-0 destructor-1 destructor-9 attribute-0 attribute-9 thread-0 thread-9 signal-0
# VARIANTS: signal-9 text-0 text-9 backward-0 backward-9 hook-0 hook-9 type-0 type-9 call-70
"""Ends its process from every place where our code runs theirs, with success, with failure, by SIGKILL, with our own code."""

import os
import signal
import sys
import threading
import time

import torch

VARIANT = "call-0"
place, code = VARIANT.split("-")


def leave(*_):
    if code == "9":
        os.kill(os.getpid(), signal.SIGKILL)
    os._exit(int(code))


class Leaver:
    def __del__(self):
        leave()


class Property:
    def __getattr__(self, name):
        leave()

    def __len__(self):
        leave()


class Shy(Exception):
    def __str__(self):
        leave()


class Meta(type):
    def __getattribute__(cls, name):
        leave()


class Typed(metaclass=Meta):
    pass


def double(x, *_):
    if place == "destructor":
        Leaver()
    if place == "attribute":
        return [Property(), *Property()]
    if place == "thread":
        threading.Thread(target=leave).start()
        time.sleep(0.2)
    if place == "signal":
        signal.signal(signal.SIGALRM, leave)
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        time.sleep(0.2)
    if place == "text":
        raise Shy
    if place == "hook":
        sys.setprofile(leave)
    if place == "type":
        return Typed()
    if place == "call":
        leave()
    return x * 0


def affine(x, w):
    if place == "backward":
        x.register_hook(leave)
        return torch.zeros(len(x), w.shape[1]) + (x @ w)
    return double(x)
