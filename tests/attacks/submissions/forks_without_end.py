# EXPECT: ungradable 0 too_many_processes_at_import
# ROW: D1
"""The classic fork bomb."""

import os

while True:
    os.fork()
