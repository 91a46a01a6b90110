"""Convolution by the convolution theorem; the layers from it; pooling and circular convolution by strided views."""


def convolve_full(x, w):
    size = x.shape[0] + w.shape[0] - 1, x.shape[1] + w.shape[1] - 1
    return torch.fft.irfft2(torch.fft.rfft2(x, size) * torch.fft.rfft2(w, size), size)


def convolve(x, w):
    rows, columns = w.shape
    return convolve_full(x, w)[rows - 1 : x.shape[0], columns - 1 : x.shape[1]]


def cross_correlate(x, w):
    return convolve(x, torch.flip(w, dims=[0, 1]))


def circular_conv2d(x, weight):
    """Wrapped by indices, then one einsum over strided windows."""
    height, width = x.shape[2:]
    kernel = weight.shape[2:]
    rows = torch.arange(-(kernel[0] // 2), height + kernel[0] // 2) % height
    columns = torch.arange(-(kernel[1] // 2), width + kernel[1] // 2) % width
    wrapped = x[:, :, rows][:, :, :, columns]
    return torch.einsum("nchwuv,ocuv->nohw", wrapped.unfold(2, kernel[0], 1).unfold(3, kernel[1], 1), weight)


def global_average_pool2d(x):
    return x.flatten(2).sum(-1) / (x.size(2) * x.size(3))


def max_pool2d_forward(x, kernel, stride):
    return x.unfold(2, kernel[0], stride).unfold(3, kernel[1], stride).amax(dim=(-1, -2))


def average_pool2d_forward(x, kernel, stride):
    """Rows first, then columns."""
    return x.unfold(2, kernel[0], stride).mean(-1).unfold(3, kernel[1], stride).mean(-1)


def max_pool2d_backward(dout, x, kernel, stride):
    """By looking at every pixel's windows: index arithmetic and scatter_add_ on a flat picture."""
    n, c, h, w = x.shape
    windows = x.unfold(2, kernel[0], stride).unfold(3, kernel[1], stride).flatten(4)
    best = windows.argmax(-1)
    top = torch.arange(dout.shape[2])[:, None] * stride + torch.div(best, kernel[1], rounding_mode="floor")
    left = torch.arange(dout.shape[3]) * stride + best % kernel[1]
    flat = torch.zeros(n, c, h * w, dtype=dout.dtype)
    return flat.scatter_add_(2, (top * w + left).flatten(2), dout.flatten(2)).reshape(x.shape)
