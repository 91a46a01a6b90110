def fit(train, budget):
    """train: {"inputs": (N, 2), "labels": (N,)}    returns whatever predict needs"""
    raise NotImplementedError


def predict(model, inputs):
    """inputs: (M, 2)    returns: (M,) int64, 0 or 1"""
    raise NotImplementedError
