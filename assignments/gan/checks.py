"""Homework 5. What the student's file must establish, part by part; conventions are those of starter.py.

All noise is handed over and networks get weights of the judge's. Batches that meet in one formula differ in size, so that means
cannot be mixed up; hidden checks work in float64. What is trained comes back as weights: the judge makes the samples itself.
"""

import math
from functools import lru_cache
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, tensor

from grader.checks import Case, T, check, share_of_band

FLOAT32 = {"rtol": 1e-5, "atol": 1e-6}
FLOAT64 = {"rtol": 1e-11, "atol": 1e-11}
NETWORK = {"rtol": 1e-11, "atol": 1e-12}  # float64 through some layers and steps
DOUBLE, LOG3 = torch.float64, math.log(3)
X = tensor([[1.0, 2.0], [0.0, 2.0]])
CODER = tensor([[1.0, -0.5]]), tensor([1.0]), tensor([[1.0], [2.0]]), tensor([0.0, 0.5])  # W_e, b_e, W_d, b_d
BETAS = tensor([0.1, 0.2, 0.5])


def normal(case: Case, *shape: int) -> Tensor:
    return case.randn(*shape, dtype=DOUBLE)


def logits_of(case: Case, shape: tuple[int, ...]) -> Tensor:
    """Ordinary ones, but for six samples some that a sigmoid cannot bear."""
    return ((400 if shape[0] == 6 else 1) * normal(case, *shape)).clamp(-1000, 1000)


# --- 1 autoencoders -------------------------------------------------------------------------------------------------
def coder(case: Case, features: int, size: int) -> tuple[Tensor, ...]:
    """W_e, b_e, W_d, b_d with which codes do not saturate."""
    W_e, W_d = normal(case, size, features) / features**0.5, normal(case, features, size) / size**0.5
    return 0.8 * W_e, 0.3 * normal(case, size), W_d, normal(case, features)


@check(part="autoencoder", points=2, visibility="public", title=T(en="Code and loss: worked numbers", zh="编码与损失：讲义数值"))
def code_and_loss_give_the_worked_numbers(case: Case) -> None:
    case.compare("autoencode", X, *CODER, **FLOAT32)
    case.compare("autoencoder_loss", X, *CODER, **FLOAT32)


@check(part="autoencoder", points=2, visibility="public", title=T(en="Regularisation: worked numbers", zh="正则化：讲义数值"))
def regularisation_gives_the_worked_numbers(case: Case) -> None:
    case.compare("autoencoder_loss", X, *CODER, 0.1, 0.01, **FLOAT32)
    case.compare("denoising_loss", X, tensor([[-1.0, 0.0], [1.0, 0.0]]), *CODER, **FLOAT32)
    case.compare("contractive_penalty", tensor([[1.0], [0.0]]).tanh(), CODER[0], **FLOAT32)
    points = tensor([[3.0, 1.0], [1.0, 3.0], [-2.0, -2.0], [-2.0, -2.0]])
    case.compare("linear_reconstruction", points, 1, rtol=1e-5, atol=1e-5)


@check(part="autoencoder", points=3, title=T(en="Codes and losses for any sizes", zh="任意尺寸的编码与损失"))
def codes_and_losses_for_any_sizes(case: Case) -> None:
    for n, features, size in [(4, case.integer(5, 8), 3), (1, 4, 2), (3, 2, 5)]:
        x, weights = normal(case, n, features), coder(case, features, size)
        case.compare("autoencode", x, *weights, gradients=n == 4, **FLOAT64)
        case.compare("autoencoder_loss", x, *weights, 0.3, 0.2, gradients=True, **FLOAT64)
        case.compare("autoencoder_loss", x, *weights, decay=0.7, **FLOAT64)


@check(part="autoencoder", points=3, title=T(en="Noise, contraction and components", zh="去噪、收缩与主成分"))
def noise_contraction_and_components(case: Case) -> None:
    for n, features, size in [(4, case.integer(5, 8), 3), (1, 3, 2)]:
        x, weights = normal(case, n, features), coder(case, features, size)
        case.compare("denoising_loss", x, 0.5 * normal(case, n, features), *weights, gradients=n > 1, **FLOAT64)
        case.compare("contractive_penalty", normal(case, n, size).tanh(), weights[0], gradients=n > 1, **FLOAT64)
    for n, features, size in [(9, 4, 2), (5, case.integer(6, 9), 3), (8, 3, 1)]:
        x = normal(case, n, features) * torch.arange(1, features + 1) + 3 * normal(case, features)
        case.compare("linear_reconstruction", x, size, rtol=1e-9, atol=1e-9)  # components of nearly equal variance mix


