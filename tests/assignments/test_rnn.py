"""Facts about homework 3 that `gradus verify` does not state: the reference against torch, the handouts' numbers, the band."""

import itertools
import math
from types import ModuleType

import pytest
import torch
from torch import Tensor, tensor
from torch.nn import functional

from grader.checks.randomness import Randomness
from grader.spec import Assignment
from tests.assignments.conftest import TRAINING, judged, normal
from tests.thorough import one_in

DOUBLE = torch.float64


@pytest.fixture(scope="module")
def rnn(assignment: Assignment) -> Assignment:
    return assignment


# --- the handouts' numbers ------------------------------------------------------------------------------------------


def is_told(handouts: tuple[str, str], *values: Tensor | float, digits: int = 4) -> bool:
    """Whether both handouts show every one of these numbers, rounded as they round."""
    numbers = [float(number) for value in values for number in torch.as_tensor(value, dtype=DOUBLE).flatten()]
    texts = [f"{number:.{digits}f}" for number in numbers]
    shown = [{text, text.rstrip("0").rstrip(".")} for text in texts]
    return all(any(text in handout for text in spellings) for handout in handouts for spellings in shown)


def test_the_states_of_part_1_are_those_of_the_handouts(
    reference: ModuleType, checks: ModuleType, handouts: tuple[str, str]
) -> None:
    states = reference.rnn_forward(checks.X, torch.zeros(1, 2), *checks.CELL, "relu")[0]
    assert states.tolist() == [[1.5, 1.0], [3.5, 2.0], [1.5, 0.0]]
    assert all("(1.5, 1)" in text and "(3.5, 2)" in text and "(1.5, 0)" in text for text in handouts)
    assert is_told(handouts, reference.rnn_forward(checks.X, torch.zeros(1, 2), *checks.CELL))


def test_the_logits_of_part_2_are_those_of_the_handouts(
    reference: ModuleType, checks: ModuleType, handouts: tuple[str, str]
) -> None:
    last, mean = (reference.classify(checks.X, checks.CELL, checks.HEAD, pooling, "relu") for pooling in ("last", "mean"))
    assert last[0].tolist() == [1.5, 0.5, 0.5] and all("(1.5, 0.5, 0.5)" in text for text in handouts)
    assert is_told(handouts, mean)


def test_the_three_units_of_the_handouts_find_destination_and_time(
    reference: ModuleType, checks: ModuleType, handouts: tuple[str, str]
) -> None:
    words = ["我", "预计", "到达", "济南", "的", "时间", "为", "2月18日"]
    x = torch.eye(9)[[checks.VOCABULARY.index(word) for word in words]][None]
    logits = reference.tag(x, checks.HEARD, checks.SLOTS, "relu")[0]
    assert logits[3].tolist() == [0.5, 1, 0] and logits[7].tolist() == [0.5, 0, 1]
    assert reference.fill_slots(words, logits) == {"destination": "济南", "arrival": "2月18日"}
    assert all(
        " ".join(checks.VOCABULARY) in text and '{"destination": "济南", "arrival": "2月18日"}' in text for text in handouts
    )
    words[2] = "离开"
    x = torch.eye(9)[[checks.VOCABULARY.index(word) for word in words]][None]
    assert reference.fill_slots(words, reference.tag(x, checks.HEARD, checks.SLOTS, "relu")[0]) == {}


def test_the_masked_loss_is_that_of_the_handouts(reference: ModuleType, handouts: tuple[str, str]) -> None:
    log3 = math.log(3)
    logits = tensor([[[0, 0], [0, log3]], [[log3, 0], [8, 9]]], dtype=DOUBLE)
    loss = reference.masked_cross_entropy(logits, tensor([[0, 1], [1, -1]]), tensor([2, 1]))
    assert loss.item() == pytest.approx((math.log(2) - math.log(0.75) - math.log(0.25)) / 3)
    assert is_told(handouts, loss, math.log(2), -math.log(0.75), -math.log(0.25), log3)


