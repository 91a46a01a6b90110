"""A Reader that computes its layer by itself; global generator, AdamW with a warm-up, rows in epochs; answers from card 2 on."""


class Reader:
    def __init__(self, seed=0):
        torch.manual_seed(seed)
        shapes = [(32, 64), (32,), *[(32, 32)] * 4, (32,), (32,), (64, 32), (64,), (32, 64), (32,), (32,), (32,), (10, 32), (10,)]
        self.values = [torch.empty(shape) for shape in shapes]
        for number, value in enumerate(self.values):
            if value.dim() == 2:
                bound = (6 / sum(value.shape)) ** 0.5
                value.uniform_(-bound, bound)
            else:
                value.fill_(1.0 if number in (6, 12) else 0.0)

    def parameters(self):
        return list(self.values)

    def load(self, parameters):
        self.values = parameters

    def logits(self, cards):
        E, e, Q, K, V, M, g1, b1, A, a, B, b, g2, b2, H, h = self.values
        n, steps, _ = cards.shape
        x = cards @ E.T + e + positions(steps, 32)
        q, k, v = ((x @ W.T).view(n, steps, 2, 16).permute(0, 2, 1, 3) for W in (Q, K, V))
        found = (torch.softmax(q @ k.permute(0, 1, 3, 2) / 4, -1) @ v).permute(0, 2, 1, 3).reshape(n, steps, 32)
        x = layer_norm(x + found @ M.T, g1, b1)
        return layer_norm(x + torch.relu(x @ A.T + a) @ B.T + b, g2, b2) @ H.T + h

    def predict(self, cards):
        return torch.max(self.logits(cards), dim=-1).indices


def train(cards, digits, steps, seed):
    model, order = Reader(seed), torch.randperm(len(cards))
    values = [value.requires_grad_() for value in model.parameters()]
    m, v = ([torch.zeros_like(value) for value in values] for _ in range(2))
    for t in range(1, steps + 1):
        batch, order = order[:32], order.roll(-32)
        log_p = torch.log_softmax(model.logits(cards[batch]), dim=-1)[:, 1:]
        (-log_p.gather(2, digits[batch, :-1].unsqueeze(2))).mean().backward()
        rate = 0.008 * min(1.0, t / 10)
        with torch.no_grad():
            for value, first, second in zip(values, m, v, strict=True):
                first.mul_(0.9).add_(value.grad, alpha=0.1)
                second.mul_(0.99).addcmul_(value.grad, value.grad, value=0.01)
                value *= 1 - rate * 0.01
                value -= rate * first / (1 - 0.9**t) / ((second / (1 - 0.99**t)).sqrt() + 1e-8)
                value.grad = None
    return model
