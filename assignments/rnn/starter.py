"""Homework 3: recurrent networks, from one cell to a network that tells languages apart.

Save this file as solution.py and fill it in with plain torch operations (@, cat, stack, where, torch.tanh, torch.sigmoid,
torch.logsumexp, …). torch.nn, torch.func and torch.optim are off limits, and so are ready-made cells such as torch.lstm_cell;
autograd is for part 8 alone, as backward() on the loss. You may add functions, classes and files of your own.

Conventions, everywhere in this file:
- The first dimension counts sequences (N), the second steps in time (T or S), the last features. Step t is x[:, t].
- Matrices are as in the formulas, (outputs, inputs): W h for one vector h is h @ W.T for a batch of rows.
- Results have the dtype of the inputs, float32 or float64. Tokens, lengths and labels are int64. A length is at least 1.
- Whatever lies past the end of a sequence is arbitrary and must not matter.
- Nothing that is passed in gets changed; return new tensors. Torch must be able to differentiate what you compute, so no
  .item(), .numpy() or .detach() on the way from the inputs to a float result (beam_search excepted).
"""

import torch  # noqa: F401
from torch import Tensor

BOS, EOS = 0, 1  # the tokens that begin and end what a decoder writes

# --- 1 the recurrent cell ---------------------------------------------------------------------------------------------


def rnn_step(x: Tensor, h: Tensor, W_hh: Tensor, W_hx: Tensor, b: Tensor, activation: str = "tanh") -> Tensor:
    """f(W_hh h + W_hx x + b) for every sample; f is tanh for "tanh" and max(0, ·) for "relu".

    x: (N, D)    h: (N, H), the state before    W_hh: (H, H)    W_hx: (H, D)    b: (H,)    returns: (N, H)
    """
    raise NotImplementedError


def rnn_forward(x: Tensor, h0: Tensor, W_hh: Tensor, W_hx: Tensor, b: Tensor, activation: str = "tanh") -> Tensor:
    """All states h_1 … h_T, h0 not included.

    x: (N, T, D)    h0: (N, H)    the rest as in rnn_step    returns: (N, T, H)
    """
    raise NotImplementedError


# --- 2 many to one, many to many: here h_0 is zero, and rnn is the tuple (W_hh, W_hx, b), head the tuple (V, c) -----------


def classify(x: Tensor, rnn: tuple, head: tuple, pooling: str = "last", activation: str = "tanh") -> Tensor:
    """V s + c, where s is h_T for pooling "last" and (h_1 + … + h_T) / T for pooling "mean".

    x: (N, T, D)    V: (K, H)    c: (K,)    returns: logits (N, K)
    """
    raise NotImplementedError


def tag(x: Tensor, rnn: tuple, head: tuple, activation: str = "tanh") -> Tensor:
    """V h_t + c at every step t.    x: (N, T, D)    V: (K, H)    c: (K,)    returns: logits (N, T, K)"""
    raise NotImplementedError


def fill_slots(words: list[str], logits: Tensor) -> dict[str, str]:
    """The words of each slot. A word's tag is its largest logit: 0 nothing, 1 destination, 2 arrival.

    words: T strings    logits: (T, 3)
    returns: a dict with the keys "destination" and "arrival"; several words of one slot are joined in their order, without
    spaces; a slot without words has no key
    """
    raise NotImplementedError


# --- 3 sequences of different lengths -----------------------------------------------------------------------------------


def length_mask(lengths: Tensor, steps: int) -> Tensor:
    """True where step t belongs to sequence n, that is t < lengths[n], counted from 0.

    lengths: (N,) int64    returns: (N, steps) bool
    """
    raise NotImplementedError


def masked_forward(x: Tensor, lengths: Tensor, h0: Tensor, W_hh: Tensor, W_hx: Tensor, b: Tensor) -> Tensor:
    """The states of the tanh cell; from its end on, a sequence keeps the state that it had there.

    x: (N, T, D)    lengths: (N,)    h0: (N, H)    returns: (N, T, H)
    """
    raise NotImplementedError


