"""Facts about homework 2 that `gradus verify` does not state: the reference against torch and autograd, the handouts' numbers,
weak spots that a check must not have, the band."""

import ast
import re
from collections.abc import Callable
from types import ModuleType

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from grader.protocol import Word
from grader.spec import Assignment
from tests.assignments.conftest import TRAINING, judged
from tests.thorough import one_in

SETTINGS = [(1, 0, 1), (2, 0, 1), (2, 1, 1), (1, 2, 2), (3, 1, 2)]  # stride, padding, dilation
CONV = "conv2d_forward(x, w, b, stride=1, padding=0, dilation=1)"
WINDOWS = [((2, 2), 2), ((3, 2), 1), ((3, 3), 2), ((1, 2), 3)]


@pytest.fixture(scope="module")
def cnn(assignment: Assignment) -> Assignment:
    return assignment


def drawn(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(sum(shape)), requires_grad=True)


def matches_autograd(out: Tensor, found: Callable[[Tensor], tuple], inputs: list[Tensor]) -> None:
    """The backward function by hand gives what autograd gives for the same output."""
    dout = torch.randn(out.shape, dtype=out.dtype, generator=torch.Generator().manual_seed(7))
    wanted = torch.autograd.grad(out, inputs, dout)
    with torch.no_grad():
        torch.testing.assert_close(list(found(dout)), list(wanted))


# --- the reference is right -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("settings", SETTINGS)
def test_the_layer_and_its_gradients_agree_with_torch(reference: ModuleType, settings: tuple[int, int, int]) -> None:
    x, weight, bias = drawn(2, 3, 9, 8), drawn(4, 3, 3, 2), drawn(4)
    wanted = functional.conv2d(x, weight, bias, *settings)
    out = reference.conv2d_forward(x, weight, bias, *settings)
    torch.testing.assert_close(out, wanted)
    small = drawn(1, 2, 6, 5), drawn(1, 2, 3, 2), drawn(1)
    assert torch.autograd.gradcheck(lambda *inputs: reference.conv2d_forward(*inputs, *settings), small)
    matches_autograd(wanted, lambda dout: reference.conv2d_backward(dout, x, weight, *settings), [x, weight, bias])


@pytest.mark.parametrize(("kernel", "stride"), WINDOWS)
def test_pooling_and_its_gradients_agree_with_torch(reference: ModuleType, kernel: tuple[int, int], stride: int) -> None:
    x = drawn(2, 3, 7, 8)
    for name, wanted in [
        ("max_pool2d", functional.max_pool2d(x, kernel, stride)),
        ("average_pool2d", functional.avg_pool2d(x, kernel, stride)),
    ]:
        torch.testing.assert_close(getattr(reference, f"{name}_forward")(x, kernel, stride), wanted)
        backward = getattr(reference, f"{name}_backward")
        matches_autograd(wanted, lambda dout, backward=backward: [backward(dout, x, kernel, stride)], [x])


@pytest.mark.parametrize("training", [True, False])
def test_batch_normalisation_agrees_with_torch(reference: ModuleType, training: bool) -> None:
    x, gamma, beta = drawn(3, 4, 2, 5), drawn(4), drawn(4)
    mean, var = torch.arange(4.0, dtype=torch.float64), torch.arange(1.0, 5.0, dtype=torch.float64)
    new_mean, new_var = mean.clone(), var.clone()
    wanted = functional.batch_norm(x, new_mean, new_var, gamma, beta, training, 0.3, 1e-3)
    found = reference.batchnorm2d_forward(x, gamma, beta, mean, var, training, 0.3, 1e-3)
    torch.testing.assert_close(list(found), [wanted, new_mean, new_var])
    backward = reference.batchnorm2d_backward
    matches_autograd(wanted, lambda dout: backward(dout, x, gamma, mean, var, training, 1e-3), [x, gamma, beta])


