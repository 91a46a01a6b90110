"""Steps with torch's own losses, with freezing and thawing; by hand, softplus from its parts."""

from torch.nn import functional as F


def softplus(x):
    return x.clamp(min=0) + torch.log1p(torch.exp(-x.abs()))


def log_likelihood(x, logits):
    """log p where the pixel is white, log (1 - p) where it is black, and the two mixed in between."""
    return -torch.lerp(softplus(logits), softplus(-logits), x).sum(-1)


def elbo(x, logits, mu, logvar, beta=1.0):
    return log_likelihood(x, logits).sum() / len(x) - kl_divergence(mu, logvar).mul(beta).mean(dim=0)


def discriminator_loss(real_logits, fake_logits):
    return (softplus(real_logits) - real_logits).sum() / real_logits.numel() + softplus(fake_logits).mean()


def saturating_loss(fake_logits):
    return torch.minimum(-fake_logits, torch.zeros_like(fake_logits)).mean() - torch.log1p(torch.exp(-fake_logits.abs())).mean()


def value_of_the_game(p_data, p_model):
    """2 · Jensen and Shannon's divergence, less log 4."""
    middle = (p_data + p_model) / 2
    terms = []
    for p in (p_data, p_model):
        safe = torch.where(p > 0, p, torch.ones_like(p))
        terms.append(torch.where(p > 0, p * (safe.log() - middle.log()), torch.zeros_like(p)).sum())
    return terms[0] + terms[1] - 2 * torch.log(torch.tensor(2.0, dtype=p_data.dtype))


def discriminator_step(generator, discriminator, optimiser, real, noise):
    discriminator.zero_grad()
    fake = generator(noise).detach()
    real_logits, fake_logits = discriminator(real), discriminator(fake)
    loss_real = F.binary_cross_entropy_with_logits(real_logits, torch.ones_like(real_logits))
    loss_fake = F.binary_cross_entropy_with_logits(fake_logits, torch.zeros_like(fake_logits))
    loss_real.backward()
    loss_fake.backward()
    optimiser.step()
    return loss_real + loss_fake


def generator_step(generator, discriminator, optimiser, noise):
    for parameter in discriminator.parameters():
        parameter.requires_grad = False
    generator.zero_grad()
    logits = discriminator(generator(noise))
    loss = F.binary_cross_entropy_with_logits(logits, torch.ones_like(logits))
    loss.backward()
    optimiser.step()
    for parameter in discriminator.parameters():
        parameter.requires_grad = True
    return loss
