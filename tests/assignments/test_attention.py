"""Facts about homework 4 that `gradus verify` does not state: the reference against torch, the handouts' numbers, the band."""

import ast
import re
from types import ModuleType

import pytest
import torch
from torch import Tensor, nn, tensor
from torch.nn import functional

from grader.checks.randomness import Randomness
from grader.spec import Assignment
from tests.assignments.conftest import TRAINING, judged, normal
from tests.thorough import one_in

DOUBLE = torch.float64


@pytest.fixture(scope="module")
def attention(assignment: Assignment) -> Assignment:
    return assignment


# --- the handouts' numbers ------------------------------------------------------------------------------------------
def section(handout: str, number: int) -> str:
    return re.split(r"^## ", handout, flags=re.MULTILINE)[number + 1]


def is_told(text: str, *values: Tensor, digits: int = 4) -> bool:
    """Whether a text shows each of these rows of numbers in brackets, rounded to so many digits."""
    rows = [row for value in values for row in value.reshape(-1, value.shape[-1]).double().tolist()]
    plain = text.replace("0.0100, 0.99995)", "0.01, 0.9999)").replace("0.0200,", "0.02,")
    shown = ["(" + ", ".join(f"{number:.{digits}f}".rstrip("0").rstrip(".") for number in row) + ")" for row in rows]
    return [row for row in shown if row not in plain] == []


def matrices(text: str) -> list[Tensor]:
    """Every pmatrix of a text, as a tensor."""
    found = re.findall(r"\\begin\{pmatrix\}(.*?)\\end\{pmatrix\}", text, re.DOTALL)
    return [tensor([[float(entry) for entry in row.split("&")] for row in one.split(r"\\")]) for one in found]


def test_the_numbers_of_part_1(reference: ModuleType, checks: ModuleType, handout: str) -> None:
    output, weights = reference.attention(checks.Q, checks.K, checks.V, checks.KEEP)
    assert weights.tolist()[0] == [pytest.approx([0.75, 0.25, 0]), [0, 0, 0]]
    assert is_told(section(handout, 1), output, weights[:, 1]) and "0.75" in section(handout, 1)
    k, v, W_q, W_k = tensor([[0.0], [-0.5]]), tensor([[1.0], [-1.0]]), tensor([[1.0], [0.0]]), tensor([[1.0], [2.0]])
    output, weights = reference.additive_attention(tensor([[0.5]]), k, v, W_q, W_k, tensor([2.0, -1.0]))
    numbers = [*weights[0].tolist(), output.item(), 2 * tensor(0.5).tanh().item(), tensor(1.0).tanh().item()]
    assert all(f"{number:.4f}" in section(handout, 1) for number in numbers)


def test_the_masks_of_parts_2_and_8(reference: ModuleType, checks: ModuleType, handout: str) -> None:
    assert is_told(section(handout, 2), reference.padding_mask(tensor([3, 1, 0]), 4))
    assert torch.equal(matrices(section(handout, 2))[0].bool(), reference.causal_mask(3))
    image, mask = matrices(section(handout, 8))
    assert torch.equal(image, checks.GRID) and torch.equal(mask.bool(), reference.shifted_window_mask(4, 4, 2, 1)[1])
    assert torch.equal(reference.shifted_window_mask(4, 4, 2, 1)[3], torch.eye(4).bool())
    for shift in (0, 1):
        assert is_told(section(handout, 8), reference.window_partition(image[None, :, :, None], 2, shift)[:, :, 0])


def test_the_numbers_of_part_3(reference: ModuleType, handout: str) -> None:
    log3 = tensor(3.0).log()
    query, key, value = tensor([[[1.0, 0.0]]]), tensor([[[log3, 5.0], [0.0, 1.0]]]), tensor([[[4.0, 2.0], [0.0, 6.0]]])
    (W_o,) = matrices(section(handout, 3))
    found = reference.multi_head_attention(query, key, value, torch.eye(2), torch.eye(2), torch.diag(tensor([1.0, 2.0])), W_o, 2)
    assert is_told(section(handout, 3), found) and found.tolist() == [[[pytest.approx(11), pytest.approx(8)]]]


