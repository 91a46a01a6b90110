"""Homework 3, solved: recurrent networks, from one cell to a network that tells languages apart."""

import math

import torch
from torch import Tensor

BOS, EOS = 0, 1  # the tokens that begin and end what a decoder writes

# --- 1 the recurrent cell -------------------------------------------------------------------------------------------


def rnn_step(x: Tensor, h: Tensor, W_hh: Tensor, W_hx: Tensor, b: Tensor, activation: str = "tanh") -> Tensor:
    """h_t = f(W_hh h_{t-1} + W_hx x_t + b) for every sample; f is "tanh" or "relu".

    x: (N, D)    h: (N, H)    W_hh: (H, H)    W_hx: (H, D)    b: (H,)    returns: (N, H)
    Source: Elman 1990, "Finding Structure in Time".
    """
    a = h @ W_hh.T + x @ W_hx.T + b
    return torch.tanh(a) if activation == "tanh" else a.clamp(min=0)


def rnn_forward(x: Tensor, h0: Tensor, W_hh: Tensor, W_hx: Tensor, b: Tensor, activation: str = "tanh") -> Tensor:
    """The states h_1 … h_T.    x: (N, T, D)    h0: (N, H)    returns: (N, T, H)"""
    h, states = h0, []
    for x_t in x.unbind(dim=1):
        h = rnn_step(x_t, h, W_hh, W_hx, b, activation)
        states.append(h)
    return torch.stack(states, dim=1)


# --- 2 many to one, many to many ------------------------------------------------------------------------------------


def classify(x: Tensor, rnn: tuple, head: tuple, pooling: str = "last", activation: str = "tanh") -> Tensor:
    """Many to one: V s + c, where s is the last state ("last") or the states' mean over time ("mean"); h_0 = 0.

    x: (N, T, D)    rnn: (W_hh, W_hx, b)    head: (V, c) with V: (K, H), c: (K,)    returns: logits (N, K)
    """
    states, (V, c) = rnn_forward(x, _zero_state(x, rnn), *rnn, activation), head
    return (states[:, -1] if pooling == "last" else states.mean(dim=1)) @ V.T + c


def tag(x: Tensor, rnn: tuple, head: tuple, activation: str = "tanh") -> Tensor:
    """Many to many, in step: V h_t + c at every t; h_0 = 0.    Arguments as in classify    returns: logits (N, T, K)"""
    V, c = head
    return rnn_forward(x, _zero_state(x, rnn), *rnn, activation) @ V.T + c


def fill_slots(words: list[str], logits: Tensor) -> dict[str, str]:
    """The words of each slot, joined in their order; tags are 0 nothing, 1 destination, 2 arrival.

    words: T strings    logits: (T, 3)    returns: a dict with the keys "destination" and "arrival", if such words are there
    """
    slots: dict[str, str] = {}
    for word, number in zip(words, logits.argmax(dim=1).tolist(), strict=True):
        if number > 0:
            name = ("destination", "arrival")[number - 1]
            slots[name] = slots.get(name, "") + word
    return slots


def _zero_state(x: Tensor, rnn: tuple) -> Tensor:
    return x.new_zeros(len(x), len(rnn[0]))


# --- 3 sequences of different lengths -------------------------------------------------------------------------------


def length_mask(lengths: Tensor, steps: int) -> Tensor:
    """True where a step belongs to its sequence.    lengths: (N,) int64    returns: (N, steps) bool"""
    return torch.arange(steps) < lengths[:, None]


def masked_forward(x: Tensor, lengths: Tensor, h0: Tensor, W_hh: Tensor, W_hx: Tensor, b: Tensor) -> Tensor:
    """The tanh cell's states; past its end a sequence keeps its last one.    x: (N, T, D)    returns: (N, T, H)"""
    h, states = h0, []
    for x_t, inside in zip(x.unbind(dim=1), length_mask(lengths, x.shape[1]).unbind(dim=1), strict=True):
        h = torch.where(inside[:, None], rnn_step(x_t, h, W_hh, W_hx, b), h)
        states.append(h)
    return torch.stack(states, dim=1)


