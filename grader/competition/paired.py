"""Whether one submission is better than another on the same items, beyond chance."""

import math

import numpy as np

from grader.competition.items import unpack

Z = 1.959963984540054  # what a standard normal exceeds in 2.5 % of all cases


def beats(one: bytes, other: bytes, direction: str) -> bool:
    """Whether the mean of the differences, item by item, is more than 1.96 of its standard errors to the good side.

    one, other: packed items of equal number. The paired z-test; for right and wrong it is McNemar's without correction.
    From a few hundred items on the percentile interval of paired bootstrap differences says the same, and takes far longer.
    """
    difference = unpack(one) - unpack(other) if direction == "max" else unpack(other) - unpack(one)
    mean = float(difference.mean(dtype=np.float64))
    return mean > 0 and mean > Z * float(difference.std(dtype=np.float64)) / math.sqrt(len(difference))
