"""Homework 4, solved: attention, from one weighted sum to a Transformer, a cache and shifted windows."""

import math

import torch
from torch import Tensor

BOS, EOS = 0, 1  # the tokens that begin and end what a decoder writes

# --- 1 attention ----------------------------------------------------------------------------------------------------


def additive_attention(
    q: Tensor, k: Tensor, v: Tensor, W_q: Tensor, W_k: Tensor, w: Tensor, keep_mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Score w · tanh(W_q q + W_k k); softmax over the keys; weighted sum of the values.

    q: (…, T, Dq)    k: (…, S, Dk)    v: (…, S, E)    W_q: (A, Dq)    W_k: (A, Dk)    w: (A,)
    returns: output (…, T, E), weights (…, T, S)
    Source: Bahdanau et al. 2015, "Neural Machine Translation by Jointly Learning to Align and Translate".
    """
    hidden = torch.tanh((q @ W_q.T).unsqueeze(-2) + (k @ W_k.T).unsqueeze(-3))  # (…, T, S, A)
    return _look_up(hidden @ w, v, keep_mask)


def attention(q: Tensor, k: Tensor, v: Tensor, keep_mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Scaled dot-product attention.

    q: (…, T, D)    k: (…, S, D)    v: (…, S, E)    keep_mask: bool, broadcasts to (…, T, S), True = may be seen
    returns: output (…, T, E), weights (…, T, S)
    Source: Vaswani et al. 2017, "Attention Is All You Need", eq. 1.
    """
    return _look_up(q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1]), v, keep_mask)


def _look_up(scores: Tensor, v: Tensor, keep_mask: Tensor | None) -> tuple[Tensor, Tensor]:
    """Softmax over the keys that may be seen; a query that may see none gets weights of zero."""
    if keep_mask is not None:
        scores = scores.masked_fill(~keep_mask, -1e30)
    weights = torch.softmax(scores, dim=-1)
    if keep_mask is not None:
        weights = weights.masked_fill(~keep_mask, 0)
    return weights @ v, weights


# --- 2 masks --------------------------------------------------------------------------------------------------------


def padding_mask(lengths: Tensor, steps: int) -> Tensor:
    """True where a key belongs to its sequence, for every query.    lengths: (N,) int64    returns: (N, 1, steps) bool"""
    return (torch.arange(steps) < lengths[:, None])[:, None]


def causal_mask(steps: int) -> Tensor:
    """True where the key stands not after the query.    returns: (steps, steps) bool, [t, s]"""
    return torch.ones(steps, steps, dtype=torch.bool).tril()


# --- 3 many heads ---------------------------------------------------------------------------------------------------


def split_heads(x: Tensor, heads: int) -> Tensor:
    """Head h gets the h-th block of features.    x: (N, T, D)    returns: (N, heads, T, D / heads)"""
    return x.unflatten(-1, (heads, -1)).transpose(1, 2)


def merge_heads(x: Tensor) -> Tensor:
    """The way back from split_heads.    x: (N, heads, T, D / heads)    returns: (N, T, D)"""
    return x.transpose(1, 2).flatten(2)


def multi_head_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    W_q: Tensor,
    W_k: Tensor,
    W_v: Tensor,
    W_o: Tensor,
    heads: int,
    keep_mask: Tensor | None = None,
) -> Tensor:
    """Project, split, attend in every head, merge, project.

    query: (N, T, Dq)    key: (N, S, Dk)    value: (N, S, Dv)    W_q: (D, Dq)    W_k: (D, Dk)    W_v: (D, Dv)    W_o: (O, D)
    keep_mask: bool, broadcasts to (N, T, S), the same for all heads    returns: (N, T, O)
    Source: Vaswani et al. 2017, section 3.2.2.
    """
    q, k, v = (split_heads(x @ W.T, heads) for x, W in ((query, W_q), (key, W_k), (value, W_v)))
    return merge_heads(attention(q, k, v, _for_heads(keep_mask))[0]) @ W_o.T


def _for_heads(keep_mask: Tensor | None) -> Tensor | None:
    """The mask with an axis for the heads, where it has one for the batch."""
    return keep_mask.unsqueeze(-3) if keep_mask is not None and keep_mask.dim() > 2 else keep_mask


# --- 4 positions ----------------------------------------------------------------------------------------------------


def positions(steps: int, size: int, start: int = 0) -> Tensor:
    """The rows P_i for i = start, start + 1, …: P_{i,2j} = sin(i / 10000^{2j/size}), P_{i,2j+1} = cos(same).

    returns: (steps, size) float32
    Source: Vaswani et al. 2017, section 3.5.
    """
    i = torch.arange(start, start + steps, dtype=torch.float64)
    angles = i[:, None] * _frequencies(size)  # (steps, size / 2)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1).float()