def test_the_numbers_of_part_4(reference: ModuleType, handout: str) -> None:
    text = section(handout, 4)
    assert is_told(text, reference.positions(3, 4), reference.shift_matrix(1, 2) @ tensor([0.0, 1.0]))
    torch.testing.assert_close(matrices(text)[0], reference.shift_matrix(1, 2), atol=5e-5, rtol=0)


def test_the_numbers_of_part_5(reference: ModuleType, handout: str) -> None:
    normed = reference.layer_norm(tensor([[1.0, 3.0]]), tensor([2.0, 1.0]), tensor([0.0, 0.5]))
    assert is_told(section(handout, 5), normed, digits=2)
    weights = {f"W_{name}": torch.eye(2) for name in "qkv"} | {"W_o": torch.diag(tensor([0.0, 2.0]))}
    weights |= {"W_1": tensor([[0.0, 2.0]]), "b_1": tensor([1.0]), "W_2": tensor([[1.0], [0.0]]), "b_2": tensor([0.0, 1.5])}
    weights |= {"gamma_1": torch.ones(2), "beta_1": torch.zeros(2), "gamma_2": tensor([1.0, 3.0]), "beta_2": tensor([0.0, 1.0])}
    assert is_told(section(handout, 5), reference.encoder_layer(tensor([[[1.0, 3.0]]]), weights, 1))


def test_the_numbers_of_parts_6_and_7(reference: ModuleType, handout: str) -> None:
    E, eye = tensor([[1.0, 2.0], [0.0, -1.0]]), torch.eye(2)
    empty = {"E": eye, "encoder": [], "decoder": [], "V": eye, "c": torch.zeros(2), "heads": 1}
    log_p = reference.decode(tensor([[0, 1]]), torch.zeros(1, 3, 2), tensor([2]), empty)
    embedded = reference.embed(tensor([[0, 1, 0]]), E), reference.embed(tensor([[0, 1]]), eye)
    assert is_told(section(handout, 6), *embedded, log_p)
    nothing, log3 = torch.zeros(1, 1, 1, 1), tensor(3.0).log()
    matrices = (tensor([[value]]) for value in (0.5, log3 / 2, 2.0, 2.0))
    output, keys, values = reference.cached_attention(tensor([[[2.0]]]), nothing, nothing, *matrices, 1)
    assert (output.item(), values[0, 0, 1].item()) == (pytest.approx(6), 4) and keys[0, 0, 1] == log3
    assert "2 \\cdot 3 = 6" in section(handout, 7) and "1.0986" in section(handout, 7)


def test_the_patches_of_part_8(reference: ModuleType, checks: ModuleType, handout: str) -> None:
    nothing = torch.zeros(5, 4)
    found = reference.patch_embedding(checks.GRID[None, None], torch.eye(4), nothing[0], nothing[0], nothing, 2)
    assert is_told(section(handout, 8), found[0, 1:])


def test_the_points_of_the_handout_are_those_of_the_checks(handout: str, attention: Assignment) -> None:
    for number, part in enumerate(attention.parts, start=1):
        last = re.split(r"^\| (?:check|检查) ", section(handout, number), flags=re.MULTILINE)[-1]
        rows = re.findall(r"^\|[^\n]*\| ([\d +]+) \|$", last, re.MULTILINE)
        assert sum(int(n) for row in rows for n in row.split("+")) == part.points, part.id
        assert sum(check.points for check in attention.checks if check.part == part.id) == part.points, part.id


