# EXPECT: ungradable 0 protocol_error_at_import
# ROW: A8
"""Writes verdicts to every descriptor, then ends with success."""

import contextlib
import os

for descriptor in range(1024):
    with contextlib.suppress(OSError):
        os.write(descriptor, b"GRD2 check: passed score: 100")
os._exit(0)
