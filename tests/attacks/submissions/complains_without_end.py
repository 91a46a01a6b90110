# EXPECT: ungradable 0 too_much_output_at_import
# ROW: D13
"""Floods stderr while it is imported."""

import os

while True:
    os.write(2, b"y" * 65536)