def test_the_two_steps_back_are_those_of_the_handouts(reference: ModuleType, handouts: tuple[str, str]) -> None:
    cache = tensor([[[1.0], [2.0]]]), tensor([[0.5]]), tensor([[[0.6], [0.8]]]), tensor([[2.0]]), tensor([[3.0]])
    found = reference.rnn_backward(tensor([[[1.0], [10.0]]]), cache)
    assert torch.cat([value.flatten() for value in found]).tolist() == pytest.approx([15.744, 10.8, 10.496, 4.784, 12.448, 8.848])
    assert is_told(handouts, *found, digits=3)


def test_the_norms_of_the_handouts_grow_and_shrink(reference: ModuleType, handouts: tuple[str, str]) -> None:
    zeros = torch.zeros(4, 1)
    assert reference.jacobian_norms(zeros, tensor([[2.0]])).tolist() == [8, 4, 2, 1]
    assert reference.jacobian_norms(zeros, tensor([[0.5]])).tolist() == [0.125, 0.25, 0.5, 1]
    assert is_told(handouts, reference.jacobian_norms(tensor([[0.0], [0.6], [0.8]]), tensor([[2.0]])))
    assert 1000 < 2**10 < 1100  # "ten more steps … a thousand"


def test_the_gates_of_the_handouts_open_so_far(reference: ModuleType, handouts: tuple[str, str]) -> None:
    one, none, log3 = torch.ones(1, 1), tensor([0.0]), tensor([3.0]).log()
    weights = {"W_f": tensor([[0.0, 0.0]]), "W_i": tensor([[0.0, 0.0]]), "W_c": tensor([[1.0, 2.0]]), "W_o": tensor([[2.0, 0.0]])}
    weights |= {"b_f": none, "b_i": log3, "b_c": none, "b_o": none}
    assert is_told(handouts, *reference.lstm_step(0.25 * one, 0.5 * one, 2 * one, weights))
    weights = {"W_z": tensor([[0.0, 0.0]]), "W_r": tensor([[0.0, 0.0]]), "W_h": tensor([[2.0, 1.0]])}
    weights |= {"b_z": log3, "b_r": -log3, "b_h": none}
    assert is_told(handouts, *reference.gru_step(0.5 * one, one, weights))


def test_the_beam_of_the_handouts_beats_greed(reference: ModuleType, checks: ModuleType, handouts: tuple[str, str]) -> None:
    decoder = checks.table_decoder()
    assert reference.greedy(torch.zeros(1, 4), decoder, 4).tolist() == [[2, 1, 1, 1]]
    tokens, score = reference.beam_search(torch.zeros(4), decoder, 2, 4)
    assert tokens == [3, 1] and score == pytest.approx(math.log(0.32), abs=1e-5)
    assert is_told(handouts, -score)
    rows = [
        [float(cell) for cell in line.split("|")[2:6]]
        for line in handouts[0].splitlines()
        if line[:6] in ("| BOS ", "| A | ", "| B | ")
    ]
    assert rows == [checks.NEXT[0], checks.NEXT[2], checks.NEXT[3]]


def test_half_open_gates_give_the_reader_of_the_handouts(handouts: tuple[str, str]) -> None:
    assert is_told(handouts, 0.875 * math.tanh(0.5), 0.5 * math.tanh(0.5))


def test_the_points_of_the_handouts_are_those_of_the_checks(rnn: Assignment, handouts: tuple[str, str]) -> None:
    for part in rnn.parts:
        points = sum(check.points for check in rnn.checks if check.part == part.id)
        assert points == part.points
        assert f"## {part.title.en} ({points} points)" in handouts[0] and f"## {part.title.zh}（{points} 分）" in handouts[1]


# --- the reference against torch ------------------------------------------------------------------------------------


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_the_cell_is_torchs(reference: ModuleType, draw: Randomness, activation: str) -> None:
    theirs = torch.nn.RNN(3, 5, nonlinearity=activation, batch_first=True, dtype=DOUBLE)
    x, h0 = normal(draw, 2, 4, 3), normal(draw, 2, 5)
    W_hx, W_hh, b, again = theirs.parameters()
    ours = reference.rnn_forward(x, h0, W_hh, W_hx, b + again, activation)
    torch.testing.assert_close(ours, theirs(x, h0[None])[0])


