# EXPECT: graded|ungradable 0 protocol_error_at_import exited_at_import crashed_at_import timed_out_at_import
# EXPECT: crashed wrong_value timed_out wrong_shape incomplete
# ROW: A10, D5
# VARIANTS: trace profile collector finalizer timer exception fork audit excepthook exit recursion faulthandler
# LIMITS: check_s=0.6
"""Has its own code run while the harness works: between request and reply, at collection, at every line, on signals."""

import ctypes
import faulthandler
import gc
import os
import signal
import sys
import threading
import time
import weakref

VARIANT = "trace"
wire = sys.modules["grader.runner.wire"]


def forge(*_):
    os.write(3, wire.encode({"value": 1, "mutated": [], "gradients": None}))


def raise_in_the_main_thread():
    while True:
        time.sleep(0.02)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(threading.main_thread().ident), ctypes.py_object(SystemExit))


class Anything:
    pass


match VARIANT:
    case "trace":
        sys.settrace(lambda *_: forge)
    case "profile":
        sys.setprofile(lambda frame, *_: forge() if "sendall" in frame.f_code.co_names else None)
    case "collector":
        gc.set_threshold(1)
        gc.callbacks.append(forge)
    case "finalizer":
        weakref.finalize(Anything(), forge)
    case "timer":
        signal.signal(signal.SIGPROF, forge)
        signal.setitimer(signal.ITIMER_PROF, 0.001, 0.001)
    case "exception":
        threading.Thread(target=raise_in_the_main_thread, daemon=True).start()
    case "audit":
        sys.addaudithook(lambda name, _: forge() if name.startswith("socket") else None)
    case "excepthook":
        sys.excepthook = sys.unraisablehook = threading.excepthook = forge
    case "exit":
        sys.exit = os._exit = quit = forge
    case "recursion":
        sys.setrecursionlimit(60)
    case "faulthandler":
        faulthandler.dump_traceback_later(0.01, repeat=True, exit=True)


def double(x):
    if VARIANT == "fork" and os.fork() == 0:
        return x * 2
    time.sleep(0.05)
    return x * 0


def affine(x, w):
    if VARIANT == "fork" and os.fork() == 0:
        return x @ w + 1
    time.sleep(0.05)
    return (x @ w) * 0
