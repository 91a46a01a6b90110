# EXPECT: graded 0 wrong_type
# ROW: A12
# VARIANTS: nan infinity minus huge text true dict list
"""Returns what a careless grader would take for a score."""

VARIANT = "nan"
SCORES = {
    "nan": float("nan"),
    "infinity": float("inf"),
    "minus": -1,
    "huge": 10**70,
    "text": "100",
    "true": True,
    "dict": {"score": 100, "points": 100, "passed": True, "outcome": "passed"},
    "list": [100, 100],
}


def double(x, *_):
    return SCORES[VARIANT]


affine = double
