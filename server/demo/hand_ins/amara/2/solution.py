"""Homework 1, Amara Okafor.

I wrote every backward pass on paper first: d(out) comes in, multiply by the local
derivative, sum over whatever was broadcast.
"""
import math

import torch


class Perceptron:
    def __init__(self, inputs):
        self.weight = torch.zeros(inputs)
        self.bias = torch.zeros(())

    def predict(self, x):
        return torch.where((x * self.weight).sum(dim=1) + self.bias > 0, 1, 0)

    def fit(self, x, y, rate=1.0, max_epochs=100):
        epoch = 0
        while epoch < max_epochs:
            mistakes = 0
            for row, target in zip(x, y):
                guess = 1 if float((row * self.weight).sum() + self.bias) > 0 else 0
                if guess == 0 and target == 1:
                    self.weight = self.weight + rate * row
                    self.bias = self.bias + rate
                    mistakes = mistakes + 1
                elif guess == 1 and target == 0:
                    self.weight = self.weight - rate * row
                    self.bias = self.bias - rate
                    mistakes = mistakes + 1
            if mistakes == 0:
                return True
            epoch = epoch + 1
        return False


def two_layer_network(x, W, c, w, b):
    hidden = relu(x @ W + c)
    return (hidden * w).sum(dim=1) + b


def xor_weights():
    # any solution is fine: "a or b" minus twice "a and b"
    W = torch.tensor([[1.0, 1.0], [1.0, 1.0]])
    c = torch.tensor([0.0, -1.0])
    w = torch.tensor([1.0, -2.0])
    b = torch.tensor(0.0)
    return W, c, w, b


def sigmoid(x):
    return 1.0 / (1.0 + (-x).exp())


def sigmoid_derivative(x):
    y = sigmoid(x)
    return y - y * y


def tanh(x):
    return x.tanh()


def tanh_derivative(x):
    y = tanh(x)
    return (1 - y) * (1 + y)


def relu(x):
    return torch.where(x > 0, x, 0.0)


def relu_derivative(x):
    return torch.where(x > 0, torch.ones_like(x), torch.zeros_like(x))


def leaky_relu(x, slope=0.01):
    return torch.where(x > 0, x, x * slope)


def leaky_relu_derivative(x, slope=0.01):
    return torch.where(x > 0, torch.ones_like(x), torch.ones_like(x) * slope)


def elu(x, alpha=1.0):
    return torch.where(x > 0, x, alpha * (x.exp() - 1))


def elu_derivative(x, alpha=1.0):
    return torch.where(x > 0, torch.ones_like(x), elu(x, alpha) + alpha)


def prelu(x, slope):
    return torch.where(x > 0, x, x * slope)


def prelu_derivatives(x, slope):
    dx = torch.where(x > 0, torch.ones_like(x), torch.ones_like(x) * slope)
    dslope = torch.where(x > 0, torch.zeros_like(x), x)
    return dx, dslope


def mse_loss(prediction, target):
    n = len(prediction)
    loss = ((prediction - target) ** 2).sum() / (2 * n)
    gradient = (prediction - target) / n
    return loss, gradient


def mae_loss(prediction, target):
    n = len(prediction)
    loss = (prediction - target).abs().sum() / n
    gradient = torch.sign(prediction - target) / n
    return loss, gradient


def zero_one_loss(logits, labels):
    guesses = logits.max(dim=1).indices
    wrong = (guesses != labels).sum()
    return wrong.to(logits.dtype) / len(labels)


def log_softmax(logits):
    biggest = logits.max(dim=1, keepdim=True).values
    return logits - biggest - torch.log(torch.exp(logits - biggest).sum(dim=1, keepdim=True))


def softmax_cross_entropy(logits, labels):
    n = len(logits)
    log_p = log_softmax(logits)
    picked = log_p.gather(1, labels.view(-1, 1))
    gradient = log_p.exp()
    gradient.scatter_add_(1, labels.view(-1, 1), -torch.ones_like(picked))
    return -picked.mean(), gradient / n


class Polynomial:
    """Given: f(w) = Σ_k coefficients[k] · Σ_i w_i^k. Polynomial([0, 0, 1]) is the sum of squares."""

    def __init__(self, coefficients):
        self.coefficients = coefficients

    def __call__(self, w):
        return sum(c * (w**k).sum() for k, c in enumerate(self.coefficients))


def numerical_gradient(f, w, h=1e-4):
    w = w.clone()  # I put every element back, but the caller's tensor is not mine
    gradient = torch.zeros_like(w)
    flat, out = w.view(-1), gradient.view(-1)
    before = f(w)
    for i in range(len(flat)):
        kept = flat[i].clone()
        flat[i] = kept + h
        out[i] = (f(w) - before) / h
        flat[i] = kept
    return gradient


