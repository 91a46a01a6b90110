"""Homework 1: from the perceptron to a multi-layer perceptron with hand-written backpropagation."""

# 陈思远：第 1～4 节写完了，第 6、7 节各写了一半，softmax 的梯度还没推出来

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
        return (x @ self.weight + self.bias >= 0).long()

    def fit(self, x: Tensor, y: Tensor, rate: float = 1.0, max_epochs: int = 100) -> bool:
        """Go through the samples in order, correct after every wrong one; True once a whole pass had no error.

        x: (N, D) float32    y: (N,) int64 of 0 and 1
        """
        for epoch in range(max_epochs):
            wrong = 0
            for i in range(len(x)):
                error = y[i] - self.predict(x[i : i + 1])[0]
                if error != 0:
                    self.weight = self.weight + rate * error * x[i]
                    self.bias = self.bias + rate * error
                    wrong += 1
            if wrong == 0:
                return True
        return False


# --- 2 a network for XOR --------------------------------------------------------------------------------------------


def two_layer_network(x: Tensor, W: Tensor, c: Tensor, w: Tensor, b: Tensor) -> Tensor:
    """max(0, x W + c) · w + b for each row.

    x: (N, D)    W: (D, H)    c: (H,)    w: (H,)    b: ()    returns: (N,)
    Source: Goodfellow et al. 2016, "Deep Learning", section 6.1.
    """
    hidden = torch.clamp(x @ W + c, min=0)
    return hidden @ w + b


def xor_weights() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """(W, c, w, b) with which two_layer_network computes XOR on 00, 01, 10, 11."""
    # 书上的那组
    W = torch.tensor([[1.0, 1.0], [1.0, 1.0]])
    c = torch.tensor([0.0, -1.0])
    w = torch.tensor([1.0, -2.0])
    b = torch.tensor(0.0)
    return W, c, w, b


# --- 3 activations and their derivatives at x -----------------------------------------------------------------------


def sigmoid(x: Tensor) -> Tensor:
    """1 / (1 + e^-x)."""
    return 1 / (1 + torch.exp(-x))


def sigmoid_derivative(x: Tensor) -> Tensor:
    return sigmoid(x) * (1 - sigmoid(x))


def tanh(x: Tensor) -> Tensor:
    """(e^x - e^-x) / (e^x + e^-x), written so that nothing overflows."""
    return torch.tanh(x)


def tanh_derivative(x: Tensor) -> Tensor:
    return 1 - tanh(x) ** 2


def relu(x: Tensor) -> Tensor:
    """max(0, x)."""
    return torch.clamp(x, min=0)


def relu_derivative(x: Tensor) -> Tensor:
    return (x > 0).to(x.dtype)


def leaky_relu(x: Tensor, slope: float = 0.01) -> Tensor:
    """x where x > 0, otherwise slope · x."""
    return torch.where(x > 0, x, slope * x)


def leaky_relu_derivative(x: Tensor, slope: float = 0.01) -> Tensor:
    return torch.where(x > 0, torch.ones_like(x), slope * torch.ones_like(x))


def elu(x: Tensor, alpha: float = 1.0) -> Tensor:
    """x where x > 0, otherwise alpha · (e^x - 1).    Source: Clevert et al. 2016, eq. 15."""
    return torch.where(x > 0, x, alpha * (torch.exp(x) - 1))


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
    raise NotImplementedError


# --- 4 losses and their gradients -----------------------------------------------------------------------------------


