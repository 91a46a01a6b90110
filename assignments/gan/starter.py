"""Homework 5: networks that make data, from autoencoders to adversaries and diffusion.

Save this file as solution.py and fill it in. Parts 1, 2, 3, 5 and 6 are written with plain torch operations (@, exp, sqrt,
where, cat, torch.tanh, torch.sigmoid, torch.logaddexp, torch.log1p, torch.linalg.svd, …), without torch.nn, torch.autograd,
torch.distributions and torch.optim. Parts 4, 7, 8 and 9 may use all of torch. You may add functions, classes and files of
your own.

Conventions, everywhere in this file:
- The first dimension counts samples (N). Matrices are as in the formulas, (outputs, inputs): W x for one vector x is x @ W.T
  for a batch of rows.
- Noise is always handed in; only part 9 draws its own. "noise" and ε are standard normal, z is what a generator makes data of.
- A discriminator ends in a logit: D(x) = σ(logit), and no sigmoid has been taken yet. Logits may be ±1000.
- Losses are tensors of shape (), also for a batch of one. E means the mean over all the numbers given.
- Results have the dtype of the inputs, float32 or float64. Labels and times t are int64.
- Nothing that is passed in gets changed; return new tensors. Torch must be able to differentiate what you compute, so no
  .item(), .numpy() or .detach() on the way from the inputs to a result.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn

# --- given: leave these three as they are ---------------------------------------------------------------------------


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


# --- 1 autoencoders: W_e (K, D), b_e (K,) make the code, W_d (D, K), b_d (D,) undo it -------------------------------


def autoencode(x: Tensor, W_e: Tensor, b_e: Tensor, W_d: Tensor, b_d: Tensor) -> tuple[Tensor, Tensor]:
    """The code h = tanh(W_e x + b_e) and the reconstruction x̂ = W_d h + b_d.

    x: (N, D)    returns: h (N, K), x̂ (N, D)
    """
    raise NotImplementedError


def autoencoder_loss(
    x: Tensor, W_e: Tensor, b_e: Tensor, W_d: Tensor, b_d: Tensor, sparsity: float = 0.0, decay: float = 0.0
) -> Tensor:
    """The mean over the N samples of ‖x - x̂‖² + sparsity · ‖h‖₁, plus decay · (‖W_e‖² + ‖W_d‖²).

    ‖·‖² is the sum of all squares and ‖·‖₁ the sum of all absolute values, of one sample or of one matrix.

    x: (N, D)    returns: ()
    """
    raise NotImplementedError


def denoising_loss(x: Tensor, noise: Tensor, W_e: Tensor, b_e: Tensor, W_d: Tensor, b_d: Tensor) -> Tensor:
    """The mean over samples of ‖x - x̂‖², where x̂ is the reconstruction from x + noise.

    x, noise: (N, D)    returns: ()
    """
    raise NotImplementedError


def contractive_penalty(code: Tensor, W_e: Tensor) -> Tensor:
    """The mean over samples of the sum of all squared entries of ∂h/∂x, for h = tanh(W_e x + b_e).

    code: h, (N, K)    returns: ()
    """
    raise NotImplementedError


def linear_reconstruction(x: Tensor, size: int) -> Tensor:
    """The reconstruction of x with the smallest possible squared error from a code of `size` numbers, if encoder and decoder
    are affine maps (no tanh): what is left after the first `size` principal components.

    x: (N, D), N > size, D > size    returns: (N, D)
    """
    raise NotImplementedError


# --- 2 the variational autoencoder: logvar is log σ² ----------------------------------------------------------------


def reparameterise(mu: Tensor, logvar: Tensor, noise: Tensor) -> Tensor:
    """z = μ + σ ε.    mu, logvar, noise: (N, K)    returns: (N, K)"""
    raise NotImplementedError


def kl_divergence(mu: Tensor, logvar: Tensor) -> Tensor:
    """KL(N(μ, σ²) ‖ N(0, 1)) in closed form, summed over the K numbers of the code, for every sample.

    mu, logvar: (N, K)    returns: (N,)
    """
    raise NotImplementedError


def log_likelihood(x: Tensor, logits: Tensor) -> Tensor:
    """log p(x | z) = Σ_d [x_d log p_d + (1 - x_d) log(1 - p_d)] with p = σ(logit), for every sample; for logits of ±1000 too.

    x: (N, D), from 0 to 1    logits: (N, D)    returns: (N,)
    """
    raise NotImplementedError


def elbo(x: Tensor, logits: Tensor, mu: Tensor, logvar: Tensor, beta: float = 1.0) -> Tensor:
    """The mean over samples of log p(x | z) - beta · KL. Training would make it larger.    returns: ()"""
    raise NotImplementedError


# --- 3 the game of two losses: logits are (N,) or (N, 1); real and fake batches may differ in size ------------------


def discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """-E log D(x) - E log(1 - D(G(z))): the sum of two means, each over its own batch.    returns: ()"""
    raise NotImplementedError


def generator_loss(fake_logits: Tensor) -> Tensor:
    """-E log D(G(z)).    returns: ()"""
    raise NotImplementedError


def saturating_loss(fake_logits: Tensor) -> Tensor:
    """E log(1 - D(G(z))), which the generator of the original zero-sum game makes smaller.    returns: ()"""
    raise NotImplementedError


def value_of_the_game(p_data: Tensor, p_model: Tensor) -> Tensor:
    """max over D of E log D(x) + E log(1 - D(G(z))), where x has K possible outcomes with the probabilities p_data, and G(z)
    the same outcomes with the probabilities p_model. A probability may be 0 in one of them (not in both); 0 log 0 = 0.

    p_data, p_model: (K,)    returns: ()
    """
    raise NotImplementedError


# --- 4 one step of each: networks and optimisers are those of mlp, adam and sgd -------------------------------------


def discriminator_step(
    generator: nn.Module, discriminator: nn.Module, optimiser: torch.optim.Optimizer, real: Tensor, noise: Tensor
) -> Tensor:
    """One update of the discriminator by its loss on `real` and on what the generator makes of `noise`.

    The generator keeps its parameters and their .grad as they are. What an earlier step has left in the discriminator's .grad
    does not count. Whatever is frozen meanwhile can learn again afterwards.

    optimiser: of the discriminator    real: (N, D)    noise: (M, K)    returns: the loss before the update, ()
    """
    raise NotImplementedError


def generator_step(generator: nn.Module, discriminator: nn.Module, optimiser: torch.optim.Optimizer, noise: Tensor) -> Tensor:
    """One update of the generator by generator_loss on what it makes of `noise`; the discriminator keeps its parameters.

    What an earlier step has left in .grad does not count. Whatever is frozen meanwhile can learn again afterwards.

    optimiser: of the generator    noise: (M, K)    returns: the loss before the update, ()
    """
    raise NotImplementedError


# --- 5 conditions and cycles ----------------------------------------------------------------------------------------


def condition(x: Tensor, labels: Tensor, classes: int) -> Tensor:
    """What a conditional network reads: x, and behind it its label as a one-hot vector, in the dtype of x.

    x: (N, D)    labels: (N,) int64, 0 to classes - 1    returns: (N, D + classes)
    """
    raise NotImplementedError


def conditional_loss(right_logits: Tensor, wrong_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """-E log D(right) - ½ E log(1 - D(wrong)) - ½ E log(1 - D(fake)).

    right: real data with its label    wrong: real data with another label    fake: generated data with the label it was
    made for    each (N,) or (N, 1), of sizes of their own    returns: ()
    """
    raise NotImplementedError


def cycle_loss(x: Tensor, y: Tensor, to_y: tuple[Tensor, Tensor], to_x: tuple[Tensor, Tensor]) -> Tensor:
    """The mean of |x → y → x minus x| over all entries of x, plus the mean of |y → x → y minus y| over all entries of y.

    Each translator is one layer, tanh(W · + b), given as the tuple (W, b).

    x: (N, D)    y: (M, E)    to_y: W (E, D), b (E,)    to_x: W (D, E), b (D,)    returns: ()
    """
    raise NotImplementedError


# --- 6 style: leaky ReLU is x for x > 0 and 0.2 x otherwise ---------------------------------------------------------


def mapping_network(z: Tensor, layers: list[tuple[Tensor, Tensor]]) -> Tensor:
    """First each z is divided by √(mean of its squares + 1e-8); then every layer (W, b) is leaky_relu(W · + b), the last too.

    z: (N, K)    W: (out, in), b: (out,)    returns: w (N, out of the last layer)
    """
    raise NotImplementedError


def adain(x: Tensor, scale: Tensor, shift: Tensor, eps: float = 1e-5) -> Tensor:
    """scale · (x - μ) / √(σ² + eps) + shift, with μ and σ² over H and W of each channel of each sample, σ² divided by H·W.

    x: (N, C, H, W)    scale, shift: (N, C)    returns: (N, C, H, W)
    """
    raise NotImplementedError


def inject_noise(x: Tensor, noise: Tensor, strength: Tensor) -> Tensor:
    """x plus the noise, which all channels of a sample share, times the channel's strength.

    x: (N, C, H, W)    noise: (N, 1, H, W)    strength: (C,)    returns: (N, C, H, W)
    """
    raise NotImplementedError


def style_layer(x: Tensor, noise: Tensor, w: Tensor, strength: Tensor, A: Tensor, a: Tensor) -> Tensor:
    """inject_noise, then leaky ReLU, then adain; of the 2C numbers A w + a the first C are the scales, the others the shifts.

    x: (N, C, H, W)    noise: (N, 1, H, W)    w: (N, K)    strength: (C,)    A: (2C, K)    a: (2C,)    returns: (N, C, H, W)
    """
    raise NotImplementedError


# --- 7 Wasserstein: a critic is an mlp that ends in one number, of any size -----------------------------------------


def gradient_penalty(critic: nn.Module, real: Tensor, fake: Tensor, alpha: Tensor) -> Tensor:
    """E (‖∇D(x̂)‖ - 1)² at x̂ = alpha · real + (1 - alpha) · fake, one point for each pair; ‖·‖ is the root of the sum of squares.

    Without the weight λ. The critic's parameters must be able to learn from it.

    real, fake: (N, D)    alpha: (N, 1), from 0 to 1    returns: ()
    """
    raise NotImplementedError


def critic_step(
    generator: nn.Module,
    critic: nn.Module,
    optimiser: torch.optim.Optimizer,
    real: Tensor,
    noise: Tensor,
    alpha: Tensor,
    weight: float = 10.0,
) -> Tensor:
    """One update of the critic by E D(G(z)) - E D(x) + weight · gradient_penalty. Otherwise like discriminator_step.

    optimiser: of the critic    real: (N, D)    noise: (N, K)    alpha: (N, 1)    returns: the loss before the update, ()
    """
    raise NotImplementedError


# --- 8 diffusion: t counts from 0, betas is (T,), α_t = 1 - β_t, ᾱ_t = α_0 · … · α_t, and ᾱ is 1 before the first step ----


def alpha_bars(betas: Tensor) -> Tensor:
    """ᾱ_0 … ᾱ_{T-1}.    betas: (T,)    returns: (T,)"""
    raise NotImplementedError


def q_sample(x0: Tensor, t: Tensor, noise: Tensor, betas: Tensor) -> Tensor:
    """x_t = √ᾱ_t x_0 + √(1 - ᾱ_t) ε; every sample has a t of its own.

    x0, noise: (N, D) or (N, C, H, W) or any other shape that begins with N    t: (N,) int64    returns: like x0
    """
    raise NotImplementedError


def q_posterior(x0: Tensor, x_t: Tensor, t: Tensor, betas: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and variance of q(x_{t-1} | x_t, x_0), a normal distribution; the handout has the formula.

    x0, x_t: (N, …)    t: (N,) int64    returns: mean (N, …), variance (N,)
    """
    raise NotImplementedError


