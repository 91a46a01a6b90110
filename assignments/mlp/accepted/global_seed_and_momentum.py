"""Training from the global generator, with momentum and a falling rate; logits by addmm."""

import random


class MLP(MLP):
    def __init__(self, sizes, seed=0):
        torch.manual_seed(seed)
        self._parameters = []
        for i, o in pairwise(sizes):
            self._parameters += [torch.randn(i, o) / i**0.5, 0.01 * torch.randn(o)]

    def _forward(self, x):
        caches = []
        layers = list(zip(self._parameters[::2], self._parameters[1::2], strict=True))
        for depth, (weight, bias) in enumerate(layers, start=1):
            out, is_last = torch.addmm(bias, x, weight), depth == len(layers)
            caches.append(((x, weight), None if is_last else out))
            x = out if is_last else out.clamp_min(0)
        return x, caches


def train(inputs, labels, steps, seed):
    model, state, order = MLP([64, 128, 10], seed), None, []
    random.seed(seed)
    for step in range(steps):
        if len(order) < 64:
            order = random.sample(range(len(inputs)), len(inputs))
        batch, order = order[:64], order[64:]
        _, gradients = model.loss_and_gradients(inputs[batch], labels[batch])
        moved, state = momentum_step(model.parameters(), gradients, state, rate=0.05 * (1 - step / steps), momentum=0.9)
        model.load(moved)
    return model
