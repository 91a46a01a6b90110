"""Homework 2: convolutional networks, from a sum over a window to a small CNN that is trained on real images.

Save this file as solution.py and fill it in. Parts 1 to 7 are written by hand: slices, sum, einsum, @, amax, roll, torch.rand
and other plain tensor operations (also numpy) are all you need; torch.nn, torch.autograd, torch.func and ready-made layers such
as torch.conv2d or torch.max_pool2d are off limits there. Parts 8 and 9 may use torch.nn and everything else of torch. You may
add functions, classes and files of your own.

Conventions, everywhere in this file:
- Images are (N, C, H, W): samples, channels, height, width. A kernel is (U, V): U rows, V columns, also where U is not V.
- Results have the dtype of the inputs; parts 1 to 7 are tested in float32 and in float64.
- stride, padding and dilation are one whole number each, for rows and columns alike. Padding adds zeros on all four sides.
- Positions that a kernel does not fit on are left out: a rest at the right or at the bottom is not used (and gets gradient 0).
- Nothing that is passed in gets changed; return new tensors.
- Where two values of a window tie for the maximum, any answer will do for the gradient.
"""

import torch  # noqa: F401
from torch import Tensor, nn

# --- 1 convolution ----------------------------------------------------------------------------------------------------


def convolve(x: Tensor, w: Tensor) -> Tensor:
    """y_ij = Σ_uv w_uv x_{i-u+1, j-v+1}, with indices from 1, for all (i, j) where every one of these x exists.

    x: (H, W)    w: (U, V), not larger than x    returns: (H - U + 1, W - V + 1)
    """
    raise NotImplementedError


def cross_correlate(x: Tensor, w: Tensor) -> Tensor:
    """y_ij = Σ_uv w_uv x_{i+u-1, j+v-1}, with indices from 1, for all (i, j) where every one of these x exists.

    x: (H, W)    w: (U, V), not larger than x    returns: (H - U + 1, W - V + 1)
    """
    raise NotImplementedError


def convolve_full(x: Tensor, w: Tensor) -> Tensor:
    """As convolve, but for all (i, j) where at least one of these x exists; the others count as 0.

    x: (H, W)    w: (U, V), of any size    returns: (H + U - 1, W + V - 1)
    """
    raise NotImplementedError


# --- 2 the convolutional layer ----------------------------------------------------------------------------------------


