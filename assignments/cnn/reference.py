"""Homework 2, solved: convolution and pooling with their gradients, batch normalisation, dropout, LeNet-5 and a small CNN."""

from itertools import product

import torch
from torch import Tensor, nn

# --- 1 convolution --------------------------------------------------------------------------------------------------


def convolve(x: Tensor, w: Tensor) -> Tensor:
    """y_ij = Σ_uv w_uv x_{i-u+1, j-v+1}, indices from 1, where all of these x exist.

    x: (H, W)    w: (U, V)    returns: (H - U + 1, W - V + 1)
    """
    return cross_correlate(x, w.flip(0, 1))


def cross_correlate(x: Tensor, w: Tensor) -> Tensor:
    """y_ij = Σ_uv w_uv x_{i+u-1, j+v-1}, indices from 1, where all of these x exist.

    x: (H, W)    w: (U, V)    returns: (H - U + 1, W - V + 1)
    """
    windows = x.unfold(0, w.shape[0], 1).unfold(1, w.shape[1], 1)  # (H - U + 1, W - V + 1, U, V)
    return (windows * w).sum(dim=(2, 3))


def convolve_full(x: Tensor, w: Tensor) -> Tensor:
    """Convolution wherever w and x meet at all: an x that does not exist counts as 0.

    x: (H, W)    w: (U, V)    returns: (H + U - 1, W + V - 1)
    """
    full = x.new_zeros(x.shape[0] + w.shape[0] - 1, x.shape[1] + w.shape[1] - 1)
    for u, v in product(*map(range, w.shape)):
        full[u : u + x.shape[0], v : v + x.shape[1]] += w[u, v] * x
    return full


# --- 2 the convolutional layer --------------------------------------------------------------------------------------