def last_state(states: Tensor, lengths: Tensor) -> Tensor:
    """The state at the last step inside each sequence.    states: (N, T, H)    lengths: (N,)    returns: (N, H)"""
    return states[torch.arange(len(states)), lengths - 1]


def mean_state(states: Tensor, lengths: Tensor) -> Tensor:
    """The mean over the steps inside each sequence.    states: (N, T, H)    lengths: (N,)    returns: (N, H)"""
    mask = length_mask(lengths, states.shape[1])[:, :, None]
    return torch.where(mask, states, 0).sum(dim=1) / lengths[:, None]


def reverse_sequences(x: Tensor, lengths: Tensor) -> Tensor:
    """Every sequence backwards within its length; padding stays in place.    x: (N, T, D)    returns: (N, T, D)"""
    steps = torch.arange(x.shape[1])
    source = torch.where(length_mask(lengths, x.shape[1]), lengths[:, None] - 1 - steps, steps)  # (N, T)
    return x[torch.arange(len(x))[:, None], source]


def masked_cross_entropy(logits: Tensor, labels: Tensor, lengths: Tensor) -> Tensor:
    """-log softmax(logits)[label], averaged over all steps inside the sequences of the batch.

    logits: (N, T, K)    labels: (N, T) int64, arbitrary past the end    lengths: (N,)    returns: ()
    """
    mask = length_mask(lengths, labels.shape[1])
    inside, wanted = logits[mask], labels[mask]  # (M, K), (M,)
    return (torch.logsumexp(inside, dim=1) - inside[torch.arange(len(wanted)), wanted]).mean()


# --- 4 backpropagation through time ---------------------------------------------------------------------------------


