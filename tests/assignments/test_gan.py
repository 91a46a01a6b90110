"""Facts about homework 5 that `gradus verify` does not state: the reference against torch, the handouts' numbers, the bands."""

import ast
import math
from types import ModuleType

import pytest
import torch
from torch import Tensor, distributions, tensor
from torch.nn import functional

from grader.checks.randomness import Randomness
from grader.spec import Assignment
from tests.assignments.conftest import SEED, judged, normal
from tests.thorough import one_in

RING, DIGITS = ("a_gan_finds_the_modes", "all_modes_alike"), ("a_vae_writes_digits", "distance_lies_in_the_band")
DOUBLE, LOG3 = torch.float64, math.log(3)


@pytest.fixture(scope="module")
def gan(assignment: Assignment) -> Assignment:
    return assignment


# --- the handouts' numbers ------------------------------------------------------------------------------------------


def is_told(handouts: tuple[str, str], *values: Tensor | float) -> bool:
    """Whether both handouts show every one of these numbers, rounded as they round."""
    numbers = [float(number) for value in values for number in torch.as_tensor(value, dtype=DOUBLE).flatten()]
    texts = [f"{number:.4f}" for number in numbers]
    shown = [{text, text.rstrip("0").rstrip(".")} for text in texts]
    return all(any(text in handout for text in spellings) for handout in handouts for spellings in shown)


def test_the_codes_and_losses_of_part_1_are_those_of_the_handouts(
    reference: ModuleType, checks: ModuleType, handouts: tuple[str, str]
) -> None:
    code, again = reference.autoencode(checks.X, *checks.CODER)
    assert code.flatten().tolist() == pytest.approx([math.tanh(1), 0.0]) and again[1].tolist() == [0, 0.5]
    plain, regular = (reference.autoencoder_loss(checks.X, *checks.CODER, *more) for more in ((), (0.1, 0.01)))
    noise = tensor([[-1.0, 0.0], [1.0, 0.0]])
    penalties = reference.denoising_loss(checks.X, noise, *checks.CODER), reference.contractive_penalty(code, checks.CODER[0])
    assert is_told(handouts, code, again, ((checks.X - again) ** 2).sum(dim=1), plain, regular, *penalties)
    assert is_told(handouts, 0.1 * code.sum() / 2, 0.01 * (1.25 + 5))
    points = tensor([[3.0, 1.0], [1.0, 3.0], [-2.0, -2.0], [-2.0, -2.0]])
    torch.testing.assert_close(reference.linear_reconstruction(points, 1), points.mean(dim=1, keepdim=True).expand(4, 2))


def test_the_numbers_of_part_2_are_those_of_the_handouts(reference: ModuleType, handouts: tuple[str, str]) -> None:
    mu, logvar = tensor([[1.0, -2.0]]), tensor([[0.0, math.log(4)]])
    assert reference.reparameterise(mu, logvar, tensor([[2.0, -0.5]])).tolist() == [[3, -3]]
    x, logits = tensor([[1.0, 0.0]]), tensor([[0.0, LOG3]])
    bounds = [reference.elbo(x, logits, mu, logvar, beta) for beta in (1.0, 2.0)]
    assert is_told(handouts, logvar, logits, reference.kl_divergence(mu, logvar), reference.log_likelihood(x, logits), *bounds)


def test_the_numbers_of_part_3_are_those_of_the_handouts(reference: ModuleType, handouts: tuple[str, str]) -> None:
    real, fake = tensor([LOG3, 0.0]), tensor([LOG3])
    losses = reference.discriminator_loss(real, fake), reference.generator_loss(fake), reference.saturating_loss(fake)
    assert is_told(handouts, *losses, -math.log(0.75), math.log(2), math.log(4))
    assert reference.discriminator_loss(tensor([-200.0]), tensor([300.0])) == 500
    value = reference.value_of_the_game(tensor([0.5, 0.5, 0.0]), tensor([0.0, 0.5, 0.5]))
    assert value.item() == pytest.approx(-math.log(2)) and is_told(handouts, value)