def test_the_lstm_is_torchs_in_another_order(reference: ModuleType, draw: Randomness) -> None:
    theirs = torch.nn.LSTM(3, 5, batch_first=True, dtype=DOUBLE)
    x, h0, C0 = normal(draw, 2, 4, 3), normal(draw, 2, 5), normal(draw, 2, 5)
    W_x, W_h, b, again = theirs.parameters()
    stacked = zip("ifco", torch.cat([W_h, W_x], dim=1).chunk(4), (b + again).chunk(4), strict=True)
    weights = {name: value for gate, W, bias in stacked for name, value in ((f"W_{gate}", W), (f"b_{gate}", bias))}
    states, C = reference.lstm_forward(x, tensor([4, 4]), h0, C0, weights)
    wanted, (_, wanted_C) = theirs(x, (h0[None], C0[None]))
    torch.testing.assert_close((states, C), (wanted, wanted_C[0]))


def test_the_gru_is_not_torchs_unless_its_reset_gate_stands_open(reference: ModuleType, draw: Randomness) -> None:
    theirs = torch.nn.GRU(3, 5, batch_first=True, dtype=DOUBLE)
    x, h0 = normal(draw, 2, 4, 3), normal(draw, 2, 5)
    with torch.no_grad():
        for value in theirs.parameters():
            value *= 3
        theirs.bias_hh_l0.zero_()
    for opened in (False, True):
        if opened:
            theirs.bias_ih_l0.data[:5] = 100.0
        W_x, W_h, b, _ = theirs.parameters()
        stacked = zip("rzh", torch.cat([W_h, W_x], dim=1).chunk(3), b.chunk(3), strict=True)
        weights = {name: value for gate, W, bias in stacked for name, value in ((f"W_{gate}", W), (f"b_{gate}", bias))}
        assert torch.allclose(reference.gru_forward(x, tensor([4, 4]), h0, weights), theirs(x, h0[None])[0]) is opened


def test_the_masked_loss_is_torchs(reference: ModuleType, draw: Randomness) -> None:
    logits, lengths = normal(draw, 4, 5, 3), tensor([5, 1, 3, 2])
    labels = torch.where(torch.arange(5) < lengths[:, None], draw.randint(0, 3, (4, 5)), -100)
    wanted = functional.cross_entropy(logits.flatten(0, 1), labels.flatten())
    torch.testing.assert_close(reference.masked_cross_entropy(logits, labels, lengths), wanted)


def test_backpropagation_through_time_agrees_with_autograd(reference: ModuleType, draw: Randomness) -> None:
    shapes = [(2, 4, 3), (2, 5), (5, 5), (5, 3), (5,)]
    x, h0, W_hh, W_hx, b = (normal(draw, *shape).requires_grad_() for shape in shapes)
    states = reference.rnn_forward(x, h0, W_hh, W_hx, b)
    dstates = normal(draw, 2, 4, 5)
    found = reference.rnn_backward(dstates, (x, h0, states, W_hh, W_hx))
    wanted = torch.autograd.grad(states, (x, h0, W_hh, W_hx, b), dstates)
    torch.testing.assert_close([value.detach() for value in found], list(wanted))


@pytest.mark.parametrize("pooling", ["last", "mean"])
def test_the_way_back_through_pooling_agrees_with_autograd(reference: ModuleType, draw: Randomness, pooling: str) -> None:
    states, lengths, dpooled = normal(draw, 3, 4, 2).requires_grad_(), tensor([4, 1, 2]), normal(draw, 3, 2)
    pooled = getattr(reference, f"{pooling}_state")(states, lengths)
    (wanted,) = torch.autograd.grad(pooled, states, dpooled)
    torch.testing.assert_close(reference.pool_backward(dpooled, lengths, 4, pooling), wanted)


def test_jacobians_agree_with_autograd(reference: ModuleType, draw: Randomness) -> None:
    x, h0, W_hh, W_hx, b = (normal(draw, *shape) for shape in [(1, 3, 2), (1, 4), (4, 4), (4, 2), (4,)])
    states = torch.cat([h0, reference.rnn_forward(x, h0, W_hh, W_hx, b)[0]])

    def last_from(k: int, h: Tensor) -> Tensor:
        return reference.rnn_forward(x[:, k:], h[None], W_hh, W_hx, b)[0, -1] if k < 3 else h

    wanted = [torch.autograd.functional.jacobian(lambda h, k=k: last_from(k, h), states[k]).norm() for k in range(4)]
    torch.testing.assert_close(reference.jacobian_norms(states, W_hh), torch.stack(wanted))