def rnn_backward(dstates: Tensor, cache: tuple) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Backpropagation through time for rnn_forward with tanh.

    dstates: (N, T, H), what the loss's gradient by each h_t would be if no later state depended on it
    cache: (x, h0, states, W_hh, W_hx)    returns: dx, dh0, dW_hh, dW_hx, db
    Source: Werbos 1990, "Backpropagation Through Time".
    """
    x, h0, states, W_hh, W_hx = cache
    before = torch.cat([h0[:, None], states[:, :-1]], dim=1)  # h_{t-1} beside h_t
    dh, das = torch.zeros_like(h0), []
    for t in reversed(range(states.shape[1])):
        da = (dstates[:, t] + dh) * (1 - states[:, t] ** 2)
        dh = da @ W_hh
        das.append(da)
    da = torch.stack(das[::-1], dim=1)  # (N, T, H)
    dW_hh, dW_hx = (torch.einsum("nti,ntj->ij", da, value) for value in (before, x))
    return da @ W_hx, dh, dW_hh, dW_hx, da.sum(dim=(0, 1))


def pool_backward(dpooled: Tensor, lengths: Tensor, steps: int, pooling: str = "last") -> Tensor:
    """The gradient by all states, from that by last_state ("last") or mean_state ("mean").

    dpooled: (N, H)    lengths: (N,)    returns: (N, steps, H)
    """
    if pooling == "last":
        share = (torch.arange(steps) == lengths[:, None] - 1).to(dpooled.dtype)
    else:
        share = length_mask(lengths, steps).to(dpooled.dtype) / lengths[:, None]
    return share[:, :, None] * dpooled[:, None]


# --- 5 exploding and vanishing gradients ----------------------------------------------------------------------------


def jacobian_norms(states: Tensor, W_hh: Tensor) -> Tensor:
    """The Frobenius norm of ∂h_T/∂h_k for k = 0 … T, for one sequence of the tanh cell.

    states: (T + 1, H), from h_0 to h_T    W_hh: (H, H)    returns: (T + 1,)
    Source: Pascanu et al. 2013, "On the difficulty of training recurrent neural networks", eq. 5.
    """
    jacobian = torch.eye(len(W_hh), dtype=states.dtype)
    norms = [jacobian.norm()]
    for h in states[1:].flip(0):
        jacobian = jacobian * (1 - h**2) @ W_hh
        norms.append(jacobian.norm())
    return torch.stack(norms[::-1])


def clip_gradients(gradients: list[Tensor], max_norm: float) -> tuple[list[Tensor], Tensor]:
    """All gradients scaled by one factor, so that the norm of all their entries together is at most max_norm.

    returns: new gradients, the norm before clipping ()
    Source: Pascanu et al. 2013, algorithm 1.
    """
    norm = torch.stack([(g**2).sum() for g in gradients]).sum().sqrt()
    factor = max_norm / norm if norm > max_norm else 1.0
    return [g * factor for g in gradients], norm


# --- 6 gates: LSTM and GRU ------------------------------------------------------------------------------------------


def lstm_step(x: Tensor, h: Tensor, C: Tensor, weights: dict[str, Tensor]) -> tuple[Tensor, ...]:
    """One step of an LSTM, everything that it computes on the way included.

    x: (N, D)    h, C: (N, H)    weights: W_f, W_i, W_c, W_o: (H, H + D), acting on [h, x], and b_f, b_i, b_c, b_o: (H,)
    returns: f, i, c̃, C, o, h, each (N, H)
    Source: Gers et al. 2000, "Learning to Forget".
    """
    f = torch.sigmoid(_gate(h, x, weights, "f"))
    i = torch.sigmoid(_gate(h, x, weights, "i"))
    candidate = torch.tanh(_gate(h, x, weights, "c"))
    C = f * C + i * candidate
    o = torch.sigmoid(_gate(h, x, weights, "o"))
    return f, i, candidate, C, o, o * torch.tanh(C)


def lstm_forward(x: Tensor, lengths: Tensor, h0: Tensor, C0: Tensor, weights: dict) -> tuple[Tensor, Tensor]:
    """All states h_t, and C after each sequence's last step; past its end a sequence keeps h and C.

    x: (N, T, D)    lengths: (N,)    h0, C0: (N, H)    returns: states (N, T, H), C (N, H)
    """
    h, C, states = h0, C0, []
    for x_t, inside in zip(x.unbind(dim=1), length_mask(lengths, x.shape[1]).unbind(dim=1), strict=True):
        *_, new_C, _, new_h = lstm_step(x_t, h, C, weights)
        h, C = torch.where(inside[:, None], new_h, h), torch.where(inside[:, None], new_C, C)
        states.append(h)
    return torch.stack(states, dim=1), C


def gru_step(x: Tensor, h: Tensor, weights: dict[str, Tensor]) -> tuple[Tensor, ...]:
    """One step of a GRU: the reset gate acts on h before the matrix, and z keeps the old state.

    x: (N, D)    h: (N, H)    weights: W_z, W_r, W_h: (H, H + D), acting on [h, x], and b_z, b_r, b_h: (H,)
    returns: z, r, h̃, h, each (N, H)
    Source: Cho et al. 2014, "Learning Phrase Representations", eq. 5 to 8.
    """
    z = torch.sigmoid(_gate(h, x, weights, "z"))
    r = torch.sigmoid(_gate(h, x, weights, "r"))
    candidate = torch.tanh(_gate(r * h, x, weights, "h"))
    return z, r, candidate, z * h + (1 - z) * candidate


def gru_forward(x: Tensor, lengths: Tensor, h0: Tensor, weights: dict[str, Tensor]) -> Tensor:
    """All states h_t; past its end a sequence keeps its last one.    returns: (N, T, H)"""
    h, states = h0, []
    for x_t, inside in zip(x.unbind(dim=1), length_mask(lengths, x.shape[1]).unbind(dim=1), strict=True):
        h = torch.where(inside[:, None], gru_step(x_t, h, weights)[-1], h)
        states.append(h)
    return torch.stack(states, dim=1)


def _gate(h: Tensor, x: Tensor, weights: dict[str, Tensor], name: str) -> Tensor:
    """W [h, x] + b, before sigmoid or tanh."""
    return torch.cat([h, x], dim=1) @ weights[f"W_{name}"].T + weights[f"b_{name}"]


# --- 7 encoder, decoder, search -------------------------------------------------------------------------------------


def encode(source: Tensor, lengths: Tensor, encoder: dict[str, Tensor]) -> Tensor:
    """The tanh cell's state after each sequence's last token, from h_0 = 0.

    source: (N, S) int64    lengths: (N,)    encoder: E (K, D), W_hh, W_hx, b    returns: (N, H)
    """
    x = encoder["E"][source]  # (N, S, D)
    h0 = x.new_zeros(len(x), len(encoder["b"]))
    return masked_forward(x, lengths, h0, encoder["W_hh"], encoder["W_hx"], encoder["b"])[:, -1]


def decoder_step(tokens: Tensor, h: Tensor, decoder: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
    """Read one token, say how likely each next one is.

    tokens: (N,) int64    h: (N, H)    decoder: E (K, D), W_hh, W_hx, b, V (K, H), c (K,)
    returns: log p (N, K), new state (N, H)
    """
    h = rnn_step(decoder["E"][tokens], h, decoder["W_hh"], decoder["W_hx"], decoder["b"])
    logits = h @ decoder["V"].T + decoder["c"]
    return logits - torch.logsumexp(logits, dim=1, keepdim=True), h


def teacher_forcing(h: Tensor, targets: Tensor, decoder: dict[str, Tensor]) -> Tensor:
    """log p(y_t | BOS, y_1 … y_{t-1}) of every token at every t: the decoder reads the targets, not its own guesses.

    h: (N, H), the encoder's state    targets: (N, T) int64    returns: (N, T, K)
    Source: Sutskever et al. 2014, "Sequence to Sequence Learning with Neural Networks".
    """
    tokens, steps = torch.full_like(targets[:, 0], BOS), []
    for target in targets.unbind(dim=1):
        log_p, h = decoder_step(tokens, h, decoder)
        steps.append(log_p)
        tokens = target
    return torch.stack(steps, dim=1)


def greedy(h: Tensor, decoder: dict[str, Tensor], max_length: int) -> Tensor:
    """The most likely token at each step, which is read next; nothing but EOS after the first EOS.

    h: (N, H)    returns: (N, max_length) int64
    """
    tokens = torch.full((len(h),), BOS)
    ended, written = torch.zeros(len(h), dtype=torch.bool), []
    for _ in range(max_length):
        log_p, h = decoder_step(tokens, h, decoder)
        tokens = torch.where(ended, EOS, log_p.argmax(dim=1))
        ended = ended | (tokens == EOS)
        written.append(tokens)
    return torch.stack(written, dim=1)


def beam_search(h: Tensor, decoder: dict[str, Tensor], width: int, max_length: int) -> tuple[list[int], float]:
    """The best of `width` hypotheses by the sum of log p; those that have ended keep their place and their score.

    h: (H,), one sequence    returns: its tokens (with EOS, if it ended), its score
    """
    beam = [([], 0.0, h)]
    for _ in range(max_length):
        grown = [hypothesis for hypothesis in beam if hypothesis[0][-1:] == [EOS]]
        for tokens, score, state in beam:
            if tokens[-1:] != [EOS]:
                log_p, after = decoder_step(torch.tensor(tokens[-1:] or [BOS]), state[None], decoder)
                grown += [([*tokens, k], score + value, after[0]) for k, value in enumerate(log_p[0].tolist())]
        beam = sorted(grown, key=lambda hypothesis: -hypothesis[1])[:width]
    tokens, score, _ = beam[0]
    return tokens, score


# --- 8 which language is this name written in? ----------------------------------------------------------------------


class Reader:
    """A GRU of 48 units that reads a name letter by letter, and a linear layer on its last state.

    seed: the same seed gives the same initial parameters
    """

    LETTERS, HIDDEN, LANGUAGES = 28, 48, 6

    def __init__(self, seed: int = 0) -> None:
        generator = torch.Generator().manual_seed(seed)
        self._parameters = []
        for _ in range(3):
            recurrent = torch.randn(self.HIDDEN, self.HIDDEN, generator=generator) / math.sqrt(self.HIDDEN)
            inputs = torch.randn(self.HIDDEN, self.LETTERS, generator=generator) / math.sqrt(3)
            self._parameters += [torch.cat([recurrent, inputs], dim=1), torch.zeros(self.HIDDEN)]
        head = torch.randn(self.LANGUAGES, self.HIDDEN, generator=generator) / math.sqrt(self.HIDDEN)
        self._parameters += [head, torch.zeros(self.LANGUAGES)]

    def parameters(self) -> list[Tensor]:
        """[W_z, b_z, W_r, b_r, W_h, b_h, V, c], float32: W (48, 48 + 28), b (48,), V (6, 48), c (6,)."""
        return self._parameters

    def load(self, parameters: list[Tensor]) -> None:
        """Replace all parameters; same order and shapes as parameters()."""
        self._parameters = list(parameters)

    def logits(self, words: Tensor, lengths: Tensor) -> Tensor:
        """words: (N, T) int64 from 0 to 27, arbitrary past the end    lengths: (N,)    returns: (N, 6)"""
        *gates, V, c = self._parameters
        weights = dict(zip(("W_z", "b_z", "W_r", "b_r", "W_h", "b_h"), gates, strict=True))
        x = torch.eye(self.LETTERS)[words]  # (N, T, 28)
        return gru_forward(x, lengths, x.new_zeros(len(x), self.HIDDEN), weights)[:, -1] @ V.T + c

    def predict(self, words: Tensor, lengths: Tensor) -> Tensor:
        """The most likely language of each name, (N,) int64."""
        return self.logits(words, lengths).argmax(dim=1)


def train(words: Tensor, lengths: Tensor, labels: Tensor, steps: int, seed: int) -> Reader:
    """Train Reader(seed) with `steps` updates on batches of at most 32 names.

    words: (N, 10) int64    lengths, labels: (N,) int64    returns: the trained Reader
    """
    generator = torch.Generator().manual_seed(seed)
    model, state = Reader(seed), None
    for _ in range(steps):
        batch = torch.randint(len(words), (32,), generator=generator)
        parameters = [value.detach().requires_grad_() for value in model.parameters()]
        model.load(parameters)
        logits, one = model.logits(words[batch], lengths[batch]), torch.ones_like(batch)
        masked_cross_entropy(logits[:, None], labels[batch, None], one).backward()  # each name is a sequence of one step
        gradients, _ = clip_gradients([value.grad for value in parameters], max_norm=5.0)
        moved, state = _adam_step([value.detach() for value in parameters], gradients, state)
        model.load(moved)
    return model


def _adam_step(parameters: list[Tensor], gradients: list[Tensor], state: tuple | None, rate: float = 0.01) -> tuple:
    """New parameters and the new state, as in homework 1."""
    zeros = [torch.zeros_like(value) for value in parameters]
    t, m, v = state or (0, zeros, zeros)
    t += 1
    m = [a.lerp(g, 0.1) for a, g in zip(m, gradients, strict=True)]
    v = [a.lerp(g * g, 0.001) for a, g in zip(v, gradients, strict=True)]
    size = rate * math.sqrt(1 - 0.999**t) / (1 - 0.9**t)
    return [w - size * a / (b.sqrt() + 1e-8) for w, a, b in zip(parameters, m, v, strict=True)], (t, m, v)
