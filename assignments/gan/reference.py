"""Homework 5, solved: networks that make data, from autoencoders to adversaries and diffusion."""

from itertools import pairwise

import torch
from torch import Tensor, nn

# --- given ----------------------------------------------------------------------------------------------------------


def mlp(*sizes: int) -> nn.Sequential:
    """Fully connected layers of these sizes, with a leaky ReLU between them and nothing after the last."""
    layers = [layer for pair in pairwise(sizes) for layer in (nn.Linear(*pair), nn.LeakyReLU(0.2))]
    return nn.Sequential(*layers[:-1])


def adam(network: nn.Module, rate: float = 0.005) -> torch.optim.Optimizer:
    """The optimiser for training."""
    return torch.optim.Adam(network.parameters(), lr=rate, betas=(0.5, 0.99), fused=True)


def sgd(network: nn.Module, rate: float = 0.1) -> torch.optim.Optimizer:
    """The optimiser with which single steps are checked."""
    return torch.optim.SGD(network.parameters(), lr=rate)


# --- 1 autoencoders -------------------------------------------------------------------------------------------------


def autoencode(x: Tensor, W_e: Tensor, b_e: Tensor, W_d: Tensor, b_d: Tensor) -> tuple[Tensor, Tensor]:
    """The code h = tanh(W_e x + b_e) and the reconstruction W_d h + b_d of every sample.

    x: (N, D)    W_e: (K, D)    b_e: (K,)    W_d: (D, K)    b_d: (D,)    returns: h (N, K), x̂ (N, D)
    """
    h = torch.tanh(x @ W_e.T + b_e)
    return h, h @ W_d.T + b_d


def autoencoder_loss(
    x: Tensor, W_e: Tensor, b_e: Tensor, W_d: Tensor, b_d: Tensor, sparsity: float = 0.0, decay: float = 0.0
) -> Tensor:
    """Mean over samples of ‖x - x̂‖² + sparsity · ‖h‖₁, plus decay · (‖W_e‖² + ‖W_d‖²).    returns: ()"""
    h, reconstruction = autoencode(x, W_e, b_e, W_d, b_d)
    per_sample = ((x - reconstruction) ** 2).sum(dim=1) + sparsity * h.abs().sum(dim=1)
    return per_sample.mean() + decay * ((W_e**2).sum() + (W_d**2).sum())


def denoising_loss(x: Tensor, noise: Tensor, W_e: Tensor, b_e: Tensor, W_d: Tensor, b_d: Tensor) -> Tensor:
    """Mean over samples of ‖x - x̂‖², where x̂ is made from x + noise.

    Source: Vincent et al. 2008, "Extracting and Composing Robust Features with Denoising Autoencoders".
    """
    _, reconstruction = autoencode(x + noise, W_e, b_e, W_d, b_d)
    return ((x - reconstruction) ** 2).sum(dim=1).mean()


def contractive_penalty(code: Tensor, W_e: Tensor) -> Tensor:
    """Mean over samples of ‖∂h/∂x‖², the sum of all squared entries, for h = tanh(W_e x + b_e).

    code: (N, K)    W_e: (K, D)    returns: ()
    Source: Rifai et al. 2011, "Contractive Auto-Encoders".
    """
    return ((1 - code**2) ** 2 @ (W_e**2).sum(dim=1)).mean()


def linear_reconstruction(x: Tensor, size: int) -> Tensor:
    """The least squared error that a code of `size` numbers allows without tanh: the principal components.

    x: (N, D)    returns: (N, D)
    """
    mean = x.mean(dim=0)
    _, _, directions = torch.linalg.svd(x - mean, full_matrices=False)  # rows, the most important first
    return mean + (x - mean) @ directions[:size].T @ directions[:size]


# --- 2 the variational autoencoder ----------------------------------------------------------------------------------


def reparameterise(mu: Tensor, logvar: Tensor, noise: Tensor) -> Tensor:
    """μ + σ ε with σ² = exp(logvar).    all (N, K)"""
    return mu + torch.exp(logvar / 2) * noise


def kl_divergence(mu: Tensor, logvar: Tensor) -> Tensor:
    """KL(N(μ, σ²) ‖ N(0, 1)) of every sample, summed over the code.    mu, logvar: (N, K)    returns: (N,)"""
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)