# --- 2 the variational autoencoder ----------------------------------------------------------------------------------
@check(part="vae", points=3, visibility="public", title=T(en="z and its divergence: worked", zh="z 与散度：讲义数值"))
def z_and_divergence_give_the_worked_numbers(case: Case) -> None:
    mu, logvar = tensor([[1.0, -2.0]]), tensor([[0.0, math.log(4)]])
    case.compare("reparameterise", mu, logvar, tensor([[2.0, -0.5]]), **FLOAT32)
    case.compare("kl_divergence", mu, logvar, **FLOAT32)


@check(part="vae", points=2, visibility="public", title=T(en="Likelihood and ELBO: worked", zh="似然与 ELBO：讲义数值"))
def likelihood_and_elbo_give_the_worked_numbers(case: Case) -> None:
    x, logits = tensor([[1.0, 0.0]]), tensor([[0.0, LOG3]])
    case.compare("log_likelihood", x, logits, **FLOAT32)
    for beta in ((), (2.0,)):
        case.compare("elbo", x, logits, tensor([[1.0, -2.0]]), tensor([[0.0, math.log(4)]]), *beta, **FLOAT32)


@check(part="vae", points=3, title=T(en="z and its divergence for any sizes", zh="任意尺寸的 z 与散度"))
def z_and_divergence_for_any_sizes(case: Case) -> None:
    for n, size in [(4, case.integer(5, 8)), (1, 3), (3, 1)]:
        mu, logvar = 2 * normal(case, n, size), 1.5 * normal(case, n, size)
        case.compare("reparameterise", mu, logvar, normal(case, n, size), gradients=True, **FLOAT64)
        case.compare("kl_divergence", mu, logvar, gradients=True, **FLOAT64)


@check(part="vae", points=4, title=T(en="Likelihood and ELBO for any logits", zh="任意 logits 的似然与 ELBO"))
def likelihood_and_elbo_for_any_logits(case: Case) -> None:
    for n, features, size in [(4, case.integer(5, 8), 3), (1, 3, 2), (6, 4, 1)]:
        x, logits = case.rand(n, features, dtype=DOUBLE), logits_of(case, (n, features))
        mu, logvar = normal(case, n, size), normal(case, n, size)
        case.compare("log_likelihood", x, logits, gradients=True, **FLOAT64)
        case.compare("log_likelihood", x.round(), logits, **FLOAT64)
        case.compare("elbo", x, logits, mu, logvar, case.choice([0.5, 4.0]), gradients=True, **FLOAT64)


# --- 3 a game of two losses -----------------------------------------------------------------------------------------
@check(part="losses", points=3, visibility="public", title=T(en="Both losses: worked numbers", zh="两个损失：讲义数值"))
def both_losses_give_the_worked_numbers(case: Case) -> None:
    real, fake = tensor([LOG3, 0.0]), tensor([LOG3])
    case.compare("discriminator_loss", real, fake, **FLOAT32)
    case.compare("generator_loss", fake, **FLOAT32)
    case.compare("saturating_loss", fake, **FLOAT32)


@check(part="losses", points=2, visibility="public", title=T(en="Large logits and best D: worked", zh="大 logits 与最优 D：算例"))
def large_logits_and_the_best_discriminator(case: Case) -> None:
    case.compare("discriminator_loss", tensor([-200.0]), tensor([300.0]), **FLOAT32)
    case.compare("generator_loss", tensor([-200.0]), **FLOAT32)
    case.compare("saturating_loss", tensor([300.0]), **FLOAT32)
    case.compare("value_of_the_game", tensor([0.5, 0.5, 0.0]), tensor([0.0, 0.5, 0.5]), **FLOAT32)


@check(part="losses", points=3, title=T(en="Losses of any logits and batches", zh="任意 logits 与批次的损失"))
def losses_of_any_logits(case: Case) -> None:
    for real, fake in [((5, 1), (case.integer(2, 4), 1)), ((1, 1), (1, 1)), ((6,), (4,)), ((2,), (6,))]:
        real_logits, fake_logits = logits_of(case, real), logits_of(case, fake)
        case.compare("discriminator_loss", real_logits, fake_logits, gradients=True, **FLOAT64)
        case.compare("generator_loss", fake_logits, gradients=True, **FLOAT64)
        case.compare("saturating_loss", fake_logits, gradients=True, **FLOAT64)


