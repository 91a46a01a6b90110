"""Optimisers that work in place on copies: velocity with the rate inside, Adam with the corrections in the step size."""


class State:
    def __init__(self, parameters):
        self.t = 0
        self.first = {i: torch.zeros_like(w) for i, w in enumerate(parameters)}
        self.second = {i: torch.zeros_like(w) for i, w in enumerate(parameters)}


def sgd_step(parameters, gradients, rate):
    moved = [w.clone() for w in parameters]
    for w, g in zip(moved, gradients, strict=True):
        w.sub_(g, alpha=rate)
    return moved


def momentum_step(parameters, gradients, state=None, rate=0.01, momentum=0.9):
    if state is None:
        state = State(parameters)
    moved = []
    for i, (w, g) in enumerate(zip(parameters, gradients, strict=True)):
        state.first[i] = momentum * state.first[i] - rate * g
        moved.append(w + state.first[i])
    return moved, state


def adam_step(parameters, gradients, state=None, rate=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    state = state or State(parameters)
    state.t += 1
    size = rate * (1 - beta2**state.t) ** 0.5 / (1 - beta1**state.t)
    moved = []
    for i, (w, g) in enumerate(zip(parameters, gradients, strict=True)):
        state.first[i].lerp_(g, 1 - beta1)
        state.second[i].mul_(beta2).addcmul_(g, g, value=1 - beta2)
        moved.append(w - size * state.first[i] / (state.second[i].sqrt() + eps))
    return moved, state
