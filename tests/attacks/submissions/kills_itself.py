# EXPECT: graded 0 crashed
# ROW: A3, D4
"""Dies by SIGKILL when it is asked."""

import os
import signal


def double(x, *_):
    os.kill(os.getpid(), signal.SIGKILL)


affine = double
