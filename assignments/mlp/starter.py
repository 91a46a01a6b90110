"""Homework 1: from the perceptron to a multi-layer perceptron with hand-written backpropagation.

Save this file as solution.py and fill it in. Plain torch operations (@, sum, where, clamp, torch.exp, …) are all you need;
torch.nn, torch.autograd, torch.func and torch.optim are off limits; so are ready-made sigmoids, ReLUs and softmaxes (parts 3, 4
and 6), as torch.softmax or x.softmax(1). You may add functions, classes and files of your own.

Conventions, everywhere in this file:
- The first dimension counts samples. A weight matrix has the shape (inputs, outputs): a layer computes x @ weight + bias.
- Results have the dtype of the inputs, float32 or float64. Labels are int64.
- Losses are averaged over the N samples and summed over everything else. A loss is a tensor of shape ().
- Nothing that is passed in gets changed; return new tensors.
- Where a function has a kink (ReLU at 0, |x| at 0), either slope will do.
"""

import torch  # noqa: F401
from torch import Tensor

# --- 1 perceptron ---------------------------------------------------------------------------------------------------


class Perceptron:
    """A single unit with a step: 1 where x · weight + bias > 0, otherwise 0 (also where it is exactly 0).

    Attributes: weight (D,) float32 and bias () float32. Both start at zero.
    """

    def __init__(self, inputs: int) -> None:
        raise NotImplementedError

    def predict(self, x: Tensor) -> Tensor:
        """x: (N, D) float32    returns: (N,) int64 of 0 and 1"""
        raise NotImplementedError

    def fit(self, x: Tensor, y: Tensor, rate: float = 1.0, max_epochs: int = 100) -> bool:
        """Go through the samples in their order, again and again; after each one that is answered wrongly:

            weight ← weight + rate · (label - answer) · sample        bias ← bias + rate · (label - answer)

        x: (N, D) float32    y: (N,) int64 of 0 and 1
        returns: True as soon as one whole pass made no error, False if none of max_epochs passes did
        """
        raise NotImplementedError


# --- 2 a network for XOR --------------------------------------------------------------------------------------------


def two_layer_network(x: Tensor, W: Tensor, c: Tensor, w: Tensor, b: Tensor) -> Tensor:
    """max(0, x W + c) · w + b for every row of x.

    x: (N, D)    W: (D, H)    c: (H,)    w: (H,)    b: ()    returns: (N,)
    """
    raise NotImplementedError


def xor_weights() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """(W, c, w, b) with which two_layer_network turns 00, 01, 10, 11 into 0, 1, 1, 0.

    W: (2, H)    c: (H,)    w: (H,)    b: ()    all float32; H and the values are up to you
    """
    raise NotImplementedError


# --- 3 activations: each takes x of any shape and returns that shape; each derivative is taken at x -------------------


def sigmoid(x: Tensor) -> Tensor:
    """1 / (1 + e^-x)"""
    raise NotImplementedError


def sigmoid_derivative(x: Tensor) -> Tensor:
    """The derivative at x (x is the input of sigmoid, not its output)."""
    raise NotImplementedError


def tanh(x: Tensor) -> Tensor:
    """(e^x - e^-x) / (e^x + e^-x)"""
    raise NotImplementedError


def tanh_derivative(x: Tensor) -> Tensor:
    """The derivative at x (x is the input of tanh, not its output)."""
    raise NotImplementedError


def relu(x: Tensor) -> Tensor:
    """max(0, x)"""
    raise NotImplementedError


def relu_derivative(x: Tensor) -> Tensor:
    """1 where x > 0, otherwise 0"""
    raise NotImplementedError


def leaky_relu(x: Tensor, slope: float = 0.01) -> Tensor:
    """x where x > 0, otherwise slope · x    (0 < slope < 1)"""
    raise NotImplementedError


