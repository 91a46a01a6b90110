# 課題1 多層パーセプトロン  田中由紀
import torch
from torch import Tensor


class Perceptron:
    def __init__(self, inputs: int) -> None:
        self.weight = torch.zeros(inputs)
        self.bias = torch.zeros(())

    def predict(self, x: Tensor) -> Tensor:
        return (self.score(x) > 0).long()

    def score(self, x: Tensor) -> Tensor:
        return torch.einsum("nd,d->n", x, self.weight) + self.bias

    def fit(self, x: Tensor, y: Tensor, rate: float = 1.0, max_epochs: int = 100) -> bool:
        for epoch in range(max_epochs):
            updates = 0
            for n in range(len(x)):
                error = y[n] - self.predict(x[n : n + 1])[0]
                if error != 0:
                    self.weight = self.weight + rate * error * x[n]
                    self.bias = self.bias + rate * error
                    updates += 1
            if updates == 0:
                return True
        return False


def two_layer_network(x, W, c, w, b):
    hidden = relu(x @ W + c)
    return hidden @ w + b


def xor_weights():
    W = torch.tensor([[1.0, 1.0], [1.0, 1.0]])
    c = torch.tensor([0.0, -1.0])
    w = torch.tensor([1.0, -2.0])
    return W, c, w, torch.tensor(0.0)


def sigmoid(x):
    return 1 / (1 + torch.exp(-x))


def sigmoid_derivative(x):
    y = sigmoid(x)
    return y * (1 - y)


def tanh(x):
    return torch.tanh(x)


def tanh_derivative(x):
    y = torch.tanh(x)
    return 1 - y**2


def relu(x):
    return torch.clamp(x, min=0)


def relu_derivative(x):
    return (x > 0).to(x.dtype)


def leaky_relu(x, slope=0.01):
    return torch.where(x > 0, x, slope * x)


def leaky_relu_derivative(x, slope=0.01):
    one = torch.ones_like(x)
    return torch.where(x > 0, one, slope * one)


def elu(x, alpha=1.0):
    return torch.where(x > 0, x, alpha * torch.expm1(x))


def elu_derivative(x, alpha=1.0):
    return torch.where(x > 0, torch.ones_like(x), alpha * torch.exp(x))


def prelu(x, slope):
    return torch.where(x > 0, x, slope * x)


def prelu_derivatives(x, slope):
    one = torch.ones_like(x)
    return torch.where(x > 0, one, slope * one), torch.where(x > 0, 0 * one, x)


def mse_loss(prediction, target):
    e = prediction - target
    return (e**2).sum(dim=1).mean() / 2, e / len(e)


def mae_loss(prediction, target):
    e = prediction - target
    return e.abs().sum(dim=1).mean(), torch.sign(e) / len(e)


def zero_one_loss(logits, labels):
    hit = torch.argmax(logits, dim=1) == labels
    return (~hit).to(logits.dtype).mean()


def softmax(x):
    e = torch.exp(x)
    return e / e.sum(dim=1, keepdim=True)


def softmax_cross_entropy(logits, labels):
    n = len(logits)
    p = softmax(logits)
    loss = -torch.log(p[torch.arange(n), labels]).mean()
    one_hot = torch.zeros_like(p)
    one_hot[torch.arange(n), labels] = 1
    return loss, (p - one_hot) / n


class Polynomial:
    """Given: f(w) = Σ_k coefficients[k] · Σ_i w_i^k. Polynomial([0, 0, 1]) is the sum of squares."""

    def __init__(self, coefficients):
        self.coefficients = coefficients

    def __call__(self, w):
        return sum(c * (w**k).sum() for k, c in enumerate(self.coefficients))


def numerical_gradient(f, w, h=1e-4):
    f0 = f(w)
    gradient = torch.empty(w.numel(), dtype=w.dtype)
    for i in range(w.numel()):
        e = torch.zeros(w.numel(), dtype=w.dtype)
        e[i] = h
        gradient[i] = (f(w + e.view_as(w)) - f0) / h
    return gradient.view_as(w)