@pytest.mark.parametrize("max_norm", [0.5, 100.0])
def test_clipping_is_torchs(reference: ModuleType, draw: Randomness, max_norm: float) -> None:
    gradients = [normal(draw, 2, 3), normal(draw, 4)]
    parameters = [torch.zeros_like(g).requires_grad_() for g in gradients]
    for value, gradient in zip(parameters, gradients, strict=True):
        value.grad = gradient.clone()
    norm = torch.nn.utils.clip_grad_norm_(parameters, max_norm)
    found, before = reference.clip_gradients(gradients, max_norm)
    torch.testing.assert_close((found, before), ([value.grad for value in parameters], norm), rtol=3e-6, atol=0)


def some_decoder(checks: ModuleType, draw: Randomness) -> tuple[Tensor, dict[str, Tensor]]:
    return 2 * normal(draw, 4), checks.random_decoder(draw, 4, 3, 4)


def test_a_beam_as_wide_as_everything_finds_the_best_sentence(
    reference: ModuleType, checks: ModuleType, draw: Randomness
) -> None:
    h, decoder = some_decoder(checks, draw)

    def score(sentence: tuple[int, ...]) -> float:
        log_p = reference.teacher_forcing(h[None], tensor([sentence]), decoder)[0]
        return float(log_p[range(len(sentence)), list(sentence)].sum())

    sentences = [
        s for n in (1, 2, 3) for s in itertools.product(range(4), repeat=n) if 1 not in s[:-1] and (n == 3 or s[-1] == 1)
    ]
    best = max(sentences, key=score)
    tokens, found = reference.beam_search(h, decoder, 64, 3)
    assert tuple(tokens) == best and found == pytest.approx(score(best))


def test_a_beam_of_one_is_greedy(reference: ModuleType, checks: ModuleType, draw: Randomness) -> None:
    h, decoder = some_decoder(checks, draw)
    tokens, _ = reference.beam_search(h, decoder, 1, 6)
    assert reference.greedy(h[None], decoder, 6)[0].tolist() == (tokens + [1] * 6)[:6]


def test_the_garden_path_leads_astray_whatever_the_seed(reference: ModuleType, checks: ModuleType) -> None:
    for seed in range(20):
        h, decoder = checks.garden_path(Randomness(f"{seed:064x}", "beam"))
        tokens, score = reference.beam_search(h, decoder, 3, 8)
        assert len(tokens) == 4 and score == pytest.approx(math.log(0.14), abs=0.07)
        assert reference.beam_search(h, decoder, 2, 8)[1] < score - 0.1 > reference.beam_search(h, decoder, 1, 8)[1]


# --- grading --------------------------------------------------------------------------------------------------------


def test_who_writes_only_part_1_gets_its_points(rnn: Assignment) -> None:
    end = rnn.reference_source.index("# --- 2 ")
    rest = rnn.starter_source[rnn.starter_source.index("# --- 2 ") :]
    report = judged(rnn, rnn.reference_source[:end] + rest)
    assert report.score == 12 and {result.word for result in report.checks if not result.points} == {"missing"}


LIBRARY = {
    "rnn_step": "return torch.rnn_tanh_cell(x, h, W_hx, W_hh, b, b)",
    "lstm_step": "return torch.lstm_cell(x, (h, C), *weights.values())",
    "gru_step": "return torch.gru_cell(x, h, *weights.values())",
    "masked_cross_entropy": "return torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=-100)",
    "clip_gradients": "return torch.nn.utils.clip_grad_norm_(gradients, max_norm)",
    "jacobian_norms": "return torch.autograd.functional.jacobian(torch.tanh, states[0]).norm()",
    "rnn_backward": "dstates.requires_grad_().sum().backward(); return dstates.grad",
}


