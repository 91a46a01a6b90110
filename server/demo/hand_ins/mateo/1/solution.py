"""Homework 1 - Mateo Garcia. The parts are in their own files, this one puts them together."""
import torch

from activations import (
    elu,
    elu_derivative,
    leaky_relu,
    leaky_relu_derivative,
    prelu,
    prelu_derivatives,
    relu,
    relu_derivative,
    sigmoid,
    sigmoid_derivative,
    tanh,
    tanh_derivative,
)
from layers import affine_backward, affine_forward, relu_backward, relu_forward, softmax_backward, softmax_forward
from losses import mae_loss, mse_loss, softmax_cross_entropy, zero_one_loss
from optimisers import adam_step, momentum_step, sgd_step


class Perceptron:
    """I keep weight and bias in one vector; x gets a column of ones."""

    def __init__(self, inputs):
        self.theta = torch.zeros(inputs + 1)

    @property
    def weight(self):
        return self.theta[:-1]

    @weight.setter
    def weight(self, value):
        self.theta = torch.cat([value, self.theta[-1:]])

    @property
    def bias(self):
        return self.theta[-1]

    @bias.setter
    def bias(self, value):
        self.theta = torch.cat([self.theta[:-1], torch.as_tensor(value).reshape(1)])

    def predict(self, x):
        with_one = torch.cat([x, torch.ones(len(x), 1)], dim=1)
        return (with_one @ self.theta > 0).long()

    def fit(self, x, y, rate=1.0, max_epochs=100):
        with_one = torch.cat([x, torch.ones(len(x), 1)], dim=1)
        for _ in range(max_epochs):
            clean = True
            for i in range(len(with_one)):
                error = y[i].item() - int(with_one[i] @ self.theta > 0)
                if error:
                    clean = False
                    self.theta = self.theta + rate * error * with_one[i]
            if clean:
                return True
        return False


def two_layer_network(x, W, c, w, b):
    return relu(x @ W + c) @ w + b


def xor_weights():
    return torch.ones(2, 2), torch.tensor([0.0, -1.0]), torch.tensor([1.0, -2.0]), torch.zeros(())


class Polynomial:
    """Given: f(w) = Σ_k coefficients[k] · Σ_i w_i^k. Polynomial([0, 0, 1]) is the sum of squares."""

    def __init__(self, coefficients):
        self.coefficients = coefficients

    def __call__(self, w):
        return sum(c * (w**k).sum() for k, c in enumerate(self.coefficients))


def numerical_gradient(f, w, h=1e-4):
    base = f(w)
    steps = h * torch.eye(w.numel(), dtype=w.dtype)
    slopes = [(f(w + step.view(w.shape)) - base) / h for step in steps]
    return torch.stack(slopes).view(w.shape)


def relative_error(a, b):
    return torch.amax((a - b).abs() / (a.abs() + b.abs()).clamp_min(1e-8))


def gradient_check(f, gradient, w, h=1e-4, tolerance=1e-3):
    return relative_error(numerical_gradient(f, w, h), gradient).item() <= tolerance


class MLP:
    def __init__(self, sizes, seed=0):
        generator = torch.Generator().manual_seed(seed)
        self.layers = []
        for n_in, n_out in zip(sizes[:-1], sizes[1:]):
            bound = (6 / n_in) ** 0.5  # He, uniform
            weight = (2 * torch.rand(n_in, n_out, generator=generator) - 1) * bound
            self.layers.append((weight, torch.zeros(n_out)))

    def parameters(self):
        return [tensor for layer in self.layers for tensor in layer]

    def load(self, parameters):
        self.layers = list(zip(parameters[::2], parameters[1::2]))

    def forward(self, x):
        return self._forward(x)[0]

    def _forward(self, x):
        *hidden, last = self.layers
        caches = []
        for weight, bias in hidden:
            z, affine_cache = affine_forward(x, weight, bias)
            x, relu_cache = relu_forward(z)
            caches.append((affine_cache, relu_cache))
        logits, cache = affine_forward(x, *last)
        return logits, caches, cache

    def predict(self, x):
        return torch.argmax(self.forward(x), dim=-1)

    def loss_and_gradients(self, x, labels):
        logits, caches, cache = self._forward(x)
        loss, dlogits = softmax_cross_entropy(logits, labels)
        dx, dweight, dbias = affine_backward(dlogits, cache)
        gradients = [dweight, dbias]
        for affine_cache, relu_cache in caches[::-1]:
            dx, dweight, dbias = affine_backward(relu_backward(dx, relu_cache), affine_cache)
            gradients = [dweight, dbias] + gradients
        return loss, gradients


def train(inputs, labels, steps, seed):
    generator = torch.Generator().manual_seed(seed)
    model = MLP([64, 128, 10], seed)
    state = None
    for step in range(steps):
        rate = 8e-3 * (1 - step / steps) + 5e-4  # linear decay
        batch = torch.randperm(len(inputs), generator=generator)[:64]
        _, gradients = model.loss_and_gradients(inputs[batch], labels[batch])
        new, state = adam_step(model.parameters(), gradients, state, rate=rate)
        model.load(new)
    return model