@check(part="losses", points=2, title=T(en="The value of the game for any two distributions", zh="任意两个分布的博弈值"))
def the_value_of_any_game(case: Case) -> None:
    for outcomes, zeros in ((case.integer(4, 7), False), (2, False), (5, True)):
        likely = 0.1 + case.rand(2, outcomes, dtype=DOUBLE)
        if zeros:
            likely[0, case.integer(0, 2)] = likely[1, case.integer(2, 5)] = 0.0
        p_data, p_model = likely / likely.sum(dim=1, keepdim=True)
        case.compare("value_of_the_game", p_data, p_model, **FLOAT64)  # off the simplex, right answers have different gradients


# --- 4 one step of each ---------------------------------------------------------------------------------------------
G, D = ({"0.weight": tensor([[weight]]), "0.bias": tensor([0.0])} for weight in (2.0, LOG3))
NAMES = {"the generator": "生成器", "the discriminator": "判别器", "the critic": "评论者"}
GENERATOR, DISCRIMINATOR, CRITIC = (T(en=en, zh=zh) for en, zh in NAMES.items())


def layer(case: Case, weights: dict[str, Tensor]) -> Any:
    """A student's mlp of a single layer with these weights."""
    network = case.student.mlp(weights["0.weight"].shape[1], 1)
    network.load_state_dict(weights)
    return network


def loaded(case: Case, *sizes: int) -> tuple:
    """An mlp of the student's and one of the reference's with the same random weights, in float64."""
    student, reference = case.student.mlp(*sizes).double(), case.reference.mlp(*sizes).double()
    weights = {name: normal(case, *value.shape) / value.shape[-1] ** 0.5 for name, value in reference.state_dict().items()}
    student.load_state_dict(weights)
    reference.load_state_dict(weights)
    return student, reference


def unmoved(case: Case, network: Any, weights: dict[str, Tensor], who: T) -> None:
    """Parameters as they were, and no gradient has arrived at them."""
    case.equal(case.state(network), weights, what=who)
    text = T(en=f"A gradient has arrived in {who.en}, which does not learn here.", zh=f"梯度传到了这一步不学习的{who.zh}。")
    for name in weights:
        gradient = getattr(network, f"{name}.grad")
        case.require(gradient is None or not gradient.any(), text)


@check(part="steps", points=2, visibility="public", title=T(en="A step of D: worked numbers", zh="D 的一步：讲义数值"))
def a_step_of_the_discriminator_gives_the_worked_numbers(case: Case) -> None:
    generator, discriminator, one = layer(case, G), layer(case, D), torch.ones(1, 1)
    with case.grad():
        loss = case.student.discriminator_step(generator, discriminator, case.student.sgd(discriminator), one, one)
    case.close(loss, tensor(math.log(4 / 3) + math.log(10)), **FLOAT32, what=T(en="the discriminator's loss", zh="判别器的损失"))
    moved = {"0.weight": tensor([[LOG3 - 0.155]]), "0.bias": tensor([-0.065])}
    case.close(case.state(discriminator), moved, **FLOAT32, what=DISCRIMINATOR)
    unmoved(case, generator, G, GENERATOR)


@check(part="steps", points=2, visibility="public", title=T(en="A step of G: worked numbers", zh="G 的一步：讲义数值"))
def a_step_of_the_generator_gives_the_worked_numbers(case: Case) -> None:
    generator, discriminator = layer(case, G), layer(case, D)
    with case.grad():
        loss = case.student.generator_step(generator, discriminator, case.student.sgd(generator), torch.ones(1, 1))
    case.close(loss, tensor(math.log(10 / 9)), **FLOAT32, what=T(en="the generator's loss", zh="生成器的损失"))
    moved = {"0.weight": tensor([[2 + 0.01 * LOG3]]), "0.bias": tensor([0.01 * LOG3])}
    case.close(case.state(generator), moved, **FLOAT32, what=GENERATOR)
    case.equal(case.state(discriminator), D, what=DISCRIMINATOR)


