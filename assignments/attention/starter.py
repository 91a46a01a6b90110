"""Homework 4: attention, from one weighted sum to a Transformer, a cache and shifted windows.

Save this file as solution.py and fill it in with plain torch operations (@, torch.softmax, masked_fill, where, cat, stack, roll,
reshape, einsum, …). torch.nn, torch.func and torch.optim are off limits, and so is torch.layer_norm; backward() on the loss is
for part 9. You may add functions, classes and files of your own.

Conventions, everywhere in this file:
- The first dimension counts sequences (N), the second steps (T for queries, S for keys), the last features. "…" stands for any
  number of dimensions, also none.
- Matrices are as in the formulas, (outputs, inputs): W x for one vector x is x @ W.T for a batch of rows.
- A mask named keep_… is bool and says True where a key MAY be seen, [query, key] in its last two dimensions. It need not have the
  full shape, but broadcasts to it. None hides nothing.
- A query that may see no key at all has weights 0 and output 0, and passes on gradients 0: never nan.
- Results have the dtype of the inputs, float32 or float64. Tokens, lengths and digits are int64.
- Nothing that is passed in gets changed; return new tensors. Torch must be able to differentiate what you compute, so no
  .item(), .numpy() or .detach() on the way from the inputs to a float result.
"""

import torch  # noqa: F401
from torch import Tensor

BOS, EOS = 0, 1  # the tokens that begin and end what a decoder writes

# --- 1 attention: the weights are a softmax over the keys, the output is the sum of the values, weighted with them ------


