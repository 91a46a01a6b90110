"""The posterior as a product of two normal distributions, the step back from the formula for the predicted noise."""


def reparameterise(mu, logvar, noise):
    return torch.addcmul(mu, logvar.exp().sqrt(), noise)


def alpha_bars(betas):
    return torch.exp(torch.cumsum(torch.log1p(-betas), dim=0))


def q_sample(x0, t, noise, betas):
    shape = (len(x0),) + (1,) * (x0.ndim - 1)
    signal = torch.gather(alpha_bars(betas), 0, t).view(shape)
    return torch.sqrt(signal) * x0 + torch.sqrt(1.0 - signal) * noise


def q_posterior(x0, x_t, t, betas):
    """x_{t-1} given x_0 has the variance 1 - ᾱ_{t-1}; what x_t says of it has the variance β / α."""
    before = torch.nn.functional.pad(alpha_bars(betas), (1, 0), value=1.0)[t]
    alpha = 1 - betas[t]
    variance = 1 / (1 / (1 - before).clamp(min=1e-300) + alpha / betas[t])
    variance = torch.where(t == 0, torch.zeros_like(variance), variance)
    of_x0 = torch.where(t == 0, torch.ones_like(before), variance * before.sqrt() / (1 - before).clamp(min=1e-300))
    of_x_t = variance * alpha.sqrt() / betas[t]
    shape = (-1,) + (1,) * (x0.ndim - 1)
    return of_x0.view(shape) * x0 + of_x_t.view(shape) * x_t, variance


def reverse_step(x_t, t, predicted_noise, noise, betas):
    shape = (-1,) + (1,) * (x_t.ndim - 1)
    bars, alpha = alpha_bars(betas), (1 - betas)[t]
    bar = bars[t]
    before = torch.where(t > 0, bars[t - 1], torch.ones_like(bar))
    mean = (x_t - ((1 - alpha) / (1 - bar).sqrt()).view(shape) * predicted_noise) / alpha.sqrt().view(shape)
    return mean + ((1 - before) / (1 - bar) * betas[t]).sqrt().view(shape) * noise


def noise_loss(model, x0, t, noise, betas):
    model_input = torch.hstack([q_sample(x0, t, noise, betas), torch.true_divide(t, len(betas)).unsqueeze(1).to(x0)])
    return torch.nn.functional.mse_loss(model(model_input), noise)
