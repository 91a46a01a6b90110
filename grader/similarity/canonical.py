"""The spellings that numerical Python has for one thing, in one place: what is equal here is one feature to the index.

Grow it by what is seen. A rule makes disguises alike, and honest solutions too, so each has to be a true equivalence.
"""

# name of a function or method -> the one that stands for it
NAMES = {
    "dot": "matmul", "mm": "matmul", "bmm": "matmul", "mv": "matmul",
    "amax": "max", "amin": "min", "absolute": "abs", "fabs": "abs",
    "fmax": "maximum", "fmin": "minimum", "clamp": "clip", "clamp_min": "clip_min",
    "view": "reshape", "arange": "range", "xrange": "range", "cat": "concatenate", "concat": "concatenate",
    "expit": "sigmoid", "float_power": "pow", "power": "pow", "rand_like": "rand",
    "round_": "round", "around": "round", "t": "transpose", "ravel": "flatten", "normal_": "normal",
    "random_sample": "rand", "append": "append", "masked_fill_": "masked_fill",
    "relu_": "relu", "zero_": "zeros_like", "empty": "zeros", "empty_like": "zeros_like",
}  # fmt: skip

# what only hands its first operand on
COPIES = {"copy", "clone", "contiguous", "asarray", "ascontiguousarray", "array", "deepcopy", "item", "float", "detach"}

BINARY = {
    "add": "Add", "subtract": "Sub", "sub": "Sub", "multiply": "Mult", "mul": "Mult", "divide": "Div", "true_divide": "Div",
    "div": "Div", "matmul": "MatMult", "pow": "Pow", "floor_divide": "FloorDiv", "remainder": "Mod", "mod": "Mod",
    "logical_and": "BitAnd", "logical_or": "BitOr", "bitwise_and": "BitAnd", "bitwise_or": "BitOr",
}  # fmt: skip
UNARY = {"negative": "USub", "neg": "USub", "logical_not": "Not", "invert": "Not"}
COMPARE = {
    "greater": "Gt", "gt": "Gt", "greater_equal": "GtE", "ge": "GtE", "less": "Lt", "lt": "Lt", "less_equal": "LtE", "le": "LtE",
    "equal": "Eq", "eq": "Eq", "not_equal": "NotEq", "ne": "NotEq",
}  # fmt: skip
MIRRORED = {"Gt": "Lt", "GtE": "LtE"}
OPPOSITE = {"Lt": "LtE", "LtE": "Lt"}  # not (a < b) is b <= a

# operands whose order does not matter
COMMUTE = {"maximum", "minimum", "Eq"}

# what an operand in that place is called
KEYWORDS = {"dim": "axis", "keepdim": "keepdims", "input": "x"}
AXIS = {"sum", "mean", "max", "min", "argmax", "argmin", "prod", "std", "var", "any", "all", "cumsum", "concatenate", "stack",
        "softmax", "log_softmax", "logsumexp", "argsort", "sort", "repeat"}  # fmt: skip
WANT_SHAPES = {
    "reshape",
    "zeros",
    "ones",
    "transpose",
    "permute",
    "rand",
    "randn",
    "random",
    "normal",
    "expand",
    "tile",
    "resize",
}

# modules of torch that are functions once they are made
LAYERS = {
    "ReLU": "relu", "Sigmoid": "sigmoid", "Tanh": "tanh", "GELU": "gelu", "SiLU": "silu", "Flatten": "flatten",
    "Softmax": "softmax", "LogSoftmax": "log_softmax", "CrossEntropyLoss": "cross_entropy", "MSELoss": "mse_loss",
}  # fmt: skip
