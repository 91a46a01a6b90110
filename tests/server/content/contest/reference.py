"""Logistic regression by gradient descent."""

import torch


def fit(train, budget):
    weights = torch.zeros(2, requires_grad=True)
    for _ in range(50):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(train["inputs"] @ weights, train["labels"].float())
        (gradient,) = torch.autograd.grad(loss, weights)
        weights = (weights - gradient).detach().requires_grad_()
    return weights.detach()


def predict(model, inputs):
    return (inputs @ model > 0).long()