@pytest.mark.parametrize("name", LIBRARY)
def test_the_library_earns_nothing(rnn: Assignment, reference: ModuleType, name: str) -> None:
    code = getattr(reference, name).__code__
    arguments = code.co_varnames[: code.co_argcount]
    short = f"\n\ndef {name}({', '.join(arguments)}):\n    {LIBRARY[name]}\n".replace("activation", 'activation="tanh"')
    called = [check.id for check in rnn.checks if name in check.run.__code__.co_consts]
    report = judged(rnn, rnn.reference_source + short, *called)
    assert called and {result.word for result in report.checks} == {"forbidden"}


def without_dtype(name: str) -> str:
    return f"\n\n_{name} = {name}\n\n\ndef {name}(*args):\n    return _{name}(*args).float()\n"


@pytest.mark.parametrize(
    ("name", "check"), [("rnn_forward", "every_state_of_any_sequence"), ("gru_forward", "gru_over_sequences")]
)
def test_a_float32_buffer_shows_in_float64(rnn: Assignment, name: str, check: str) -> None:
    report = judged(rnn, rnn.reference_source + without_dtype(name), check)
    assert [result.word for result in report.checks] == ["wrong_type"]


def test_a_measured_gradient_is_not_exact_enough(rnn: Assignment) -> None:
    measured = """

def rnn_backward(dstates, cache):
    right = _right(dstates, cache)
    return tuple(value + 1e-9 * value.abs().max() for value in right)  # what central differences leave at best
"""
    source = rnn.reference_source.replace("def rnn_backward(", "def _right(") + measured
    assert [result.word for result in judged(rnn, source, "bptt_from_any_cache").checks] == ["wrong_value"]


WEAK_SPOTS = {  # where a weak check would look away: in what, what stands there, what a mistake makes of it
    "a length of 1": ("length_mask", "< lengths[:, None]", "< lengths[:, None].clamp(min=2)"),
    "labels that are no class": ("masked_cross_entropy", "logits[mask], labels[mask]", "logits[mask], labels[mask] % 3"),
    "padding in the mean": ("mean_state", "torch.where(mask, states, 0)", "torch.where(mask, states, 1e-9 * states)"),
    "just below the limit": ("clip_gradients", "if norm > max_norm", "if norm > 0.99 * max_norm"),
    "just above the limit": ("clip_gradients", "if norm > max_norm", "if norm > 1.01 * max_norm"),
    "the first step of h0": ("rnn_backward", "torch.cat([h0[:, None]", "torch.cat([states[:, :1]"),
    "the identity at k = T": ("jacobian_norms", "norms = [jacobian.norm()]", "norms = [torch.ones((), dtype=states.dtype)]"),
    "EOS once and for all": ("greedy", "torch.where(ended, EOS, log_p.argmax(dim=1))", "log_p.argmax(dim=1)"),
    "the score of the best": ("beam_search", "return tokens, score", "return tokens, score / len(tokens)"),
    "the bias of the head": ("tag", "@ V.T + c", "@ V.T"),
    "the first tag": ("fill_slots", "if number > 0:", "if number > 1:"),
    "h0 in the GRU": ("gru_forward", "h, states = h0, []", "h, states = torch.zeros_like(h0), []"),
    "C0 in the LSTM": ("lstm_forward", "h, C, states = h0, C0, []", "h, C, states = h0, torch.zeros_like(C0), []"),
    "what the encoder starts from": ("encode", "x.new_zeros(len(x), len", "x.new_ones(len(x), len"),
    "the first token read": ("teacher_forcing", "targets[:, 0], BOS)", "targets[:, 0], EOS)"),
}


@pytest.mark.parametrize("spot", one_in(3, WEAK_SPOTS))
def test_a_weak_spot_loses_points(rnn: Assignment, spot: str) -> None:
    name, old, new = WEAK_SPOTS[spot]
    head, tail = rnn.reference_source.split(f"def {name}(")
    assert old in tail
    report = judged(rnn, f"{head}def {name}({tail.replace(old, new, 1)}")
    assert report.status == "graded" and report.score < report.max_score


# --- training -------------------------------------------------------------------------------------------------------


