# EXPECT: ungradable 0 protocol_error_at_import
# ROW: A8
"""Announces a frame of eight exabytes."""

import os
import struct
import time

os.write(3, struct.pack(">4sIQ", b"GRD2", 100, 1 << 62))
time.sleep(60)
