"""Batch normalisation on rows of C numbers, its gradient step by step; dropout by torch.bernoulli."""


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