def test_a_split_holds_every_name_once_and_looks_different_under_another_seed(checks: ModuleType) -> None:
    words, lengths, labels, test_words, test_lengths, test_labels = checks.names_split(1)
    assert (words.shape, test_words.shape) == ((1516, 10), (380, 10))
    assert torch.cat([lengths, test_lengths]).bincount().nonzero().flatten().tolist() == list(range(4, 11))
    assert torch.cat([labels, test_labels]).bincount().min() > 240
    assert not torch.equal(words, checks.names_split(2)[0]) and not torch.equal(labels, checks.names_split(2)[2])
    everything = {tuple(row[:n]) for row, n in zip(words.tolist() + test_words.tolist(), [*lengths, *test_lengths], strict=True)}
    assert len(everything) == 1896


def test_the_handouts_tell_how_many_names_there_are(checks: ModuleType, handouts: tuple[str, str]) -> None:
    assert all(f"{len(checks.all_names())}" in text and "380" in text for text in handouts)
    assert {("saksa", 0), ("duitsland", 5), ("yr almaen", 3)} <= set(checks.all_names())


def test_the_judges_own_gru_is_the_references(reference: ModuleType, checks: ModuleType, draw: Randomness) -> None:
    model = reference.Reader(3)
    words, lengths = draw.randint(0, 28, (5, 7)), tensor([7, 1, 3, 2, 5])
    torch.testing.assert_close(checks.gru_logits(model.parameters(), words, lengths), model.logits(words, lengths))


@pytest.mark.long
def test_training_is_repeatable_and_graded_in_full(rnn: Assignment) -> None:
    report = judged(rnn, rnn.reference_source, *TRAINING)
    assert [result.points for result in report.checks] == [3, 5] and report.policy == []
    assert 0.7 < report.metrics["accuracy"].public < 0.85 and 0.7 < report.metrics["accuracy"].private < 0.85


@pytest.mark.long
def test_who_trains_only_the_head_gets_no_full_marks(rnn: Assignment) -> None:
    frozen = rnn.reference_source.replace("for w, a, b in zip(parameters, m, v, strict=True)]", "FROZEN").replace(
        "[w - size * a / (b.sqrt() + 1e-8) FROZEN",
        "parameters[:6] + [w - 3 * size * a / (b.sqrt() + 1e-8) for w, a, b in list(zip(parameters, m, v, strict=True))[6:]]",
    )
    assert frozen != rnn.reference_source
    report = judged(rnn, frozen, "accuracy_lies_in_the_band")
    assert report.score < 3


@pytest.mark.long
@pytest.mark.parametrize(
    "longer",
    one_in(
        3,
        [
            "_train(words, lengths, labels, 20 * steps, seed)",
            "_train(words, lengths, labels, steps + 3, seed)",
            "_train(words, lengths, labels, max(steps, 20), seed)",
        ],
    ),
)
def test_who_trains_longer_than_allowed_loses_the_points_of_the_band(rnn: Assignment, longer: str) -> None:
    source = (
        f"{rnn.reference_source}\n\n_train = train\n\n\ndef train(words, lengths, labels, steps, seed):\n    return {longer}\n"
    )
    report = judged(rnn, source, "accuracy_lies_in_the_band")
    assert report.score == 0 and "After one step" in report.checks[0].message.en


def test_a_batch_that_is_too_large_loses_the_points_of_the_band(rnn: Assignment) -> None:
    source = rnn.reference_source.replace("(32,), generator", "(256,), generator")
    report = judged(rnn, source, "accuracy_lies_in_the_band")
    assert report.score == 0 and "After one step" in report.checks[0].message.en


def test_something_else_that_pretends_to_be_a_gru_earns_nothing_for_its_training(rnn: Assignment) -> None:
    pretender = """

class Nearest(Reader):
    def predict(self, words, lengths):
        return self.labels[(words[:, None] != self.words).sum(dim=2).argmin(dim=1)]


def train(words, lengths, labels, steps, seed):
    model = Nearest(seed)
    model.words, model.labels = words, labels
    return model
"""
    report = judged(rnn, rnn.reference_source + pretender, *TRAINING)
    assert [result.points for result in report.checks] == [0, 0]
    assert "parameters()" in report.checks[0].message.en
