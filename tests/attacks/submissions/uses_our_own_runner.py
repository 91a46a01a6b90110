# EXPECT: graded|ungradable 0 protocol_error_at_import exited_at_import crashed_at_import timed_out_at_import wrong_value crashed
# ROW: A2, E10, D4
# VARIANTS: kernel child zygote harness seccomp
"""Calls the functions with which we build the sandbox, from inside it."""

import contextlib
import importlib
import os

VARIANT = "kernel"
with contextlib.suppress(Exception, SystemExit):
    module = importlib.import_module(f"grader.runner.{VARIANT}")
    if VARIANT == "kernel":
        for way in (
            lambda: module.unshare(module.Namespace.user),
            lambda: module.mount("none", "/tmp", "tmpfs", module.Mount.nosuid),
            lambda: os.setresuid(0, 0, 0),
            lambda: os.chroot("/tmp"),
        ):
            with contextlib.suppress(OSError):
                way()
                print("FOUND a way by our own kernel calls")
    if VARIANT == "child":
        module.start([0, 1, 2], set())
    if VARIANT == "zygote":
        module.main()
    if VARIANT == "harness":
        module.serve(None)
    if VARIANT == "seccomp":
        module.install(network=True)


def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0
