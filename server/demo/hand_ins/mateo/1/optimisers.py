"""Optimisers as pure functions: new parameters out, nothing changed in place."""
import torch


def sgd_step(parameters, gradients, rate):
    return [w - rate * g for w, g in zip(parameters, gradients)]


def momentum_step(parameters, gradients, state=None, rate=0.01, momentum=0.9):
    if state is None:
        velocity = [g.clone() for g in gradients]
    else:
        velocity = [momentum * v + g for v, g in zip(state, gradients)]
    return sgd_step(parameters, velocity, rate), velocity


class AdamState:
    def __init__(self, parameters):
        self.t = 0
        self.m = [torch.zeros_like(w) for w in parameters]
        self.v = [torch.zeros_like(w) for w in parameters]

    def after(self, gradients, beta1, beta2):
        new = AdamState(gradients)
        new.t = self.t + 1
        new.m = [torch.lerp(g, m, beta1) for m, g in zip(self.m, gradients)]
        new.v = [torch.lerp(g * g, v, beta2) for v, g in zip(self.v, gradients)]
        return new


def adam_step(parameters, gradients, state=None, rate=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    state = (state or AdamState(parameters)).after(gradients, beta1, beta2)
    correction1, correction2 = 1 - beta1**state.t, 1 - beta2**state.t
    new = []
    for w, m, v in zip(parameters, state.m, state.v):
        new.append(w - rate * (m / correction1) / ((v / correction2).sqrt() + eps))
    return new, state