def shift_matrix(offset: int, size: int) -> Tensor:
    """M with P_{i+offset} = M P_i for every i: a rotation of each pair (sin, cos).    returns: (size, size) float32"""
    angles = offset * _frequencies(size)
    turns = torch.stack([angles.cos(), angles.sin(), -angles.sin(), angles.cos()], dim=-1).unflatten(-1, (2, 2))
    return torch.block_diag(*turns).float()


def _frequencies(size: int) -> Tensor:
    return 10000.0 ** -(torch.arange(0, size, 2, dtype=torch.float64) / size)


# --- 5 layers -------------------------------------------------------------------------------------------------------


def layer_norm(x: Tensor, gamma: Tensor, beta: Tensor, eps: float = 1e-5) -> Tensor:
    """γ (x - μ) / √(σ² + ε) + β with mean and variance (divided by D) of each vector of features.

    x: (…, D)    gamma, beta: (D,)    returns: (…, D)
    Source: Ba et al. 2016, "Layer Normalization".
    """
    centred = x - x.mean(dim=-1, keepdim=True)
    return gamma * centred / ((centred**2).mean(dim=-1, keepdim=True) + eps).sqrt() + beta


def encoder_layer(x: Tensor, weights: dict[str, Tensor], heads: int, keep_mask: Tensor | None = None) -> Tensor:
    """Self-attention and a feed-forward network, each with a residual and layer norm after it.

    x: (N, T, D)    weights: W_q, W_k, W_v, W_o, gamma_1, beta_1, W_1 (F, D), b_1, W_2 (D, F), b_2, gamma_2, beta_2
    returns: (N, T, D)
    Source: Vaswani et al. 2017, section 3.1.
    """
    attended = multi_head_attention(x, x, x, *_matrices(weights, "W"), heads, keep_mask)
    x = layer_norm(x + attended, weights["gamma_1"], weights["beta_1"])
    return layer_norm(x + _feed_forward(x, weights), weights["gamma_2"], weights["beta_2"])


def decoder_layer(
    x: Tensor,
    memory: Tensor,
    weights: dict[str, Tensor],
    heads: int,
    keep_self: Tensor | None = None,
    keep_memory: Tensor | None = None,
) -> Tensor:
    """Self-attention, attention to the memory, feed-forward network, each with a residual and layer norm after it.

    x: (N, T, D)    memory: (N, S, D)    weights: as in encoder_layer, and U_q, U_k, U_v, U_o, gamma_3, beta_3
    returns: (N, T, D)
    """
    attended = multi_head_attention(x, x, x, *_matrices(weights, "W"), heads, keep_self)
    return _after_self_attention(x, attended, memory, weights, heads, keep_memory)


def _after_self_attention(
    x: Tensor, attended: Tensor, memory: Tensor, weights: dict, heads: int, keep_memory: Tensor | None
) -> Tensor:
    x = layer_norm(x + attended, weights["gamma_1"], weights["beta_1"])
    found = multi_head_attention(x, memory, memory, *_matrices(weights, "U"), heads, keep_memory)
    x = layer_norm(x + found, weights["gamma_2"], weights["beta_2"])
    return layer_norm(x + _feed_forward(x, weights), weights["gamma_3"], weights["beta_3"])


def _feed_forward(x: Tensor, weights: dict[str, Tensor]) -> Tensor:
    return (x @ weights["W_1"].T + weights["b_1"]).clamp(min=0) @ weights["W_2"].T + weights["b_2"]


def _matrices(weights: dict[str, Tensor], letter: str) -> list[Tensor]:
    return [weights[f"{letter}_{name}"] for name in "qkvo"]


# --- 6 the Transformer ----------------------------------------------------------------------------------------------


def embed(tokens: Tensor, E: Tensor, start: int = 0) -> Tensor:
    """√D E[token] plus the position, counted from `start`.    tokens: (N, T) int64    E: (K, D)    returns: (N, T, D)"""
    size = E.shape[1]
    return math.sqrt(size) * E[tokens] + positions(tokens.shape[1], size, start).to(E.dtype)


def encode(source: Tensor, lengths: Tensor, model: dict) -> Tensor:
    """All encoder layers over the embedded source, whose padding nobody sees.

    source: (N, S) int64    lengths: (N,)    returns: memory (N, S, D)
    """
    x, keep = embed(source, model["E"]), padding_mask(lengths, source.shape[1])
    for weights in model["encoder"]:
        x = encoder_layer(x, weights, model["heads"], keep)
    return x