def mse_loss(prediction: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Half the squared distance, averaged over the samples: 1/(2N) · Σ (prediction - target)².

    prediction, target: (N, K)    returns: loss (), gradient by prediction (N, K)
    """
    N = len(prediction)
    d = prediction - target
    return (d**2).sum() / N, 2 * d / N


def mae_loss(prediction: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """The absolute distance, averaged over the samples: 1/N · Σ |prediction - target|.

    prediction, target: (N, K)    returns: loss (), gradient by prediction (N, K)
    """
    N = len(prediction)
    d = prediction - target
    return d.abs().sum() / N, torch.sign(d) / N


def zero_one_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """The fraction of samples whose largest logit is not at their label.

    logits: (N, C)    labels: (N,) int64    returns: () of the dtype of logits
    """
    return (logits.argmax(dim=1) != labels).to(logits.dtype).mean()


def softmax_cross_entropy(logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """-log softmax(logits)[label], averaged over the samples.

    logits: (N, C)    labels: (N,) int64    returns: loss (), gradient by logits (N, C)
    """
    raise NotImplementedError


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
    raise NotImplementedError


def relative_error(a: Tensor, b: Tensor) -> Tensor:
    """The largest |a_i - b_i| / max(1e-8, |a_i| + |b_i|).    a, b: same shape    returns: ()"""
    raise NotImplementedError


def gradient_check(f, gradient: Tensor, w: Tensor, h: float = 1e-4, tolerance: float = 1e-3) -> bool:
    """Whether `gradient` is f's gradient at w: its relative error to the numerical one is at most `tolerance`."""
    raise NotImplementedError


# --- 6 layers, forward and backward ---------------------------------------------------------------------------------


def affine_forward(x: Tensor, weight: Tensor, bias: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """x weight + bias.

    x: (…, D), any number of leading dimensions    weight: (D, M)    bias: (M,)
    returns: out (…, M), cache = (x, weight)
    """
    return x @ weight + bias, (x, weight)


def affine_backward(dout: Tensor, cache: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
    """dout: (…, M)    cache: (x, weight)    returns: dx (…, D), dweight (D, M), dbias (M,)"""
    raise NotImplementedError


def relu_forward(x: Tensor) -> tuple[Tensor, Tensor]:
    """x: any shape    returns: out of the same shape, cache = x"""
    return relu(x), x


def relu_backward(dout: Tensor, cache: Tensor) -> Tensor:
    """dout: the shape of x    cache: x    returns: dx"""
    raise NotImplementedError


def softmax_forward(x: Tensor) -> tuple[Tensor, Tensor]:
    """Softmax over the last dimension.    x: (N, C)    returns: p (N, C), cache = p"""
    raise NotImplementedError


def softmax_backward(dout: Tensor, cache: Tensor) -> Tensor:
    """dout: (N, C), any loss's gradient by p    cache: p    returns: dx (N, C)"""
    raise NotImplementedError


# --- 7 optimisers ---------------------------------------------------------------------------------------------------


def sgd_step(parameters: list[Tensor], gradients: list[Tensor], rate: float) -> list[Tensor]:
    """w - rate · g for every parameter, as new tensors."""
    return [w - rate * g for w, g in zip(parameters, gradients)]


def momentum_step(parameters, gradients, state=None, rate: float = 0.01, momentum: float = 0.9):
    """v ← momentum · v + g,  w ← w - rate · v, with v = 0 at the start.

    state: None at the first step, afterwards what the last step returned    returns: new parameters, new state
    """
    raise NotImplementedError


def adam_step(parameters, gradients, state=None, rate: float = 1e-3, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8):
    """One step of Adam with bias correction.

    state: None at the first step, afterwards what the last step returned    returns: new parameters, new state
    Source: Kingma & Ba 2015, "Adam", algorithm 1.
    """
    raise NotImplementedError


# --- 8 the multi-layer perceptron -----------------------------------------------------------------------------------


class MLP:
    """Affine layers with ReLU between them and none after the last.

    sizes: [D, H1, …, C]    seed: the same seed gives the same initial parameters
    """

    def __init__(self, sizes: list[int], seed: int = 0) -> None:
        raise NotImplementedError

    def parameters(self) -> list[Tensor]:
        """[W1, b1, W2, b2, …] with Wi: (in, out) and bi: (out,), float32."""
        raise NotImplementedError

    def load(self, parameters: list[Tensor]) -> None:
        """Replace all parameters; same order and shapes as parameters()."""
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """x: (N, D)    returns: logits (N, C)"""
        raise NotImplementedError

    def predict(self, x: Tensor) -> Tensor:
        """x: (N, D)    returns: the most likely class of each row, (N,) int64"""
        raise NotImplementedError

    def loss_and_gradients(self, x: Tensor, labels: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Softmax cross-entropy, and its gradients in the order of parameters().

        x: (N, D)    labels: (N,) int64    returns: loss (), [dW1, db1, dW2, db2, …]
        """
        raise NotImplementedError


def train(inputs: Tensor, labels: Tensor, steps: int, seed: int) -> MLP:
    """Train MLP([64, 128, 10]) with `steps` updates on batches of at most 64 samples.

    inputs: (N, 64) float32, around 0 to 1    labels: (N,) int64, 0 to 9    returns: the trained MLP
    """
    raise NotImplementedError
