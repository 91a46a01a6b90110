"""The hand-written parts in numpy, with torch only at the door."""

import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def convolve(x, w):
    windows = sliding_window_view(x.numpy(), tuple(w.shape))
    return torch.from_numpy(np.einsum("ijuv,uv->ij", windows, w.numpy()[::-1, ::-1]))


def output_size(size, kernel, stride=1, padding=0, dilation=1):
    return math.floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1)


def conv2d_forward(x, weight, bias, stride=1, padding=0, dilation=1):
    wide = np.pad(x.numpy(), ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    reach = [dilation * (k - 1) + 1 for k in weight.shape[2:]]
    windows = sliding_window_view(wide, reach, axis=(2, 3))[:, :, ::stride, ::stride, ::dilation, ::dilation]
    out = np.tensordot(windows, weight.numpy(), axes=([1, 4, 5], [1, 2, 3])) + bias.numpy()
    return torch.from_numpy(out.transpose(0, 3, 1, 2).copy())


def conv2d_backward(dout, x, weight, stride=1, padding=0, dilation=1):
    """dx by stretching dout and convolving it with the flipped kernel, as textbooks do."""
    dout, x, weight = dout.numpy(), x.numpy(), weight.numpy()
    wide = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    reach = [dilation * (k - 1) + 1 for k in weight.shape[2:]]
    windows = sliding_window_view(wide, reach, axis=(2, 3))[:, :, ::stride, ::stride, ::dilation, ::dilation]
    dweight = np.einsum("nohw,nchwuv->ocuv", dout, windows)
    stretched = np.zeros((*dout.shape[:2], wide.shape[2] + reach[0] - 1, wide.shape[3] + reach[1] - 1), dtype=dout.dtype)
    rows, columns = (slice(r - 1, r + stride * (n - 1), stride) for r, n in zip(reach, dout.shape[2:], strict=True))
    stretched[:, :, rows, columns] = dout
    met = sliding_window_view(stretched, reach, axis=(2, 3))[..., ::dilation, ::dilation]
    dwide = np.einsum("nohwuv,ocuv->nchw", met, weight[:, :, ::-1, ::-1])
    dx = dwide[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]]
    return tuple(torch.from_numpy(np.ascontiguousarray(g)) for g in (dx, dweight, dout.sum(axis=(0, 2, 3))))


def dropout_forward(x, drop_prob, training):
    if not training or drop_prob == 0:
        return x, torch.ones_like(x)
    kept = np.random.random(tuple(x.shape)) > drop_prob
    scale = torch.from_numpy(kept / (1.0 - drop_prob)).to(x.dtype)
    return x * scale, scale