def decode(tokens: Tensor, memory: Tensor, lengths: Tensor, model: dict) -> Tensor:
    """log p of the token that follows tokens[:, : t + 1], for every t.

    tokens: (N, T) int64, the first one BOS    memory: (N, S, D)    lengths: (N,), of the source    returns: (N, T, K)
    """
    x = embed(tokens, model["E"])
    keep_self, keep_memory = causal_mask(tokens.shape[1]), padding_mask(lengths, memory.shape[1])
    for weights in model["decoder"]:
        x = decoder_layer(x, memory, weights, model["heads"], keep_self, keep_memory)
    return _log_probabilities(x, model)


def _log_probabilities(x: Tensor, model: dict) -> Tensor:
    logits = x @ model["V"].T + model["c"]
    return logits - torch.logsumexp(logits, dim=-1, keepdim=True)


# --- 7 one token at a time ------------------------------------------------------------------------------------------


def cached_attention(
    x: Tensor, keys: Tensor, values: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor, W_o: Tensor, heads: int
) -> tuple[Tensor, Tensor, Tensor]:
    """What multi-head self-attention says at the newest place, with keys and values of all places before at hand.

    x: (N, 1, D)    keys, values: (N, heads, t, D / heads)    returns: (N, 1, D), keys and values with t + 1 places
    """
    q, k, v = (split_heads(x @ W.T, heads) for W in (W_q, W_k, W_v))
    keys, values = torch.cat([keys, k], dim=2), torch.cat([values, v], dim=2)
    return merge_heads(attention(q, keys, values)[0]) @ W_o.T, keys, values


def decode_step(tokens: Tensor, cache: list, memory: Tensor, lengths: Tensor, model: dict) -> tuple[Tensor, list]:
    """Read one more token of every sequence; log p of the next one.

    tokens: (N,) int64    cache: (keys, values) for each decoder layer    returns: log p (N, K), new cache
    """
    heads, keep_memory, new_cache = model["heads"], padding_mask(lengths, memory.shape[1]), []
    x = embed(tokens[:, None], model["E"], start=cache[0][0].shape[2])
    for weights, (keys, values) in zip(model["decoder"], cache, strict=True):
        attended, keys, values = cached_attention(x, keys, values, *_matrices(weights, "W"), heads)
        x = _after_self_attention(x, attended, memory, weights, heads, keep_memory)
        new_cache.append((keys, values))
    return _log_probabilities(x, model)[:, 0], new_cache