@check(part="steps", points=4, title=T(en="Several steps in turn", zh="轮流走几步"))
def several_steps_in_turn(case: Case) -> None:
    """Three rounds: what one step leaves behind must not reach the next."""
    generators, discriminators, modules = loaded(case, 3, 5, 2), loaded(case, 2, 6, 1), (case.student, case.reference)
    of_g, of_d = ([module.sgd(n, 0.2) for module, n in zip(modules, both, strict=True)] for both in (generators, discriminators))
    for n, m in [(4, case.integer(5, 8)), (1, 1), (6, 3)]:
        real, first, second = normal(case, n, 2), normal(case, m, 3), normal(case, m + 1, 3)
        with case.grad():
            players = list(zip(modules, generators, discriminators, of_g, of_d, strict=True))
            d_losses = [module.discriminator_step(g, d, its_d, real, first) for module, g, d, _, its_d in players]
            g_losses = [module.generator_step(g, d, its_g, second) for module, g, d, its_g, _ in players]
        for who, losses, (student, reference) in ((DISCRIMINATOR, d_losses, discriminators), (GENERATOR, g_losses, generators)):
            case.close(*losses, **NETWORK, what=T(en=f"{who.en}'s loss", zh=f"{who.zh}的损失"))
            case.close(case.state(student), dict(reference.state_dict()), **NETWORK, what=who)


@check(part="steps", points=4, title=T(en="Only the one whose turn it is learns", zh="轮到谁，谁才学习"))
def only_the_one_whose_turn_it_is_learns(case: Case) -> None:
    (generator, g), (discriminator, d) = loaded(case, 4, 3, 2), loaded(case, 2, 5, 1)
    of_g, of_d = case.student.sgd(generator), case.student.sgd(discriminator)
    real, noise = normal(case, 5, 2), normal(case, 3, 4)
    with case.grad():
        case.student.discriminator_step(generator, discriminator, of_d, real, noise)
    unmoved(case, generator, dict(g.state_dict()), GENERATOR)
    case.reference.discriminator_step(g, d, case.reference.sgd(d), real, noise)
    with case.grad():
        case.student.generator_step(generator, discriminator, of_g, noise)
    case.close(case.state(discriminator), dict(d.state_dict()), **NETWORK, what=DISCRIMINATOR)
    case.reference.generator_step(g, d, case.reference.sgd(g), noise)
    case.close(case.state(generator), dict(g.state_dict()), **NETWORK, what=GENERATOR)
    text = T(en="After both steps some parameters cannot learn any more. Who thaws what has been frozen?",
             zh="两步之后，有些参数再也不能学习了。冻结的参数由谁来解冻？")  # fmt: skip
    for network in (generator, discriminator):
        case.require(all(getattr(network, f"{name}.requires_grad") for name in case.state(network)), text)


# --- 5 conditions and cycles ----------------------------------------------------------------------------------------
@check(part="pairs", points=2, visibility="public", title=T(en="Conditions: worked numbers", zh="条件：讲义数值"))
def conditions_give_the_worked_numbers(case: Case) -> None:
    case.compare("condition", tensor([[0.5, -1.0], [2.0, 0.0]]), tensor([2, 0]), 3, **FLOAT32)
    case.compare("conditional_loss", tensor([LOG3]), tensor([0.0]), tensor([LOG3]), **FLOAT32)


@check(part="pairs", points=2, visibility="public", title=T(en="A cycle: worked numbers", zh="循环：讲义数值"))
def a_cycle_gives_the_worked_numbers(case: Case) -> None:
    to_y, to_x = (tensor([[1.0]]), tensor([0.0])), (tensor([[2.0]]), tensor([0.0]))
    case.compare("cycle_loss", tensor([[1.0]]), tensor([[0.5]]), to_y, to_x, **FLOAT32)


@check(part="pairs", points=2, title=T(en="Conditions for any sizes", zh="任意尺寸的条件"))
def conditions_for_any_sizes(case: Case) -> None:
    for n, features, classes in [(4, 3, case.integer(5, 8)), (1, 2, 3)]:
        labels = case.randint(0, classes - 1, (n,))  # the last class does not occur
        case.compare("condition", normal(case, n, features), labels, classes, gradients=True, **FLOAT64)
    for shapes in [((5, 1), (2, 1), (case.integer(3, 5), 1)), ((1,), (1,), (6,)), ((6,), (6,), (2,))]:
        case.compare("conditional_loss", *(logits_of(case, shape) for shape in shapes), gradients=True, **FLOAT64)