def additive_attention(
    q: Tensor, k: Tensor, v: Tensor, W_q: Tensor, W_k: Tensor, w: Tensor, keep_mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """The score of query q and key k is w · tanh(W_q q + W_k k).

    q: (…, T, Dq)    k: (…, S, Dk)    v: (…, S, E)    W_q: (A, Dq)    W_k: (A, Dk)    w: (A,)
    keep_mask: broadcasts to (…, T, S)    returns: output (…, T, E), weights (…, T, S)
    """
    raise NotImplementedError


def attention(q: Tensor, k: Tensor, v: Tensor, keep_mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """The score of query q and key k is q · k / √D. Scores may be as large as ±1000.

    q: (…, T, D)    k: (…, S, D)    v: (…, S, E)    keep_mask: broadcasts to (…, T, S)
    returns: output (…, T, E), weights (…, T, S)
    """
    raise NotImplementedError


# --- 2 masks ------------------------------------------------------------------------------------------------------------


def padding_mask(lengths: Tensor, steps: int) -> Tensor:
    """True where key s belongs to sequence n, that is s < lengths[n], counted from 0; the same for every query.

    lengths: (N,) int64, from 0 on    returns: (N, 1, steps) bool
    """
    raise NotImplementedError


def causal_mask(steps: int) -> Tensor:
    """True where key s is not after query t, that is s ≤ t.    returns: (steps, steps) bool, [t, s]"""
    raise NotImplementedError


# --- 3 many heads -------------------------------------------------------------------------------------------------------


def split_heads(x: Tensor, heads: int) -> Tensor:
    """Head h gets the features h · D/heads up to (h + 1) · D/heads - 1.    x: (N, T, D)    returns: (N, heads, T, D/heads)"""
    raise NotImplementedError


def merge_heads(x: Tensor) -> Tensor:
    """The way back from split_heads.    x: (N, heads, T, D/heads)    returns: (N, T, D)"""
    raise NotImplementedError


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
    """Project query, key and value, split them, attend in each head by itself, merge, and project by W_o. No biases.

    query: (N, T, Dq)    key: (N, S, Dk)    value: (N, S, Dv)    W_q: (D, Dq)    W_k: (D, Dk)    W_v: (D, Dv)    W_o: (O, D)
    heads: a divisor of D    keep_mask: (N, T, S), (N, 1, S) or (T, S), the same for all heads    returns: (N, T, O)
    """
    raise NotImplementedError


# --- 4 positions, counted from 0; `size` is even ------------------------------------------------------------------------


def positions(steps: int, size: int, start: int = 0) -> Tensor:
    """Rows P_i for i = start, …, start + steps - 1, where P_i holds at 2j sin(i / 10000^(2j/size)), at 2j + 1 cos(same angle).

    returns: (steps, size) float32
    """
    raise NotImplementedError


def shift_matrix(offset: int, size: int) -> Tensor:
    """The matrix M that moves every position: P_{i+offset} = M P_i, for columns P_i and all i. It turns each pair (2j, 2j + 1).

    offset: may be negative    returns: (size, size) float32
    """
    raise NotImplementedError


# --- 5 layers: normalised after each residual, as in the paper ----------------------------------------------------------


def layer_norm(x: Tensor, gamma: Tensor, beta: Tensor, eps: float = 1e-5) -> Tensor:
    """γ · (x - μ) / √(σ² + eps) + β; μ and σ² (divided by D, not D - 1) are those of each single vector of D features.

    x: (…, D)    gamma, beta: (D,)    returns: (…, D)
    """
    raise NotImplementedError


def encoder_layer(x: Tensor, weights: dict[str, Tensor], heads: int, keep_mask: Tensor | None = None) -> Tensor:
    """a = norm_1(x + self-attention(x)), then norm_2(a + W_2 max(0, W_1 a + b_1) + b_2).

    x: (N, T, D)    keep_mask: as in multi_head_attention    returns: (N, T, D)
    weights, by these names: W_q, W_k, W_v, W_o (D, D), W_1 (F, D), b_1 (F,), W_2 (D, F), b_2 (D,), and gamma_1, beta_1,
        gamma_2, beta_2 (D,) of norm_1 and norm_2 (eps 1e-5)
    """
    raise NotImplementedError


def decoder_layer(
    x: Tensor,
    memory: Tensor,
    weights: dict[str, Tensor],
    heads: int,
    keep_self: Tensor | None = None,
    keep_memory: Tensor | None = None,
) -> Tensor:
    """a = norm_1(x + self-attention(x)), b = norm_2(a + attention(a, memory, memory)), norm_3(b + W_2 max(0, W_1 b + b_1) + b_2).

    x: (N, T, D)    memory: (N, S, D), keys and values of the second attention    returns: (N, T, D)
    keep_self: for the first attention, to (N, T, T)    keep_memory: for the second, to (N, T, S). Nothing is causal by itself.
    weights: as in encoder_layer, with U_q, U_k, U_v, U_o (D, D) of the second attention, and gamma_3, beta_3
    """
    raise NotImplementedError


# --- 6 the Transformer: model is a dict with E (K, D), encoder and decoder (lists of weights), V (K, D), c (K,), heads ----


def embed(tokens: Tensor, E: Tensor, start: int = 0) -> Tensor:
    """√D · E[token] + P_i, where i = start for the first column of tokens.

    tokens: (N, T) int64    E: (K, D)    returns: (N, T, D), in the dtype of E
    """
    raise NotImplementedError


def encode(source: Tensor, lengths: Tensor, model: dict) -> Tensor:
    """Embed the source, then all layers of model["encoder"] in their order. Nobody sees the padding.

    source: (N, S) int64, arbitrary tokens past the end    lengths: (N,), at least 1
    returns: the memory (N, S, D); what stands in it past a sequence's end is not looked at
    """
    raise NotImplementedError


def decode(tokens: Tensor, memory: Tensor, lengths: Tensor, model: dict) -> Tensor:
    """Embed the tokens, then all layers of model["decoder"], then log softmax(V x + c): at t, log p of what follows token t.

    A token sees itself and those before it, and of the memory what lies inside its sequence.
    tokens: (N, T) int64    memory: (N, S, D)    lengths: (N,), of the source    returns: (N, T, K)
    """
    raise NotImplementedError


# --- 7 one token at a time ----------------------------------------------------------------------------------------------


def cached_attention(
    x: Tensor, keys: Tensor, values: Tensor, W_q: Tensor, W_k: Tensor, W_v: Tensor, W_o: Tensor, heads: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Multi-head self-attention at one new place, which sees itself and the t places whose keys and values are kept.

    x: (N, 1, D'), the new place alone    keys, values: (N, heads, t, D/heads), projected and split; t may be 0
    W_q, W_k, W_v: (D, D')    W_o: (O, D)    returns: output (N, 1, O), keys and values with the new place at the end, t + 1
    """
    raise NotImplementedError


def decode_step(tokens: Tensor, cache: list, memory: Tensor, lengths: Tensor, model: dict) -> tuple[Tensor, list]:
    """Read one token of each sequence and say what `decode` says there: log p of the next one.

    tokens: (N,) int64, at the position t    cache: for each decoder layer a pair (keys, values), each (N, heads, t, D/heads)
    memory, lengths, model: as in decode    returns: log p (N, K), the new cache in the same form, with t + 1 places
    """
    raise NotImplementedError


def generate(source: Tensor, lengths: Tensor, model: dict, max_length: int) -> Tensor:
    """Encode, read BOS, then always write the most likely token and read it next. After the first EOS, only EOS follows.

    source: (N, S) int64    lengths: (N,)    returns: (N, max_length) int64, without BOS at the front
    """
    raise NotImplementedError


# --- 8 images -----------------------------------------------------------------------------------------------------------


def patch_embedding(images: Tensor, W: Tensor, b: Tensor, class_token: Tensor, P: Tensor, patch: int) -> Tensor:
    """First the class token, then W p + b for every patch p, row by row from the top left; to all of them P is added.

    images: (N, C, H, W), H and W divisible by patch    W: (D, C·patch·patch); a patch is flattened channel by channel, each of
    them row by row    b, class_token: (D,)    P: (1 + number of patches, D)    returns: (N, 1 + number of patches, D)
    """
    raise NotImplementedError


def window_partition(x: Tensor, window: int, shift: int = 0) -> Tensor:
    """Move everything up and left by `shift` (what leaves at an edge comes in at the opposite one), then cut into windows.

    x: (N, H, W, D), H and W divisible by window    0 ≤ shift < window
    returns: (N · number of windows, window · window, D): image by image, in it window by window, in it place by place, row by row
    """
    raise NotImplementedError


def window_merge(windows: Tensor, height: int, width: int, shift: int = 0) -> Tensor:
    """The way back from window_partition.    windows: (N · number, window · window, D)    returns: (N, height, width, D)"""
    raise NotImplementedError


def shifted_window_mask(height: int, width: int, window: int, shift: int) -> Tensor:
    """Which places of a window may see each other after the shift: those as near to each other in the image as in the window.

    That is: either both came in at the bottom edge or neither, and either both came in at the right edge or neither.
    returns: (number of windows, window · window, window · window) bool, True = may be seen; windows and places as in
    window_partition
    """
    raise NotImplementedError


# --- 9 which digit stood before? ----------------------------------------------------------------------------------------


class Reader:
    """x_t = E card_t + e + P_t, one encoder layer (part 5) with 2 heads, no mask, then V x_t + c at every t.

    seed: the same seed gives the same random initial parameters
    """

    SIZE, HIDDEN, HEADS = 32, 64, 2

    def __init__(self, seed: int = 0) -> None:
        raise NotImplementedError

    def parameters(self) -> list[Tensor]:
        """[E, e, W_q, W_k, W_v, W_o, gamma_1, beta_1, W_1, b_1, W_2, b_2, gamma_2, beta_2, V, c], float32.

        E (32, 64), e (32,), W_q to W_o (32, 32), W_1 (64, 32), b_1 (64,), W_2 (32, 64), b_2 (32,), V (10, 32), c (10,), all
        gamma and beta (32,)
        """
        raise NotImplementedError

    def load(self, parameters: list[Tensor]) -> None:
        """Replace all parameters by these, given in the order and shapes of parameters()."""
        raise NotImplementedError

    def logits(self, cards: Tensor) -> Tensor:
        """cards: (N, T, 64) float32    returns: (N, T, 10), at t for the digit on card t - 1"""
        raise NotImplementedError

    def predict(self, cards: Tensor) -> Tensor:
        """The place of the largest logit, (N, T) int64."""
        raise NotImplementedError


def train(cards: Tensor, digits: Tensor, steps: int, seed: int) -> Reader:
    """Train Reader(seed) with `steps` updates, each from a batch of at most 32 rows of cards.

    cards: (N, 6, 64) float32, from 0 to 1    digits: (N, 6) int64, 0 to 9, the digit on each card
    returns: the trained Reader; the same arguments give the same one
    """
    raise NotImplementedError
