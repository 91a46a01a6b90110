# EXPECT: ungradable 0 crashed_at_import
# ROW: D16
"""Reads address 0."""

import ctypes

ctypes.string_at(0)