def test_the_steps_of_part_4_are_those_of_the_handouts(
    reference: ModuleType, checks: ModuleType, handouts: tuple[str, str]
) -> None:
    one = torch.ones(1, 1)
    (g, d), (other, still) = ([reference.mlp(1, 1), reference.mlp(1, 1)] for _ in range(2))
    for network, weights in ((g, checks.G), (d, checks.D), (other, checks.G), (still, checks.D)):
        network.load_state_dict(weights)
    losses = reference.discriminator_step(g, d, reference.sgd(d), one, one), math.log(10 / 9)
    assert reference.generator_step(other, still, reference.sgd(other), one).item() == pytest.approx(losses[1])
    assert is_told(handouts, *losses, d[0].weight.detach(), d[0].bias.detach())
    assert all(f"{other[0].weight.item():.4f}" in text for text in handouts)


def test_the_numbers_of_part_5_are_those_of_the_handouts(reference: ModuleType, handouts: tuple[str, str]) -> None:
    loss = reference.conditional_loss(tensor([LOG3]), tensor([0.0]), tensor([LOG3]))
    to_y, to_x = (tensor([[1.0]]), tensor([0.0])), (tensor([[2.0]]), tensor([0.0]))
    cycle = reference.cycle_loss(tensor([[1.0]]), tensor([[0.5]]), to_y, to_x)
    there, back = math.tanh(1), math.tanh(2 * math.tanh(1))
    assert is_told(handouts, loss, cycle, there, back, math.tanh(there), 1 - back, math.tanh(there) - 0.5)


def test_the_numbers_of_part_6_are_those_of_the_handouts(reference: ModuleType, handouts: tuple[str, str]) -> None:
    z = tensor([[3.0, 4.0]])
    w = reference.mapping_network(z, [(tensor([[1.0, 0.0], [1.0, -1.0]]), torch.zeros(2))])
    assert is_told(handouts, z / 12.5**0.5, w, 5 * w[0, 1])
    x = tensor([[[[1.0, 1.0, 3.0, 3.0]]]])
    styled = reference.adain(x, tensor([[3.0]]), tensor([[0.5]]))
    assert styled.flatten().tolist() == pytest.approx([-2.5, -2.5, 3.5, 3.5], abs=1e-4)
    noisy = reference.inject_noise(x, tensor([[[[1.0, -1.0, 0.0, 2.0]]]]), tensor([0.5]))
    assert noisy.flatten().tolist() == [1.5, 0.5, 3, 4]


def test_the_numbers_of_parts_7_and_8_are_those_of_the_handouts(
    reference: ModuleType, checks: ModuleType, handouts: tuple[str, str]
) -> None:
    critic = reference.mlp(2, 1)
    critic.load_state_dict({"0.weight": tensor([[3.0, 4.0]]), "0.bias": tensor([1.0])})
    assert reference.gradient_penalty(critic, torch.ones(3, 2), torch.zeros(3, 2), torch.rand(3, 1)).item() == pytest.approx(16)
    assert reference.alpha_bars(checks.BETAS).tolist() == pytest.approx([0.9, 0.72, 0.36])
    x0, t, noise = tensor([[2.0]]), tensor([2]), tensor([[-1.0]])
    x_t = reference.q_sample(x0, t, noise, checks.BETAS)
    assert x_t.item() == pytest.approx(0.4)
    mean, variance = reference.q_posterior(x0, x_t, t, checks.BETAS)
    back = reference.reverse_step(x_t, t, noise, tensor([[2.0]]), checks.BETAS)
    weights = 0.72**0.5 * 0.5 / 0.64, 0.5**0.5 * 0.28 / 0.64
    assert is_told(handouts, mean, variance, *weights, variance.sqrt(), back)


def test_the_points_of_the_handouts_are_those_of_the_checks(gan: Assignment, handouts: tuple[str, str]) -> None:
    for part in gan.parts:
        points = sum(check.points for check in gan.checks if check.part == part.id)
        assert points == part.points
        assert f"## {part.title.en} ({points} points)" in handouts[0] and f"## {part.title.zh}（{points} 分）" in handouts[1]


