# EXPECT: ungradable 0 protocol_error_at_import
# ROW: A8
"""Hangs up on the judge and stays."""

import os
import time

os.closerange(0, 1024)
time.sleep(60)