def last_state(states: Tensor, lengths: Tensor) -> Tensor:
    """The state at the last step inside each sequence.    states: (N, T, H)    lengths: (N,)    returns: (N, H)"""
    raise NotImplementedError


def mean_state(states: Tensor, lengths: Tensor) -> Tensor:
    """The mean of the states inside each sequence.    states: (N, T, H)    lengths: (N,)    returns: (N, H)"""
    raise NotImplementedError


def reverse_sequences(x: Tensor, lengths: Tensor) -> Tensor:
    """Each sequence read backwards, from its own last step to its first; what lies past its end stays where it is.

    x: (N, T, D)    lengths: (N,)    returns: (N, T, D)
    """
    raise NotImplementedError


def masked_cross_entropy(logits: Tensor, labels: Tensor, lengths: Tensor) -> Tensor:
    """-log softmax(logits)[label], averaged over all steps inside all sequences of the batch; for logits of ±1000 too.

    logits: (N, T, K)    labels: (N, T) int64; past the end also numbers that are no class    lengths: (N,)    returns: ()
    """
    raise NotImplementedError


# --- 4 backpropagation through time -------------------------------------------------------------------------------------


def rnn_backward(dstates: Tensor, cache: tuple) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """All gradients of rnn_forward with tanh, from the cache and from nothing else.

    dstates: (N, T, H), at t what h_t adds to the loss directly, not by way of later states
    cache: (x, h0, states, W_hh, W_hx), as given to and returned by rnn_forward
    returns: dx (N, T, D), dh0 (N, H), dW_hh (H, H), dW_hx (H, D), db (H,)
    """
    raise NotImplementedError


def pool_backward(dpooled: Tensor, lengths: Tensor, steps: int, pooling: str = "last") -> Tensor:
    """The gradient by all states, from that by last_state (pooling "last") or by mean_state (pooling "mean").

    dpooled: (N, H)    lengths: (N,)    returns: (N, steps, H)
    """
    raise NotImplementedError


# --- 5 exploding and vanishing gradients --------------------------------------------------------------------------------


def jacobian_norms(states: Tensor, W_hh: Tensor) -> Tensor:
    """The Frobenius norm (root of the sum of all squares) of ∂h_T/∂h_k for k = 0, 1, …, T; one sequence, tanh cell.

    states: (T + 1, H): h_0, h_1, …, h_T    W_hh: (H, H)    returns: (T + 1,)
    """
    raise NotImplementedError


def clip_gradients(gradients: list[Tensor], max_norm: float) -> tuple[list[Tensor], Tensor]:
    """If the norm of all entries of all gradients together exceeds max_norm, scale all by one factor so that it is max_norm.

    gradients: tensors of any shapes    returns: list of new gradients, the norm before clipping ()
    """
    raise NotImplementedError


# --- 6 gates: every matrix W is (H, H + D) and acts on [h, x], first the state, then the input ----------------------------


def lstm_step(x: Tensor, h: Tensor, C: Tensor, weights: dict[str, Tensor]) -> tuple[Tensor, ...]:
    """One step of an LSTM, with all that it computes on the way.

    x: (N, D)    h, C: (N, H), from the step before
    weights: W_f, W_i, W_c, W_o (H, H + D) and b_f, b_i, b_c, b_o (H,), by these names
    returns: f, i, c̃, C, o, h, each (N, H); C and h are the new ones
    """
    raise NotImplementedError


def lstm_forward(x: Tensor, lengths: Tensor, h0: Tensor, C0: Tensor, weights: dict) -> tuple[Tensor, Tensor]:
    """All states h_t, and C after the last step inside each sequence; from its end on, a sequence keeps h and C.

    x: (N, T, D)    lengths: (N,)    h0, C0: (N, H)    returns: states (N, T, H), C (N, H)
    """
    raise NotImplementedError


def gru_step(x: Tensor, h: Tensor, weights: dict[str, Tensor]) -> tuple[Tensor, ...]:
    """One step of a GRU: h̃ comes from [r ∘ h, x], and the new state is z ∘ h + (1 - z) ∘ h̃.

    x: (N, D)    h: (N, H), from the step before    weights: W_z, W_r, W_h (H, H + D) and b_z, b_r, b_h (H,), by these names
    returns: z, r, h̃, h, each (N, H)
    """
    raise NotImplementedError


