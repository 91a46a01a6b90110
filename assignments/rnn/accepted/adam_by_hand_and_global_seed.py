"""Training from the global generator with an Adam of one's own; letters looked up as columns; stacked gates."""


class Reader(Reader):
    def __init__(self, seed=0):
        torch.manual_seed(seed)
        self._parameters = [v for _ in range(3) for v in (torch.randn(48, 76) * 0.15, torch.zeros(48))]
        self._parameters += [torch.randn(6, 48) * 0.2, torch.randn(6) * 0.01]

    def logits(self, words, lengths):
        W_z, b_z, W_r, b_r, W_h, b_h, V, c = self._parameters
        gates, candidate = torch.cat([W_z, W_r])[:, 48:].T, W_h[:, 48:].T  # a row for each letter
        U, U_h, b = torch.cat([W_z, W_r])[:, :48].T, W_h[:, :48].T, torch.cat([b_z, b_r])
        h = torch.zeros(len(words), 48)
        for t in range(int(lengths.max())):
            z, r = torch.sigmoid(h @ U + gates[words[:, t]] + b).chunk(2, dim=1)
            new = torch.tanh((r * h) @ U_h + candidate[words[:, t]] + b_h)
            keep = torch.where((t < lengths)[:, None], z, torch.ones_like(z))
            h = keep * h + (1 - keep) * new
        return h @ V.T + c


def train(words, lengths, labels, steps, seed):
    model, order = Reader(seed), torch.randperm(len(words))
    parameters = [value.requires_grad_(True) for value in model.parameters()]
    first, second = ([torch.zeros_like(value) for value in parameters] for _ in range(2))
    for t in range(1, steps + 1):
        batch, order = order[:32], order.roll(-32)
        log_p = torch.log_softmax(model.logits(words[batch], lengths[batch]), dim=1)
        (-log_p[range(len(batch)), labels[batch]].mean()).backward()
        with torch.no_grad():
            for value, m, v in zip(parameters, first, second, strict=True):
                m.lerp_(value.grad, 0.1)
                v.lerp_(value.grad**2, 0.01)
                value -= 0.01 * (m / (1 - 0.9**t)) / ((v / (1 - 0.99**t)).sqrt() + 1e-8)
                value.grad = None
    return model