def leaky_relu_derivative(x: Tensor, slope: float = 0.01) -> Tensor:
    """The derivative by x."""
    raise NotImplementedError


def elu(x: Tensor, alpha: float = 1.0) -> Tensor:
    """x where x > 0, otherwise alpha · (e^x - 1)    (alpha > 0)"""
    raise NotImplementedError


def elu_derivative(x: Tensor, alpha: float = 1.0) -> Tensor:
    """The derivative by x."""
    raise NotImplementedError


def prelu(x: Tensor, slope: Tensor) -> Tensor:
    """x where x > 0, otherwise slope · x, with one slope for each position of the LAST dimension.

    x: (…, C), any number of leading dimensions    slope: (C,)    returns: (…, C)
    """
    raise NotImplementedError


def prelu_derivatives(x: Tensor, slope: Tensor) -> tuple[Tensor, Tensor]:
    """The derivatives of prelu by x and by slope, element by element, nothing summed.

    x: (…, C)    slope: (C,)    returns: d prelu / dx (…, C), d prelu / dslope (…, C)
    """
    raise NotImplementedError


# --- 4 losses: each returns the loss, and where stated its gradient by the first argument -----------------------------


def mse_loss(prediction: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """1/(2N) · Σ (prediction - target)², the sum running over all N · K entries.

    prediction, target: (N, K)    returns: loss (), gradient by prediction (N, K)
    """
    raise NotImplementedError


def mae_loss(prediction: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """1/N · Σ |prediction - target|, the sum running over all N · K entries.

    prediction, target: (N, K)    returns: loss (), gradient by prediction (N, K)
    """
    raise NotImplementedError


def zero_one_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """The fraction of samples whose largest logit is not at their label.

    logits: (N, C)    labels: (N,) int64    returns: () of the dtype of logits
    """
    raise NotImplementedError


def softmax_cross_entropy(logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """-1/N · Σ_n log softmax(logits_n)[label_n]; finite and exact for logits of ±1000 too.

    logits: (N, C)    labels: (N,) int64    returns: loss (), gradient by logits (N, C)
    """
    raise NotImplementedError


# --- 5 numerical gradient, in float64 ---------------------------------------------------------------------------------


class Polynomial:
    """Given, leave it as it is: f(w) = Σ_k coefficients[k] · Σ_i w_i^k. Polynomial([0, 0, 1]) is the sum of squares."""

    def __init__(self, coefficients: list[float]) -> None:
        self.coefficients = coefficients

    def __call__(self, w: Tensor) -> Tensor:
        """w: any shape    returns: ()"""
        return sum(c * (w**k).sum() for k, c in enumerate(self.coefficients))


def numerical_gradient(f, w: Tensor, h: float = 1e-4) -> Tensor:
    """Forward differences: (f(w + h e_i) - f(w)) / h for every entry i of w.

    f: takes a tensor like w, returns a tensor of shape ()    w: any shape, float64    returns: the shape of w
    """
    raise NotImplementedError


def relative_error(a: Tensor, b: Tensor) -> Tensor:
    """The largest over all entries of |a_i - b_i| / max(1e-8, |a_i| + |b_i|).

    a, b: the same shape    returns: ()
    """
    raise NotImplementedError


def gradient_check(f, gradient: Tensor, w: Tensor, h: float = 1e-4, tolerance: float = 1e-3) -> bool:
    """True if the relative error between `gradient` and the numerical gradient of f at w is at most `tolerance`.

    f, w, h: as for numerical_gradient    gradient: the shape of w, what somebody claims to be the gradient
    """
    raise NotImplementedError


# --- 6 layers: backward works from the cache it is given and from nothing else ----------------------------------------


def affine_forward(x: Tensor, weight: Tensor, bias: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """x weight + bias.

    x: (…, D), one or more leading dimensions    weight: (D, M)    bias: (M,)
    returns: out (…, M), cache: the pair (x, weight)
    """
    raise NotImplementedError


def affine_backward(dout: Tensor, cache: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
    """dout: (…, M), the loss's gradient by out    cache: the pair (x, weight)

    returns: dx (…, D), dweight (D, M), dbias (M,), the last two summed over all leading dimensions
    """
    raise NotImplementedError


def relu_forward(x: Tensor) -> tuple[Tensor, Tensor]:
    """x: any shape    returns: max(0, x), cache: x itself"""
    raise NotImplementedError


def relu_backward(dout: Tensor, cache: Tensor) -> Tensor:
    """dout: the shape of x    cache: x    returns: dx"""
    raise NotImplementedError


def softmax_forward(x: Tensor) -> tuple[Tensor, Tensor]:
    """Softmax of each row, for inputs of ±1000 too.    x: (N, C)    returns: p (N, C), cache: p"""
    raise NotImplementedError


def softmax_backward(dout: Tensor, cache: Tensor) -> Tensor:
    """dout: (N, C), the gradient of any loss by p    cache: p    returns: dx (N, C)"""
    raise NotImplementedError


# --- 7 optimisers: lists of tensors in, new lists out; `state` is yours to design -------------------------------------


def sgd_step(parameters: list[Tensor], gradients: list[Tensor], rate: float) -> list[Tensor]:
    """w ← w - rate · g for every parameter w with its gradient g."""
    raise NotImplementedError


def momentum_step(parameters, gradients, state=None, rate: float = 0.01, momentum: float = 0.9):
    """v ← momentum · v + g,  w ← w - rate · v;  v starts at 0 and every parameter has its own.

    state: None at the first step, afterwards what the step before returned
    returns: (list of new parameters, new state)
    """
    raise NotImplementedError


def adam_step(parameters, gradients, state=None, rate: float = 1e-3, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8):
    """m ← beta1 m + (1 - beta1) g,  v ← beta2 v + (1 - beta2) g²,  w ← w - rate · m̂ / (√v̂ + eps),
    where m̂ = m / (1 - beta1^t) and v̂ = v / (1 - beta2^t) at the t-th step, t = 1, 2, …

    state: None at the first step, afterwards what the step before returned
    returns: (list of new parameters, new state)
    """
    raise NotImplementedError


# --- 8 the multi-layer perceptron -------------------------------------------------------------------------------------


class MLP:
    """Affine layers with ReLU between them and nothing after the last. MLP([64, 128, 10], seed=0) has two affine layers.

    sizes: [inputs, …, classes]    seed: the same seed gives the same random initial parameters
    """

    def __init__(self, sizes: list[int], seed: int = 0) -> None:
        raise NotImplementedError

    def parameters(self) -> list[Tensor]:
        """The list [W1, b1, W2, b2, …] with Wi: (in, out) and bi: (out,), float32."""
        raise NotImplementedError

    def load(self, parameters: list[Tensor]) -> None:
        """Replace all parameters by these, given in the order and shapes of parameters()."""
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        """x: (N, inputs)    returns: logits (N, classes)"""
        raise NotImplementedError

    def predict(self, x: Tensor) -> Tensor:
        """x: (N, inputs)    returns: the class with the largest logit for each row, (N,) int64"""
        raise NotImplementedError

    def loss_and_gradients(self, x: Tensor, labels: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The mean softmax cross-entropy and its gradient by every parameter. Changes no parameter.

        x: (N, inputs)    labels: (N,) int64    returns: loss (), [dW1, db1, dW2, db2, …]
        """
        raise NotImplementedError


def train(inputs: Tensor, labels: Tensor, steps: int, seed: int) -> MLP:
    """Train MLP([64, 128, 10], seed) with `steps` updates, each from a batch of at most 64 samples; the rest goes unseen.

    inputs: (N, 64) float32, about 0 to 1    labels: (N,) int64, 0 to 9
    returns: the trained MLP; the same arguments give the same model
    """
    raise NotImplementedError