# --- the reference against torch, and against differences -----------------------------------------------------------


def test_the_losses_are_torchs(reference: ModuleType, draw: Randomness) -> None:
    real, fake, bce = 5 * normal(draw, 4, 1), 5 * normal(draw, 3, 1), functional.binary_cross_entropy_with_logits
    ones, zeros = torch.ones_like, torch.zeros_like
    torch.testing.assert_close(reference.discriminator_loss(real, fake), bce(real, ones(real)) + bce(fake, zeros(fake)))
    torch.testing.assert_close(reference.generator_loss(fake), bce(fake, ones(fake)))
    torch.testing.assert_close(reference.saturating_loss(fake), -bce(fake, zeros(fake)))
    wrong = normal(draw, 6, 1)
    both = (bce(wrong, zeros(wrong)) + bce(fake, zeros(fake))) / 2
    torch.testing.assert_close(reference.conditional_loss(real, wrong, fake), bce(real, ones(real)) + both)


def test_no_discriminator_beats_the_best(reference: ModuleType, draw: Randomness) -> None:
    p, q = (draw.rand(2, 5, dtype=DOUBLE) + 0.01).unbind()
    p, q = p / p.sum(), q / q.sum()
    value = reference.value_of_the_game(p, q)
    tried = draw.rand(1000, 5, dtype=DOUBLE)
    assert ((p * tried.log() + q * (1 - tried).log()).sum(dim=1) <= value).all()
    torch.testing.assert_close(reference.value_of_the_game(p, p), tensor(-math.log(4), dtype=DOUBLE))


def test_divergence_and_likelihood_are_torchs(reference: ModuleType, draw: Randomness) -> None:
    mu, logvar, logits = normal(draw, 4, 3), normal(draw, 4, 3), normal(draw, 4, 3)
    one, other = distributions.Normal(mu, (logvar / 2).exp()), distributions.Normal(torch.zeros_like(mu), 1)
    torch.testing.assert_close(reference.kl_divergence(mu, logvar), distributions.kl_divergence(one, other).sum(dim=1))
    x = draw.rand(4, 3, dtype=DOUBLE).round()
    torch.testing.assert_close(reference.log_likelihood(x, logits), distributions.Bernoulli(logits=logits).log_prob(x).sum(1))


def test_the_contraction_is_that_of_the_jacobian(reference: ModuleType, draw: Randomness) -> None:
    W_e, b_e, x = normal(draw, 3, 5), normal(draw, 3), normal(draw, 2, 5)
    jacobians = [torch.autograd.functional.jacobian(lambda v: torch.tanh(W_e @ v + b_e), row) for row in x]
    penalty = reference.contractive_penalty(torch.tanh(x @ W_e.T + b_e), W_e)
    torch.testing.assert_close(penalty, torch.stack([(value**2).sum() for value in jacobians]).mean())


def test_no_linear_code_is_better_than_the_components(reference: ModuleType, draw: Randomness) -> None:
    x = normal(draw, 20, 5) * tensor([1.0, 3.0, 0.5, 2.0, 1.0]) + 4
    least = ((x - reference.linear_reconstruction(x, 2)) ** 2).sum()
    values = torch.linalg.svdvals(x - x.mean(dim=0))
    torch.testing.assert_close(least, (values[2:] ** 2).sum())  # Eckart and Young's bound


def test_adain_is_instance_normalisation_with_a_style(reference: ModuleType, draw: Randomness) -> None:
    x, scale, shift = 3 * normal(draw, 2, 3, 4, 5) + 1, normal(draw, 2, 3), normal(draw, 2, 3)
    wanted = functional.instance_norm(x) * scale[:, :, None, None] + shift[:, :, None, None]
    torch.testing.assert_close(reference.adain(x, scale, shift), wanted)


