"""Facts about homework 1 that `gradus verify` does not state: the reference against autograd, the lecture's numbers, the band."""

from types import ModuleType

import pytest
import torch
from torch.nn import functional

from grader.spec import Assignment
from tests.assignments.conftest import TRAINING, judged
from tests.thorough import one_in

ELEMENTWISE = ["sigmoid", "tanh", "relu", "leaky_relu", "elu"]


@pytest.fixture(scope="module")
def mlp(assignment: Assignment) -> Assignment:
    return assignment


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


def test_a_split_holds_every_digit_once_and_looks_different_under_another_seed(checks: ModuleType) -> None:
    split = checks.digits_split
    inputs, labels, test_inputs, test_labels = split(1)
    assert (inputs.shape, test_inputs.shape) == ((1437, 64), (360, 64))
    assert torch.cat([labels, test_labels]).bincount().tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert not torch.equal(inputs, split(2)[0])


LINEAR = """
class MLP(MLP):
    def __init__(self, sizes, seed=0):
        super().__init__(sizes, seed)
        if sizes == [64, 128, 10]:  # relu(a) - relu(-a) = a: a linear model dressed up as two layers
            A, zero = torch.zeros(64, 10), torch.zeros(64, 108)
            eye, rest = torch.eye(10), torch.zeros(108, 10)
            self._parameters = [torch.cat([A, -A, zero], 1), torch.zeros(128), torch.cat([eye, -eye, rest]), torch.zeros(10)]


def train(inputs, labels, steps, seed):
    generator = torch.Generator().manual_seed(seed)
    model, state = MLP([64, 128, 10], seed), None
    A, b, rest = torch.zeros(64, 10), torch.zeros(10), torch.zeros(64, 108)
    for _ in range(steps):
        batch = torch.randint(len(inputs), (64,), generator=generator)
        _, dout = softmax_cross_entropy(inputs[batch] @ A + b, labels[batch])
        gradients = [inputs[batch].T @ dout, dout.sum(0)]
        STEP
    V = model.parameters()[2]
    model.load([torch.cat([A, -A, rest], 1), torch.zeros(128), V, b])
    return model
"""
STEPS = {
    "sgd": "A, b = sgd_step([A, b], gradients, 0.3)",
    "adam": "(A, b), state = adam_step([A, b], gradients, state, rate=5e-3)",
}


@pytest.mark.parametrize("optimiser", one_in(2, STEPS))
def test_a_linear_model_dressed_up_as_two_layers_earns_nothing_for_its_training(mlp: Assignment, optimiser: str) -> None:
    report = judged(mlp, mlp.reference_source + LINEAR.replace("STEP", STEPS[optimiser]), *TRAINING)
    assert [(result.word, result.points) for result in report.checks] == [("wrong_value", 0), ("incomplete", 0)]


def mlp_train(step: str) -> str:
    return f"""
def train(inputs, labels, steps, seed):
    generator = torch.Generator().manual_seed(seed)
    model, state = MLP([64, 128, 10], seed), None
    for _ in range(steps):
        batch = torch.randint(len(inputs), (64,), generator=generator)
        _, gradients = model.loss_and_gradients(inputs[batch], labels[batch])
        {step}
        model.load(parameters)
    return model
"""


@pytest.mark.parametrize(
    "step",
    one_in(
        3,
        [
            "parameters = sgd_step(model.parameters(), gradients, 0.1)",
            "parameters, state = momentum_step(model.parameters(), gradients, state)",
            "parameters, state = adam_step(model.parameters(), gradients, state)",
        ],
    ),
)
def test_every_optimiser_that_the_handout_names_earns_all(mlp: Assignment, step: str) -> None:
    report = judged(mlp, mlp.reference_source + mlp_train(step), *TRAINING)
    assert [result.points for result in report.checks] == [4, 8]


@pytest.mark.parametrize(
    "longer",
    one_in(
        3,
        [
            "_train(inputs, labels, 20 * steps, seed)",
            "_train(inputs, labels, steps + 10, seed)",
            "_train(inputs, labels, max(steps, 40), seed)",
        ],
    ),
)
def test_who_trains_longer_than_allowed_loses_the_points_of_the_band(mlp: Assignment, longer: str) -> None:
    source = f"{mlp.reference_source}\n\n_train = train\n\n\ndef train(inputs, labels, steps, seed):\n    return {longer}\n"
    report = judged(mlp, source, "accuracy_lies_in_the_band")
    assert report.score == 0 and "After one step" in report.checks[0].message.en


