"""im2col: every window becomes a row, convolution a product of matrices, the way back its transpose; batch normalisation on
rows of C numbers, its gradient step by step; dropout by torch.bernoulli."""


def indices(size, kernel, stride, dilation=1):
    """(positions, kernel): which index each kernel entry meets at each position."""
    starts = stride * torch.arange((size - dilation * (kernel - 1) - 1) // stride + 1)
    return starts[:, None] + dilation * torch.arange(kernel)


def im2col(x, kernel, stride, dilation=1):
    """(N, H', W', C, U, V)"""
    rows, columns = indices(x.shape[2], kernel[0], stride, dilation), indices(x.shape[3], kernel[1], stride, dilation)
    return x[:, :, rows[:, None, :, None], columns[None, :, None, :]].permute(0, 2, 3, 1, 4, 5)


def col2im(columns, shape, stride, dilation=1):
    """The transpose of im2col: what lies on the same pixel is added up."""
    n, _, _, c, u, v = columns.shape
    rows, cols = indices(shape[2], u, stride, dilation), indices(shape[3], v, stride, dilation)
    place = (rows[:, None, :, None] * shape[3] + cols[None, :, None, :]).reshape(-1)
    image = columns.new_zeros(n, c, shape[2] * shape[3])
    image.index_add_(2, place, columns.permute(0, 3, 1, 2, 4, 5).reshape(n, c, -1))
    return image.view(shape)


def pad(x, padding):
    wide = torch.zeros(*x.shape[:2], x.shape[2] + 2 * padding, x.shape[3] + 2 * padding, dtype=x.dtype)
    wide[:, :, padding : x.shape[2] + padding, padding : x.shape[3] + padding] += x
    return wide


def conv2d_forward(x, weight, bias, stride=1, padding=0, dilation=1):
    columns = im2col(pad(x, padding), weight.shape[2:], stride, dilation)
    out = columns.flatten(3) @ weight.flatten(1).T + bias
    return out.permute(0, 3, 1, 2)  # not contiguous


def conv2d_backward(dout, x, weight, stride=1, padding=0, dilation=1):
    wide = pad(x, padding)
    columns = im2col(wide, weight.shape[2:], stride, dilation).flatten(3)
    upstream = dout.permute(0, 2, 3, 1)
    dweight = torch.tensordot(upstream, columns, dims=([0, 1, 2], [0, 1, 2])).view_as(weight)
    dcolumns = (upstream @ weight.flatten(1)).unflatten(3, weight.shape[1:])
    dx = col2im(dcolumns, wide.shape, stride, dilation)
    end = -padding if padding else None
    return dx[:, :, padding:end, padding:end], dweight, upstream.sum((0, 1, 2))


def max_pool2d_forward(x, kernel, stride):
    return im2col(x, kernel, stride).flatten(4).max(dim=4)[0].movedim(3, 1)


def average_pool2d_forward(x, kernel, stride):
    return im2col(x, kernel, stride).mean(dim=(4, 5)).movedim(3, 1)


def max_pool2d_backward(dout, x, kernel, stride):
    columns = im2col(x, kernel, stride)
    chosen = torch.zeros_like(columns.flatten(4)).scatter_(4, columns.flatten(4).argmax(4, keepdim=True), 1.0)
    return col2im((chosen * dout.movedim(1, 3)[..., None]).view(columns.shape), x.shape, stride)


def average_pool2d_backward(dout, x, kernel, stride):
    share = dout.movedim(1, 3)[..., None, None] / (kernel[0] * kernel[1])
    return col2im(share.expand(*share.shape[:4], *kernel), x.shape, stride)


def rows_of(x):
    return x.permute(0, 2, 3, 1).reshape(-1, x.shape[1])


def image_of(rows, like):
    n, c, h, w = like.shape
    return rows.reshape(n, h, w, c).permute(0, 3, 1, 2)


def batchnorm2d_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    rows, new_mean, new_var = rows_of(x), running_mean.clone(), running_var.clone()
    if training:
        mean, var = rows.mean(0), ((rows - rows.mean(0)) ** 2).mean(0)
        new_mean.mul_(1 - momentum).add_(mean, alpha=momentum)
        new_var.lerp_(rows.var(0, unbiased=True), momentum)
    else:
        mean, var = running_mean, running_var
    normal = (rows - mean) * torch.rsqrt(var + eps)
    return image_of(normal * gamma + beta, x).contiguous(), new_mean, new_var


def batchnorm2d_backward(dout, x, gamma, running_mean, running_var, training, eps=1e-5):
    rows, upstream, n = rows_of(x), rows_of(dout), x.numel() // x.shape[1]
    mean, var = (rows.mean(0), rows.var(0, unbiased=False)) if training else (running_mean, running_var)
    centred, root = rows - mean, torch.sqrt(var + eps)
    dnormal = upstream * gamma
    drows = dnormal / root
    if training:
        dvar = (dnormal * centred).sum(0) * -0.5 * root**-3
        dmean = -dnormal.sum(0) / root + dvar * (-2 * centred).sum(0) / n
        drows = drows + 2 * dvar * centred / n + dmean / n
    return image_of(drows, x), (upstream * centred / root).sum(0), upstream.sum(0)


def dropout_forward(x, drop_prob, training):
    scale = torch.ones_like(x)
    if training:
        scale = torch.bernoulli(torch.full_like(x, 1 - drop_prob)).div_(1 - drop_prob)
    return scale * x, scale


def dropout_backward(dout, scale):
    dx = dout.clone()
    dx *= scale
    return dx