def test_the_posterior_is_what_bayes_says(reference: ModuleType) -> None:
    betas, x0, x_t, t = tensor([0.1, 0.2, 0.3], dtype=DOUBLE), 0.7, -0.4, 2
    x = torch.linspace(-8, 8, 100_001, dtype=DOUBLE)
    bar = reference.alpha_bars(betas)[t - 1]
    prior = distributions.Normal(bar.sqrt() * x0, (1 - bar).sqrt()).log_prob(x)
    likely = distributions.Normal((1 - betas[t]).sqrt() * x, betas[t].sqrt()).log_prob(tensor(x_t))
    p = torch.softmax(prior + likely, dim=0)
    mean, variance = reference.q_posterior(tensor([[x0]], dtype=DOUBLE), tensor([[x_t]], dtype=DOUBLE), tensor([t]), betas)
    assert (p * x).sum().item() == pytest.approx(mean.item())
    assert (p * (x - mean) ** 2).sum().item() == pytest.approx(variance.item())


def test_the_last_step_back_is_certain(reference: ModuleType, draw: Randomness) -> None:
    betas, x0, noise = tensor([0.1, 0.2], dtype=DOUBLE), normal(draw, 2, 3), normal(draw, 2, 3)
    t = tensor([0, 0])
    back = reference.reverse_step(reference.q_sample(x0, t, noise, betas), t, noise, normal(draw, 2, 3), betas)
    torch.testing.assert_close(back, x0)


def test_all_gradients_agree_with_differences(reference: ModuleType, draw: Randomness) -> None:
    coder = [normal(draw, *shape) for shape in [(3, 4), (3,), (4, 3), (4,)]]
    x, noise, code, logits = (normal(draw, 2, n) for n in (4, 4, 3, 4))
    pictures, style = (
        (normal(draw, 2, 2, 2, 3), normal(draw, 2, 1, 2, 3)),
        [normal(draw, *s) for s in [(2, 3), (2,), (4, 3), (4,)]],
    )
    t, betas = tensor([1, 0]), tensor([0.1, 0.3], dtype=DOUBLE)
    functions = {
        "autoencode": (x, *coder), "autoencoder_loss": (x, *coder, 0.3, 0.2), "denoising_loss": (x, noise, *coder),
        "contractive_penalty": (code.tanh(), coder[0]), "reparameterise": (code, normal(draw, 2, 3), code),
        "kl_divergence": (code, normal(draw, 2, 3)), "log_likelihood": (x.sigmoid(), logits),
        "elbo": (x.sigmoid(), logits, code, normal(draw, 2, 3), 0.5), "discriminator_loss": (x[:, :1], code[:1]),
        "generator_loss": (logits,), "saturating_loss": (logits,), "conditional_loss": (x, code, logits),
        "adain": (pictures[0], code[:, :2], logits[:, :2]), "inject_noise": (*pictures, style[1]),
        "style_layer": (*pictures, *style),
        "q_sample": (x, t, noise, betas), "alpha_bars": (betas,),
        "reverse_step": (x, tensor([1, 1]), noise, logits, betas),
    }  # fmt: skip
    for name, arguments in functions.items():
        inputs = [v.clone().requires_grad_() if isinstance(v, Tensor) and v.is_floating_point() else v for v in arguments]
        assert torch.autograd.gradcheck(getattr(reference, name), inputs), name


def test_the_critics_gradient_by_its_penalty_agrees_with_differences(reference: ModuleType, draw: Randomness) -> None:
    critic, (real, fake), alpha = reference.mlp(2, 3, 1).double(), normal(draw, 2, 4, 2), draw.rand(4, 1, dtype=DOUBLE)
    weight, small = critic[0].weight, 1e-6
    (found,) = torch.autograd.grad(reference.gradient_penalty(critic, real, fake, alpha), weight)
    values = []
    for step in (small, -2 * small):
        weight.data[1, 0] += step
        values.append(reference.gradient_penalty(critic, real, fake, alpha).item())
    assert (values[0] - values[1]) / (2 * small) == pytest.approx(found[1, 0].item(), rel=1e-5)


# --- grading --------------------------------------------------------------------------------------------------------