def output_size(size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """How many positions a kernel has along a side of length `size`, as an int.

    padding: zeros added at each of the two ends    dilation: the distance of neighbouring kernel entries (1: none between)
    """
    raise NotImplementedError


def conv2d_forward(x: Tensor, weight: Tensor, bias: Tensor, stride: int = 1, padding: int = 0, dilation: int = 1) -> Tensor:
    """Cross-correlation, summed over the input channels, plus one bias for each output channel.

    x: (N, C, H, W)    weight: (O, C, U, V)    bias: (O,)    returns: (N, O, H', W')
    """
    raise NotImplementedError


# --- 3 pooling, without padding ---------------------------------------------------------------------------------------


def max_pool2d_forward(x: Tensor, kernel: tuple[int, int], stride: int) -> Tensor:
    """The largest value in each window.    x: (N, C, H, W)    kernel: (U, V)    returns: (N, C, H', W')"""
    raise NotImplementedError


def average_pool2d_forward(x: Tensor, kernel: tuple[int, int], stride: int) -> Tensor:
    """The mean of each window.    x: (N, C, H, W)    kernel: (U, V)    returns: (N, C, H', W')"""
    raise NotImplementedError


# --- 4 equivariance and invariance ------------------------------------------------------------------------------------


def circular_conv2d(x: Tensor, weight: Tensor) -> Tensor:
    """Cross-correlation where the left edge follows the right one, and the top the bottom. Stride 1, no bias.

    The kernel's middle lies on the position of the output: with indices from 0, H and W being those of x,
    y[n,o,i,j] = Σ_cuv weight[o,c,u,v] · x[n, c, (i + u - U//2) mod H, (j + v - V//2) mod W]

    x: (N, C, H, W)    weight: (O, C, U, V), U and V odd    returns: (N, O, H, W)
    """
    raise NotImplementedError


def global_average_pool2d(x: Tensor) -> Tensor:
    """The mean of each channel of each sample.    x: (N, C, H, W)    returns: (N, C)"""
    raise NotImplementedError


# --- 5 backward: dout is the gradient of some loss by the output ------------------------------------------------------


def conv2d_backward(
    dout: Tensor, x: Tensor, weight: Tensor, stride: int = 1, padding: int = 0, dilation: int = 1
) -> tuple[Tensor, Tensor, Tensor]:
    """dout: (N, O, H', W')    everything else: as it went into conv2d_forward

    returns: dx (N, C, H, W), dweight (O, C, U, V), dbias (O,), nothing averaged
    """
    raise NotImplementedError


def max_pool2d_backward(dout: Tensor, x: Tensor, kernel: tuple[int, int], stride: int) -> Tensor:
    """dout: (N, C, H', W')    everything else: as it went into max_pool2d_forward    returns: dx (N, C, H, W)"""
    raise NotImplementedError


def average_pool2d_backward(dout: Tensor, x: Tensor, kernel: tuple[int, int], stride: int) -> Tensor:
    """dout: (N, C, H', W')    everything else: as it went into average_pool2d_forward    returns: dx (N, C, H, W)"""
    raise NotImplementedError


# --- 6 batch normalisation --------------------------------------------------------------------------------------------


def batchnorm2d_forward(
    x: Tensor,
    gamma: Tensor,
    beta: Tensor,
    running_mean: Tensor,
    running_var: Tensor,
    training: bool,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> tuple[Tensor, Tensor, Tensor]:
    """gamma · (x - mean) / √(var + eps) + beta, channel by channel.

    training=True: mean and var are those of the batch, over N, H and W, var divided by their count n = N·H·W (> 1);
        new running_mean = (1 - momentum) · running_mean + momentum · mean, and new running_var likewise, but from the
        variance divided by n - 1
    training=False: mean and var are running_mean and running_var, which stay as they are

    x: (N, C, H, W)    gamma, beta, running_mean, running_var: (C,)
    returns: out (N, C, H, W), new running_mean (C,), new running_var (C,)
    """
    raise NotImplementedError


def batchnorm2d_backward(
    dout: Tensor,
    x: Tensor,
    gamma: Tensor,
    running_mean: Tensor,
    running_var: Tensor,
    training: bool,
    eps: float = 1e-5,
) -> tuple[Tensor, Tensor, Tensor]:
    """dout: (N, C, H, W), the gradient by out    everything else: as it went into batchnorm2d_forward

    returns: dx (N, C, H, W), dgamma (C,), dbeta (C,)
    """
    raise NotImplementedError


# --- 7 dropout --------------------------------------------------------------------------------------------------------


def dropout_forward(x: Tensor, drop_prob: float, training: bool) -> tuple[Tensor, Tensor]:
    """training=True: every entry becomes 0 with probability drop_prob, all others are divided by 1 - drop_prob.
    training=False: nothing happens. (0 ≤ drop_prob < 1)

    x: any shape    returns: out, and scale with out = x · scale; both have the shape and the dtype of x
    """
    raise NotImplementedError


def dropout_backward(dout: Tensor, scale: Tensor) -> Tensor:
    """dout: any shape    scale: of that shape, what dropout_forward returned    returns: dx"""
    raise NotImplementedError


# --- 8 LeNet-5 and AlexNet (torch.nn is allowed from here on) ---------------------------------------------------------


class LeNet5(nn.Module):
    """conv1 · tanh · average pooling · conv2 · tanh · average pooling · flatten · fc1 · tanh · fc2 · tanh · fc3.

    conv1: 1 → 6 channels, conv2: 6 → 16, both with 5×5 kernels; pooling windows 2×2, stride 2; flatten in the order (C, H, W);
    fc1: 400 → 120, fc2: 120 → 84, fc3: 84 → 10. Names and layout of the parameters are those of nn.Conv2d and nn.Linear:
    conv1.weight (6, 1, 5, 5), conv1.bias (6,), …, fc3.weight (10, 84), fc3.bias (10,), and there are no others.
    """

    def __init__(self) -> None:
        super().__init__()
        raise NotImplementedError

    def forward(self, images: Tensor) -> Tensor:
        """images: (N, 1, 32, 32)    returns: logits (N, 10), no softmax"""
        raise NotImplementedError


def loss_and_gradients(model: nn.Module, images: Tensor, labels: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """The mean softmax cross-entropy of model(images), and its gradient by every parameter. Autograd may do it.

    images: as the model takes them    labels: (N,) int64
    returns: loss (), {name: gradient} with the names of model.named_parameters(); calls do not add up
    """
    raise NotImplementedError


def trace(layers: list[tuple], shape: tuple[int, ...]) -> list[tuple[tuple[int, ...], int]]:
    """For each layer the shape of its output, without the batch, and the number of its parameters.

    layers, each a tuple:
        ("conv", out_channels, kernel, stride, padding, groups)    with bias; groups: see the handout
        ("pool", kernel, stride)    ("flatten",)    ("linear", out_features)    with bias
    shape: of the input, (C, H, W)    returns: [((C, H, W) or (features,), count), …], all numbers int
    """
    raise NotImplementedError


def alexnet_layers() -> list[tuple]:
    """The layers of AlexNet in the form that trace takes, for an input of (3, 227, 227). The handout has the table."""
    raise NotImplementedError


# --- 9 a small CNN, trained -------------------------------------------------------------------------------------------


class SmallCNN(nn.Module):
    """A network of your own design for images (1, 14, 14)."""

    def __init__(self) -> None:
        super().__init__()
        raise NotImplementedError

    def forward(self, images: Tensor) -> Tensor:
        """images: (N, 1, 14, 14)    returns: logits (N, 10)"""
        raise NotImplementedError


def train(images: Tensor, labels: Tensor, steps: int, seed: int) -> SmallCNN:
    """Train a SmallCNN with `steps` updates, each from a batch of at most 32 images; the rest goes unseen.

    images: (N, 1, 14, 14) float32, about 0 to 1    labels: (N,) int64, 0 to 9
    returns: the trained model in evaluation mode; the same arguments give the same model
    """
    raise NotImplementedError
