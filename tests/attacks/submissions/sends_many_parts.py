# EXPECT: graded 0 wrong_shape crashed wrong_type wrong_value timed_out out_of_memory incomplete
# ROW: D8, D13, A8
# VARIANTS: tensors bytes handles strings lists just-too-large empty views
# LIMITS: check_s=1.5
"""Answers with as many parts as fit: each is small, the judge has to hold them all."""

import torch

VARIANT = "tensors"
PARTS = {
    "tensors": lambda: [torch.zeros(1) for _ in range(8000)],
    "bytes": lambda: [bytes(1000) for _ in range(8000)],
    "handles": lambda: [object() for _ in range(100_000)],
    "strings": lambda: [str(number) for number in range(400_000)],
    "lists": lambda: [[] for _ in range(400_000)],
    "just-too-large": lambda: torch.zeros(8 << 20, dtype=torch.uint8),
    "empty": lambda: torch.zeros(0, 1 << 38),
    "views": lambda: torch.zeros(1).expand(1 << 20, 4),
}


def double(x, *_):
    return PARTS[VARIANT]()


affine = double