@check(part="pairs", points=2, title=T(en="Cycles for any sizes", zh="任意尺寸的循环"))
def cycles_for_any_sizes(case: Case) -> None:
    for n, m, features, others in [(3, 5, 2, case.integer(3, 6)), (1, 2, 4, 4), (2, 1, 3, 1)]:
        to_y, to_x = ((normal(case, *shape), normal(case, shape[0])) for shape in ((others, features), (features, others)))
        case.compare("cycle_loss", normal(case, n, features), normal(case, m, others), to_y, to_x, gradients=True, **FLOAT64)


# --- 6 style --------------------------------------------------------------------------------------------------------
@check(part="style", points=2, visibility="public", title=T(en="The mapping network: worked", zh="映射网络：讲义数值"))
def the_mapping_network_gives_the_worked_numbers(case: Case) -> None:
    layers = [(tensor([[1.0, 0.0], [1.0, -1.0]]), tensor([0.0, 0.0]))]
    case.compare("mapping_network", tensor([[3.0, 4.0]]), layers, **FLOAT32)


@check(part="style", points=3, visibility="public", title=T(en="AdaIN and noise: worked", zh="AdaIN 与噪声：讲义数值"))
def adain_and_noise_give_the_worked_numbers(case: Case) -> None:
    x = tensor([[[[1.0, 1.0, 3.0, 3.0]], [[0.0, 4.0, 0.0, 4.0]]]])
    case.compare("adain", x, tensor([[3.0, -1.0]]), tensor([[0.5, 2.0]]), **FLOAT32)
    case.compare("inject_noise", x, tensor([[[[1.0, -1.0, 0.0, 2.0]]]]), tensor([0.5, -1.0]), **FLOAT32)


@check(part="style", points=2, title=T(en="Mapping networks of any depth", zh="任意深度的映射网络"))
def mapping_networks_of_any_depth(case: Case) -> None:
    for n, sizes in [(4, (3, case.integer(5, 8), 2)), (1, (5, 4)), (2, (2, 3, 4, 3))]:
        layers = [(normal(case, out, size), normal(case, out)) for size, out in pairwise(sizes)]
        case.compare("mapping_network", normal(case, n, sizes[0]) * 5, layers, gradients=True, **FLOAT64)
    case.compare("mapping_network", 1e-4 * normal(case, 2, 3), [(normal(case, 2, 3), normal(case, 2))], **FLOAT64)


@check(part="style", points=5, title=T(en="AdaIN and style layers for any sizes", zh="任意尺寸的 AdaIN 与风格层"))
def style_layers_for_any_sizes(case: Case) -> None:
    for n, channels, rows, columns, size in [(3, 2, 4, case.integer(5, 8), 4), (1, 4, 2, 3, 2), (2, 3, 1, 4, 5)]:
        spread, centre = 1 + 3 * case.rand(n, channels, 1, 1, dtype=DOUBLE), normal(case, n, channels, 1, 1)
        x = spread * normal(case, n, channels, rows, columns) + centre
        noise, strength = normal(case, n, 1, rows, columns), normal(case, channels)
        case.compare("adain", x, normal(case, n, channels), normal(case, n, channels), gradients=True, **FLOAT64)
        case.compare("adain", x, normal(case, n, channels), normal(case, n, channels), case.choice([0.5, 2.0]), **FLOAT64)
        case.compare("inject_noise", x, noise, strength, gradients=True, **FLOAT64)
        style = normal(case, n, size), strength, normal(case, 2 * channels, size), normal(case, 2 * channels)
        case.compare("style_layer", x, noise, *style, gradients=True, **FLOAT64)


# --- 7 Wasserstein --------------------------------------------------------------------------------------------------
@check(part="wasserstein", points=2, visibility="public", title=T(en="The penalty: worked numbers", zh="梯度惩罚：讲义数值"))
def the_penalty_gives_the_worked_numbers(case: Case) -> None:
    critic = layer(case, {"0.weight": tensor([[3.0, 4.0]]), "0.bias": tensor([1.0])})
    points = tensor([[1.0, 0.0], [0.0, 2.0], [1.0, 1.0]])
    with case.grad():
        penalty = case.student.gradient_penalty(critic, points, -points, tensor([[0.25], [0.5], [1.0]]))
    case.close(penalty, tensor(16.0), **FLOAT32, what=T(en="the penalty of a linear critic", zh="线性评论者的惩罚"))