def output_size(size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """How many positions a kernel has along one side; what is left over at the end is not used."""
    return (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


def conv2d_forward(x: Tensor, weight: Tensor, bias: Tensor, stride: int = 1, padding: int = 0, dilation: int = 1) -> Tensor:
    """Cross-correlation over all input channels, plus a bias for each output channel.

    x: (N, C, H, W)    weight: (O, C, U, V)    bias: (O,)    returns: (N, O, H', W')
    """
    padded, kernel = _padded(x, padding), tuple(weight.shape[2:])
    rows, columns = _output_sides(padded, kernel, stride, dilation)
    out = bias[:, None, None].repeat(len(x), 1, rows, columns)
    for u, v in _places(kernel):
        out += torch.einsum("nchw,oc->nohw", _seen(padded, u, v, rows, columns, stride, dilation), weight[:, :, u, v])
    return out


def _places(kernel: tuple[int, int]) -> list[tuple[int, int]]:
    return list(product(range(kernel[0]), range(kernel[1])))


def _output_sides(x: Tensor, kernel: tuple[int, int], stride: int, dilation: int = 1) -> list[int]:
    return [output_size(side, k, stride, 0, dilation) for side, k in zip(x.shape[2:], kernel, strict=True)]


def _seen(x: Tensor, u: int, v: int, rows: int, columns: int, stride: int, dilation: int = 1) -> Tensor:
    """What entry (u, v) of the kernel meets at each of its positions: (N, C, rows, columns), a view of x."""
    top, left = u * dilation, v * dilation
    return x[:, :, top : top + stride * (rows - 1) + 1 : stride, left : left + stride * (columns - 1) + 1 : stride]


def _padded(x: Tensor, padding: int) -> Tensor:
    n, channels, height, width = x.shape
    padded = x.new_zeros(n, channels, height + 2 * padding, width + 2 * padding)
    padded[:, :, padding : padding + height, padding : padding + width] = x
    return padded


# --- 3 pooling ------------------------------------------------------------------------------------------------------


def max_pool2d_forward(x: Tensor, kernel: tuple[int, int], stride: int) -> Tensor:
    """The largest value in each window.    x: (N, C, H, W)    kernel: (U, V)    returns: (N, C, H', W')"""
    return _windows(x, kernel, stride).amax(dim=0)


def average_pool2d_forward(x: Tensor, kernel: tuple[int, int], stride: int) -> Tensor:
    """The mean of each window.    x: (N, C, H, W)    kernel: (U, V)    returns: (N, C, H', W')"""
    return _windows(x, kernel, stride).mean(dim=0)


def _windows(x: Tensor, kernel: tuple[int, int], stride: int) -> Tensor:
    """(U · V, N, C, H', W')"""
    sides = _output_sides(x, kernel, stride)
    return torch.stack([_seen(x, u, v, *sides, stride) for u, v in _places(kernel)])


# --- 4 symmetry -----------------------------------------------------------------------------------------------------


def circular_conv2d(x: Tensor, weight: Tensor) -> Tensor:
    """Cross-correlation on a plane whose opposite edges are joined; the kernel is centred on the output's position.

    x: (N, C, H, W)    weight: (O, C, U, V), U and V odd    returns: (N, O, H, W)
    """
    height, width = weight.shape[2:]
    out = 0
    for u, v in _places((height, width)):
        met = x.roll((height // 2 - u, width // 2 - v), dims=(2, 3))
        out = out + torch.einsum("nchw,oc->nohw", met, weight[:, :, u, v])
    return out


def global_average_pool2d(x: Tensor) -> Tensor:
    """The mean of each channel of each sample.    x: (N, C, H, W)    returns: (N, C)"""
    return x.mean(dim=(2, 3))


# --- 5 backward -----------------------------------------------------------------------------------------------------


def conv2d_backward(
    dout: Tensor, x: Tensor, weight: Tensor, stride: int = 1, padding: int = 0, dilation: int = 1
) -> tuple[Tensor, Tensor, Tensor]:
    """dout: (N, O, H', W')    x, weight and the rest: as in conv2d_forward    returns: dx, dweight, dbias"""
    padded, kernel = _padded(x, padding), tuple(weight.shape[2:])
    rows, columns = dout.shape[2:]
    dpadded, dweight = torch.zeros_like(padded), torch.zeros_like(weight)
    for u, v in _places(kernel):
        place = u, v, rows, columns, stride, dilation
        dweight[:, :, u, v] = torch.einsum("nohw,nchw->oc", dout, _seen(padded, *place))
        _seen(dpadded, *place).add_(torch.einsum("nohw,oc->nchw", dout, weight[:, :, u, v]))
    dx = dpadded[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]]
    return dx, dweight, dout.sum(dim=(0, 2, 3))


def max_pool2d_backward(dout: Tensor, x: Tensor, kernel: tuple[int, int], stride: int) -> Tensor:
    """dout: (N, C, H', W')    x, kernel, stride: as in max_pool2d_forward    returns: dx (N, C, H, W)"""
    winners, dx = _windows(x, kernel, stride).argmax(dim=0), torch.zeros_like(x)
    for number, (u, v) in enumerate(_places(kernel)):
        _seen(dx, u, v, *dout.shape[2:], stride).add_(dout * (winners == number))
    return dx


def average_pool2d_backward(dout: Tensor, x: Tensor, kernel: tuple[int, int], stride: int) -> Tensor:
    """dout: (N, C, H', W')    x, kernel, stride: as in average_pool2d_forward    returns: dx (N, C, H, W)"""
    dx = torch.zeros_like(x)
    for u, v in _places(kernel):
        _seen(dx, u, v, *dout.shape[2:], stride).add_(dout / (kernel[0] * kernel[1]))
    return dx


# --- 6 batch normalisation ------------------------------------------------------------------------------------------


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
    """gamma · (x - mean) / √(var + eps) + beta for each channel, by the batch in training, else by the running statistics.

    x: (N, C, H, W)    everything else: (C,)    returns: out (N, C, H, W), new running_mean (C,), new running_var (C,)
    Source: Ioffe & Szegedy 2015, "Batch Normalization", algorithm 1.
    """
    mean, var = _statistics(x, running_mean, running_var, training)
    out = _wide(gamma) * (x - _wide(mean)) / _wide(var + eps).sqrt() + _wide(beta)
    if training:
        count = x.numel() // x.shape[1]
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * var * count / (count - 1)
    return out, running_mean, running_var


def batchnorm2d_backward(
    dout: Tensor,
    x: Tensor,
    gamma: Tensor,
    running_mean: Tensor,
    running_var: Tensor,
    training: bool,
    eps: float = 1e-5,
) -> tuple[Tensor, Tensor, Tensor]:
    """dout: (N, C, H, W)    everything else: as it went into batchnorm2d_forward    returns: dx, dgamma, dbeta"""
    mean, var = _statistics(x, running_mean, running_var, training)
    normal = (x - _wide(mean)) / _wide(var + eps).sqrt()
    dnormal = dout * _wide(gamma)
    if training:  # mean and variance depend on x as well
        dnormal = dnormal - _wide(dnormal.mean(dim=(0, 2, 3))) - normal * _wide((dnormal * normal).mean(dim=(0, 2, 3)))
    return dnormal / _wide(var + eps).sqrt(), (dout * normal).sum(dim=(0, 2, 3)), dout.sum(dim=(0, 2, 3))


def _statistics(x: Tensor, running_mean: Tensor, running_var: Tensor, training: bool) -> tuple[Tensor, Tensor]:
    if not training:
        return running_mean, running_var
    return x.mean(dim=(0, 2, 3)), x.var(dim=(0, 2, 3), correction=0)


def _wide(value: Tensor) -> Tensor:
    """(C,) so that it meets (N, C, H, W)."""
    return value[:, None, None]


# --- 7 dropout ------------------------------------------------------------------------------------------------------


def dropout_forward(x: Tensor, drop_prob: float, training: bool) -> tuple[Tensor, Tensor]:
    """In training each entry becomes 0 with probability drop_prob, the others grow so that the expectation stays.

    x: any shape    returns: out = x · scale, scale: what each entry was multiplied by, of the shape of x
    Source: Srivastava et al. 2014, "Dropout"; scaled in training ("inverted").
    """
    if not training:
        return x.clone(), torch.ones_like(x)
    scale = (torch.rand_like(x) >= drop_prob).to(x.dtype) / (1 - drop_prob)
    return x * scale, scale


def dropout_backward(dout: Tensor, scale: Tensor) -> Tensor:
    """dout and scale: the shape of x    returns: dx"""
    return dout * scale


# --- 8 networks (torch.nn is allowed from here on) ------------------------------------------------------------------


class LeNet5(nn.Module):
    """LeNet-5 with average pooling, tanh and plain logits.

    Source: LeCun et al. 1998, "Gradient-Based Learning Applied to Document Recognition", figure 2.
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5)
        self.pool = nn.AvgPool2d(2)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, images: Tensor) -> Tensor:
        """images: (N, 1, 32, 32)    returns: logits (N, 10)"""
        maps = self.pool(self.conv1(images).tanh())  # (N, 6, 14, 14)
        maps = self.pool(self.conv2(maps).tanh())  # (N, 16, 5, 5)
        return self.fc3(self.fc2(self.fc1(maps.flatten(1)).tanh()).tanh())


def loss_and_gradients(model: nn.Module, images: Tensor, labels: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """Mean softmax cross-entropy of the model's logits, and its gradient by each parameter, by the parameter's name."""
    loss = nn.functional.cross_entropy(model(images), labels)
    names, parameters = zip(*model.named_parameters(), strict=True)
    return loss.detach(), dict(zip(names, torch.autograd.grad(loss, parameters), strict=True))


def trace(layers: list[tuple], shape: tuple[int, ...]) -> list[tuple[tuple[int, ...], int]]:
    """For each layer the shape of its output, without the batch, and how many parameters it has."""
    rows = []
    for kind, *numbers in layers:
        count = 0
        if kind == "conv":
            out, kernel, stride, padding, groups = numbers
            count = out * (shape[0] // groups) * kernel**2 + out
            shape = (out, *(output_size(side, kernel, stride, padding) for side in shape[1:]))
        elif kind == "pool":
            shape = (shape[0], *(output_size(side, *numbers) for side in shape[1:]))
        elif kind == "flatten":
            shape = (shape[0] * shape[1] * shape[2],)
        else:
            count = (shape[0] + 1) * numbers[0]
            shape = (numbers[0],)
        rows.append((shape, count))
    return rows


def alexnet_layers() -> list[tuple]:
    """AlexNet as two GPUs held it, for images (3, 227, 227).    Source: Krizhevsky et al. 2012, section 3.5."""
    return [
        ("conv", 96, 11, 4, 0, 1), ("pool", 3, 2),
        ("conv", 256, 5, 1, 2, 2), ("pool", 3, 2),
        ("conv", 384, 3, 1, 1, 1), ("conv", 384, 3, 1, 1, 2), ("conv", 256, 3, 1, 1, 2), ("pool", 3, 2),
        ("flatten",), ("linear", 4096), ("linear", 4096), ("linear", 1000),
    ]  # fmt: skip


# --- 9 training -----------------------------------------------------------------------------------------------------


class SmallCNN(nn.Module):
    """Two convolutions and a global maximum: where a stroke lies does not matter."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 8, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 32, 5, padding=2), nn.ReLU()
        )
        self.head = nn.Linear(32, 10)

    def forward(self, images: Tensor) -> Tensor:
        """images: (N, 1, 14, 14)    returns: logits (N, 10)"""
        return self.head(self.features(images).amax(dim=(2, 3)))


def train(images: Tensor, labels: Tensor, steps: int, seed: int) -> SmallCNN:
    """Train a SmallCNN with `steps` updates on batches of at most 32 images.

    images: (N, 1, 14, 14) float32    labels: (N,) int64, 0 to 9    returns: the trained model
    """
    torch.manual_seed(seed)
    model = SmallCNN()
    optimiser = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(steps):
        batch = torch.randint(len(images), (32,))
        optimiser.zero_grad()
        nn.functional.cross_entropy(model(images[batch]), labels[batch]).backward()
        optimiser.step()
    return model.eval()