def relative_error(a, b):
    return ((a - b).abs() / torch.clamp(a.abs() + b.abs(), min=1e-8)).max()


def gradient_check(f, gradient, w, h=1e-4, tolerance=1e-3):
    return bool(relative_error(gradient, numerical_gradient(f, w, h)) <= tolerance)


def affine_forward(x, weight, bias):
    return x @ weight + bias, (x, weight)


def affine_backward(dout, cache):
    x, weight = cache
    flat_x = x.reshape(-1, x.size(-1))
    flat_d = dout.reshape(-1, dout.size(-1))
    return dout @ weight.T, flat_x.T @ flat_d, flat_d.sum(0)


def relu_forward(x):
    return relu(x), x


def relu_backward(dout, cache):
    return dout * (cache > 0)


def softmax_forward(x):
    p = softmax(x)
    return p, p


def softmax_backward(dout, cache):
    p = cache
    return p * (dout - (p * dout).sum(dim=1, keepdim=True))


def sgd_step(parameters, gradients, rate):
    return [p - rate * g for p, g in zip(parameters, gradients)]


def momentum_step(parameters, gradients, state=None, rate=0.01, momentum=0.9):
    if state is None:
        state = [torch.zeros_like(p) for p in parameters]
    state = [momentum * v + g for v, g in zip(state, gradients)]
    return sgd_step(parameters, state, rate), state


def adam_step(parameters, gradients, state=None, rate=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    if state is None:
        zero = [torch.zeros_like(p) for p in parameters]
        state = (0, zero, zero)
    t, m, v = state[0] + 1, [], []
    new = []
    for p, g, mi, vi in zip(parameters, gradients, state[1], state[2]):
        mi = beta1 * mi + (1 - beta1) * g
        vi = beta2 * vi + (1 - beta2) * g.pow(2)
        step = mi / (1 - beta1**t) / (torch.sqrt(vi / (1 - beta2**t)) + eps)
        new.append(p - rate * step)
        m.append(mi)
        v.append(vi)
    return new, (t, m, v)


class MLP:
    def __init__(self, sizes, seed=0):
        g = torch.Generator().manual_seed(seed)
        self.theta = []
        for i, o in zip(sizes, sizes[1:]):
            self.theta += [torch.randn(i, o, generator=g) * (2 / i) ** 0.5, torch.zeros(o)]

    def parameters(self):
        return self.theta

    def load(self, parameters):
        self.theta = list(parameters)

    def forward(self, x):
        n = len(self.theta) // 2
        for k in range(n):
            x = x @ self.theta[2 * k] + self.theta[2 * k + 1]
            if k != n - 1:
                x = relu(x)
        return x

    def predict(self, x):
        return self.forward(x).argmax(dim=1)

    def loss_and_gradients(self, x, labels):
        n = len(self.theta) // 2
        caches = []
        for k in range(n):
            x, affine = affine_forward(x, self.theta[2 * k], self.theta[2 * k + 1])
            caches.append((affine, x))
            if k != n - 1:
                x = relu(x)
        loss, d = softmax_cross_entropy(x, labels)
        gradients = [None] * len(self.theta)
        for k in reversed(range(n)):
            affine, before_relu = caches[k]
            if k != n - 1:
                d = relu_backward(d, before_relu)
            d, gradients[2 * k], gradients[2 * k + 1] = affine_backward(d, affine)
        return loss, gradients


def train(inputs, labels, steps, seed):
    g = torch.Generator().manual_seed(seed)
    model, state = MLP([64, 128, 10], seed), None
    for _ in range(steps):
        i = torch.randint(0, len(inputs), (64,), generator=g)
        _, gradients = model.loss_and_gradients(inputs[i], labels[i])
        theta, state = adam_step(model.parameters(), gradients, state, rate=4e-3)
        model.load(theta)
    return model