@check(part="wasserstein", points=3, title=T(en="The penalty of any critic", zh="任意评论者的惩罚"))
def the_penalty_of_any_critic(case: Case) -> None:
    for n, sizes in [(5, (3, case.integer(6, 9), 4, 1)), (1, (2, 7, 1)), (3, (4, 5, 1))]:
        student, reference = loaded(case, *sizes)
        real, fake, alpha = normal(case, n, sizes[0]), 2 * normal(case, n, sizes[0]), case.rand(n, 1, dtype=DOUBLE)
        with case.grad():
            found = case.student.gradient_penalty(student, real, fake, alpha)
        expected = case.reference.gradient_penalty(reference, real, fake, alpha)
        case.close(found, expected, **NETWORK, what=T(en="the penalty", zh="梯度惩罚"))


@check(part="wasserstein", points=3, title=T(en="The critic learns from its penalty", zh="评论者从惩罚中学习"))
def the_critic_learns_from_its_penalty(case: Case) -> None:
    generators, critics = loaded(case, 3, 4, 2), loaded(case, 2, 6, 1)
    optimisers = [module.sgd(critic, 0.05) for module, critic in zip((case.student, case.reference), critics, strict=True)]
    for n, weight in [(4, ()), (1, (0.5,)), (case.integer(5, 8), (3.0,))]:
        inputs = normal(case, n, 2), normal(case, n, 3), case.rand(n, 1, dtype=DOUBLE), *weight
        with case.grad():
            found = case.student.critic_step(generators[0], critics[0], optimisers[0], *inputs)
        expected = case.reference.critic_step(generators[1], critics[1], optimisers[1], *inputs)
        case.close(found, expected, **NETWORK, what=T(en="the critic's loss", zh="评论者的损失"))
        case.close(case.state(critics[0]), dict(critics[1].state_dict()), **NETWORK, what=CRITIC)
        unmoved(case, generators[0], dict(generators[1].state_dict()), GENERATOR)


# --- 8 diffusion ----------------------------------------------------------------------------------------------------
@check(part="diffusion", points=2, visibility="public", title=T(en="Adding noise: worked numbers", zh="加噪：讲义数值"))
def adding_noise_gives_the_worked_numbers(case: Case) -> None:
    case.compare("alpha_bars", BETAS, **FLOAT32)
    case.compare("q_sample", tensor([[2.0], [2.0]]), tensor([2, 0]), tensor([[-1.0], [-1.0]]), BETAS, **FLOAT32)


@check(part="diffusion", points=3, visibility="public", title=T(en="One step back: worked numbers", zh="反向一步：讲义数值"))
def one_step_back_gives_the_worked_numbers(case: Case) -> None:
    case.compare("q_posterior", tensor([[2.0]]), tensor([[0.4]]), tensor([2]), BETAS, **FLOAT32)
    case.compare("reverse_step", tensor([[0.4]]), tensor([2]), tensor([[-1.0]]), tensor([[2.0]]), BETAS, **FLOAT32)


@check(part="diffusion", points=2, title=T(en="Noise for any shapes and times", zh="任意形状与时刻的加噪"))
def noise_for_any_shapes_and_times(case: Case) -> None:
    for shape, steps in [((4, 4), 6), ((1, 3), case.integer(2, 5)), ((3, 2, 3, 3), 5), ((5,), 6)]:
        betas, t = 0.02 + 0.4 * case.rand(steps, dtype=DOUBLE), case.permutation(steps)[: shape[0]]
        case.compare("alpha_bars", betas, gradients=True, **FLOAT64)
        case.compare("q_sample", normal(case, *shape), t, normal(case, *shape), betas, gradients=True, **FLOAT64)


@check(part="diffusion", points=3, title=T(en="Steps back for any shapes, down to the first", zh="任意形状的反向一步，直到起点"))
def steps_back_for_any_shapes(case: Case) -> None:
    for shape, steps in [((4, 4), 4), ((1, 3), case.integer(2, 5)), ((3, 2, 3, 3), 3)]:
        betas, t = 0.02 + 0.4 * case.rand(steps, dtype=DOUBLE), case.permutation(steps)[: shape[0]]  # 0 is mostly among them
        case.compare("q_posterior", normal(case, *shape), normal(case, *shape), t, betas, gradients=len(shape) == 4, **FLOAT64)
        case.compare("reverse_step", normal(case, *shape), t, normal(case, *shape), normal(case, *shape), betas, **FLOAT64)


