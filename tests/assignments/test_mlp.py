"""Facts about homework 1 that `gradus verify` does not state: the reference against autograd, the lecture's numbers, the band."""

import sys
from pathlib import Path
from types import ModuleType

import pytest
import torch
from torch.nn import functional

from grader.checks.answers import LiveAnswers
from grader.judge import judge_with
from grader.protocol import Job, Report
from grader.sandbox.fake import FakeSandbox
from grader.spec import Assignment, load_assignment

FOLDER = Path(__file__).parents[2] / "assignments" / "mlp"
SEED = "5eed" * 16
ELEMENTWISE = ["sigmoid", "tanh", "relu", "leaky_relu", "elu"]


@pytest.fixture(scope="module")
def mlp() -> Assignment:
    return load_assignment(FOLDER)


@pytest.fixture(scope="module")
def reference(mlp: Assignment) -> ModuleType:
    return mlp.reference


@pytest.fixture
def inputs() -> torch.Tensor:
    return torch.randn(5, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def test_the_lecture_numbers_solve_xor(reference: ModuleType) -> None:
    corners = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    W, c, w, b = torch.ones(2, 2), torch.tensor([0.0, -1.0]), torch.tensor([1.0, -2.0]), torch.tensor(0.0)
    assert reference.two_layer_network(corners, W, c, w, b).tolist() == [0, 1, 1, 0]


def test_the_square_has_the_slope_of_the_lecture(reference: ModuleType) -> None:
    slope = reference.numerical_gradient(reference.Polynomial([0, 0, 1]), torch.ones(1, dtype=torch.float64))
    assert slope.item() == pytest.approx(2.0001, abs=1e-9)


def test_a_perceptron_cannot_do_xor_however_long_it_tries(reference: ModuleType) -> None:
    corners = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    assert reference.Perceptron(2).fit(corners, torch.tensor([0, 1, 1, 0]), max_epochs=300) is False
    assert reference.Perceptron(2).fit(corners, torch.tensor([0, 0, 0, 1]), max_epochs=6) is True


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_activations_and_derivatives_agree_with_torch(reference: ModuleType, inputs: torch.Tensor, name: str) -> None:
    x = inputs.clone().requires_grad_()
    wanted = getattr(functional, name)(x)
    (slope,) = torch.autograd.grad(wanted.sum(), x)
    torch.testing.assert_close(getattr(reference, name)(inputs), wanted.detach())
    torch.testing.assert_close(getattr(reference, f"{name}_derivative")(inputs), slope)


@pytest.mark.parametrize("name", ["mse_loss", "mae_loss"])
def test_distances_have_the_gradient_of_their_value(reference: ModuleType, inputs: torch.Tensor, name: str) -> None:
    x = inputs.clone().requires_grad_()
    loss, gradient = getattr(reference, name)(x, inputs.flip(0))
    torch.testing.assert_close(gradient.detach(), torch.autograd.grad(loss, x)[0])


def test_cross_entropy_agrees_with_torch(reference: ModuleType, inputs: torch.Tensor) -> None:
    x, labels = inputs.clone().requires_grad_(), torch.tensor([0, 3, 1, 1, 2])
    wanted = functional.cross_entropy(x, labels)
    loss, gradient = reference.softmax_cross_entropy(inputs, labels)
    torch.testing.assert_close(loss, wanted.detach())
    torch.testing.assert_close(gradient, torch.autograd.grad(wanted, x)[0])


@pytest.mark.parametrize("shape", [(5, 4), (2, 3, 4)])
def test_affine_backward_agrees_with_autograd(reference: ModuleType, shape: tuple[int, ...]) -> None:
    arguments = [torch.randn(s, dtype=torch.float64, requires_grad=True) for s in (shape, (4, 6), (6,))]
    out, cache = reference.affine_forward(*arguments)
    dout = torch.randn_like(out)
    found = reference.affine_backward(dout, cache)
    torch.testing.assert_close([g.detach() for g in found], list(torch.autograd.grad(out, arguments, dout)))


def test_softmax_backward_agrees_with_autograd(reference: ModuleType, inputs: torch.Tensor) -> None:
    x, dout = inputs.clone().requires_grad_(), inputs.flip(1)
    p, cache = reference.softmax_forward(x)
    torch.testing.assert_close(reference.softmax_backward(dout, cache).detach(), torch.autograd.grad(p, x, dout)[0])


@pytest.mark.parametrize(
    ("name", "settings"), [("momentum_step", {"rate": 0.05, "momentum": 0.8}), ("adam_step", {"rate": 0.05, "beta2": 0.9})]
)
def test_optimisers_agree_with_torch(reference: ModuleType, inputs: torch.Tensor, name: str, settings: dict) -> None:
    parameter = inputs.clone().requires_grad_()
    optimiser = {
        "momentum_step": lambda: torch.optim.SGD([parameter], 0.05, momentum=0.8),
        "adam_step": lambda: torch.optim.Adam([parameter], 0.05, betas=(0.9, 0.9)),
    }[name]()
    ours, state = [inputs], None
    for step in range(4):
        parameter.grad = inputs.roll(step, 0) + 0.5
        optimiser.step()
        ours, state = getattr(reference, name)(ours, [inputs.roll(step, 0) + 0.5], state, **settings)
    torch.testing.assert_close(ours[0], parameter.detach())


def test_mlp_gradients_agree_with_autograd(reference: ModuleType) -> None:
    model = reference.MLP([4, 6, 5, 3], seed=3)
    parameters = [w.requires_grad_() for w in model.parameters()]
    x, labels = torch.randn(7, 4), torch.randint(0, 3, (7,))
    wanted = torch.autograd.grad(functional.cross_entropy(model.forward(x), labels), parameters)
    with torch.no_grad():
        torch.testing.assert_close(model.loss_and_gradients(x, labels)[1], list(wanted))


def test_a_split_holds_every_digit_once_and_looks_different_under_another_seed(mlp: Assignment) -> None:
    split = checks_module(mlp).digits_split
    inputs, labels, test_inputs, test_labels = split(1)
    assert (inputs.shape, test_inputs.shape) == ((1437, 64), (360, 64))
    assert torch.cat([labels, test_labels]).bincount().tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert not torch.equal(inputs, split(2)[0])


@pytest.mark.parametrize("seed", [11, 12])
def test_a_plain_network_lies_in_the_band_and_a_linear_model_below_it(mlp: Assignment, seed: int) -> None:
    inputs, labels, test_inputs, test_labels = checks_module(mlp).digits_split(seed)
    reference = mlp.reference

    def accuracy(sizes: list[int]) -> float:
        generator = torch.Generator().manual_seed(seed)
        model, state = reference.MLP(sizes, seed), None
        for _ in range(500):
            batch = torch.randint(len(inputs), (64,), generator=generator)
            _, gradients = model.loss_and_gradients(inputs[batch], labels[batch])
            parameters, state = reference.adam_step(model.parameters(), gradients, state)
            model.load(parameters)
        return float((model.predict(test_inputs) == test_labels).float().mean())

    assert accuracy([64, 10]) < 0.93 < accuracy([64, 128, 10])


def test_something_else_that_pretends_to_be_an_mlp_earns_nothing_for_its_training(mlp: Assignment) -> None:
    pretender = """
class Nearest(MLP):
    def predict(self, x):
        return self.labels[torch.cdist(x, self.inputs).argmin(dim=1)]


def train(inputs, labels, steps, seed):
    model = Nearest([64, 128, 10], seed)
    model.inputs, model.labels = inputs, labels
    return model
"""
    training = tuple(check for check in mlp.checks if not check.diagnose)
    report = judged(mlp.model_copy(update={"checks": training}), mlp.reference_source + pretender)
    assert [result.points for result in report.checks] == [0, 0]
    assert "parameters()" in report.checks[0].message.en


@pytest.mark.parametrize(
    ("part", "source"),
    [
        ("activations", "def sigmoid_derivative(x):\n    return torch.func.vmap(torch.func.grad(torch.sigmoid))(x.flatten())"),
        ("losses", "import torch.nn.functional as F\n\n\ndef zero_one_loss(a, b):\n    return F.mse_loss(a[:, 0], b.float())"),
        ("layers", "def relu_forward(x):\n    return torch.nn.ReLU()(x), x"),
    ],
)
def test_the_library_earns_nothing(mlp: Assignment, part: str, source: str) -> None:
    checks = tuple(check for check in mlp.checks if check.part == part)
    report = judged(mlp.model_copy(update={"checks": checks}), f"{mlp.reference_source}\n\n{source}\n")
    assert {result.word for result in report.checks} == {"forbidden", "passed"}
    assert report.policy


def test_a_measured_derivative_is_not_exact_enough(mlp: Assignment) -> None:
    measured = """
def tanh_derivative(x):
    h = 1e-5
    wide = x.double()
    return ((torch.tanh(wide + h) - torch.tanh(wide - h)) / (2 * h)).to(x.dtype)
"""
    report = judged(mlp, mlp.reference_source + measured, "sigmoid_and_tanh_are_exact")
    assert [result.word for result in report.checks] == ["wrong_value"]


def checks_module(mlp: Assignment) -> ModuleType:
    """The module that the assignment's checks come from."""
    return sys.modules[mlp.checks[0].run.__module__]


def judged(mlp: Assignment, source: str, *ids: str) -> Report:
    chosen = mlp.model_copy(update={"checks": tuple(check for check in mlp.checks if not ids or check.id in ids)})
    job = Job(FOLDER, {"solution.py": source.encode()}, SEED)
    return judge_with(chosen, job, lambda _: LiveAnswers(mlp.reference), sandbox=FakeSandbox())
