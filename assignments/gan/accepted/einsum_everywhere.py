"""Sums written with indices; the reconstruction through the covariance; tanh and lrelu from other functions."""


def autoencode(x, W_e, b_e, W_d, b_d):
    code = 2 * torch.sigmoid(2 * (torch.einsum("nd,kd->nk", x, W_e) + b_e)) - 1
    return [code, torch.einsum("nk,dk->nd", code, W_d) + b_d]


def autoencoder_loss(x, W_e, b_e, W_d, b_d, sparsity=0.0, decay=0.0):
    code, again = autoencode(x, W_e, b_e, W_d, b_d)
    wrong = x - again
    sizes = torch.einsum("kd,kd->", W_e, W_e) + torch.einsum("dk,dk->", W_d, W_d)
    return (torch.einsum("nd,nd->", wrong, wrong) + sparsity * code.abs().sum()) / len(x) + decay * sizes


def contractive_penalty(code, W_e):
    jacobian = torch.einsum("nk,kd->nkd", 1 - code * code, W_e)
    return jacobian.pow(2).sum(dim=(1, 2)).mean()


def linear_reconstruction(x, size):
    centred = x - x.mean(0, keepdim=True)
    _, vectors = torch.linalg.eigh(centred.T @ centred)  # the least important first
    kept = vectors[:, vectors.shape[1] - size :]
    return torch.einsum("nd,dk,ek->ne", centred, kept, kept) + x.mean(0)


def mapping_network(z, layers):
    w = z * torch.rsqrt(torch.einsum("nk,nk->n", z, z) / z.shape[1] + 1e-8).unsqueeze(1)
    for W, b in layers:
        a = torch.einsum("ni,oi->no", w, W) + b
        w = torch.maximum(a, 0.2 * a)
    return w


def adain(x, scale, shift, eps=1e-5):
    n, channels, *picture = x.shape
    rows = x.reshape(n * channels, -1)
    variance, mean = torch.var_mean(rows, dim=1, unbiased=False, keepdim=True)
    normal = ((rows - mean) * torch.rsqrt(variance + eps)).reshape(n, channels, *picture)
    return torch.einsum("nchw,nc->nchw", normal, scale) + shift.reshape(n, channels, 1, 1)


def inject_noise(x, noise, strength):
    return x + torch.einsum("nihw,c->nchw", noise, strength)


def style_layer(x, noise, w, strength, A, a):
    style = torch.einsum("nk,ck->nc", w, A) + a
    channels, value = x.shape[1], inject_noise(x, noise, strength)
    return adain(value.clamp(min=0) + 0.2 * value.clamp(max=0), style[:, :channels], style[:, channels:])