@check(part="diffusion", points=2, title=T(en="Predicting the noise", zh="预测噪声"))
def predicting_the_noise(case: Case) -> None:
    for n, features, steps in [(5, case.integer(3, 6), 8), (1, 2, 4)]:  # t / T is exact in any dtype
        student, reference = loaded(case, features + 1, 6, features)
        x0, noise, betas = normal(case, n, features), normal(case, n, features), 0.02 + 0.4 * case.rand(steps, dtype=DOUBLE)
        inputs = x0, case.randint(0, steps, (n,)), noise, betas
        both = case.student.noise_loss(student, *inputs), case.reference.noise_loss(reference, *inputs)
        case.close(*both, **NETWORK, what=T(en="`noise_loss`", zh="`noise_loss` 的返回值"))


# --- 9 a ring and some digits ---------------------------------------------------------------------------------------
SIZES = {"train_ring": (4, 64, 64, 2), "train_digits": (16, 128, 64)}
SPREAD = 0.2  # of a mode; the centres lie 1.53 apart


@check(part="training", points=3, visibility="public", seconds=30, diagnose=False,
       title=T(en="A GAN finds the modes of a ring", zh="GAN 找到环上的各个模态"))  # fmt: skip
def a_gan_finds_the_modes(case: Case) -> None:
    samples, centres = ring_samples(case, "public")
    shares = shares_of_modes(samples, centres)
    modes, good = int((shares > 0.02).sum()), float(shares.sum())
    text = T(en=f"Your generator has found {modes} of 8 modes, {good:.0%} of its samples lie in one; 7 and 45 % are expected.",
             zh=f"你的生成器找到了 8 个模态中的 {modes} 个，{good:.0%} 的样本落在模态里；这里应达到 7 个和 45%。")  # fmt: skip
    case.require(modes >= 7 and good >= 0.45, text)
    same_again(case, "train_ring", case.randn(5, 16, 2))


@check(part="training", points=5, seconds=60, diagnose=False,
       title=T(en="All modes alike, two seeds", zh="各模态分布均匀，两个种子"))  # fmt: skip
def all_modes_alike(case: Case) -> float:
    one_update_per_batch(case, "train_ring", case.randn(1, 128, 2))
    runs = []
    for samples, centres in (ring_samples(case, name) for name in ("first", "second")):
        runs.append(tuple(float(shares_of_modes(half, centres).clamp(max=1 / 8).sum()) for half in samples.chunk(2)))
    return share_of_band(case, "balance", runs, 0.3, 0.5)


@check(part="training", points=3, visibility="public", seconds=30, diagnose=False,
       title=T(en="A VAE writes digits", zh="VAE 写出数字"))  # fmt: skip
def a_vae_writes_digits(case: Case) -> None:
    distance = distance_to_digits(digit_samples(case, "public"))
    text = T(en=f"The distance between your digits and real ones is {distance:.1f}; at most 9 is expected.",
             zh=f"你的数字与真实数字的距离是 {distance:.1f}，这里应不超过 9。")  # fmt: skip
    case.require(distance <= 9, text)
    same_again(case, "train_digits", case.rand(5, 16, 64))


@check(part="training", points=5, seconds=60, diagnose=False,
       title=T(en="Distance to real digits, two seeds", zh="与真实数字的距离，两个种子"))  # fmt: skip
def distance_lies_in_the_band(case: Case) -> float:
    one_update_per_batch(case, "train_digits", case.rand(1, 64, 64))
    runs = [digit_samples(case, name).chunk(2) for name in ("first", "second")]
    return share_of_band(case, "distance", [tuple(map(distance_to_digits, halves)) for halves in runs], 9, 4)


def trained(case: Case, name: str, batches: Tensor, seed: int) -> list[Tensor]:
    """The weights and biases of the network that comes back."""
    with case.grad():
        parameters = list(case.state(getattr(case.student, name)(batches, seed)).values())
    shapes = [shape for pair in pairwise(SIZES[name]) for shape in (pair[::-1], pair[1:])]
    found = [tuple(value.shape) for value in parameters]
    text = T(en=f"{name} must return mlp{SIZES[name]}; found parameters of the shapes {found}.",
             zh=f"{name} 应返回 mlp{SIZES[name]}，实际的参数形状是 {found}。")  # fmt: skip
    case.require(found == shapes, text)
    return [case.tensor(value, what=T(en="a parameter of the generator", zh="生成器的参数")) for value in parameters]