def relative_error(a, b):
    bottom = (a.abs() + b.abs()).clamp(min=1e-8)
    return ((a - b).abs() / bottom).max()


def gradient_check(f, gradient, w, h=1e-4, tolerance=1e-3):
    error = relative_error(gradient, numerical_gradient(f, w, h))
    return bool(error <= tolerance)


def affine_forward(x, weight, bias):
    out = x @ weight + bias
    cache = (x, weight)
    return out, cache


def affine_backward(dout, cache):
    x, weight = cache
    dx = dout @ weight.t()
    # x may have any number of leading dimensions: every one of them is "just more samples"
    samples = x.reshape(-1, x.shape[-1])
    dsamples = dout.reshape(-1, dout.shape[-1])
    dweight = samples.t() @ dsamples
    dbias = dsamples.sum(dim=0)
    return dx, dweight, dbias


def relu_forward(x):
    return relu(x), x


def relu_backward(dout, cache):
    return dout * relu_derivative(cache)


def softmax_forward(x):
    p = log_softmax(x).exp()
    return p, p


def softmax_backward(dout, cache):
    p = cache
    dot = (dout * p).sum(dim=1, keepdim=True)
    return p * (dout - dot)


def sgd_step(parameters, gradients, rate):
    new = []
    for parameter, gradient in zip(parameters, gradients):
        new.append(parameter - rate * gradient)
    return new


def momentum_step(parameters, gradients, state=None, rate=0.01, momentum=0.9):
    if state is None:
        state = [torch.zeros_like(parameter) for parameter in parameters]
    new_parameters, new_state = [], []
    for parameter, gradient, velocity in zip(parameters, gradients, state):
        velocity = momentum * velocity + gradient
        new_parameters.append(parameter - rate * velocity)
        new_state.append(velocity)
    return new_parameters, new_state


def adam_step(parameters, gradients, state=None, rate=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    if state is None:
        state = (0, [0.0] * len(parameters), [0.0] * len(parameters))
    step, first, second = state
    step = step + 1
    new_parameters, new_first, new_second = [], [], []
    for parameter, gradient, m, v in zip(parameters, gradients, first, second):
        m = beta1 * m + (1 - beta1) * gradient
        v = beta2 * v + (1 - beta2) * gradient * gradient
        m_hat = m / (1 - beta1**step)
        v_hat = v / (1 - beta2**step)
        new_parameters.append(parameter - rate * m_hat / (torch.sqrt(v_hat) + eps))
        new_first.append(m)
        new_second.append(v)
    return new_parameters, (step, new_first, new_second)


class MLP:
    def __init__(self, sizes, seed=0):
        generator = torch.Generator().manual_seed(seed)
        self.weights, self.biases = [], []
        for i in range(len(sizes) - 1):
            spread = math.sqrt(2 / sizes[i])
            self.weights.append(spread * torch.randn(sizes[i], sizes[i + 1], generator=generator))
            self.biases.append(torch.zeros(sizes[i + 1]))

    def parameters(self):
        both = []
        for weight, bias in zip(self.weights, self.biases):
            both.extend([weight, bias])
        return both

    def load(self, parameters):
        self.weights = list(parameters[0::2])
        self.biases = list(parameters[1::2])

    def forward(self, x):
        for i in range(len(self.weights)):
            x, _ = affine_forward(x, self.weights[i], self.biases[i])
            if i < len(self.weights) - 1:
                x, _ = relu_forward(x)
        return x

    def predict(self, x):
        return self.forward(x).max(dim=1).indices

    def loss_and_gradients(self, x, labels):
        tape = []
        for i in range(len(self.weights)):
            x, cache = affine_forward(x, self.weights[i], self.biases[i])
            tape.append(("affine", cache))
            if i < len(self.weights) - 1:
                x, cache = relu_forward(x)
                tape.append(("relu", cache))
        loss, dout = softmax_cross_entropy(x, labels)
        gradients = []
        while tape:
            kind, cache = tape.pop()
            if kind == "relu":
                dout = relu_backward(dout, cache)
            else:
                dout, dweight, dbias = affine_backward(dout, cache)
                gradients.insert(0, dbias)
                gradients.insert(0, dweight)
        return loss, gradients


def train(inputs, labels, steps, seed):
    torch.manual_seed(seed)
    model = MLP([64, 128, 10], seed=seed)
    state = None
    for step in range(steps):
        batch = torch.randint(0, len(inputs), (64,))
        loss, gradients = model.loss_and_gradients(inputs[batch], labels[batch])
        parameters, state = adam_step(model.parameters(), gradients, state, rate=0.005)
        model.load(parameters)
    return model
