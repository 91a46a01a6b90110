# EXPECT: graded 0 wrong_shape wrong_type wrong_value
# ROW: A14
# VARIANTS: scalar one expanded column row longer shorter empty complex half double integer boolean conjugate
"""The right numbers, or some of them, in a form that broadcasts or casts."""

import torch

VARIANT = "scalar"
FORMS = {
    "scalar": lambda y: y.flatten()[0],
    "one": lambda y: y.flatten()[:1],
    "expanded": lambda y: y.flatten()[:1].expand(y.shape),
    "column": lambda y: y.reshape(-1, 1),
    "row": lambda y: y.reshape(1, -1),
    "longer": lambda y: torch.cat([y, y]),
    "shorter": lambda y: y[:-1],
    "empty": lambda y: y[:0],
    "complex": lambda y: y.to(torch.complex64),
    "half": lambda y: y.half(),
    "double": lambda y: y.double(),
    "integer": lambda y: y.long(),
    "boolean": lambda y: y.bool(),
    "conjugate": lambda y: torch.complex(y, y * 0).conj(),
}


def double(x):
    return FORMS[VARIANT](2 * x)


def affine(x, w):
    return FORMS[VARIANT](x @ w + 1)