# --- the reference is right -----------------------------------------------------------------------------------------
def test_attention_and_its_gradients_are_torchs(reference: ModuleType, draw: Randomness) -> None:
    q, k, v = (normal(draw, 2, 3, *shape).requires_grad_() for shape in [(4, 5), (6, 5), (6, 2)])
    keep, upstream = draw.rand(2, 1, 4, 6) < 0.6, normal(draw, 2, 3, 4, 2)
    keep[..., 0] = True
    found, wanted = reference.attention(q, k, v, keep)[0], functional.scaled_dot_product_attention(q, k, v, keep)
    torch.testing.assert_close(found, wanted)
    gradients = (torch.autograd.grad(output, (q, k, v), upstream) for output in (found, wanted))
    torch.testing.assert_close(*gradients)


def test_additive_attention_follows_its_formula_and_can_be_differentiated(reference: ModuleType, draw: Randomness) -> None:
    q, k, _, W_q, W_k, w = inputs = [normal(draw, *s).requires_grad_() for s in [(2, 3), (4, 2), (4, 2), (5, 3), (5, 2), (5,)]]
    _, weights = reference.additive_attention(*inputs)
    wanted = torch.stack([torch.stack([w @ torch.tanh(W_q @ a + W_k @ b) for b in k]) for a in q]).softmax(dim=1)
    torch.testing.assert_close(weights, wanted)
    keep = tensor([[True, False, True, False], [False] * 4])
    assert torch.autograd.gradcheck(lambda *given: reference.additive_attention(*given, keep), inputs)


def test_many_heads_are_torchs(reference: ModuleType, draw: Randomness) -> None:
    theirs = nn.MultiheadAttention(6, 3, bias=False, kdim=4, vdim=5, batch_first=True, dtype=DOUBLE)
    query, key, value = normal(draw, 2, 3, 6), normal(draw, 2, 4, 4), normal(draw, 2, 4, 5)
    matrices = theirs.q_proj_weight, theirs.k_proj_weight, theirs.v_proj_weight, theirs.out_proj.weight
    keep = reference.padding_mask(tensor([4, 2]), 4)
    wanted, _ = theirs(query, key, value, key_padding_mask=~keep[:, 0])
    torch.testing.assert_close(reference.multi_head_attention(query, key, value, *matrices, 3, keep), wanted)


def without_bias(theirs: nn.MultiheadAttention, letter: str) -> dict[str, Tensor]:
    theirs.in_proj_bias.data.zero_()
    theirs.out_proj.bias.data.zero_()
    return dict(
        zip([f"{letter}_{name}" for name in "qkvo"], [*theirs.in_proj_weight.chunk(3), theirs.out_proj.weight], strict=True)
    )


def test_both_layers_are_torchs(reference: ModuleType, draw: Randomness) -> None:
    x, memory = normal(draw, 2, 4, 6), normal(draw, 2, 3, 6)
    for make, norms in [(nn.TransformerEncoderLayer, 2), (nn.TransformerDecoderLayer, 3)]:
        theirs = make(6, 2, 5, dropout=0.0, batch_first=True, dtype=DOUBLE)
        weights = without_bias(theirs.self_attn, "W")
        for i, linear in enumerate((theirs.linear1, theirs.linear2), start=1):
            weights |= {f"W_{i}": linear.weight, f"b_{i}": linear.bias}
        for i in range(1, norms + 1):
            norm = getattr(theirs, f"norm{i}")
            norm.weight.data, norm.bias.data = normal(draw, 6), normal(draw, 6)
            weights |= {f"gamma_{i}": norm.weight, f"beta_{i}": norm.bias}
        causal = reference.causal_mask(4)
        if norms == 2:
            torch.testing.assert_close(reference.encoder_layer(x, weights, 2, causal), theirs(x, src_mask=~causal))
        else:
            weights |= without_bias(theirs.multihead_attn, "U")
            found = reference.decoder_layer(x, memory, weights, 2, keep_self=causal)
            torch.testing.assert_close(found, theirs(x, memory, tgt_mask=~causal))


def test_layer_norm_is_torchs(reference: ModuleType, draw: Randomness) -> None:
    x, gamma, beta = normal(draw, 2, 3, 5), normal(draw, 5), normal(draw, 5)
    torch.testing.assert_close(reference.layer_norm(x, gamma, beta, 0.1), functional.layer_norm(x, (5,), gamma, beta, 0.1))


