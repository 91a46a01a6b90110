import torch


def fit(train, budget):
    return None


def predict(model, inputs):
    return torch.zeros(len(inputs), dtype=torch.int64)