def gru_forward(x: Tensor, lengths: Tensor, h0: Tensor, weights: dict[str, Tensor]) -> Tensor:
    """All states h_t; from its end on, a sequence keeps its last one.

    x: (N, T, D)    lengths: (N,)    h0: (N, H)    returns: (N, T, H)
    """
    raise NotImplementedError


# --- 7 encoder, decoder, search: the cells are tanh cells; BOS = 0, EOS = 1, a tie never occurs ----------------------------


def encode(source: Tensor, lengths: Tensor, encoder: dict[str, Tensor]) -> Tensor:
    """The state after each sequence's last token, starting from zero.

    source: (N, S) int64    lengths: (N,)    encoder: E (K, D), a row per token, W_hh, W_hx, b    returns: (N, H)
    """
    raise NotImplementedError


def decoder_step(tokens: Tensor, h: Tensor, decoder: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
    """Read one token, then say how likely each token is next: log softmax(V h' + c), where h' is the new state.

    tokens: (N,) int64    h: (N, H)    decoder: E (K, D), W_hh, W_hx, b, V (K, H), c (K,)
    returns: log p (N, K), h' (N, H)
    """
    raise NotImplementedError


def teacher_forcing(h: Tensor, targets: Tensor, decoder: dict[str, Tensor]) -> Tensor:
    """log p(y_t | BOS, y_1 … y_{t-1}) of all K tokens for t = 1 … T: the decoder reads BOS and then the targets.

    h: (N, H), the state before BOS is read    targets: (N, T) int64    returns: (N, T, K)
    """
    raise NotImplementedError


def greedy(h: Tensor, decoder: dict[str, Tensor], max_length: int) -> Tensor:
    """Read BOS; then always write the most likely token and read it. After the first EOS, only EOS follows.

    h: (N, H)    returns: (N, max_length) int64, without BOS at the front
    """
    raise NotImplementedError


def beam_search(h: Tensor, decoder: dict[str, Tensor], width: int, max_length: int) -> tuple[list[int], float]:
    """Up to max_length times: extend every hypothesis that has not ended by each of the K tokens, leave those that have
    ended (with EOS) as they are, and keep the `width` best of all these by score, the sum of their tokens' log p.

    h: (H,), one sequence    returns: the best hypothesis in the end, as a list of tokens without BOS but with EOS if it ended,
    and its score
    """
    raise NotImplementedError


# --- 8 which language is this name written in? ------------------------------------------------------------------------------


class Reader:
    """A GRU (part 6) with 48 units that reads a name as one-hot letters, from state zero, and V h + c on the last state.

    seed: the same seed gives the same random initial parameters
    """

    LETTERS, HIDDEN, LANGUAGES = 28, 48, 6

    def __init__(self, seed: int = 0) -> None:
        raise NotImplementedError

    def parameters(self) -> list[Tensor]:
        """[W_z, b_z, W_r, b_r, W_h, b_h, V, c], float32: each W (48, 48 + 28), each b (48,), V (6, 48), c (6,)."""
        raise NotImplementedError

    def load(self, parameters: list[Tensor]) -> None:
        """Replace all parameters by these, given in the order and shapes of parameters()."""
        raise NotImplementedError

    def logits(self, words: Tensor, lengths: Tensor) -> Tensor:
        """words: (N, T) int64, letters from 0 to 27    lengths: (N,)    returns: (N, 6)"""
        raise NotImplementedError

    def predict(self, words: Tensor, lengths: Tensor) -> Tensor:
        """The language with the largest logit for each name, (N,) int64."""
        raise NotImplementedError


def train(words: Tensor, lengths: Tensor, labels: Tensor, steps: int, seed: int) -> Reader:
    """Train Reader(seed) with `steps` updates, each from a batch of at most 32 names.

    words: (N, 10) int64    lengths: (N,) int64    labels: (N,) int64, 0 to 5
    returns: the trained Reader; the same arguments give the same one
    """
    raise NotImplementedError
