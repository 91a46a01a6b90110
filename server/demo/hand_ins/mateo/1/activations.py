"""Activations and their derivatives."""
import torch


def sigmoid(x):
    return 0.5 * (1 + torch.tanh(x / 2))


def sigmoid_derivative(x):
    return 0.25 * tanh_derivative(x / 2)


def tanh(x):
    return torch.tanh(x)


def tanh_derivative(x):
    return 1 - torch.tanh(x).square()


def relu(x):
    return (x + x.abs()) / 2


def relu_derivative(x):
    return torch.heaviside(x, torch.zeros((), dtype=x.dtype))


def leaky_relu(x, slope=0.01):
    return prelu(x, slope)


def leaky_relu_derivative(x, slope=0.01):
    step = relu_derivative(x)
    return step + slope * (1 - step)


def elu(x, alpha=1.0):
    out = x.clone()
    negative = x <= 0
    out[negative] = alpha * torch.expm1(x[negative])
    return out


def elu_derivative(x, alpha=1.0):
    out = torch.ones_like(x)
    negative = x <= 0
    out[negative] = alpha * torch.exp(x[negative])
    return out


def prelu(x, slope):
    step = relu_derivative(x)
    return x * step + slope * x * (1 - step)


def prelu_derivatives(x, slope):
    step = relu_derivative(x)
    return step + slope * (1 - step), x * (1 - step)
