import torch

K = 5


def features(pictures):
    x = pictures.float().flatten(1)
    return x / x.norm(dim=1, keepdim=True).clamp(min=1e-6)


def fit(train, budget):
    # nothing to train, the pictures are the model
    return {"pictures": features(train["inputs"]), "labels": train["labels"]}


def predict(model, inputs):
    similar = features(inputs) @ model["pictures"].T
    nearest = similar.topk(K, dim=1).indices
    return model["labels"][nearest].mode(dim=1).values
