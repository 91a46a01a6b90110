# EXPECT: ungradable 0 protocol_error_at_import
# ROW: A8
"""A frame of perfect form whose fields are of every wrong type."""

import os
import sys
import time

wire = sys.modules["grader.runner.wire"]
os.write(3, wire.encode({"names": [1, 2, 3], "policy": {"rule": None}, "error": None}))
time.sleep(60)
