"""One sequence, one step and one unit after the other; results written into buffers of one's own."""


def rnn_step(x, h, W_hh, W_hx, b, activation="tanh"):
    rows = []
    for x_n, h_n in zip(x, h, strict=True):
        sums = [b[i] + torch.dot(W_hh[i], h_n) + torch.dot(W_hx[i], x_n) for i in range(len(b))]
        rows.append(torch.stack(sums))
    a = torch.stack(rows)
    return torch.tanh(a) if activation == "tanh" else torch.where(a > 0, a, torch.zeros_like(a))


def rnn_forward(x, h0, W_hh, W_hx, b, activation="tanh"):
    n, steps, _ = x.shape
    states = x.new_empty(n, steps, h0.shape[1])
    for t in range(steps):
        before = h0 if t == 0 else states[:, t - 1].clone()
        states[:, t] = rnn_step(x[:, t], before, W_hh, W_hx, b, activation)
    return states


def masked_forward(x, lengths, h0, W_hh, W_hx, b):
    rows = []
    for n, length in enumerate(lengths.tolist()):
        row = rnn_forward(x[n : n + 1, :length], h0[n : n + 1], W_hh, W_hx, b)
        rows.append(torch.cat([row, row[:, -1:].expand(-1, x.shape[1] - length, -1)], dim=1))
    return torch.cat(rows)


def length_mask(lengths, steps):
    return torch.tensor([[t < length for t in range(steps)] for length in lengths.tolist()])


def last_state(states, lengths):
    return torch.stack([row[length - 1] for row, length in zip(states, lengths.tolist(), strict=True)])


def mean_state(states, lengths):
    return torch.stack([row[:length].mean(0) for row, length in zip(states, lengths.tolist(), strict=True)])


def reverse_sequences(x, lengths):
    out = x.clone()
    for n, length in enumerate(lengths.tolist()):
        out[n, :length] = x[n, :length].flip(0)
    return out


def masked_cross_entropy(logits, labels, lengths):
    total = 0.0
    for n, length in enumerate(lengths.tolist()):
        for t in range(length):
            z = logits[n, t]
            total = total + (z - z.max()).exp().sum().log() + z.max() - z[labels[n, t]]
    return total / lengths.sum()


def fill_slots(words, logits):
    names, found = {1: "destination", 2: "arrival"}, {}
    for word, row in zip(words, logits, strict=True):
        k = max(range(3), key=lambda i: float(row[i]))
        if k in names:
            found.setdefault(names[k], []).append(word)
    return {name: "".join(parts) for name, parts in found.items()}