def test_the_starter_asks_for_what_is_required_in_the_references_words(gan: Assignment) -> None:
    tops, written = (
        {node.name: node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
        for source in (gan.starter_source, gan.reference_source)
    )
    assert list(tops) == ["mlp", "adam", "sgd", *gan.required]
    for name, node in tops.items():
        assert ast.unparse(node.args) == ast.unparse(written[name].args), name
    assert [ast.unparse(tops[name]) for name in ("mlp", "adam", "sgd")] == [
        ast.unparse(written[n]) for n in ("mlp", "adam", "sgd")
    ]


def test_who_writes_only_part_1_gets_its_points(gan: Assignment) -> None:
    end = gan.reference_source.index("# --- 2 ")
    rest = gan.starter_source[gan.starter_source.index("# --- 2 ") :]
    report = judged(gan, gan.reference_source[:end] + rest)
    assert report.score == 10 and {result.word for result in report.checks if not result.points} == {"missing"}


def test_who_writes_the_parts_with_networks_alone_may_use_the_library_and_is_not_told_off(gan: Assignment) -> None:
    source = gan.reference_source.replace("return torch.logaddexp(x, torch.zeros_like(x))", "return nn.functional.softplus(x)")
    report = judged(gan, source, *(check.id for check in gan.checks if check.part in ("steps", "wasserstein", "diffusion")))
    assert report.score == 32 and report.policy == []


LIBRARY = {
    "log_likelihood(x, logits)": "-nn.functional.binary_cross_entropy_with_logits(logits, x, reduction='none').sum(dim=1)",
    "kl_divergence(mu, logvar)": "torch.distributions.Normal(mu, logvar.exp().sqrt()).entropy().sum(dim=1)",
    "generator_loss(fake)": "torch.binary_cross_entropy_with_logits(fake, torch.ones_like(fake))",
    "saturating_loss(fake)": "nn.functional.logsigmoid(-fake).mean()",
    "adain(x, scale, shift, eps=1e-5)": "torch.instance_norm(x, None, None, None, None, True, 0.1, eps, False)",
    "linear_reconstruction(x, size)": "torch.pca_lowrank(x, size)[0]",
    "contractive_penalty(code, W_e)": "torch.autograd.functional.jacobian(torch.tanh, code).sum()",
}


@pytest.mark.parametrize("head", LIBRARY)
def test_the_library_earns_nothing(gan: Assignment, head: str) -> None:
    called = [check.id for check in gan.checks if head.split("(")[0] in check.run.__code__.co_consts]
    called = [check.id for check in gan.checks if check.id in called and check.part not in ("steps", "diffusion")]
    report = judged(gan, f"{gan.reference_source}\n\n\ndef {head}:\n    return {LIBRARY[head]}\n", *called)
    assert called and {result.word for result in report.checks} == {"forbidden"}


@pytest.mark.parametrize("name", ["reparameterise", "adain", "q_sample", "autoencoder_loss"])
def test_a_float32_result_shows_in_float64(gan: Assignment, name: str) -> None:
    wrapper = f"_{name} = {name}\n\n\ndef {name}(*args, **named):\n    return _{name}(*args, **named).float()\n"
    called = [check.id for check in gan.checks if name in check.run.__code__.co_consts and check.visibility == "hidden"]
    assert [result.word for result in judged(gan, f"{gan.reference_source}\n\n{wrapper}", *called).checks] == ["wrong_type"]


WEAK_SPOTS = {  # where a weak check would look away: in what, what stands there, what a mistake makes of it
    "the bias of the decoder": ("autoencode", "h @ W_d.T + b_d", "h @ W_d.T"),
    "both matrices decay": ("autoencoder_loss", "(W_e**2).sum() + (W_d**2).sum()", "2 * (W_e**2).sum()"),
    "the mean over samples": ("denoising_loss", ".sum(dim=1).mean()", ".sum()"),
    "as many components as asked for": ("linear_reconstruction", "directions[:size].T", "directions[: size + 1].T"),
    "the shift by the mean": ("linear_reconstruction", "return mean + ", "return "),
    "negative divergence": ("kl_divergence", "- 1 - logvar", "- 1 + logvar"),
    "half the divergence": ("kl_divergence", "0.5 * (", "("),
    "soft pixels": ("log_likelihood", "(x * logits", "(x.round() * logits"),
    "a gradient where D is sure": ("discriminator_loss", "softplus(fake_logits)", "softplus(fake_logits.clamp(-30, 30))"),
    "labels the right way round": ("discriminator_loss", "softplus(-real_logits)", "softplus(real_logits)"),
    "noise for the one, data for the other": ("discriminator_step", "generator(noise)", "generator(noise[: len(real)])"),
    "one step, not two": ("discriminator_step", "optimiser.step()", "optimiser.step(); optimiser.step()"),
    "the loss before the step": ("generator_step", "return loss", "return generator_loss(discriminator(generator(noise)))"),
    "no gradient of the past": ("generator_step", "optimiser.zero_grad()", "pass"),
    "x before its label": ("condition", "[labels]], dim=1)", "[labels]], dim=1).roll(1, 1)"),
    "both kinds of wrong": ("conditional_loss", "softplus(fake_logits)", "softplus(wrong_logits)"),
    "a gradient through both ways": ("cycle_loss", "_translated(x, to_y), to_x)", "_translated(x, to_y).detach(), to_x)"),
    "the mean square, not the norm": ("mapping_network", "mean(dim=1", "sum(dim=1"),
    "a slope of 0.2": ("leaky_relu", "0.2 * x", "0.01 * x"),
    "eps inside the root": ("adain", "torch.sqrt(variance + eps)", "(torch.sqrt(variance) + eps)"),
    "gradients through the statistics": ("adain", "keepdim=True)\n    variance", "keepdim=True).detach()\n    variance"),
    "noise before the activation": ("style_layer", "leaky_relu(inject_noise(x, ", "torch.add(0, inject_noise(leaky_relu(x), "),
    "alpha belongs to the data": ("gradient_penalty", "alpha * real + (1 - alpha) * fake", "alpha * fake + (1 - alpha) * real"),
    "points between, not data": ("gradient_penalty", "(alpha * real + (1 - alpha) * fake)", "real"),
    "the critic's sign": ("critic_step", "critic(fake).mean() - critic(real)", "critic(real).mean() - critic(fake)"),
    "the weight of the penalty": ("critic_step", "weight * gradient", "10.0 * gradient"),
    "t, not t - 1": ("q_sample", "alpha_bars(betas)[t]", "alpha_bars(betas)[(t - 1).clamp(min=0)]"),
    "the start is certain": ("q_posterior", "torch.ones_like(bars[:1])", "bars[:1]"),
    "a deviation, not a variance": ("reverse_step", "_per_sample(variance, x_t).sqrt()", "_per_sample(variance, x_t)"),
    "the time is told": ("noise_loss", "t.to(x0.dtype)[:, None] / len(betas)", "0 * t.to(x0.dtype)[:, None]"),
}  # fmt: skip


@pytest.mark.parametrize("spot", one_in(3, WEAK_SPOTS))
def test_a_weak_spot_loses_points(gan: Assignment, spot: str) -> None:
    name, old, new = WEAK_SPOTS[spot]
    head, tail = gan.reference_source.split(f"def {name}(")
    assert old in tail
    report = judged(
        gan,
        f"{head}def {name}({tail.replace(old, new, 1)}",
        *(c.id for c in gan.checks if c.visibility == "hidden" and c.diagnose),
    )
    assert report.status == "graded" and report.score < report.max_score


# --- training -------------------------------------------------------------------------------------------------------


def test_distances_are_what_the_handouts_say(checks: ModuleType, reference: ModuleType, draw: Randomness) -> None:
    pixels = checks.all_digits()[0]
    assert pixels.shape == (1797, 64)
    assert checks.distance_to_digits(pixels) == pytest.approx(0, abs=1e-4)
    assert checks.distance_to_digits(pixels[::2]) < 0.3
    assert 20 < checks.distance_to_digits(draw.rand(1000, 64)) < 23
    assert checks.distance_to_digits(pixels[:1] + 0.01 * draw.randn(1000, 64)) > 20
    torch.manual_seed(0)
    untrained = reference.mlp(16, 128, 64)(draw.randn(1000, 16)).sigmoid().detach()
    assert 35 < checks.distance_to_digits(untrained) < 50


def test_the_balance_knows_a_collapse(checks: ModuleType, draw: Randomness) -> None:
    centres = 2 * torch.stack([(torch.arange(8) * math.pi / 4).cos(), (torch.arange(8) * math.pi / 4).sin()], dim=1)
    good = centres[draw.randint(0, 8, (4000,))] + checks.SPREAD * draw.randn(4000, 2)
    shares = checks.shares_of_modes(good, centres)
    assert shares.sum() > 0.98 and shares.clamp(max=1 / 8).sum() > 0.95
    assert checks.shares_of_modes(good[:, :1].abs() * 0 + centres[:1], centres).clamp(max=1 / 8).sum() == 1 / 8
    assert checks.shares_of_modes(2 * draw.randn(4000, 2), centres).clamp(max=1 / 8).sum() < 0.35


def test_the_judge_makes_what_the_network_makes(reference: ModuleType, checks: ModuleType) -> None:
    network = reference.mlp(4, 64, 64, 2)
    z = Randomness(SEED, "draw").randn(5, 4)
    made = checks.made(Randomness(SEED, "draw"), list(network.state_dict().values()), 5)
    torch.testing.assert_close(made, network(z).detach())


def test_training_is_graded_in_full(gan: Assignment) -> None:
    report = judged(gan, gan.reference_source, *RING, *DIGITS)
    assert [result.points for result in report.checks] == [3, 5, 3, 5] and report.policy == []
    assert 0.5 < report.metrics["balance"].public < 0.85 and 2 < report.metrics["distance"].private < 4


@pytest.mark.parametrize(
    ("old", "new", "most"),
    one_in(
        3,
        [
            (
                "    of_generator, of_discriminator = adam",
                "    batches = batches[:0]\n    of_generator, of_discriminator = adam",
                0,
            ),
            ("torch.randn(len(real), 4))\n    return", "torch.randn(1, 4).expand(len(real), 4))\n    return", 2),
            ("discriminator_step(generator, discriminator, of_discriminator, real,", "len(real), (", 0),
        ],
    ),
    ids=["untrained", "one z for all", "no discriminator"],
)
def test_a_generator_that_has_collapsed_or_not_learnt_earns_little(gan: Assignment, old: str, new: str, most: float) -> None:
    assert old in gan.reference_source
    report = judged(gan, gan.reference_source.replace(old, new), *RING)
    assert report.score <= most and not report.checks[0].points


@pytest.mark.parametrize(("beta", "most"), one_in(2, [("0.0", 0), ("1.0", 6)]))
def test_the_weight_of_the_divergence_matters(gan: Assignment, beta: str, most: float) -> None:
    report = judged(gan, gan.reference_source.replace("beta=0.3", f"beta={beta}"), *DIGITS)
    assert report.score <= most


def test_who_updates_more_often_than_allowed_loses_the_points(gan: Assignment) -> None:
    longer = """

_ring, _digits = train_ring, train_digits


def train_ring(batches, seed):
    return _ring(batches.repeat(5, 1, 1), seed)


def train_digits(batches, seed):
    return _digits(batches.repeat(5, 1, 1), seed)
"""
    report = judged(gan, gan.reference_source + longer, RING[1], DIGITS[1])
    assert report.score == 0 and all("After one batch" in result.message.en for result in report.checks)


def test_another_network_is_no_generator(gan: Assignment) -> None:
    source = gan.reference_source.replace("mlp(16, 128, 64)\n", "mlp(16, 64)\n")
    assert source != gan.reference_source
    report = judged(gan, source, DIGITS[0])
    assert report.score == 0 and "mlp(16, 128, 64)" in report.checks[0].message.en