def test_cross_correlation_is_what_torch_calls_convolution_and_convolution_is_it_flipped(reference: ModuleType) -> None:
    x, w = drawn(5, 7).detach(), drawn(2, 3).detach()
    library = functional.conv2d(x[None, None], w[None, None])[0, 0]
    torch.testing.assert_close(reference.cross_correlate(x, w), library)
    torch.testing.assert_close(reference.convolve(x, w), reference.cross_correlate(x, w.flip(0, 1)))
    torch.testing.assert_close(reference.convolve_full(x, w)[1:-1, 2:-2], reference.convolve(x, w))


def test_full_convolution_is_associative(reference: ModuleType) -> None:
    full, (x, v, w) = reference.convolve_full, (drawn(*shape).detach() for shape in [(4, 5), (2, 3), (3, 1)])
    torch.testing.assert_close(full(full(x, v), w), full(x, full(v, w)))


@pytest.mark.parametrize("kernel", [(3, 5), (1, 3), (5, 1)])
def test_circular_convolution_agrees_with_circular_padding(reference: ModuleType, kernel: tuple[int, int]) -> None:
    x, weight = drawn(2, 3, 6, 7).detach(), drawn(4, 3, *kernel).detach()
    wrapped = functional.pad(x, (kernel[1] // 2, kernel[1] // 2, kernel[0] // 2, kernel[0] // 2), mode="circular")
    torch.testing.assert_close(reference.circular_conv2d(x, weight), functional.conv2d(wrapped, weight))


def test_alexnet_has_the_shapes_and_parameters_that_torch_counts(reference: ModuleType) -> None:
    make = {
        "conv": lambda channels, *n: torch.nn.Conv2d(channels, *n[:4], 1, n[4], device="meta"),
        "pool": lambda channels, *n: torch.nn.MaxPool2d(*n),
        "flatten": lambda channels: torch.nn.Flatten(),
        "linear": lambda channels, n: torch.nn.Linear(channels, n, device="meta"),
    }
    x, layers, rows = torch.empty(1, 3, 227, 227, device="meta"), reference.alexnet_layers(), []
    for kind, *numbers in layers:
        layer = make[kind](x.shape[1], *numbers)
        x = layer(x)
        rows.append((tuple(x.shape[1:]), sum(p.numel() for p in layer.parameters())))
    assert reference.trace(layers, (3, 227, 227)) == rows
    assert sum(count for _, count in rows) == 60_965_224


def test_two_lenets_with_the_same_parameters_are_one(reference: ModuleType) -> None:
    torch.manual_seed(0)
    conv1, conv2 = torch.nn.Conv2d(1, 6, 5), torch.nn.Conv2d(6, 16, 5)
    fc1, fc2, fc3 = (torch.nn.Linear(*sizes) for sizes in [(400, 120), (120, 84), (84, 10)])
    pool, tanh = torch.nn.AvgPool2d(2), torch.nn.Tanh()
    whole = torch.nn.Sequential(conv1, tanh, pool, conv2, tanh, pool, torch.nn.Flatten(), fc1, tanh, fc2, tanh, fc3)
    model = reference.LeNet5()
    model.load_state_dict(dict(zip(model.state_dict(), whole.state_dict().values(), strict=True)))
    images = torch.randn(2, 1, 32, 32)
    torch.testing.assert_close(model(images), whole(images))
    assert sum(p.numel() for p in model.parameters()) == 61_706


# --- the handouts say what is true ----------------------------------------------------------------------------------
def matrices(text: str) -> list[Tensor]:
    """Every pmatrix of a text, as a tensor."""
    found = re.findall(r"\\begin\{pmatrix\}(.*?)\\end\{pmatrix\}", text, re.DOTALL)
    return [torch.tensor([[float(entry) for entry in row.split("&")] for row in one.split(r"\\")]) for one in found]


def section(handout: str, number: int) -> str:
    return re.split(r"^## ", handout, flags=re.MULTILINE)[number + 1]


def test_the_numbers_of_part_1_follow_from_the_formulas(handout: str) -> None:
    big, kernel, y, x, w, correlation, convolution, small, pair, full = matrices(section(handout, 1))
    assert y.tolist() == [[0, -2, -1], [2, 2, 4], [-1, 0, 0]]
    for image, core, wanted in [(big, kernel, y), (x, w, convolution)]:
        assert torch.equal(by_the_formula(image, core, sign=-1), wanted)
    assert torch.equal(by_the_formula(x, w, sign=1), correlation)
    assert torch.equal(by_the_formula(functional.pad(small, (1, 1)), pair, sign=-1), full)


def by_the_formula(x: Tensor, w: Tensor, sign: int) -> Tensor:
    """Σ_uv w_uv x_{i ± (u-1), j ± (v-1)} with indices from 1, wherever all of these x exist."""
    (rows, columns), (height, width) = x.shape, w.shape
    y = torch.zeros(rows - height + 1, columns - width + 1)
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            for u in range(height):
                for v in range(width):
                    a, b = (i + u, j + v) if sign > 0 else (i + height - 1 - u, j + width - 1 - v)
                    y[i, j] += w[u, v] * x[a, b]
    return y


def test_the_numbers_of_parts_2_and_5_are_torchs(handout: str) -> None:
    x1, x2, w1, w2, plain, strided = matrices(section(handout, 2))
    x, w = torch.stack([x1, x2])[None].requires_grad_(), torch.stack([w1, w2])[None].requires_grad_()
    bias = torch.tensor([0.5], requires_grad=True)
    dout, *gradients = matrices(section(handout, 5))
    for settings, wanted, found in [((1, 0), plain, gradients[:4]), ((2, 1), strided, gradients[4:])]:
        out = functional.conv2d(x, w, bias, *settings)
        assert torch.equal(out[0, 0].detach(), wanted)
        dx, dw, db = torch.autograd.grad(out, [x, w, bias], dout[None, None])
        assert [*dx[0].tolist(), *dw[0].tolist(), db.item()] == [*(m.tolist() for m in found), 2]
    assert functional.conv2d(x, w, bias, dilation=2).item() == 2.5


def test_the_table_of_sizes_is_right(handout: str) -> None:
    rows = [list(map(int, row)) for row in re.findall(r"^\|" + r" (\d+) \|" * 6, section(handout, 2), re.MULTILINE)]
    assert len(rows) == 4
    for size, kernel, stride, padding, dilation, wanted in rows:
        x, w = torch.zeros(1, 1, size), torch.zeros(1, 1, kernel)
        assert functional.conv1d(x, w, None, stride, padding, dilation).shape[2] == wanted


def test_the_numbers_of_part_3_are_torchs(handout: str) -> None:
    x, *wanted = matrices(section(handout, 3))
    found = [pool(x[None], *window)[0] for window in [(2, 2), (3, 1)] for pool in (functional.max_pool2d, functional.avg_pool2d)]
    torch.testing.assert_close(found, wanted, atol=5e-5, rtol=0)


def test_the_numbers_of_part_4_are_right(handout: str) -> None:
    row = torch.tensor([1, 2, 3, 4])
    for moved, text in [(row, "(2, -2, -2, 2)"), (row.roll(1), "(2, 2, -2, -2)")]:
        assert text in section(handout, 4) and str(tuple((moved.roll(1) - moved.roll(-1)).tolist())) == text


@pytest.mark.parametrize(
    ("pool", "dout", "text"),
    [(functional.max_pool1d, (1, 2, 3), "(0, 3, 0, 3, 0)"), (functional.avg_pool1d, (3, 6, 9), "(1, 3, 6, 5, 3)")],
)
def test_the_row_of_part_5_gets_these_gradients(handout: str, pool: Callable, dout: tuple, text: str) -> None:
    x = torch.tensor([[1.0, 5, 2, 4, 3]], requires_grad=True)
    (dx,) = torch.autograd.grad(pool(x, 3, 1), x, torch.tensor([dout]).float())
    assert str(tuple(round(n) for n in dx[0].tolist())) == text
    assert text in section(handout, 5) and str(dout) in section(handout, 5)


def test_the_numbers_of_parts_6_and_7_are_torchs(handout: str) -> None:
    x, gamma, beta = torch.tensor([[1.0, 3], [5, 7]])[:, None], torch.tensor([2.0]), torch.ones(1)
    inputs, mean, var = [x.requires_grad_(), gamma.requires_grad_()], torch.zeros(1), torch.ones(1)
    later = functional.batch_norm(x, mean, var, gamma, beta, False)
    assert later.flatten().tolist() == pytest.approx([3, 7, 11, 15], abs=1e-3)
    out = functional.batch_norm(x, mean, var, gamma, beta, True)
    dx, dgamma = torch.autograd.grad(out[0, 0, 0], inputs)
    said = [pair(value) for value in (*out, *dx)] + [f"{mean.item():.1f}", f"{var.item():.4f}", f"{dgamma.item():.4f}"]
    assert [text for text in (*said, "(3, 7)", "(11, 15)") if text not in section(handout, 6)] == []
    assert f"{1 / (1 - 0.2)}" in section(handout, 7)


def pair(value: Tensor) -> str:
    return str(tuple(f"{n:.4f}" for n in value.flatten().tolist())).replace("'", "")


def test_the_tables_of_part_8_are_those_of_the_networks(handout: str, checks: ModuleType, reference: ModuleType) -> None:
    text = section(handout, 8)
    rows = re.findall(r"^\|[^|\n]*\| ([\d ×]+) \| (\d+) \|$", text, re.MULTILINE)
    shown = [(tuple(map(int, shape.split(" × "))), int(count)) for shape, count in rows]
    assert shown == reference.trace(checks.LENET_LAYERS, (1, 32, 32))
    layers = re.findall(r"^\|[^|\n]*\| (\d*) ?\| (\d+) \| (\d+) \| (\d*) ?\| (\d*) ?\|$", text, re.MULTILINE)
    wanted = [layer for layer in reference.alexnet_layers() if layer[0] in ("conv", "pool")]
    assert [[int(n) for n in layer if n] for layer in layers] == [list(layer[1:]) for layer in wanted]
    assert "60 965 224" in text and "34\\,944" in text


def test_the_points_of_the_handout_are_those_of_the_checks(handout: str, cnn: Assignment) -> None:
    for number, part in enumerate(cnn.parts, start=1):
        last = re.split(r"^\| (?:check|检查) ", section(handout, number), flags=re.MULTILINE)[-1]
        rows = re.findall(r"^\|[^\n]*\| ([\d +]+) \|$", last, re.MULTILINE)
        assert sum(int(n) for row in rows for n in row.split("+")) == part.points, part.id


# --- the starter and whoever writes only a part ---------------------------------------------------------------------
def test_the_starter_asks_for_exactly_what_is_required(cnn: Assignment) -> None:
    tops = [node for node in ast.parse(cnn.starter_source).body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    assert [node.name for node in tops] == list(cnn.required)
    written = {node.name: node for node in ast.parse(cnn.reference_source).body if hasattr(node, "name")}
    for node in tops:
        if isinstance(node, ast.FunctionDef):
            assert ast.unparse(node.args) == ast.unparse(written[node.name].args), node.name


@pytest.mark.parametrize("rest", ["starter", "nothing"])
def test_who_writes_part_1_alone_gets_the_points_of_part_1(cnn: Assignment, rest: str) -> None:
    first = cnn.reference_source.split("# --- 2 ")[0]
    source = first if rest == "nothing" else f"{cnn.starter_source}\n\n{first}"
    report = judged(cnn, source)
    assert report.score == cnn.part("convolution").points == 10
    assert {result.word for result in report.checks} == {Word.passed, Word.missing}


def test_who_writes_the_networks_alone_may_use_the_library_and_is_not_told_off(cnn: Assignment) -> None:
    last = cnn.reference_source.split("# --- 8 ")[1]
    size = "def output_size(n, k, s=1, p=0, d=1):\n    return (n + 2 * p - d * (k - 1) - 1) // s + 1\n\n\n"
    source = f"import torch\nfrom torch import Tensor, nn\n\n\n{size}# --- 8 {last}"
    report = judged(cnn, source, *(check.id for check in cnn.checks if check.part == "networks"))
    assert (report.score, report.policy) == (12, [])


# --- weak spots that the checks must not have -----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("source", "check"),
    [
        ("conv2d_backward; dx = dx.new_zeros(dx.shape) if padding == 0 else dx", "convolution_backward_without_padding"),
        (
            "conv2d_backward; dx = dx * (x.shape[2] != x.shape[3]) if stride == 1 else dx * 1.001",
            "convolution_backward_with_everything",
        ),
        ("conv2d_backward; dw = dw if len(x) == 1 else dw.flip(0)", "convolution_backward_without_padding"),
        ("conv2d_backward; db = db.float().to(x.dtype)", "convolution_backward_without_padding"),
        (
            "conv2d_backward; dw = dw if weight.shape[2] != weight.shape[3] else dw.mT",
            "convolution_backward_gives_the_worked_numbers",
        ),
        ("batchnorm2d_backward; dx = dx if training else dx * (1 + eps)", "batchnorm_backward_in_evaluation"),
        ("batchnorm2d_backward; dw = dw.roll(1)", "batchnorm_backward_in_training"),
    ],
)
def test_a_gradient_that_is_wrong_in_one_case_only_is_seen(cnn: Assignment, source: str, check: str) -> None:
    name, change = source.split("; ")
    parameters = {
        "conv2d_backward": "dout, x, weight, stride=1, padding=0, dilation=1",
        "batchnorm2d_backward": "dout, x, gamma, running_mean, running_var, training, eps=1e-5",
    }[name]
    passed_on = ", ".join(each.split("=")[0] for each in parameters.split(", "))
    body = f"    dx, dw, db = _right({passed_on})\n    {change}\n    return dx, dw, db\n"
    report = judged(cnn, f"{cnn.reference_source}\n\n_right = {name}\n\n\ndef {name}({parameters}):\n{body}", check)
    assert [result.word for result in report.checks] == [Word.wrong_value]


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ("def convolve(x, w):\n    return cross_correlate(x, w) * -1", "both_hold_for_any_sizes"),  # right for the lecture's w
        (
            "_same = cross_correlate\n\n\ndef cross_correlate(x, w):\n    return -_same(x, w.flip(0, 1))",
            "cross_correlation_gives_the_worked_numbers",
        ),
        (
            "_listed = alexnet_layers\n\n\ndef alexnet_layers():\n"
            "    return [('pool', 2, 2) if layer[0] == 'pool' else layer for layer in _listed()]",  # the same shapes and counts
            "shapes_of_alexnet",
        ),
        ("def max_pool2d_forward(x, kernel, stride):\n    return x[..., ::stride, ::stride]", "max_pooling_for_any_windows"),
        ("def dropout_forward(x, drop_prob, training):\n    return x, torch.ones_like(x)", "dropped_is_zero_and_kept_is_scaled"),
        (
            "_drop = dropout_forward\n\n\ndef dropout_forward(x, drop_prob, training):\n"
            "    keep = _drop(x[..., :1], drop_prob, training)[1].expand(x.shape).clone()\n    return x * keep, keep",
            "every_entry_is_decided_by_itself",
        ),
        ("class LeNet5(LeNet5):\n    def forward(self, x):\n        return super().forward(x.clamp(-1, 1))", "lenet_gradients"),
        (
            "_true = loss_and_gradients\n\n\ndef loss_and_gradients(model, images, labels):\n"
            "    loss, found = _true(model, images, labels)\n    return loss, {**found, 'conv1.bias': 0 * found['conv1.bias']}",
            "lenet_gradients",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_off_the_beaten_track_is_seen(cnn: Assignment, change: str, check: str) -> None:
    report = judged(cnn, f"{cnn.reference_source}\n\n{change}\n", check)
    assert report.score == 0 and report.checks[0].word in {Word.wrong_value, Word.wrong_shape}


@pytest.mark.long
def test_a_measured_gradient_takes_too_long_where_differences_are_exact(cnn: Assignment) -> None:
    measured = """
def average_pool2d_backward(dout, x, kernel, stride):
    dx = torch.zeros_like(x)
    for i in range(x.numel()):
        unit = torch.zeros_like(x)
        unit.view(-1)[i] = 1
        dx.view(-1)[i] = (average_pool2d_forward(unit, kernel, stride) * dout).sum()
    return dx
"""
    report = judged(cnn, cnn.reference_source + measured, "average_pooling_backward_for_any_windows", in_time=True)
    assert [result.word for result in report.checks] == [Word.timed_out]


@pytest.mark.parametrize("name", ["conv2d_backward", "batchnorm2d_forward", "max_pool2d_backward", "convolve_full"])
def test_an_argument_that_is_changed_costs_the_points(cnn: Assignment, name: str) -> None:
    body = "    out = _careful(x, *rest, **named)\n    x.add_(1)\n    return out\n"
    careless = f"_careful = {name}\n\n\ndef {name}(x, *rest, **named):\n{body}"
    public = [check.id for check in cnn.checks if check.part in ("convolution", "backward", "batchnorm")]
    report = judged(cnn, f"{cnn.reference_source}\n\n{careless}", *public)
    failed = [result for result in report.checks if result.points == 0]
    assert failed and all(name in result.message.en for result in failed if result.visibility == "public")


@pytest.mark.parametrize(
    ("part", "head", "body"),
    [
        ("layer", CONV, "torch.conv2d(x, w, b, stride, padding, dilation)"),
        ("layer", CONV, "nn.functional.conv2d(x, w, b, stride, padding, dilation)"),
        ("layer", CONV, "nn.functional.unfold(x, w.shape[2:])"),
        ("layer", CONV, "torch.ops.aten.convolution(x, w, b, [stride], [padding], [dilation], False, [0], 1)"),
        ("convolution", "cross_correlate(x, w)", "getattr(torch, 'conv' + '2d')(x[None, None], w[None, None])[0, 0]"),
        ("pooling", "max_pool2d_forward(x, k, s)", "torch.max_pool2d(x, k, s)"),
        ("pooling", "average_pool2d_forward(x, k, s)", "torch._C._nn.avg_pool2d(x, k, s)"),
        ("symmetry", "global_average_pool2d(x)", "nn.AdaptiveAvgPool2d(1)(x)[:, :, 0, 0]"),
        ("backward", "conv2d_backward(dout, x, w, s=1, p=0, d=1)", "torch.autograd.grad(x.sum(), [x, w, dout])"),
        ("backward", "max_pool2d_backward(dout, x, k, s)", "nn.functional.max_pool2d(x, k, s).backward(dout)"),
        ("batchnorm", "batchnorm2d_forward(x, g, b, m, v, t, a=0.1, e=1e-5)", "torch.batch_norm(x, g, b, m, v, t, a, e, False)"),
        ("batchnorm", "batchnorm2d_backward(d, x, g, m, v, t, eps=1e-5)", "torch.native_batch_norm(x, g, g, m, v, t, 0.1, eps)"),
        ("dropout", "dropout_forward(x, p, t)", "torch.dropout(x, p, t), torch.ones_like(x)"),
    ],
)
def test_the_library_earns_nothing(cnn: Assignment, part: str, head: str, body: str) -> None:
    checks = [check.id for check in cnn.checks if check.part == part]
    report = judged(cnn, f"{cnn.reference_source}\n\n\ndef {head}:\n    return {body}\n", *checks)
    assert {result.word for result in report.checks} <= {Word.forbidden, Word.passed}
    assert Word.forbidden in {result.word for result in report.checks}


# --- training -------------------------------------------------------------------------------------------------------
def test_a_split_holds_every_digit_once_and_puts_it_elsewhere_under_another_seed(checks: ModuleType) -> None:
    split = checks.digits_split
    images, labels, test_images, test_labels = split(1)
    assert (images.shape, test_images.shape) == ((1437, 1, 14, 14), (360, 1, 14, 14))
    assert torch.cat([labels, test_labels]).bincount().tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert not torch.equal(images, split(2)[0])
    assert all((images.amax(dim=(0, 1, side))[1:-1] > 0.4).all() for side in (2, 3))  # no row and no column stays empty


@pytest.mark.parametrize(
    ("network", "most"),
    one_in(
        2,
        [
            ("nn.Sequential(nn.Flatten(), nn.Linear(196, 10))", 0),
            ("nn.Sequential(nn.Flatten(), nn.Linear(196, 128), nn.ReLU(), nn.Linear(128, 10))", 2),
        ],
    ),
)
def test_a_network_that_sees_no_neighbours_earns_next_to_nothing(cnn: Assignment, network: str, most: float) -> None:
    source = f"{cnn.reference_source}\n\n\ndef SmallCNN():\n    return {network}\n"
    report = judged(cnn, source, "accuracy_lies_in_the_band")
    assert report.score <= most and report.checks[0].word == Word.incomplete


@pytest.mark.parametrize(
    "longer", one_in(3, ["_train(images, labels, 3 * steps, seed)", "_train(images, labels, max(steps, 8), seed)"])
)
def test_who_trains_longer_than_allowed_loses_the_points_of_the_band(cnn: Assignment, longer: str) -> None:
    source = f"{cnn.reference_source}\n\n_train = train\n\n\ndef train(images, labels, steps, seed):\n    return {longer}\n"
    report = judged(cnn, source, "accuracy_lies_in_the_band")
    assert report.score == 0 and "After one step" in report.checks[0].message.en


def test_a_batch_that_is_too_large_loses_the_points_of_the_band(cnn: Assignment) -> None:
    report = judged(cnn, cnn.reference_source.replace("len(images), (32,)", "len(images), (512,)"), "accuracy_lies_in_the_band")
    assert report.score == 0 and "After one step" in report.checks[0].message.en


def test_who_looks_up_the_nearest_image_has_not_trained(cnn: Assignment) -> None:
    nearest = """
class SmallCNN(nn.Module):
    def forward(self, images):
        near = torch.cdist(images.flatten(1), self.images.flatten(1)).argmin(dim=1)
        return nn.functional.one_hot(self.labels[near], 10).float()


def train(images, labels, steps, seed):
    model = SmallCNN()
    model.images, model.labels = images, labels
    return model
"""
    report = judged(cnn, cnn.reference_source + nearest, *TRAINING)
    assert [result.points for result in report.checks][1] == 0


@pytest.mark.parametrize(
    ("change", "check", "words"),
    one_in(
        2,
        [
            ("model.train()", "training_works", "evaluation mode"),
            ("model.head.weight.data += torch.rand(1)", "training_works", "second training"),
        ],
    ),
)
def test_what_spoils_a_trained_model_is_said(cnn: Assignment, change: str, check: str, words: str) -> None:
    source = f"""{cnn.reference_source}

_train = train


class SmallCNN(SmallCNN):
    def __init__(self):
        super().__init__()
        self.features.append(nn.BatchNorm2d(32))


def train(images, labels, steps, seed):
    model = _train(images, labels, steps, seed)
    torch.seed()
    {change}
    return model
"""
    report = judged(cnn, source, check)
    assert report.score == 0 and words in report.checks[0].message.en
