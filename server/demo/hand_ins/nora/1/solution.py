"""Homework 1. Nora Lind.

Everything by hand, no autograd.
"""
from math import sqrt

import torch


class Perceptron:
    """A line that moves towards every point on its wrong side."""

    def __init__(self, inputs):
        self.weight = torch.zeros(inputs)
        self.bias = torch.zeros(())

    def predict(self, x):
        side = (x @ self.weight) + self.bias
        return side.gt(0).long()

    def fit(self, x, y, rate=1.0, max_epochs=100):
        done = 0
        while done < max_epochs:
            clean = True
            for row, label in zip(x, y):
                seen = self.predict(row.unsqueeze(0))[0]
                if seen != label:
                    push = rate if label > seen else -rate
                    self.weight = self.weight + push * row
                    self.bias = self.bias + push
                    clean = False
            if clean:
                return True
            done += 1
        return False


def two_layer_network(x, W, c, w, b):
    first = (x @ W + c).relu()
    return first @ w + b


def xor_weights():
    W = torch.tensor([[1.0, -1.0], [-1.0, 1.0]])
    return W, torch.zeros(2), torch.ones(2), torch.tensor(0.0)


def sigmoid(x):
    small = torch.exp(-torch.abs(x))
    share = small / (1 + small)
    return torch.where(x < 0, share, 1 - share)


def sigmoid_derivative(x):
    return sigmoid(x) * sigmoid(-x)


def tanh(x):
    grow, fall = torch.exp(x.clamp(-20, 20)), torch.exp(-x.clamp(-20, 20))
    return (grow - fall) / (grow + fall)


def tanh_derivative(x):
    return 1 - tanh(x) ** 2


def relu(x):
    return torch.maximum(x, torch.zeros_like(x))


def relu_derivative(x):
    return torch.gt(x, 0).type_as(x)


def leaky_relu(x, slope=0.01):
    return torch.where(x > 0, x, slope * x)


def leaky_relu_derivative(x, slope=0.01):
    return torch.where(x > 0, torch.ones_like(x), torch.full_like(x, slope))


def elu(x, alpha=1.0):
    low = torch.minimum(x, torch.zeros_like(x))
    return torch.where(x > 0, x, alpha * torch.expm1(low))


def elu_derivative(x, alpha=1.0):
    low = torch.minimum(x, torch.zeros_like(x))
    return torch.where(x > 0, torch.ones_like(x), alpha * torch.exp(low))


def prelu(x, slope):
    return torch.where(x > 0, x, slope * x)


def prelu_derivatives(x, slope):
    ones, zeros = torch.ones_like(x), torch.zeros_like(x)
    return torch.where(x > 0, ones, slope * ones), torch.where(x > 0, zeros, x)


# --- losses ---
def mse_loss(prediction, target):
    count = prediction.size(0)
    gap = prediction - target
    squares = gap * gap
    total = squares.sum()
    return total / count * 0.5, gap / count


def mae_loss(prediction, target):
    count = prediction.size(0)
    gap = prediction - target
    total = gap.abs().sum()
    return total / count, gap.sign() / count


def zero_one_loss(logits, labels):
    hits = (torch.argmax(logits, dim=1) == labels).to(logits.dtype)
    return 1 - torch.mean(hits)


def softmax_cross_entropy(logits, labels):
    count, width = logits.shape
    top = logits.max(dim=1, keepdim=True)[0]
    shifted = logits - top
    normaliser = torch.log(shifted.exp().sum(dim=1, keepdim=True))
    log_q = shifted - normaliser
    picked = (torch.arange(width) == labels[:, None]).to(logits.dtype)
    total = (log_q * picked).sum()
    slope = (log_q.exp() - picked) / count
    return -total / count, slope


# --- numerical gradients ---
class Polynomial:
    """Given: f(w) = Σ_k coefficients[k] · Σ_i w_i^k. Polynomial([0, 0, 1]) is the sum of squares."""

    def __init__(self, coefficients):
        self.coefficients = coefficients

    def __call__(self, w):
        return sum(c * (w**k).sum() for k, c in enumerate(self.coefficients))


def numerical_gradient(f, w, h=1e-4):
    here = f(w)
    line = w.reshape(-1)
    slopes = []
    k = 0
    while k < line.numel():
        nudge = torch.zeros_like(line)
        nudge[k] = h
        moved = (line + nudge).reshape(w.shape)
        slopes.append((f(moved) - here) / h)
        k += 1
    return torch.stack(slopes).reshape(w.shape)


def relative_error(a, b):
    sizes = a.abs() + b.abs()
    floor = torch.full_like(a, 1e-8)
    ratio = (a - b).abs() / torch.maximum(sizes, floor)
    return ratio.max()


def gradient_check(f, gradient, w, h=1e-4, tolerance=1e-3):
    estimate = numerical_gradient(f, w, h)
    worst = relative_error(gradient, estimate)
    return worst.item() <= tolerance