def generate(source: Tensor, lengths: Tensor, model: dict, max_length: int) -> Tensor:
    """Greedy: read BOS, then always the most likely token; after the first EOS only EOS.    returns: (N, max_length) int64"""
    memory, n, heads = encode(source, lengths, model), len(source), model["heads"]
    nothing = memory.new_zeros(n, heads, 0, memory.shape[2] // heads)
    cache = [(nothing, nothing)] * len(model["decoder"])
    tokens, ended, written = torch.full((n,), BOS), torch.zeros(n, dtype=torch.bool), []
    for _ in range(max_length):
        log_p, cache = decode_step(tokens, cache, memory, lengths, model)
        tokens = torch.where(ended, EOS, log_p.argmax(dim=1))
        ended = ended | (tokens == EOS)
        written.append(tokens)
    return torch.stack(written, dim=1)


# --- 8 images -------------------------------------------------------------------------------------------------------


def patch_embedding(images: Tensor, W: Tensor, b: Tensor, class_token: Tensor, P: Tensor, patch: int) -> Tensor:
    """The class token, then W patch + b for every patch, row by row; plus P.

    images: (N, C, H, W)    W: (D, C·patch·patch)    b, class_token: (D,)    P: (1 + patches, D)
    returns: (N, 1 + patches, D)
    Source: Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words", eq. 1.
    """
    n, channels, height, width = images.shape
    cut = images.reshape(n, channels, height // patch, patch, width // patch, patch)
    flat = cut.permute(0, 2, 4, 1, 3, 5).reshape(n, -1, channels * patch**2)  # (N, patches, C·patch·patch)
    tokens = flat @ W.T + b
    return torch.cat([class_token.expand(n, 1, -1), tokens], dim=1) + P


def window_partition(x: Tensor, window: int, shift: int = 0) -> Tensor:
    """Move everything up and left by `shift`, around the edges, and cut into windows, row by row.

    x: (N, H, W, D)    returns: (N · windows, window², D)
    Source: Liu et al. 2021, "Swin Transformer", section 3.2.
    """
    n, height, width, size = x.shape
    moved = x.roll((-shift, -shift), dims=(1, 2))
    cut = moved.reshape(n, height // window, window, width // window, window, size)
    return cut.transpose(2, 3).reshape(-1, window**2, size)


def window_merge(windows: Tensor, height: int, width: int, shift: int = 0) -> Tensor:
    """The way back from window_partition.    windows: (N · windows, window², D)    returns: (N, height, width, D)"""
    window, size = math.isqrt(windows.shape[1]), windows.shape[2]
    cut = windows.reshape(-1, height // window, width // window, window, window, size)
    return cut.transpose(2, 3).reshape(-1, height, width, size).roll((shift, shift), dims=(1, 2))


def shifted_window_mask(height: int, width: int, window: int, shift: int) -> Tensor:
    """True where two places of a window are neighbours in the image too: both or neither came around the same edge.

    returns: (windows, window², window²) bool
    """
    around = [torch.arange(side) >= side - shift for side in (height, width)]  # by place after the shift
    region = 2 * around[0].long()[:, None] + around[1].long()  # (height, width)
    windows = window_partition(region[None, :, :, None], window)[:, :, 0]  # (windows, window²)
    return windows[:, :, None] == windows[:, None, :]


# --- 9 which digit stood before? ------------------------------------------------------------------------------------


class Reader:
    """Cards, positions, one encoder layer, and at every card ten logits for the digit on the card before.

    seed: the same seed gives the same initial parameters
    """

    SIZE, HIDDEN, HEADS = 32, 64, 2
    NAMES = "W_q", "W_k", "W_v", "W_o", "gamma_1", "beta_1", "W_1", "b_1", "W_2", "b_2", "gamma_2", "beta_2"

    def __init__(self, seed: int = 0) -> None:
        generator = torch.Generator().manual_seed(seed)

        def random(outputs: int, inputs: int) -> Tensor:
            return torch.randn(outputs, inputs, generator=generator) / math.sqrt(inputs)

        D, F = self.SIZE, self.HIDDEN
        self._parameters = [random(D, 64), torch.zeros(D), *(random(D, D) for _ in range(4)), torch.ones(D), torch.zeros(D)]
        self._parameters += [random(F, D), torch.zeros(F), random(D, F), torch.zeros(D), torch.ones(D), torch.zeros(D)]
        self._parameters += [random(10, D), torch.zeros(10)]

    def parameters(self) -> list[Tensor]:
        """[E, e, W_q, W_k, W_v, W_o, gamma_1, beta_1, W_1, b_1, W_2, b_2, gamma_2, beta_2, V, c], float32."""
        return self._parameters

    def load(self, parameters: list[Tensor]) -> None:
        """Replace all parameters; same order and shapes as parameters()."""
        self._parameters = list(parameters)

    def logits(self, cards: Tensor) -> Tensor:
        """cards: (N, T, 64)    returns: (N, T, 10)"""
        E, e, *layer, V, c = self._parameters
        x = cards @ E.T + e + positions(cards.shape[1], self.SIZE)
        return encoder_layer(x, dict(zip(self.NAMES, layer, strict=True)), self.HEADS) @ V.T + c

    def predict(self, cards: Tensor) -> Tensor:
        """The most likely digit on the card before each, (N, T) int64."""
        return self.logits(cards).argmax(dim=2)


def train(cards: Tensor, digits: Tensor, steps: int, seed: int) -> Reader:
    """Train Reader(seed) with `steps` updates on batches of at most 32 rows.

    cards: (N, 6, 64) float32    digits: (N, 6) int64, the digit on each card    returns: the trained Reader
    """
    generator = torch.Generator().manual_seed(seed)
    model, state = Reader(seed), None
    for _ in range(steps):
        batch = torch.randint(len(cards), (32,), generator=generator)
        parameters = [value.detach().requires_grad_() for value in model.parameters()]
        model.load(parameters)
        logits, before = model.logits(cards[batch])[:, 1:], digits[batch, :-1, None]
        (torch.logsumexp(logits, dim=2, keepdim=True) - logits.gather(2, before)).mean().backward()
        moved, state = _adam_step([value.detach() for value in parameters], [value.grad for value in parameters], state)
        model.load(moved)
    return model


def _adam_step(parameters: list[Tensor], gradients: list[Tensor], state: tuple | None, rate: float = 0.005) -> tuple:
    """New parameters and the new state, as in homework 1."""
    zeros = [torch.zeros_like(value) for value in parameters]
    t, m, v = state or (0, zeros, zeros)
    t += 1
    m = [a.lerp(g, 0.1) for a, g in zip(m, gradients, strict=True)]
    v = [a.lerp(g * g, 0.001) for a, g in zip(v, gradients, strict=True)]
    size = rate * math.sqrt(1 - 0.999**t) / (1 - 0.9**t)
    return [w - size * a / (b.sqrt() + 1e-8) for w, a, b in zip(parameters, m, v, strict=True)], (t, m, v)