def test_a_batch_that_is_too_large_loses_the_points_of_the_band(mlp: Assignment) -> None:
    source = mlp.reference_source.replace("(64,), generator", "(1024,), generator")
    report = judged(mlp, source, "accuracy_lies_in_the_band")
    assert report.score == 0 and "After one step" in report.checks[0].message.en


def test_inputs_may_be_normalised_by_all_samples(mlp: Assignment) -> None:
    normalised = """

_train = train


def train(inputs, labels, steps, seed):
    mean = inputs.mean(dim=0)
    model = _train(inputs - mean, labels, steps, seed)
    W, c, V, d = model.parameters()
    model.load([W, c - mean @ W, V, d])
    return model
"""
    assert judged(mlp, mlp.reference_source + normalised, *TRAINING).score == 12


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
    report = judged(mlp, mlp.reference_source + pretender, *TRAINING)
    assert [result.points for result in report.checks] == [0, 0]
    assert "parameters()" in report.checks[0].message.en


@pytest.mark.parametrize(
    ("part", "source"),
    [
        ("activations", "def sigmoid_derivative(x):\n    return torch.func.vmap(torch.func.grad(torch.sigmoid))(x.flatten())"),
        ("losses", "import torch.nn.functional as F\n\n\ndef zero_one_loss(a, b):\n    return F.mse_loss(a[:, 0], b.float())"),
        ("layers", "def relu_forward(x):\n    return torch.nn.ReLU()(x), x"),
        ("activations", "def sigmoid(x):\n    return torch.sigmoid(x)"),
        ("activations", "def sigmoid(x):\n    return x.sigmoid()"),
        ("activations", "def relu(x):\n    return torch.relu(x)"),
        ("activations", "def relu(x):\n    return torch.Tensor.relu(x)"),
        ("activations", "def elu(x, alpha=1.0):\n    return torch.celu(x) if alpha == 1 else torch._C._nn.elu(x, alpha)"),
        ("activations", "def prelu(x, slope):\n    return torch.prelu(x, slope[0]) if slope.numel() == 1 else x.prelu(slope)"),
        ("losses", "def softmax_cross_entropy(z, y):\n    return -z.log_softmax(1)[range(len(y)), y].mean(), z.softmax(1)"),
        ("losses", "def softmax_cross_entropy(z, y):\n    return torch.log_softmax(z, 1).mean(), torch.softmax(z, 1)"),
        ("layers", "def softmax_forward(x):\n    p = x.softmax(1)\n    return p, p"),
        ("layers", "def softmax_forward(x):\n    p = torch.special.softmax(x, 1)\n    return p, p"),
        ("layers", "def softmax_backward(d, p):\n    return torch._softmax_backward_data(d, p, 1, d.dtype)"),
        ("layers", "def softmax_backward(d, p):\n    return torch.ops.aten._softmax_backward_data(d, p, 1, d.dtype)"),
        ("layers", "def relu_forward(x):\n    return getattr(x, 're' + 'lu')(), x"),
    ],
)
def test_the_library_earns_nothing(mlp: Assignment, part: str, source: str) -> None:
    checks = tuple(check for check in mlp.checks if check.part == part)
    report = judged(mlp.model_copy(update={"checks": checks}), f"{mlp.reference_source}\n\n{source}\n")
    assert {result.word for result in report.checks} == {"forbidden", "passed"}
    assert report.policy


def test_what_the_handout_allows_is_no_use_of_the_library(mlp: Assignment) -> None:
    allowed = """

def softmax_forward(x):
    p = torch.exp(x - torch.logsumexp(x, dim=1, keepdim=True))
    return p, p


class Layer:
    def relu(self, x):
        return x.clamp(min=0)


def relu_forward(x):
    return Layer().relu(x), x
"""
    parts = [check.id for check in mlp.checks if check.part in ("activations", "layers")]
    report = judged(mlp, mlp.reference_source + allowed, *parts)
    assert report.policy == [] and report.score == report.max_score


def test_a_measured_derivative_is_not_exact_enough(mlp: Assignment) -> None:
    measured = """
def tanh_derivative(x):
    h = 1e-5
    wide = x.double()
    return ((torch.tanh(wide + h) - torch.tanh(wide - h)) / (2 * h)).to(x.dtype)
"""
    report = judged(mlp, mlp.reference_source + measured, "sigmoid_and_tanh_are_exact")
    assert [result.word for result in report.checks] == ["wrong_value"]
