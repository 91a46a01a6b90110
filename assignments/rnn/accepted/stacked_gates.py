"""All gates of a step from one product with a stacked matrix; torch's logistic function written out."""


def logistic(value):
    return 0.5 * (1 + torch.tanh(0.5 * value))


def lstm_step(x, h, C, weights):
    W = torch.cat([weights[f"W_{name}"] for name in "fioc"])
    b = torch.cat([weights[f"b_{name}"] for name in "fioc"])
    H = h.shape[-1]
    a = torch.addmm(b, h, W[:, :H].T) + x @ W[:, H:].T
    f, i, o = logistic(a[:, : 3 * H]).chunk(3, dim=1)
    c = a[:, 3 * H :].tanh()
    new = i * c + f * C
    return [f, i, c, new, o, new.tanh() * o]


def lstm_forward(x, lengths, h0, C0, weights):
    h, C, out = h0, C0, []
    for t in range(x.shape[1]):
        inside = (lengths > t).to(x.dtype)[:, None]
        values = lstm_step(x[:, t], h, C, weights)
        h = inside * values[5] + (1 - inside) * h
        C = inside * values[3] + (1 - inside) * C
        out.append(h)
    return torch.stack(out, 1), C


def gru_step(x, h, weights):
    H = h.shape[-1]
    a = torch.cat([h, x], 1) @ torch.cat([weights["W_z"], weights["W_r"]]).T + torch.cat([weights["b_z"], weights["b_r"]])
    z, r = logistic(a).split(H, dim=1)
    W, U = weights["W_h"][:, H:], weights["W_h"][:, :H]
    candidate = torch.tanh((r * h) @ U.T + x @ W.T + weights["b_h"])
    return z, r, candidate, candidate + z * (h - candidate)


def gru_forward(x, lengths, h0, weights):
    states = torch.zeros(x.shape[0], x.shape[1], h0.shape[1], dtype=x.dtype)
    h = h0
    for t in range(x.shape[1]):
        h = torch.lerp(h, gru_step(x[:, t], h, weights)[3], (lengths > t).to(x.dtype)[:, None])
        states[:, t] = h
    return states


def masked_forward(x, lengths, h0, W_hh, W_hx, b):
    """All states first; then each step looks up where it is, or where its sequence ended."""
    states = rnn_forward(x, h0, W_hh, W_hx, b)
    index = torch.minimum(torch.arange(x.shape[1])[None], lengths[:, None] - 1)
    return torch.take_along_dim(states, index[:, :, None], dim=1)


def clip_gradients(gradients, max_norm):
    flat = torch.cat([g.reshape(-1) for g in gradients])
    norm = torch.linalg.vector_norm(flat)
    factor = min(1.0, max_norm / (float(norm) + 1e-6))
    return tuple(g * factor for g in gradients), norm


def jacobian_norms(states, W_hh):
    steps, norms = len(states) - 1, []
    for k in range(steps + 1):
        product = torch.eye(W_hh.shape[0], dtype=W_hh.dtype)
        for t in range(k + 1, steps + 1):
            product = torch.diag(1 - states[t] * states[t]) @ W_hh @ product
        norms.append((product**2).sum() ** 0.5)
    return torch.stack(norms)
