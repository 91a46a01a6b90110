"""A Reader with a cell object, Xavier's initialisation, RMSprop with a falling rate, no clipping; epochs in order."""


class Cell:
    def __init__(self, generator):
        self.values = []
        for _ in range(3):
            bound = (6 / (48 + 76)) ** 0.5
            self.values += [torch.empty(48, 76).uniform_(-bound, bound, generator=generator), torch.zeros(48)]

    def __call__(self, letters, h):
        W_z, b_z, W_r, b_r, W_h, b_h = self.values
        x = (letters[:, None] == torch.arange(28)).float()
        z, r = ((torch.cat([h, x], 1) @ W.T + b).sigmoid() for W, b in ((W_z, b_z), (W_r, b_r)))
        return (1 - z) * (torch.cat([r * h, x], 1) @ W_h.T + b_h).tanh() + z * h


class Reader:
    def __init__(self, seed=0):
        generator = torch.Generator().manual_seed(seed)
        self.cell = Cell(generator)
        self.head = [0.3 * torch.randn(6, 48, generator=generator), torch.zeros(6)]

    def parameters(self):
        return self.cell.values + self.head

    def load(self, parameters):
        self.cell.values, self.head = list(parameters[:6]), list(parameters[6:])

    def logits(self, words, lengths):
        h = torch.zeros(words.shape[0], 48)
        for t in range(words.shape[1]):
            h = torch.where((lengths > t).unsqueeze(1), self.cell(words[:, t], h), h)
        return torch.addmm(self.head[1], h, self.head[0].T)

    def predict(self, words, lengths):
        return torch.max(self.logits(words, lengths), dim=1).indices


def train(words, lengths, labels, steps, seed):
    model = Reader(seed)
    squares = [torch.zeros_like(value) for value in model.parameters()]
    for value in model.parameters():
        value.requires_grad = True
    for step in range(steps):
        batch = torch.arange(32 * step, 32 * (step + 1)) % len(words)
        logits = model.logits(words[batch], lengths[batch])
        loss = (torch.logsumexp(logits, 1) - logits.gather(1, labels[batch, None])[:, 0]).sum() / 32
        loss.backward()
        with torch.no_grad():
            for value, square in zip(model.parameters(), squares, strict=True):
                square.mul_(0.9).add_(0.1 * value.grad**2)
                value.sub_(0.01 * (1 - 0.8 * step / steps) * value.grad / (square.sqrt() + 1e-8))
                value.grad.zero_()
    return model
