"""A cache that is written into buffers of one's own; writing until all have ended, then filled up with EOS."""


def cached_attention(x, keys, values, W_q, W_k, W_v, W_o, heads):
    n, _, t, size = keys.shape
    more_keys, more_values = x.new_empty(n, heads, t + 1, size), x.new_empty(n, heads, t + 1, size)
    more_keys[:, :, :t], more_values[:, :, :t] = keys, values
    more_keys[:, :, t] = (x[:, 0] @ W_k.T).view(n, heads, size)
    more_values[:, :, t] = (x[:, 0] @ W_v.T).view(n, heads, size)
    q = (x[:, 0] @ W_q.T).view(n, heads, size)
    weights = torch.softmax((more_keys * q[:, :, None]).sum(-1) / size**0.5, dim=-1)  # (n, heads, t + 1)
    found = (weights[..., None] * more_values).sum(2).reshape(n, 1, heads * size)
    return [found @ W_o.T, more_keys, more_values]


def decode_step(tokens, cache, memory, lengths, model):
    t, new = cache[0][0].size(2), []
    x = embed(tokens.unsqueeze(1), model["E"], t)
    for w, (keys, values) in zip(model["decoder"], cache, strict=True):
        found, keys, values = cached_attention(x, keys, values, w["W_q"], w["W_k"], w["W_v"], w["W_o"], model["heads"])
        a = layer_norm(x + found, w["gamma_1"], w["beta_1"])
        theirs = multi_head_attention(
            a, memory, memory, w["U_q"], w["U_k"], w["U_v"], w["U_o"], model["heads"], padding_mask(lengths, memory.size(1))
        )
        b = layer_norm(a + theirs, w["gamma_2"], w["beta_2"])
        x = layer_norm(b + torch.relu(b @ w["W_1"].T + w["b_1"]) @ w["W_2"].T + w["b_2"], w["gamma_3"], w["beta_3"])
        new.append([keys, values])
    return torch.log_softmax(x.squeeze(1) @ model["V"].T + model["c"], dim=-1), new


def generate(source, lengths, model, max_length):
    """Without a cache: all that has been written is read again for every token."""
    memory = encode(source, lengths, model)
    tokens = torch.full((len(source), 1), BOS)
    for _ in range(max_length):
        best = decode(tokens, memory, lengths, model)[:, -1].max(dim=-1).indices
        ended = (tokens[:, 1:] == EOS).any(dim=1)
        tokens = torch.cat([tokens, best.masked_fill(ended, EOS)[:, None]], dim=1)
    return tokens[:, 1:]