def made(case: Case, parameters: list[Tensor], n: int) -> Tensor:
    """What a generator with these parameters makes of noise of the judge's."""
    x = case.randn(n, parameters[0].shape[1])
    for W, b in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
        x = torch.nn.functional.leaky_relu(x @ W.T + b, 0.2)
    return x @ parameters[-2].T + parameters[-1]


def same_again(case: Case, name: str, batches: Tensor) -> None:
    _, first, again = (trained(case, name, some, 3) for some in (batches[:0], batches, batches))
    case.close(again, first, **FLOAT32, what=T(en="a second training with the same seed", zh="同一种子的第二次训练"))


def one_update_per_batch(case: Case, name: str, batches: Tensor) -> None:
    """One batch, one step: Adam moves no weight by more than its rate."""
    start, after = (trained(case, name, some, 7) for some in (batches[:0], batches))
    moved = max(float((b - a).abs().max()) for a, b in zip(start, after, strict=True))
    text = T(en=f"After one batch a weight of the generator has moved by {moved:.3g}; one update moves it by 0.01 at most.",
             zh=f"只有一批数据，生成器的某个权重就移动了 {moved:.3g}；一次更新最多移动 0.01。")  # fmt: skip
    case.require(moved <= 0.0101, text)


def ring_samples(case: Case, name: str) -> tuple[Tensor, Tensor]:
    """Two thousand points (2000, 2) from a generator trained on a ring, and the ring's centres (8, 2)."""
    generator = torch.Generator().manual_seed(case.seed_for(name))
    angles = (torch.arange(8) + torch.rand(1, generator=generator)) * math.pi / 4
    centres = 2 * torch.stack([angles.cos(), angles.sin()], dim=1)
    places = torch.randint(0, 8, (250, 128), generator=generator)
    batches = centres[places] + SPREAD * torch.randn(250, 128, 2, generator=generator)
    samples = made(case, trained(case, "train_ring", batches, case.seed_for(name) % 10_000), 2000)
    case.scatter(T(en="Samples of your generator, and the ring", zh="你的生成器生成的样本，以及圆环"), samples, centres)
    return samples, centres


def shares_of_modes(samples: Tensor, centres: Tensor) -> Tensor:
    """For each mode the share of all samples that lie within three deviations of its centre."""
    return (torch.cdist(samples, centres) < 3 * SPREAD).float().mean(dim=0)


def digit_samples(case: Case, name: str) -> Tensor:
    """Two thousand pictures (2000, 64) from a decoder trained on digits; its pixels had places of their own."""
    generator, pixels = torch.Generator().manual_seed(case.seed_for(name)), all_digits()[0]
    places = torch.randperm(64, generator=generator)
    batches = pixels[torch.randint(0, len(pixels), (250, 64), generator=generator)][:, :, places]
    digits = made(case, trained(case, "train_digits", batches, case.seed_for(name) % 10_000), 2000).sigmoid()[:, places.argsort()]
    case.pictures(T(en="Digits of your decoder", zh="你的解码器写出的数字"), digits.view(-1, 8, 8))
    return digits


def distance_to_digits(samples: Tensor) -> float:
    """Fréchet's distance between two clouds of points, of which only means and covariances count, among the features."""
    features = all_digits()[1]
    points, real = samples.double() @ features, all_digits()[0].double() @ features
    covariance, wanted = torch.cov(points.T), torch.cov(real.T)
    mixed = torch.linalg.eigvals(covariance @ wanted).real.clamp(min=0).sqrt().sum()  # tr (SS')^½
    return float(((points.mean(dim=0) - real.mean(dim=0)) ** 2).sum() + covariance.trace() + wanted.trace() - 2 * mixed)


@lru_cache(maxsize=1)
def all_digits() -> tuple[Tensor, Tensor]:
    """1797 digits (1797, 64) from 0 to 1, and the nine directions (64, 9) that tell ten classes apart best (Fisher's)."""
    from sklearn.datasets import load_digits  # takes a second to import; most checks do without

    data = load_digits()
    pixels, classes = tensor(data.data, dtype=torch.float32) / 16, tensor(data.target)
    means = torch.stack([pixels[classes == k].double().mean(dim=0) for k in range(10)])
    within = torch.cov((pixels.double() - means[classes]).T) + 0.005 * torch.eye(64)
    whitening = torch.linalg.inv(torch.linalg.cholesky(within)).T
    _, _, directions = torch.linalg.svd((means - means.mean(dim=0)) @ whitening)
    return pixels, whitening @ directions[:9].T
