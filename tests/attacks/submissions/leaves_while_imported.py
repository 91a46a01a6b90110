# EXPECT: ungradable 0 exited_at_import crashed_at_import
# ROW: A3
# VARIANTS: success failure ours kill quit thread atexit
"""Ends its process while it is imported, in every way."""

import atexit
import os
import signal
import sys
import threading
import time

VARIANT = "success"
match VARIANT:
    case "success":
        os._exit(0)
    case "failure":
        os._exit(1)
    case "ours":
        os._exit(70)
    case "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    case "quit":
        raise SystemExit({"score": 100})
    case "thread":
        threading.Thread(target=os._exit, args=(0,)).start()
        time.sleep(1)
    case "atexit":
        atexit.register(os._exit, 0)
        sys.exit(0)
