import torch
import torch.nn.functional as F

K = 5


def features(pictures):
    """A little blur, so that a digit which is one pixel off still looks alike."""
    x = pictures.float()[:, None]
    for _ in range(2):
        x = F.avg_pool2d(x, 3, stride=1, padding=1)
    x = x.flatten(1)
    x = x - x.mean(dim=1, keepdim=True)
    return x / x.norm(dim=1, keepdim=True).clamp(min=1e-6)


def fit(train, budget):
    return {"pictures": features(train["inputs"]), "labels": train["labels"]}


def predict(model, inputs):
    similar = features(inputs) @ model["pictures"].T
    weight, nearest = similar.topk(K, dim=1)
    votes = torch.zeros(len(inputs), 10)
    votes.scatter_add_(1, model["labels"][nearest], weight)
    return votes.argmax(dim=1)