def log_likelihood(x: Tensor, logits: Tensor) -> Tensor:
    """log p(x | z) of every sample: each pixel is 1 with probability σ(logit).    x, logits: (N, D)    returns: (N,)"""
    return (x * logits - softplus(logits)).sum(dim=1)


def elbo(x: Tensor, logits: Tensor, mu: Tensor, logvar: Tensor, beta: float = 1.0) -> Tensor:
    """The evidence lower bound, mean over samples; β weighs the divergence.    returns: ()

    Source: Kingma and Welling 2014, "Auto-Encoding Variational Bayes", eq. 10; β: Higgins et al. 2017.
    """
    return (log_likelihood(x, logits) - beta * kl_divergence(mu, logvar)).mean()


def softplus(x: Tensor) -> Tensor:
    """log(1 + eˣ), also where eˣ is too large to be a number. -log σ(x) is softplus(-x)."""
    return torch.logaddexp(x, torch.zeros_like(x))


# --- 3 the game of two losses ---------------------------------------------------------------------------------------


def discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """-E log D(x) - E log(1 - D(G(z))) with D = σ(logit).    returns: ()

    Source: Goodfellow et al. 2014, "Generative Adversarial Nets", eq. 1.
    """
    return softplus(-real_logits).mean() + softplus(fake_logits).mean()


def generator_loss(fake_logits: Tensor) -> Tensor:
    """-E log D(G(z)).    returns: ()"""
    return softplus(-fake_logits).mean()


def saturating_loss(fake_logits: Tensor) -> Tensor:
    """E log(1 - D(G(z))), what the generator of the zero-sum game minimises.    returns: ()"""
    return -softplus(fake_logits).mean()


def value_of_the_game(p_data: Tensor, p_model: Tensor) -> Tensor:
    """E log D(x) + E log(1 - D(G(z))) for the best D there is, over K possible outcomes; 0 log 0 = 0.

    p_data, p_model: (K,)    returns: ()
    """
    both = p_data + p_model
    return (torch.xlogy(p_data, p_data / both) + torch.xlogy(p_model, p_model / both)).sum()


# --- 4 one step of each ---------------------------------------------------------------------------------------------


def discriminator_step(
    generator: nn.Module, discriminator: nn.Module, optimiser: torch.optim.Optimizer, real: Tensor, noise: Tensor
) -> Tensor:
    """One update of the discriminator's parameters; nothing reaches the generator.    returns: the loss before it, ()"""
    with torch.no_grad():
        fake = generator(noise)
    loss = discriminator_loss(discriminator(real), discriminator(fake))
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.detach()


def generator_step(generator: nn.Module, discriminator: nn.Module, optimiser: torch.optim.Optimizer, noise: Tensor) -> Tensor:
    """One update of the generator's parameters, through a discriminator that stays.    returns: the loss before it, ()"""
    loss = generator_loss(discriminator(generator(noise)))
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.detach()


# --- 5 conditions and cycles ----------------------------------------------------------------------------------------


def condition(x: Tensor, labels: Tensor, classes: int) -> Tensor:
    """x with its label as a one-hot vector behind it.    x: (N, D)    labels: (N,) int64    returns: (N, D + classes)"""
    return torch.cat([x, torch.eye(classes, dtype=x.dtype)[labels]], dim=1)


