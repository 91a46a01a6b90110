# EXPECT: ungradable 0 exited_at_import
# ROW: A3
"""Ends the process with success, past every handler."""

import os

os._exit(0)
