"""Homework 1, solved: from the perceptron to a multi-layer perceptron with hand-written backpropagation."""

from itertools import pairwise

import torch
from torch import Tensor

# --- 1 perceptron ---------------------------------------------------------------------------------------------------


class Perceptron:
    """A single unit with a step: 1 where x · weight + bias > 0, otherwise 0 (also where it is exactly 0).

    weight: (D,) float32    bias: () float32    both start at zero
    Source: Rosenblatt 1958, "The perceptron".
    """

    def __init__(self, inputs: int) -> None:
        self.weight = torch.zeros(inputs)
        self.bias = torch.zeros(())

    def predict(self, x: Tensor) -> Tensor:
        """x: (N, D) float32 → (N,) int64 of 0 and 1."""
        return (x @ self.weight + self.bias > 0).long()

    def fit(self, x: Tensor, y: Tensor, rate: float = 1.0, max_epochs: int = 100) -> bool:
        """Go through the samples in order, correct after every wrong one; True once a whole pass had no error.

        x: (N, D) float32    y: (N,) int64 of 0 and 1
        """
        return any(self._pass(x, y, rate) == 0 for _ in range(max_epochs))

    def _pass(self, x: Tensor, y: Tensor, rate: float) -> int:
        errors = 0
        for sample, label in zip(x, y, strict=True):
            error = label - self.predict(sample[None])[0]  # -1, 0 or 1
            self.weight = self.weight + rate * error * sample
            self.bias = self.bias + rate * error
            errors += int(error != 0)
        return errors


# --- 2 a network for XOR --------------------------------------------------------------------------------------------


def two_layer_network(x: Tensor, W: Tensor, c: Tensor, w: Tensor, b: Tensor) -> Tensor:
    """max(0, x W + c) · w + b for each row.

    x: (N, D)    W: (D, H)    c: (H,)    w: (H,)    b: ()    returns: (N,)
    Source: Goodfellow et al. 2016, "Deep Learning", section 6.1.
    """
    return (x @ W + c).clamp(min=0) @ w + b


def xor_weights() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """(W, c, w, b) with which two_layer_network computes XOR on 00, 01, 10, 11."""
    W = torch.tensor([[1.0, 1.0], [1.0, 1.0]])
    return W, torch.tensor([0.0, -1.0]), torch.tensor([1.0, -2.0]), torch.tensor(0.0)


# --- 3 activations and their derivatives at x -----------------------------------------------------------------------


def sigmoid(x: Tensor) -> Tensor:
    """1 / (1 + e^-x)."""
    return 1 / (1 + torch.exp(-x))


def sigmoid_derivative(x: Tensor) -> Tensor:
    s = sigmoid(x)
    return s * (1 - s)


def tanh(x: Tensor) -> Tensor:
    """(e^x - e^-x) / (e^x + e^-x), written so that nothing overflows."""
    return torch.tanh(x)


def tanh_derivative(x: Tensor) -> Tensor:
    return 1 - tanh(x) ** 2


def relu(x: Tensor) -> Tensor:
    """max(0, x)."""
    return x.clamp(min=0)


def relu_derivative(x: Tensor) -> Tensor:
    return (x > 0).to(x.dtype)


def leaky_relu(x: Tensor, slope: float = 0.01) -> Tensor:
    """x where x > 0, otherwise slope · x."""
    return torch.where(x > 0, x, slope * x)


def leaky_relu_derivative(x: Tensor, slope: float = 0.01) -> Tensor:
    return torch.where(x > 0, torch.ones_like(x), torch.full_like(x, slope))


def elu(x: Tensor, alpha: float = 1.0) -> Tensor:
    """x where x > 0, otherwise alpha · (e^x - 1).    Source: Clevert et al. 2016, eq. 15."""
    return torch.where(x > 0, x, alpha * torch.expm1(x))


def elu_derivative(x: Tensor, alpha: float = 1.0) -> Tensor:
    return torch.where(x > 0, torch.ones_like(x), alpha * torch.exp(x))


def prelu(x: Tensor, slope: Tensor) -> Tensor:
    """Leaky ReLU with one learnt slope for each position of the last dimension.

    x: (…, C)    slope: (C,)    returns: (…, C)
    Source: He et al. 2015, "Delving Deep into Rectifiers", eq. 1.
    """
    return torch.where(x > 0, x, slope * x)


def prelu_derivatives(x: Tensor, slope: Tensor) -> tuple[Tensor, Tensor]:
    """The derivatives of prelu(x, slope) by x and by slope, element by element: both (…, C)."""
    zero = torch.zeros_like(x)
    return torch.where(x > 0, zero + 1, zero + slope), torch.where(x > 0, zero, x)


# --- 4 losses and their gradients -----------------------------------------------------------------------------------