def noise_loss(model: nn.Module, x0: Tensor, t: Tensor, noise: Tensor, betas: Tensor) -> Tensor:
    """The mean of (ε - ε_θ)² over all entries. The model reads x_t and, in one column behind it, t / T.

    model: (N, D + 1) → (N, D)    x0, noise: (N, D)    t: (N,) int64    returns: ()
    """
    raise NotImplementedError


def reverse_step(x_t: Tensor, t: Tensor, predicted_noise: Tensor, noise: Tensor, betas: Tensor) -> Tensor:
    """A draw from q(x_{t-1} | x_t, x_0), with x_0 as q_sample and the predicted noise have it: mean + √variance · noise.

    x_t, predicted_noise, noise: (N, …)    t: (N,) int64    returns: like x_t
    """
    raise NotImplementedError


# --- 9 training -----------------------------------------------------------------------------------------------------


def train_ring(batches: Tensor, seed: int) -> nn.Sequential:
    """Train the generator mlp(4, 64, 64, 2) against the discriminator mlp(2, 64, 64, 1), each with adam.

    For every batch one update of the discriminator and one of the generator; z has 4 numbers.

    batches: (steps, B, 2) float32; without any, nothing is learnt
    returns: the generator; the same arguments give the same one
    """
    raise NotImplementedError


def train_digits(batches: Tensor, seed: int) -> nn.Sequential:
    """Train the decoder mlp(16, 128, 64) of a VAE with adam; the encoder mlp(64, 128, 32) gives μ (16) and logvar (16).

    For every batch one update of both. The decoder's outputs are logits: a pixel is σ(logit), made from z, 16 numbers.

    batches: (steps, B, 64) float32, pixels from 0 to 1; without any, nothing is learnt
    returns: the decoder; the same arguments give the same one
    """
    raise NotImplementedError