def conditional_loss(right_logits: Tensor, wrong_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """The discriminator's loss on real data with its label, real data with another label, and generated data.

    returns: ()    Source: Reed et al. 2016, "Generative Adversarial Text to Image Synthesis", algorithm 1.
    """
    return softplus(-right_logits).mean() + (softplus(wrong_logits).mean() + softplus(fake_logits).mean()) / 2


def cycle_loss(x: Tensor, y: Tensor, to_y: tuple[Tensor, Tensor], to_x: tuple[Tensor, Tensor]) -> Tensor:
    """How far x → y → x and y → x → y end from where they began: mean |·| over all entries of x, plus that of y.

    x: (N, D)    y: (M, E)    to_y: (W (E, D), b (E,))    to_x: (W (D, E), b (D,))    returns: ()
    Source: Zhu et al. 2017, "Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks", eq. 2.
    """
    x_again = _translated(_translated(x, to_y), to_x)
    y_again = _translated(_translated(y, to_x), to_y)
    return (x_again - x).abs().mean() + (y_again - y).abs().mean()


def _translated(x: Tensor, mapping: tuple[Tensor, Tensor]) -> Tensor:
    W, b = mapping
    return torch.tanh(x @ W.T + b)


# --- 6 style --------------------------------------------------------------------------------------------------------


def leaky_relu(x: Tensor) -> Tensor:
    return torch.where(x > 0, x, 0.2 * x)


def mapping_network(z: Tensor, layers: list[tuple[Tensor, Tensor]]) -> Tensor:
    """From z to w: each z is divided by the root of its mean square, then W · + b and leaky ReLU, layer after layer.

    z: (N, K)    layers: (W (out, in), b (out,)) each    returns: (N, out of the last)
    Source: Karras et al. 2019, "A Style-Based Generator Architecture for Generative Adversarial Networks".
    """
    w = z / torch.sqrt((z**2).mean(dim=1, keepdim=True) + 1e-8)
    for W, b in layers:
        w = leaky_relu(w @ W.T + b)
    return w


def adain(x: Tensor, scale: Tensor, shift: Tensor, eps: float = 1e-5) -> Tensor:
    """Each channel of each sample gets its own mean and deviation: scale · (x - μ) / √(σ² + eps) + shift.

    x: (N, C, H, W)    scale, shift: (N, C)    returns: (N, C, H, W)
    Source: Huang and Belongie 2017, "Arbitrary Style Transfer in Real-time with Adaptive Instance Normalization", eq. 8.
    """
    mean = x.mean(dim=(2, 3), keepdim=True)
    variance = ((x - mean) ** 2).mean(dim=(2, 3), keepdim=True)
    return scale[:, :, None, None] * (x - mean) / torch.sqrt(variance + eps) + shift[:, :, None, None]


def inject_noise(x: Tensor, noise: Tensor, strength: Tensor) -> Tensor:
    """The same picture of noise for all channels, as strong as each of them wants it.

    x: (N, C, H, W)    noise: (N, 1, H, W)    strength: (C,)    returns: (N, C, H, W)
    """
    return x + strength[:, None, None] * noise


def style_layer(x: Tensor, noise: Tensor, w: Tensor, strength: Tensor, A: Tensor, a: Tensor) -> Tensor:
    """Noise, leaky ReLU, AdaIN; the first C numbers of A w + a are the scales, the others the shifts.

    w: (N, K)    A: (2C, K)    a: (2C,)    the rest as above    returns: (N, C, H, W)
    """
    scale, shift = (w @ A.T + a).chunk(2, dim=1)
    return adain(leaky_relu(inject_noise(x, noise, strength)), scale, shift)


# --- 7 Wasserstein --------------------------------------------------------------------------------------------------


def gradient_penalty(critic: nn.Module, real: Tensor, fake: Tensor, alpha: Tensor) -> Tensor:
    """E (‖∇D(x̂)‖ - 1)² at the points x̂ = α x + (1 - α) G(z), one for each pair; torch can differentiate it further.

    real, fake: (N, D)    alpha: (N, 1)    returns: ()
    Source: Gulrajani et al. 2017, "Improved Training of Wasserstein GANs", algorithm 1.
    """
    between = (alpha * real + (1 - alpha) * fake).detach().requires_grad_()
    with torch.enable_grad():
        (gradient,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    return ((gradient.norm(dim=1) - 1) ** 2).mean()


def critic_step(
    generator: nn.Module,
    critic: nn.Module,
    optimiser: torch.optim.Optimizer,
    real: Tensor,
    noise: Tensor,
    alpha: Tensor,
    weight: float = 10.0,
) -> Tensor:
    """One update of the critic by E D(G(z)) - E D(x) + weight · penalty.    returns: the loss before it, ()"""
    with torch.no_grad():
        fake = generator(noise)
    loss = critic(fake).mean() - critic(real).mean() + weight * gradient_penalty(critic, real, fake, alpha)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.detach()


# --- 8 diffusion ----------------------------------------------------------------------------------------------------


def alpha_bars(betas: Tensor) -> Tensor:
    """ᾱ_t = (1 - β_0) · … · (1 - β_t).    betas: (T,)    returns: (T,)"""
    return torch.cumprod(1 - betas, dim=0)


def q_sample(x0: Tensor, t: Tensor, noise: Tensor, betas: Tensor) -> Tensor:
    """√ᾱ_t x_0 + √(1 - ᾱ_t) ε, with a t of its own for every sample.

    x0, noise: (N, …)    t: (N,) int64, from 0    betas: (T,)    returns: (N, …)
    Source: Ho et al. 2020, "Denoising Diffusion Probabilistic Models", eq. 4.
    """
    kept = _per_sample(alpha_bars(betas)[t], x0)
    return kept.sqrt() * x0 + (1 - kept).sqrt() * noise


def q_posterior(x0: Tensor, x_t: Tensor, t: Tensor, betas: Tensor) -> tuple[Tensor, Tensor]:
    """Mean (N, …) and variance (N,) of q(x_{t-1} | x_t, x_0), where ᾱ before the first step is 1.

    Source: Ho et al. 2020, eq. 6 and 7.
    """
    bars = alpha_bars(betas)
    before = torch.cat([torch.ones_like(bars[:1]), bars[:-1]])[t]
    beta, bar = betas[t], bars[t]
    of_x0, of_x_t = before.sqrt() * beta / (1 - bar), (1 - beta).sqrt() * (1 - before) / (1 - bar)
    return _per_sample(of_x0, x0) * x0 + _per_sample(of_x_t, x_t) * x_t, (1 - before) / (1 - bar) * beta


def noise_loss(model: nn.Module, x0: Tensor, t: Tensor, noise: Tensor, betas: Tensor) -> Tensor:
    """Mean (ε - ε_θ)² over all entries; the model reads x_t and behind it t / T.

    x0, noise: (N, D)    t: (N,)    model: (N, D + 1) → (N, D)    returns: ()    Source: Ho et al. 2020, eq. 14.
    """
    x_t = q_sample(x0, t, noise, betas)
    time = t.to(x0.dtype)[:, None] / len(betas)
    return ((noise - model(torch.cat([x_t, time], dim=1))) ** 2).mean()


def reverse_step(x_t: Tensor, t: Tensor, predicted_noise: Tensor, noise: Tensor, betas: Tensor) -> Tensor:
    """x_{t-1} from q(x_{t-1} | x_t, x_0), where x_0 is what the predicted noise leaves of x_t.

    x_t, predicted_noise, noise: (N, …)    t: (N,)    returns: (N, …)
    """
    bar = _per_sample(alpha_bars(betas)[t], x_t)
    mean, variance = q_posterior((x_t - (1 - bar).sqrt() * predicted_noise) / bar.sqrt(), x_t, t, betas)
    return mean + _per_sample(variance, x_t).sqrt() * noise


def _per_sample(values: Tensor, like: Tensor) -> Tensor:
    """(N,) as (N, 1, …, 1), to be multiplied with `like`."""
    return values.reshape(-1, *[1] * (like.dim() - 1))


# --- 9 training -----------------------------------------------------------------------------------------------------


def train_ring(batches: Tensor, seed: int) -> nn.Sequential:
    """Train mlp(4, 64, 64, 2) against mlp(2, 64, 64, 1): one step of each for every batch.

    batches: (steps, B, 2) float32    returns: the generator
    """
    torch.manual_seed(seed)
    generator, discriminator = mlp(4, 64, 64, 2), mlp(2, 64, 64, 1)
    of_generator, of_discriminator = adam(generator), adam(discriminator)
    for real in batches:
        discriminator_step(generator, discriminator, of_discriminator, real, torch.randn(len(real), 4))
        generator_step(generator, discriminator, of_generator, torch.randn(len(real), 4))
    return generator


def train_digits(batches: Tensor, seed: int) -> nn.Sequential:
    """Train the decoder mlp(16, 128, 64) with the encoder mlp(64, 128, 32), which gives μ and logvar: one step for every batch.

    batches: (steps, B, 64) float32, 0 to 1    returns: the decoder
    """
    torch.manual_seed(seed)
    encoder, decoder = mlp(64, 128, 32), mlp(16, 128, 64)
    optimiser = adam(nn.ModuleList([encoder, decoder]))
    for x in batches:
        mu, logvar = encoder(x).chunk(2, dim=1)
        logits = decoder(reparameterise(mu, logvar, torch.randn_like(mu)))
        optimiser.zero_grad()
        (-elbo(x, logits, mu, logvar, beta=0.3)).backward()
        optimiser.step()
    return decoder