def mse_loss(prediction: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Half the squared distance, averaged over the samples: 1/(2N) · Σ (prediction - target)².

    prediction, target: (N, K)    returns: loss (), gradient by prediction (N, K)
    """
    difference = prediction - target
    return (difference**2).sum() / (2 * len(prediction)), difference / len(prediction)


def mae_loss(prediction: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """The absolute distance, averaged over the samples: 1/N · Σ |prediction - target|.

    prediction, target: (N, K)    returns: loss (), gradient by prediction (N, K)
    """
    difference = prediction - target
    return difference.abs().sum() / len(prediction), difference.sign() / len(prediction)


def zero_one_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """The fraction of samples whose largest logit is not at their label.

    logits: (N, C)    labels: (N,) int64    returns: () of the dtype of logits
    """
    return (logits.argmax(dim=1) != labels).to(logits.dtype).mean()


def softmax_cross_entropy(logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """-log softmax(logits)[label], averaged over the samples.

    logits: (N, C)    labels: (N,) int64    returns: loss (), gradient by logits (N, C)
    """
    rows = torch.arange(len(logits))
    shifted = logits - logits.max(dim=1, keepdim=True).values  # softmax stays the same, exp cannot overflow
    log_p = shifted - shifted.exp().sum(dim=1, keepdim=True).log()
    gradient = log_p.exp()
    gradient[rows, labels] -= 1
    return -log_p[rows, labels].mean(), gradient / len(logits)


# --- 5 numerical gradient -------------------------------------------------------------------------------------------


class Polynomial:
    """Given: f(w) = Σ_k coefficients[k] · Σ_i w_i^k. Polynomial([0, 0, 1]) is the sum of squares."""

    def __init__(self, coefficients: list[float]) -> None:
        self.coefficients = coefficients

    def __call__(self, w: Tensor) -> Tensor:
        """w: any shape → ()."""
        return sum(c * (w**k).sum() for k, c in enumerate(self.coefficients))


def numerical_gradient(f, w: Tensor, h: float = 1e-4) -> Tensor:
    """Forward differences: (f(w + h e_i) - f(w)) / h for every element i of w.

    f: tensor → ()    w: any shape, float64, unchanged afterwards    returns: the shape of w
    """
    gradient = torch.zeros_like(w)
    for i in range(w.numel()):
        moved = w.clone()
        moved.view(-1)[i] += h
        gradient.view(-1)[i] = (f(moved) - f(w)) / h
    return gradient


def relative_error(a: Tensor, b: Tensor) -> Tensor:
    """The largest |a_i - b_i| / max(1e-8, |a_i| + |b_i|).    a, b: same shape    returns: ()"""
    return ((a - b).abs() / (a.abs() + b.abs()).clamp(min=1e-8)).max()


def gradient_check(f, gradient: Tensor, w: Tensor, h: float = 1e-4, tolerance: float = 1e-3) -> bool:
    """Whether `gradient` is f's gradient at w: its relative error to the numerical one is at most `tolerance`."""
    return bool(relative_error(gradient, numerical_gradient(f, w, h)) <= tolerance)


# --- 6 layers, forward and backward ---------------------------------------------------------------------------------


def affine_forward(x: Tensor, weight: Tensor, bias: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """x weight + bias.

    x: (…, D), any number of leading dimensions    weight: (D, M)    bias: (M,)
    returns: out (…, M), cache = (x, weight)
    """
    return x @ weight + bias, (x, weight)


def affine_backward(dout: Tensor, cache: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
    """dout: (…, M)    cache: (x, weight)    returns: dx (…, D), dweight (D, M), dbias (M,)"""
    x, weight = cache
    rows, drows = x.reshape(-1, x.shape[-1]), dout.reshape(-1, dout.shape[-1])
    return dout @ weight.T, rows.T @ drows, drows.sum(dim=0)


def relu_forward(x: Tensor) -> tuple[Tensor, Tensor]:
    """x: any shape    returns: out of the same shape, cache = x"""
    return relu(x), x


def relu_backward(dout: Tensor, cache: Tensor) -> Tensor:
    """dout: the shape of x    cache: x    returns: dx"""
    return dout * relu_derivative(cache)


def softmax_forward(x: Tensor) -> tuple[Tensor, Tensor]:
    """Softmax over the last dimension.    x: (N, C)    returns: p (N, C), cache = p"""
    e = torch.exp(x - x.max(dim=1, keepdim=True).values)
    p = e / e.sum(dim=1, keepdim=True)
    return p, p


def softmax_backward(dout: Tensor, cache: Tensor) -> Tensor:
    """dout: (N, C), any loss's gradient by p    cache: p    returns: dx (N, C)"""
    return cache * (dout - (dout * cache).sum(dim=1, keepdim=True))


# --- 7 optimisers ---------------------------------------------------------------------------------------------------


def sgd_step(parameters: list[Tensor], gradients: list[Tensor], rate: float) -> list[Tensor]:
    """w - rate · g for every parameter, as new tensors."""
    return [w - rate * g for w, g in zip(parameters, gradients, strict=True)]


def momentum_step(parameters, gradients, state=None, rate: float = 0.01, momentum: float = 0.9):
    """v ← momentum · v + g,  w ← w - rate · v, with v = 0 at the start.

    state: None at the first step, afterwards what the last step returned    returns: new parameters, new state
    """
    velocity = state or [torch.zeros_like(w) for w in parameters]
    velocity = [momentum * v + g for v, g in zip(velocity, gradients, strict=True)]
    return sgd_step(parameters, velocity, rate), velocity


def adam_step(parameters, gradients, state=None, rate: float = 1e-3, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8):
    """One step of Adam with bias correction.

    state: None at the first step, afterwards what the last step returned    returns: new parameters, new state
    Source: Kingma & Ba 2015, "Adam", algorithm 1.
    """
    zeros = [torch.zeros_like(w) for w in parameters]
    t, m, v = state or (0, zeros, zeros)
    t += 1
    m = [beta1 * a + (1 - beta1) * g for a, g in zip(m, gradients, strict=True)]
    v = [beta2 * a + (1 - beta2) * g * g for a, g in zip(v, gradients, strict=True)]
    steps = [(a / (1 - beta1**t)) / ((b / (1 - beta2**t)).sqrt() + eps) for a, b in zip(m, v, strict=True)]
    return sgd_step(parameters, steps, rate), (t, m, v)


# --- 8 the multi-layer perceptron -----------------------------------------------------------------------------------


class MLP:
    """Affine layers with ReLU between them and none after the last.

    sizes: [D, H1, …, C]    seed: the same seed gives the same initial parameters
    """

    def __init__(self, sizes: list[int], seed: int = 0) -> None:
        generator = torch.Generator().manual_seed(seed)
        self._parameters = []
        for fan_in, fan_out in pairwise(sizes):
            weight = torch.randn(fan_in, fan_out, generator=generator) * (2 / fan_in) ** 0.5  # He et al. 2015
            self._parameters += [weight, torch.zeros(fan_out)]

    def parameters(self) -> list[Tensor]:
        """[W1, b1, W2, b2, …] with Wi: (in, out) and bi: (out,), float32."""
        return self._parameters

    def load(self, parameters: list[Tensor]) -> None:
        """Replace all parameters; same order and shapes as parameters()."""
        self._parameters = list(parameters)

    def forward(self, x: Tensor) -> Tensor:
        """x: (N, D)    returns: logits (N, C)"""
        return self._forward(x)[0]

    def predict(self, x: Tensor) -> Tensor:
        """x: (N, D)    returns: the most likely class of each row, (N,) int64"""
        return self.forward(x).argmax(dim=1)

    def loss_and_gradients(self, x: Tensor, labels: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Softmax cross-entropy, and its gradients in the order of parameters().

        x: (N, D)    labels: (N,) int64    returns: loss (), [dW1, db1, dW2, db2, …]
        """
        logits, caches = self._forward(x)
        loss, dout = softmax_cross_entropy(logits, labels)
        gradients: list[Tensor] = []
        for affine_cache, relu_cache in reversed(caches):
            if relu_cache is not None:
                dout = relu_backward(dout, relu_cache)
            dout, dweight, dbias = affine_backward(dout, affine_cache)
            gradients = [dweight, dbias, *gradients]
        return loss, gradients

    def _forward(self, x: Tensor) -> tuple[Tensor, list]:
        caches, last = [], len(self._parameters) - 2
        for i in range(0, last + 1, 2):
            x, affine_cache = affine_forward(x, *self._parameters[i : i + 2])
            relu_cache = None
            if i < last:
                x, relu_cache = relu_forward(x)
            caches.append((affine_cache, relu_cache))
        return x, caches


def train(inputs: Tensor, labels: Tensor, steps: int, seed: int) -> MLP:
    """Train MLP([64, 128, 10]) with `steps` updates on batches of at most 64 samples.

    inputs: (N, 64) float32, around 0 to 1    labels: (N,) int64, 0 to 9    returns: the trained MLP
    """
    generator = torch.Generator().manual_seed(seed)
    model, state = MLP([64, 128, 10], seed), None
    for _ in range(steps):
        batch = torch.randint(len(inputs), (64,), generator=generator)
        _, gradients = model.loss_and_gradients(inputs[batch], labels[batch])
        parameters, state = adam_step(model.parameters(), gradients, state, rate=5e-3)
        model.load(parameters)
    return model
