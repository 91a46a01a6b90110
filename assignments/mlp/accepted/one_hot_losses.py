"""Losses through a one-hot matrix and torch.logsumexp; distances sample by sample."""


def one_hot(labels, classes, dtype):
    return (labels[:, None] == torch.arange(classes)[None, :]).to(dtype)


def softmax_cross_entropy(logits, labels):
    n, classes = logits.shape
    target = one_hot(labels, classes, logits.dtype)
    log_p = logits - torch.logsumexp(logits, dim=1, keepdim=True)
    loss = -(target * log_p).sum(dim=1).mean()
    return loss, (log_p.exp() - target) / n


def mse_loss(prediction, target):
    losses = [0.5 * torch.dot(p - t, p - t) for p, t in zip(prediction, target, strict=True)]
    return torch.stack(losses).mean(), (prediction - target) / prediction.shape[0]


def mae_loss(prediction, target):
    n = prediction.shape[0]
    gradient = torch.where(prediction > target, 1.0 / n, -1.0 / n).to(prediction.dtype)
    return (prediction - target).abs().sum(dim=1).mean(), gradient


def zero_one_loss(logits, labels):
    right = sum(int(row.argmax()) == int(label) for row, label in zip(logits, labels, strict=True))
    return torch.tensor(1 - right / len(labels), dtype=logits.dtype)