def test_positions_are_the_lectures_transposed(reference: ModuleType) -> None:
    P = reference.positions(7, 6, start=2).T  # a column for each place, as in P[2j, i]
    for j in range(3):
        for place in range(7):
            angle = tensor((place + 2) / 10000 ** (2 * j / 6))
            torch.testing.assert_close(P[2 * j : 2 * j + 2, place], torch.stack([angle.sin(), angle.cos()]))


def test_a_shift_is_a_rotation(reference: ModuleType) -> None:
    M = reference.shift_matrix(5, 8)
    torch.testing.assert_close(M @ M.T, torch.eye(8))
    torch.testing.assert_close(reference.positions(4, 8) @ M.T, reference.positions(4, 8, 5))


def test_step_by_step_is_all_at_once(reference: ModuleType, checks: ModuleType, draw: Randomness) -> None:
    model, source, lengths = checks.some_model(draw, 2), draw.randint(2, 7, (3, 4)), tensor([4, 1, 3])
    written, memory = reference.generate(source, lengths, model, 6), reference.encode(source, lengths, model)
    read = torch.cat([torch.zeros(3, 1, dtype=torch.int64), written[:, :-1]], dim=1)
    best = reference.decode(read, memory, lengths, model).argmax(dim=2)
    over = (read == 1).cummax(dim=1).values
    assert torch.equal(torch.where(over, 1, best), written)


def test_patches_are_a_convolution_with_a_stride(reference: ModuleType, draw: Randomness) -> None:
    images, W, b, P = normal(draw, 2, 3, 4, 6), normal(draw, 5, 12), normal(draw, 5), normal(draw, 7, 5)
    tokens = functional.conv2d(images, W.unflatten(1, (3, 2, 2)), b, stride=2).flatten(2).mT
    torch.testing.assert_close(reference.patch_embedding(images, W, b, P[0], P, 2)[:, 1:], tokens + P[1:])


@pytest.mark.parametrize(("height", "width", "window", "shift"), [(6, 9, 3, 1), (4, 4, 4, 3), (2, 6, 2, 1), (6, 3, 3, 2)])
def test_who_may_see_whom_are_neighbours_in_the_image(
    reference: ModuleType, height: int, width: int, window: int, shift: int
) -> None:
    places = torch.cartesian_prod(torch.arange(height), torch.arange(width)).reshape(1, height, width, 2)
    windows = reference.window_partition(places, window, shift)
    near = ((windows[:, :, None] - windows[:, None]).abs() < window).all(dim=3)
    mask = reference.shifted_window_mask(height, width, window, shift)
    assert not (mask & ~near).any()
    assert torch.equal(reference.window_merge(windows, height, width, shift), places)
    if height > window and width > window:
        assert torch.equal(mask, near)