# --- layers ---
def affine_forward(x, weight, bias):
    out = torch.einsum("...d,dm->...m", x, weight)
    return out + bias, (x, weight)


def affine_backward(dout, cache):
    x, weight = cache
    rows, signals = x.flatten(0, -2), dout.flatten(0, -2)
    to_weight = torch.matmul(rows.t(), signals)
    to_bias = signals.sum(0)
    to_input = torch.einsum("...m,dm->...d", dout, weight)
    return to_input, to_weight, to_bias


def relu_forward(x):
    return relu(x), x


def relu_backward(dout, cache):
    nothing = torch.zeros_like(dout)
    return torch.where(cache > 0, dout, nothing)


def softmax_forward(x):
    top = x.max(dim=1, keepdim=True)[0]
    raised = torch.exp(x - top)
    q = raised / torch.exp(x - top).sum(dim=1, keepdim=True)
    return q, q


def softmax_backward(dout, cache):
    inner = torch.einsum("nc,nc->n", cache, dout)[:, None]
    return cache * dout - inner * cache


# --- optimisers ---
def sgd_step(parameters, gradients, rate):
    moved = []
    for p, g in zip(parameters, gradients):
        moved.append(p - g * rate)
    return moved


def momentum_step(parameters, gradients, state=None, rate=0.01, momentum=0.9):
    if state is None:
        state = [torch.zeros_like(p) for p in parameters]
    speeds = []
    for v, g in zip(state, gradients):
        speeds.append(g + v * momentum)
    moved = []
    for p, v in zip(parameters, speeds):
        moved.append(p - v * rate)
    return moved, speeds


def adam_step(parameters, gradients, state=None, rate=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    if state is None:
        state = {"t": 0, "m": [torch.zeros_like(p) for p in parameters], "v": [torch.zeros_like(p) for p in parameters]}
    t = state["t"] + 1
    moved, means, powers = [], [], []
    k = 0
    while k < len(parameters):
        p, g = parameters[k], gradients[k]
        mean = (1 - beta1) * g + beta1 * state["m"][k]
        power = (1 - beta2) * g * g + beta2 * state["v"][k]
        fair_mean = mean / (1 - beta1**t)
        fair_power = power / (1 - beta2**t)
        below = fair_power.sqrt() + eps
        moved.append(p - fair_mean * rate / below)
        means.append(mean)
        powers.append(power)
        k += 1
    return moved, {"t": t, "m": means, "v": powers}


# --- the network ---
def describe(sizes):
    """For my own notes."""
    pieces = [f"{a}-{b}" for a, b in zip(sizes, sizes[1:])]
    return " ".join(pieces)


class MLP:
    def __init__(self, sizes, seed=0):
        source = torch.Generator()
        source.manual_seed(seed)
        self.params = []
        for fan_in, fan_out in zip(sizes[:-1], sizes[1:]):
            spread = sqrt(2.0 / fan_in)
            drawn = torch.randn(fan_in, fan_out, generator=source)
            self.params.append(spread * drawn)
            self.params.append(torch.zeros(fan_out))

    def forward(self, x):
        return self.run(x)[-1]

    def predict(self, x):
        return torch.argmax(self.forward(x), dim=1)

    def load(self, parameters):
        self.params = list(parameters)

    def parameters(self):
        return self.params

    def run(self, x):
        inside = [x]
        depth = len(self.params) // 2
        k = 0
        while k < depth:
            weight, bias = self.params[2 * k], self.params[2 * k + 1]
            z = torch.matmul(inside[-1], weight) + bias
            if k + 1 == depth:
                inside.append(z)
            else:
                inside.append(relu(z))
            k += 1
        return inside

    def loss_and_gradients(self, x, labels):
        inside = self.run(x)
        loss, back = softmax_cross_entropy(inside[-1], labels)
        found = []
        for k in reversed(range(len(self.params) // 2)):
            a = inside[k]
            here = [torch.matmul(a.t(), back), back.sum(0)]
            found = here + found
            if k > 0:
                through = torch.matmul(back, self.params[2 * k].t())
                back = through * (a > 0)
        return loss, found


def train(inputs, labels, steps, seed):
    net = MLP([64, 128, 10], seed)
    source = torch.Generator()
    source.manual_seed(seed)
    memory = None
    shuffled = torch.randperm(len(inputs), generator=source)
    first, k = 0, 0
    while k < steps:
        if first + 64 > len(shuffled):
            shuffled = torch.randperm(len(inputs), generator=source)
            first = 0
        chosen = shuffled[first : first + 64]
        first = first + 64
        loss, found = net.loss_and_gradients(inputs[chosen], labels[chosen])
        moved, memory = adam_step(net.parameters(), found, memory, rate=5e-3)
        net.load(moved)
        k += 1
    return net
