# EXPECT: graded 0 out_of_memory timed_out
# ROW: D8, D9
"""One enormous tensor."""

import torch


def double(x, *_):
    return torch.ones(25_000_000_000)


affine = double
