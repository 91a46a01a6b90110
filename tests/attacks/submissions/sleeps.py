# EXPECT: ungradable 0 timed_out_at_import
# ROW: D6
"""Uses no processor time at all."""

import time

time.sleep(3600)
