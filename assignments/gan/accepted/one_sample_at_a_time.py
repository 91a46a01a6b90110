"""Loops over samples, times and the numbers of a code."""


def kl_divergence(mu, logvar):
    total = 0.0
    for k in range(mu.shape[1]):
        total = total + (mu[:, k] ** 2 + torch.exp(logvar[:, k]) - 1 - logvar[:, k]) / 2
    return total


def condition(x, labels, classes):
    rows = []
    for row, label in zip(x, labels.tolist(), strict=True):
        one_hot = row.new_zeros(classes)
        one_hot[label] = 1
        rows.append(torch.cat([row, one_hot]))
    return torch.stack(rows)


def cycle_loss(x, y, to_y, to_x):
    def there(value, W, b):
        return torch.tanh(W @ value + b)

    first = [(there(there(value, *to_y), *to_x) - value).abs().mean() for value in x]
    second = [(there(there(value, *to_x), *to_y) - value).abs().mean() for value in y]
    return sum(first) / len(first) + sum(second) / len(second)


def alpha_bars(betas):
    bars, bar = [], 1.0
    for beta in betas:
        bar = bar * (1 - beta)
        bars.append(bar)
    return torch.stack(bars)


def q_sample(x0, t, noise, betas):
    bars = alpha_bars(betas)[t]
    return torch.stack([bar**0.5 * x + (1 - bar) ** 0.5 * e for x, e, bar in zip(x0, noise, bars, strict=True)])


def gradient_penalty(critic, real, fake, alpha):
    penalties = []
    for x, y, a in zip(real, fake, alpha, strict=True):
        point = (a * x + (1 - a) * y).detach()[None].requires_grad_(True)
        gradient = torch.autograd.grad(critic(point).squeeze(), point, create_graph=True)[0]
        penalties.append((torch.sqrt((gradient**2).sum()) - 1) ** 2)
    return torch.stack(penalties).mean()


def noise_loss(model, x0, t, noise, betas):
    total = 0.0
    for i in range(len(x0)):
        x_t = q_sample(x0[i : i + 1], t[i : i + 1], noise[i : i + 1], betas)
        read = torch.cat([x_t, torch.full_like(x_t[:, :1], t[i].item() / betas.shape[0])], dim=1)
        total = total + ((model(read) - noise[i : i + 1]) ** 2).sum()
    return total / x0.numel()
