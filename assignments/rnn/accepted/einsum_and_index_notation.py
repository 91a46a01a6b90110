"""Matrices by index notation; gathers and weighted masks instead of indexing."""


def rnn_step(x, h, W_hh, W_hx, b, activation="tanh"):
    a = torch.einsum("ij,nj->ni", W_hh, h) + torch.einsum("id,nd->ni", W_hx, x) + b
    return {"tanh": torch.tanh, "relu": lambda value: torch.maximum(value, value.new_zeros(()))}[activation](a)


def classify(x, rnn, head, pooling="last", activation="tanh"):
    W_hh, W_hx, b = rnn
    states = rnn_forward(x, torch.zeros(x.shape[0], W_hh.shape[0], dtype=x.dtype), W_hh, W_hx, b, activation)
    weights = torch.zeros(x.shape[1], dtype=x.dtype)
    weights[:] = 1 / x.shape[1]
    if pooling == "last":
        weights = torch.eye(x.shape[1], dtype=x.dtype)[-1]
    return torch.einsum("kh,nth,t->nk", head[0], states, weights) + head[1]


def tag(x, rnn, head, activation="tanh"):
    W_hh, W_hx, b = rnn
    states = rnn_forward(x, torch.zeros(x.shape[0], len(b), dtype=x.dtype), W_hh, W_hx, b, activation)
    return torch.einsum("kh,nth->ntk", head[0], states) + head[1]


def last_state(states, lengths):
    index = (lengths - 1)[:, None, None].expand(-1, 1, states.shape[2])
    return states.gather(1, index).squeeze(1)


def mean_state(states, lengths):
    weights = length_mask(lengths, states.shape[1]).to(states.dtype) / lengths[:, None].to(states.dtype)
    return torch.einsum("nt,nth->nh", weights, states)


def masked_cross_entropy(logits, labels, lengths):
    mask = length_mask(lengths, logits.shape[1])
    safe = labels.masked_fill(~mask, 0)
    losses = -torch.log_softmax(logits, dim=-1).gather(-1, safe.unsqueeze(-1)).squeeze(-1)
    return losses.masked_fill(~mask, 0.0).sum() / mask.sum()


def rnn_backward(dstates, cache):
    x, h0, states, W_hh, W_hx = cache
    carried = torch.zeros_like(h0)
    dx, db = torch.empty_like(x), torch.zeros_like(h0[0])
    dW_hh, dW_hx = torch.zeros_like(W_hh), torch.zeros_like(W_hx)
    for t in range(x.shape[1] - 1, -1, -1):
        da = torch.addcmul(carried + dstates[:, t], carried + dstates[:, t], states[:, t] ** 2, value=-1)
        before = states[:, t - 1] if t > 0 else h0
        dW_hh += da.T @ before
        dW_hx += da.T @ x[:, t]
        db += da.sum(0)
        dx[:, t] = da @ W_hx
        carried = torch.einsum("ni,ij->nj", da, W_hh)
    return [dx, carried, dW_hh, dW_hx, db]


def pool_backward(dpooled, lengths, steps, pooling="last"):
    dstates = torch.zeros(len(dpooled), steps, dpooled.shape[1], dtype=dpooled.dtype)
    for n, length in enumerate(lengths.tolist()):
        if pooling == "last":
            dstates[n, length - 1] = dpooled[n]
        else:
            dstates[n, :length] = dpooled[n] / length
    return dstates
