# EXPECT: ungradable 0 exited_at_import
# ROW: A3
"""Ends with success before anything is asked."""

import sys

sys.exit(0)