# --- grading --------------------------------------------------------------------------------------------------------
def test_the_starter_asks_for_exactly_what_is_required(attention: Assignment) -> None:
    tops = [node for node in ast.parse(attention.starter_source).body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    assert [node.name for node in tops] == list(attention.required)
    written = {node.name: node for node in ast.parse(attention.reference_source).body if hasattr(node, "name")}
    for node in tops:
        if isinstance(node, ast.FunctionDef):
            assert ast.unparse(node.args) == ast.unparse(written[node.name].args), node.name


def test_who_writes_only_part_1_gets_its_points(attention: Assignment) -> None:
    end = attention.reference_source.index("# --- 2 ")
    rest = attention.starter_source[attention.starter_source.index("# --- 2 ") :]
    report = judged(attention, attention.reference_source[:end] + rest)
    assert report.score == 14 and {result.word for result in report.checks if not result.points} == {"missing"}


LIBRARY = {
    "attention": "return torch.nn.functional.scaled_dot_product_attention(q, k, v, keep_mask), q",
    "layer_norm": "return torch.layer_norm(x, gamma.shape, gamma, beta, eps)",
    "encoder_layer": "return torch.nn.TransformerEncoderLayer(6, heads, 5)(x)",
    "patch_embedding": "return torch.nn.functional.unfold(images, patch, stride=patch)",
    "decode_step": "return torch._scaled_dot_product_attention_math(memory, memory, memory)",
}


@pytest.mark.parametrize("name", LIBRARY)
def test_the_library_earns_nothing(attention: Assignment, reference: ModuleType, name: str) -> None:
    code = getattr(reference, name).__code__
    arguments = ", ".join(code.co_varnames[: code.co_argcount]).replace("mask", "mask=None").replace("eps", "eps=1e-5")
    called = [check.id for check in attention.checks if name in check.run.__code__.co_consts]
    source = f"{attention.reference_source}\n\ndef {name}({arguments}):\n    {LIBRARY[name]}\n"
    report = judged(attention, source, *called)
    assert called and {result.word for result in report.checks} == {"forbidden"}


WEAK_SPOTS = {  # where a weak check would look away: in what, what stands there, what a mistake makes of it
    "axes counted from the front": ("additive_attention", "unsqueeze(-2)", "unsqueeze(2)"),
    "how low a hidden score is": ("_look_up", "-1e30", "-100.0"),
    "the weights beside the output": ("_look_up", "return weights @ v, weights", "return weights @ v, scores"),
    "a length of 0": ("padding_mask", "< lengths[", "< lengths.clamp(min=1)["),
    "a mask for every head alike": ("_for_heads", "keep_mask.unsqueeze(-3)", "keep_mask.unsqueeze(-4)"),
    "a mask without a batch": ("_for_heads", "keep_mask.dim() > 2", "keep_mask.dim() > 3"),
    "the start": ("positions", "start, start + steps", "0, steps"),
    "backwards": ("shift_matrix", "angles = offset", "angles = abs(offset)"),
    "eps itself": ("layer_norm", "+ eps)", "+ 1e-5)"),
    "gamma": ("layer_norm", "gamma * centred", "centred"),
    "the bias inside": ("_feed_forward", ' + weights["b_1"]', ""),
    "the bias outside": ("_feed_forward", ' + weights["b_2"]', ""),
    "ReLU": ("_feed_forward", ".clamp(min=0)", ""),
    "a residual": ("_after_self_attention", "x + found", "found"),
    "the mask of the memory": ("_after_self_attention", "heads, keep_memory)", "heads)"),
    "the second layer": ("encode", 'in model["encoder"]:', 'in model["encoder"][:1]:'),
    "the order of layers": ("decode", 'in model["decoder"]:', 'in reversed(model["decoder"]):'),
    "c": ("_log_probabilities", ' + model["c"]', ""),
    "logits for log p": ("_log_probabilities", "return logits -", "return logits - 0 *"),
    "the cache's order": ("cached_attention", "torch.cat([keys, k]", "torch.cat([k, keys]"),
    "the place in the cache": ("decode_step", "shape[2])", "shape[2] + 1)"),
    "BOS first": ("generate", "torch.full((n,), BOS)", "torch.full((n,), EOS)"),
    "the table of positions": ("patch_embedding", ", dim=1) + P", ", dim=1)"),
    "the bias of a patch": ("patch_embedding", "flat @ W.T + b", "flat @ W.T"),
    "the shift on the way back": ("window_merge", "roll((shift, shift)", "roll((shift, 0)"),
    "no shift unless it is asked for": ("window_merge", "shift: int = 0", "shift: int = 1"),
    "a window that is the image": ("shifted_window_mask", ">= side - shift for", ">= max(side - shift, window) for"),
    "the two biases of a Reader": ("Reader", "cards @ E.T + e", "cards @ E.T"),
}  # fmt: skip


@pytest.mark.parametrize("spot", one_in(3, WEAK_SPOTS))
def test_a_weak_spot_loses_points(attention: Assignment, spot: str) -> None:
    name, old, new = WEAK_SPOTS[spot]
    head, tail = re.split(rf"^(?=(?:def|class) {name}\b)", attention.reference_source, flags=re.MULTILINE)
    assert old in tail
    report = judged(attention, head + tail.replace(old, new, 1))
    assert report.status == "graded" and report.score < report.max_score


# --- training -------------------------------------------------------------------------------------------------------
def test_a_split_keeps_its_digits_apart_and_looks_different_under_another_seed(checks: ModuleType) -> None:
    cards, digits, test_cards, test_digits = checks.card_split(1)
    assert (cards.shape, digits.shape, test_cards.shape, test_digits.shape) == ((1500, 6, 64), (1500, 6), (200, 6, 64), (200, 6))
    assert torch.cat([digits, test_digits]).flatten().bincount(minlength=10).gt(0).all() and not torch.equal(
        cards, checks.card_split(2)[0]
    )
    shown = {row.numpy().tobytes() for row in cards.flatten(0, 1)}
    assert not any(row.numpy().tobytes() in shown for row in test_cards.flatten(0, 1))


def test_the_judges_own_reader_is_the_references(reference: ModuleType, checks: ModuleType, draw: Randomness) -> None:
    model = reference.Reader(3)
    model.load([0.3 * draw.randn(*shape) for shape in checks.SHAPES])
    cards = draw.rand(3, 5, 64)
    torch.testing.assert_close(checks.reader_logits(model.parameters(), cards), model.logits(cards), rtol=1e-4, atol=1e-4)


@pytest.mark.long
def test_training_is_repeatable_and_graded_in_full(attention: Assignment) -> None:
    report = judged(attention, attention.reference_source, *TRAINING)
    assert [result.points for result in report.checks] == [3, 5] and report.policy == []
    assert 0.88 < report.metrics["accuracy"].public < 0.99 and 0.88 < report.metrics["accuracy"].private < 0.99


BLIND = {
    "no positions": ("torch.stack([angles.sin(), angles.cos()], dim=-1)", "torch.zeros(steps, size // 2, 2)"),
    "uniform weights": ("weights = torch.softmax(scores, dim=-1)", "weights = torch.softmax(0 * scores, dim=-1)"),
}


@pytest.mark.parametrize("lacks", one_in(2, BLIND))
def test_without_attention_or_positions_nothing_is_earned(attention: Assignment, checks: ModuleType, lacks: str) -> None:
    assert BLIND[lacks][0] in attention.reference_source
    source: dict = {}
    exec(attention.reference_source.replace(*BLIND[lacks]), source)
    cards, digits, test_cards, test_digits = checks.card_split(3)
    model = source["train"](cards, digits, checks.STEPS, 3)
    assert (model.predict(test_cards)[:, 1:] == test_digits[:, :-1]).float().mean() < checks.GUESSING - 0.1


@pytest.mark.parametrize(
    ("change", "words"),
    one_in(3, [
        ("return _train(cards, digits, steps + 2, seed)", "After one step"),
        ("return _train(cards, digits, max(steps, 20), seed)", "After one step"),
        ("model = _train(cards, digits, steps, seed)\n    model.predict = lambda cards: 0 * cards[..., 0].long()\n"
         "    return model", "does not follow from parameters()"),
    ]),
)  # fmt: skip
def test_who_cheats_in_training_loses_the_points_of_the_band(attention: Assignment, change: str, words: str) -> None:
    source = f"{attention.reference_source}\n\n_train = train\n\n\ndef train(cards, digits, steps, seed):\n    {change}\n"
    report = judged(attention, source, "accuracy_lies_in_the_band")
    assert report.score == 0 and words in report.checks[0].message.en


def test_a_batch_that_is_too_large_loses_the_points_of_the_band(attention: Assignment) -> None:
    source = attention.reference_source.replace("(32,), generator", "(256,), generator")
    report = judged(attention, source, "accuracy_lies_in_the_band")
    assert report.score == 0 and "After one step" in report.checks[0].message.en
