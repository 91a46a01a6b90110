"""Homework 4. What the student's file must establish, part by part; conventions are those of starter.py.

Queries, keys, features and outputs differ in number, so that no axis can stand for another, except where a wrong mask would
broadcast: there the batch is as large as the number of heads. Masks are not symmetric. Hidden checks work in float64; where
positions come in, which are float32, the tolerance is theirs. A cache is handed over by the judge: it belongs to no tokens.
"""

import math

import torch
from torch import Tensor, tensor

from grader.checks import Case, Skill, T, check, labels_that_matter, share_of_band, skill_of, watched

FLOAT32 = {"rtol": 1e-5, "atol": 1e-6}
FLOAT64 = {"rtol": 1e-11, "atol": 1e-12}
MODEL = {"rtol": 2e-5, "atol": 1e-5}  # float32 positions through two layers
DOUBLE = torch.float64
LOG3 = math.log(3)
Q, V = torch.ones(1, 2, 4), tensor([[[4.0, 0.0], [0.0, 8.0], [90.0, 90.0]]])
K = tensor([[[LOG3, LOG3, 0, 0], [0, 0, 0, 0], [5, 5, 5, 5]]])
KEEP = tensor([[[True, True, False], [False, False, False]]])
GRID = torch.arange(1.0, 17.0).reshape(4, 4)
BOS, EOS, STEPS, BATCH, SEEN = 0, 1, 200, 32, 36  # a step sees 32 rows; rounding may make a few more seem to matter
SIZE, HIDDEN, HEADS = 32, 64, 2
SHAPES = [
    (SIZE, 64), (SIZE,), *[(SIZE, SIZE)] * 4, (SIZE,), (SIZE,),
    (HIDDEN, SIZE), (HIDDEN,), (SIZE, HIDDEN), (SIZE,), (SIZE,), (SIZE,), (10, SIZE), (10,),
]  # fmt: skip
# Accuracy on 1000 unseen cards after 200 steps of 32 rows, three splits: the reference 0.94 to 0.98, Adam 0.01 0.93 to 0.97, Adam
# 0.002 0.83 to 0.88, SGD 0.5 0.65 to 0.85; without positions 0.29 to 0.31, with uniform weights 0.29 to 0.30, only V and c 0.17.
GUESSING, BAND = 0.45, 0.85


def normal(case: Case, *shape: int) -> Tensor:
    return case.randn(*shape, dtype=DOUBLE)


def some_mask(case: Case, *shape: int) -> Tensor:
    """Each query sees one key and half of the others."""
    keep = case.rand(*shape) < 0.5
    keep[..., 0] = True
    return keep.roll(case.integer(0, shape[-1]), dims=-1)


# --- 1 attention ----------------------------------------------------------------------------------------------------
@check(part="attention", points=3, visibility="public",
       title=T(en="Scaled dot products: worked numbers", zh="缩放点积：讲义数值"))  # fmt: skip
def dot_products_give_the_worked_numbers(case: Case) -> None:
    case.compare("attention", Q[:, :1], K[:, :2], V[:, :2], **FLOAT32)
    case.compare("attention", Q, K, V, KEEP, **FLOAT32)


@check(part="attention", points=2, visibility="public", title=T(en="Additive scores: worked numbers", zh="加性打分：讲义数值"))
def additive_scores_give_the_worked_numbers(case: Case) -> None:
    k, v, matrices = tensor([[[0.0], [-0.5]]]), tensor([[[1.0], [-1.0]]]), (tensor([[1.0], [0.0]]), tensor([[1.0], [2.0]]))
    case.compare("additive_attention", tensor([[[0.5]]]), k, v, *matrices, tensor([2.0, -1.0]), **FLOAT32)


@check(part="attention", points=4, title=T(en="Dot products of any sizes and masks", zh="任意尺寸与掩码的点积注意力"))
def dot_products_of_any_sizes(case: Case) -> None:
    for before, t, s, d, e in [((2,), 3, case.integer(4, 7), 5, 2), ((2, 3), 4, 5, 3, 2), ((), 1, 2, 3, 4)]:
        q, k, v = normal(case, *before, t, d), normal(case, *before, s, d), normal(case, *before, s, e)
        case.compare("attention", q, k, v, gradients=t == 3, **FLOAT64)
        case.compare("attention", q, k, v, some_mask(case, *before, t, s), gradients=t == 3, **FLOAT64)
    q, k, v = 25 * normal(case, 2, 4, 4).abs(), 25 * normal(case, 2, 4, 4).abs(), normal(case, 2, 4, 4)  # T = S = D
    k[1] *= -1  # scores around 800, so that e^800 overflows, and around -800, so that a hidden key needs less than that
    case.compare("attention", q, k, v, keep_mask=some_mask(case, 4, 4), rtol=1e-7, atol=1e-9)


@check(part="attention", points=3, title=T(en="Additive scores of any sizes", zh="任意尺寸的加性注意力"))
def additive_scores_of_any_sizes(case: Case) -> None:
    for before, t, s, dq, dk, a in [((2,), 3, case.integer(4, 7), 5, 2, 6), ((1, 3), 2, 4, 3, 5, 1)]:
        q, k, v = normal(case, *before, t, dq), normal(case, *before, s, dk), normal(case, *before, s, 3)
        matrices = normal(case, a, dq), normal(case, a, dk), 3 * normal(case, a)
        keep = () if t == 3 else (some_mask(case, t, s),)
        case.compare("additive_attention", q, k, v, *matrices, *keep, gradients=t == 3, **FLOAT64)


@check(part="attention", points=2, title=T(en="Who may see nothing gets zero", zh="什么都看不到时结果为零"))
def who_may_see_nothing_gets_zero(case: Case) -> None:
    q, k, v, keep = normal(case, 3, 4, 2), normal(case, 3, 5, 2), 1000 * normal(case, 3, 5, 6), some_mask(case, 3, 4, 5)
    keep[0], keep[1, case.integer(0, 4)] = False, False
    case.compare("attention", q, k, v, keep, gradients=True, **FLOAT64)
    matrices = normal(case, 3, 2), normal(case, 3, 2), normal(case, 3)
    case.compare("additive_attention", q, k, v, *matrices, keep, gradients=True, **FLOAT64)


# --- 2 masks --------------------------------------------------------------------------------------------------------
@check(part="masks", points=2, visibility="public", title=T(en="Padding: worked example", zh="填充掩码：讲义算例"))
def padding_gives_the_worked_mask(case: Case) -> None:
    case.compare("padding_mask", tensor([3, 1, 0]), 4)


@check(part="masks", points=2, visibility="public", title=T(en="Causal: worked example", zh="因果掩码：讲义算例"))
def causality_gives_the_worked_mask(case: Case) -> None:
    case.compare("causal_mask", 3)


@check(part="masks", points=2, title=T(en="Masks of any sizes", zh="任意尺寸的掩码"))
def masks_of_any_sizes(case: Case) -> None:
    for n, steps in [(5, case.integer(4, 8)), (1, 3), (4, 1)]:
        case.compare("padding_mask", case.randint(0, steps + 1, (n,)), steps)
        case.compare("causal_mask", steps)


@check(part="masks", points=2, title=T(en="What is hidden changes nothing", zh="被遮住的内容不影响结果"))
def what_is_hidden_changes_nothing(case: Case) -> None:
    steps = case.integer(5, 8)
    q, k, v, lengths = *(normal(case, 3, steps, size) for size in (4, 4, 2)), tensor([steps, 0, 3])
    keep = case.compare("padding_mask", lengths, steps) & case.compare("causal_mask", steps)
    first, _ = case.compare("attention", q, k, v, keep, **FLOAT64)
    k[:, 3:], v[:, 3:], k[1], v[1] = 50.0, -1000.0, 70.0, 70.0
    again, what = case.student.attention(q, k, v, keep)[0], T(en="what the first three queries see", zh="前三个查询看到的内容")
    case.close(again[:, :3], first[:, :3], **FLOAT64, what=what)


# --- 3 many heads ---------------------------------------------------------------------------------------------------
@check(part="heads", points=2, visibility="public", title=T(en="Split and merge: worked numbers", zh="拆分与合并：讲义数值"))
def splitting_gives_the_worked_numbers(case: Case) -> None:
    heads = case.compare("split_heads", tensor([[[1.0, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]]]), 2)
    case.compare("merge_heads", heads + 0.5)


@check(part="heads", points=3, visibility="public", title=T(en="Two heads: worked numbers", zh="两个头：讲义数值"))
def two_heads_give_the_worked_numbers(case: Case) -> None:
    query, key, value = tensor([[[1.0, 0.0]]]), tensor([[[LOG3, 5.0], [0.0, 1.0]]]), tensor([[[4.0, 2.0], [0.0, 6.0]]])
    W_v, W_o = tensor([[1.0, 0.0], [0.0, 2.0]]), tensor([[1.0, 1.0], [0.0, 1.0]])
    case.compare("multi_head_attention", query, key, value, torch.eye(2), torch.eye(2), W_v, W_o, 2, **FLOAT32)


@check(part="heads", points=2, title=T(en="Split and merge for any sizes", zh="任意尺寸的拆分与合并"))
def splitting_for_any_sizes(case: Case) -> None:
    for n, steps, heads, size in [(2, case.integer(5, 8), 3, 4), (1, 4, 4, 4)]:
        case.compare("split_heads", normal(case, n, steps, heads * size), heads, gradients=n == 2, **FLOAT64)
        case.compare("merge_heads", normal(case, n, heads, steps, size), gradients=n == 2, **FLOAT64)


@check(part="heads", points=5, title=T(en="Many heads for any sizes and masks", zh="任意尺寸与掩码的多头注意力"))
def many_heads_for_any_sizes(case: Case) -> None:
    for n, t, s, heads, size in [(2, 3, case.integer(4, 7), 2, 3), (1, 1, 4, 3, 2)]:
        inputs = normal(case, n, t, 5), normal(case, n, s, 7), normal(case, n, s, 4)
        D = heads * size
        matrices = normal(case, D, 5), normal(case, D, 7), normal(case, D, 4), normal(case, 5, D)
        case.compare("multi_head_attention", *inputs, *matrices, heads, gradients=n == 2, **FLOAT64)
        for shape in [(n, t, s), (n, 1, s), (t, s)]:  # n and heads are both 2 once: a mask must not land on the heads
            case.compare("multi_head_attention", *inputs, *matrices, heads, some_mask(case, *shape), **FLOAT64)


# --- 4 positions ----------------------------------------------------------------------------------------------------
@check(part="positions", points=2, visibility="public", title=T(en="Sines and cosines: worked", zh="正余弦：讲义数值"))
def positions_give_the_worked_numbers(case: Case) -> None:
    case.compare("positions", 3, 4, **FLOAT32)
    case.compare("positions", 2, 4, 1, **FLOAT32)


@check(part="positions", points=1, visibility="public", title=T(en="A shift is a rotation: worked", zh="平移即旋转：讲义数值"))
def a_shift_gives_the_worked_matrix(case: Case) -> None:
    case.compare("shift_matrix", 1, 2, **FLOAT32)


@check(part="positions", points=3, title=T(en="Any positions and sizes", zh="任意位置与尺寸"))
def any_positions(case: Case) -> None:
    for steps, size, start in [(case.integer(5, 9), 6, 0), (1, 10, case.integer(20, 40)), (12, 2, 7)]:
        case.compare("positions", steps, size, start, rtol=0, atol=2e-5)


@check(part="positions", points=2, title=T(en="Any shift, forwards and backwards", zh="任意平移，向前与向后"))
def any_shift(case: Case) -> None:
    for offset, size in [(case.integer(3, 12), 6), (-4, 10), (0, 4)]:
        M = case.compare("shift_matrix", offset, size, rtol=0, atol=2e-5)
        here, there = (case.reference.positions(5, size, start) for start in (20, 20 + offset))
        case.close(here @ M.T, there, rtol=0, atol=5e-5, what=T(en="P moved by `shift_matrix`", zh="经 `shift_matrix` 平移的 P"))


# --- 5 layers -------------------------------------------------------------------------------------------------------
def some_layer(case: Case, norms: int, *, size: int = 6, hidden: int = 5, dtype: torch.dtype = DOUBLE) -> dict[str, Tensor]:
    """Random weights for an encoder layer (two norms) or a decoder layer (three, and U beside W)."""
    named = {f"W_{name}": (size, size) for name in "qkvo"} | {f"U_{name}": (size, size) for name in "qkvo" if norms == 3}
    named |= {"W_1": (hidden, size), "b_1": (hidden,), "W_2": (size, hidden), "b_2": (size,)}
    named |= {f"{name}_{i}": (size,) for i in range(1, norms + 1) for name in ("gamma", "beta")}
    return {
        name: case.randn(*shape, dtype=dtype) * (1 if len(shape) == 1 else 1.5 / shape[1] ** 0.5) for name, shape in named.items()
    }


@check(part="layers", points=2, visibility="public", title=T(en="Layer norm: worked numbers", zh="层归一化：讲义数值"))
def layer_norm_gives_the_worked_numbers(case: Case) -> None:
    case.compare("layer_norm", tensor([[1.0, 3.0], [4.0, 4.0]]), tensor([2.0, 1.0]), tensor([0.0, 0.5]), **FLOAT32)


@check(part="layers", points=2, title=T(en="Layer norm of any sizes", zh="任意尺寸的层归一化"))
def layer_norm_of_any_sizes(case: Case) -> None:
    for shape, eps in [((2, 3, case.integer(4, 7)), 0.5), ((1, 2), 0.1)]:
        x, gamma, beta = 2 * normal(case, *shape) + 3, normal(case, shape[-1]), normal(case, shape[-1])
        case.compare("layer_norm", x, gamma, beta, eps, gradients=True, **FLOAT64)
        case.compare("layer_norm", 0.003 * x, gamma, beta, **FLOAT64)  # small enough for eps to count


@check(part="layers", points=3, visibility="public", title=T(en="Encoder layer: worked numbers", zh="编码器层：讲义数值"))
def the_encoder_layer_gives_the_worked_numbers(case: Case) -> None:
    weights = {"W_q": torch.eye(2), "W_k": torch.eye(2), "W_v": torch.eye(2), "W_o": tensor([[0.0, 0.0], [0.0, 2.0]])}
    weights |= {"W_1": tensor([[0.0, 2.0]]), "b_1": tensor([1.0]), "W_2": tensor([[1.0], [0.0]]), "b_2": tensor([0.0, 1.5])}
    weights |= {"gamma_1": torch.ones(2), "beta_1": torch.zeros(2), "gamma_2": tensor([1.0, 3.0]), "beta_2": tensor([0.0, 1.0])}
    case.compare("encoder_layer", tensor([[[1.0, 3.0]]]), weights, 1, **FLOAT32)
    case.compare("encoder_layer", case.randn(1, 3, 6), some_layer(case, 2, dtype=torch.float32), 3, **MODEL)


@check(part="layers", points=3, title=T(en="Encoder layer of any sizes", zh="任意尺寸的编码器层"))
def the_encoder_layer_of_any_sizes(case: Case) -> None:
    for n, steps, heads, hidden in [(2, case.integer(3, 6), 2, 9), (1, 1, 3, 4)]:
        x, weights = normal(case, n, steps, 6), some_layer(case, 2, hidden=hidden)
        case.compare("encoder_layer", x, weights, heads, gradients=n == 2, **FLOAT64)
        case.compare("encoder_layer", x, weights, heads, some_mask(case, n, n, steps)[:, :1], **FLOAT64)


@check(part="layers", points=2, visibility="public", title=T(en="Decoder layer: random numbers", zh="解码器层：随机数值"))
def the_decoder_layer_with_random_numbers(case: Case) -> None:
    x, memory, weights = case.randn(1, 3, 6), case.randn(1, 2, 6), some_layer(case, 3, dtype=torch.float32)
    case.compare("decoder_layer", x, memory, weights, 2, **MODEL)


@check(part="layers", points=4, title=T(en="Decoder layer of any sizes", zh="任意尺寸的解码器层"))
def the_decoder_layer_of_any_sizes(case: Case) -> None:
    for n, t, s, heads in [(2, case.integer(3, 6), 2, 2), (1, 1, 3, 3)]:
        x, memory, weights = normal(case, n, t, 6), normal(case, n, s, 6), some_layer(case, 3, hidden=7)
        case.compare("decoder_layer", x, memory, weights, heads, gradients=n == 2, **FLOAT64)
        masks = some_mask(case, t, t), some_mask(case, n, 1, s)
        case.compare("decoder_layer", x, memory, weights, heads, *masks, **FLOAT64)


# --- 6 the Transformer ----------------------------------------------------------------------------------------------
def some_model(case: Case, layers: int, dtype: torch.dtype = DOUBLE) -> dict:
    """Six features, two heads, seven tokens."""
    stacks = {
        name: [some_layer(case, norms, dtype=dtype) for _ in range(layers)] for name, norms in (("encoder", 2), ("decoder", 3))
    }
    E, V, c = (case.randn(*shape, dtype=dtype) for shape in [(7, 6), (7, 6), (7,)])
    return {"E": E, **stacks, "V": V, "c": c, "heads": 2}


def some_sources(case: Case, n: int, steps: int) -> tuple[Tensor, Tensor]:
    """Tokens, and lengths from 1 to `steps`, one of them full."""
    lengths = case.randint(1, steps + 1, (n,))
    lengths[n // 2] = steps
    return case.randint(2, 7, (n, steps)), lengths


def same_memory(case: Case, source: Tensor, lengths: Tensor, model: dict) -> None:
    """What `encode` says inside the sequences; the rest is padding, and nobody looks at it."""
    found, wanted = case.student.encode(source, lengths, model), case.reference.encode(source, lengths, model)
    found = case.tensor(found, wanted.shape, wanted.dtype, what=T(en="what `encode` returned", zh="`encode` 的返回值"))
    inside = torch.arange(source.shape[1]) < lengths[:, None]
    case.close(found[inside], wanted[inside], **MODEL, what=T(en="the memory inside the sequences", zh="序列之内的记忆"))


@check(part="transformer", points=2, visibility="public", title=T(en="Embedding: worked numbers", zh="嵌入：讲义数值"))
def embedding_gives_the_worked_numbers(case: Case) -> None:
    E = tensor([[1.0, 2.0], [0.0, -1.0]])
    case.compare("embed", tensor([[0, 1, 0]]), E, **FLOAT32)


@check(part="transformer", points=3, visibility="public", title=T(en="No layers, one layer", zh="零层与一层"))
def the_transformer_with_few_layers(case: Case) -> None:
    empty = {"E": torch.eye(2), "encoder": [], "decoder": [], "V": torch.eye(2), "c": torch.zeros(2), "heads": 1}
    case.compare("decode", tensor([[0, 1]]), torch.zeros(1, 3, 2), tensor([2]), empty, **FLOAT32)
    model, source, lengths = some_model(case, 1, torch.float32), tensor([[3, 5, 2, 4]]), tensor([3])
    same_memory(case, source, lengths, model)
    case.compare("decode", tensor([[0, 4, 2, 6, 3, 5]]), case.randn(1, 4, 6), lengths, model, **MODEL)


@check(part="transformer", points=3, title=T(en="The encoder for any lengths", zh="任意长度的编码器"))
def the_encoder_for_any_lengths(case: Case) -> None:
    case.compare("embed", case.randint(0, 7, (2, case.integer(4, 7))), normal(case, 7, 8), 5, **MODEL)
    for n, steps, layers in [(4, case.integer(4, 7), 2), (1, 1, 1)]:
        same_memory(case, *some_sources(case, n, steps), some_model(case, layers))


@check(part="transformer", points=4, title=T(en="The decoder for any targets", zh="任意目标序列的解码器"))
def the_decoder_for_any_targets(case: Case) -> None:
    for n, t, s, layers in [(3, case.integer(4, 7), 4, 2), (1, 1, 2, 1)]:
        model, (_, lengths), memory = some_model(case, layers), some_sources(case, n, s), normal(case, n, s, 6)
        tokens = case.randint(0, 7, (n, t))
        case.compare("decode", tokens, memory, lengths, model, rtol=2e-6, atol=1e-6)
        outside = (torch.arange(s) >= lengths[:, None])[:, :, None]
        case.compare("decode", tokens, torch.where(outside, 100.0, memory), lengths, model, rtol=2e-6, atol=1e-6)


# --- 7 one token at a time ------------------------------------------------------------------------------------------
@check(part="steps", points=2, visibility="public", title=T(en="Attention with a cache: worked", zh="带缓存的注意力：讲义数值"))
def a_cache_gives_the_worked_numbers(case: Case) -> None:
    matrices = (tensor([[value]]) for value in (0.5, LOG3 / 2, 2.0, 2.0))
    case.compare("cached_attention", tensor([[[2.0]]]), torch.zeros(1, 1, 1, 1), torch.zeros(1, 1, 1, 1), *matrices, 1, **FLOAT32)


@check(part="steps", points=2, title=T(en="Attention with any cache", zh="任意缓存下的注意力"))
def attention_with_any_cache(case: Case) -> None:
    for n, heads, steps, size in [(2, 3, case.integer(3, 6), 2), (1, 2, 0, 3)]:
        x, matrices = normal(case, n, 1, 5), [normal(case, heads * size, 5) for _ in range(3)]
        cache, W_o = [normal(case, n, heads, steps, size) for _ in range(2)], normal(case, 5, heads * size)
        case.compare("cached_attention", x, *cache, *matrices, W_o, heads, gradients=n == 2, **FLOAT64)


@check(part="steps", points=2, title=T(en="Step by step is all at once", zh="逐步解码等于整体解码"))
def step_by_step_is_all_at_once(case: Case) -> None:
    for n, t, s, layers in [(2, case.integer(3, 5), 4, 2)]:
        model, (_, lengths), memory = some_model(case, layers), some_sources(case, n, s), normal(case, n, s, 6)
        tokens, cache = case.randint(0, 7, (n, t)), [(torch.zeros(n, 2, 0, 3, dtype=DOUBLE),) * 2] * layers
        whole = case.reference.decode(tokens, memory, lengths, model)
        for i in range(t):
            log_p, cache = case.student.decode_step(tokens[:, i], cache, memory, lengths, model)
            case.close(log_p, whole[:, i], **MODEL, what=T(en=f"log p after {i + 1} tokens", zh=f"{i + 1} 个词元之后的 log p"))
        cache = [tuple(normal(case, n, 2, 5, 3) for _ in range(2)) for _ in range(layers)]
        case.compare("decode_step", tokens[:, 0], cache, memory, lengths, model, **MODEL)


def round_trip(case: Case, layers: int = 1, pull: float = 0.05) -> dict:
    """A model that goes through all tokens in a circle, EOS in the middle, unless attention leads it elsewhere."""
    model, rest = some_model(case, layers), 2 + case.permutation(5)
    order = torch.cat([tensor([BOS]), rest[:2], tensor([EOS]), rest[2:]])
    for layer in model["decoder"]:
        layer |= {name: pull * value for name, value in layer.items() if name in ("W_o", "U_o", "W_2", "b_2") or name[0] == "b"}
        layer |= {f"gamma_{i}": torch.ones(6, dtype=DOUBLE) for i in (1, 2, 3)}
    model["E"] = 2 * torch.nn.functional.layer_norm(model["E"], (6,))  # larger than a position
    model["V"][order] = model["E"][order.roll(1)]
    return model


@check(part="steps", points=2, title=T(en="Writing stops at EOS", zh="生成遇到 EOS 就停"))
def writing_stops_at_eos(case: Case) -> None:
    for n, steps, max_length in [(12, 4, case.integer(6, 9)), (10, 3, 6), (1, 1, 3), (8, 4, 6)]:
        model, (source, lengths) = round_trip(case, *((2, 0.0) if n == 8 else ())), some_sources(case, n, steps)
        if n == 8:  # each place has its own token, whatever has been read; the last one's is EOS
            places = torch.nn.functional.layer_norm(case.reference.positions(6, 6).double(), (6,))
            model |= {"E": 0 * model["E"], "V": 20 * torch.cat([0 * places[:1], places[5:], places[case.permutation(5)]])}
        wanted = case.reference.generate(source, lengths, model, max_length)
        memory = case.reference.encode(source, lengths, model)
        read = torch.cat([torch.full((n, 1), BOS), wanted[:, :-1]], dim=1)
        best, second = case.reference.decode(read, memory, lengths, model).topk(2, dim=2).values.unbind(dim=2)
        sure = ((best - second) > 1e-3).all(dim=1)  # where rounding decides, anything is right
        what = T(en="what `generate` returned", zh="`generate` 的返回值")
        found = case.tensor(case.student.generate(source, lengths, model, max_length), wanted.shape, torch.int64, what=what)
        case.equal(found[sure], wanted[sure], what=T(en="the tokens that `generate` wrote", zh="`generate` 写出的词元"))


# --- 8 images -------------------------------------------------------------------------------------------------------
@check(part="images", points=2, visibility="public", title=T(en="Patches: worked numbers", zh="图像块：讲义数值"))
def patches_give_the_worked_numbers(case: Case) -> None:
    W, P = tensor([[1.0, 0, 0, 0], [0, 0, 1, 0]]), torch.zeros(5, 2)
    P[0, 0], P[4, 1] = 0.25, -1.0
    case.compare("patch_embedding", GRID[None, None], W, tensor([0.5, 0.0]), tensor([7.0, 8.0]), P, 2, **FLOAT32)


@check(part="images", points=2, visibility="public", title=T(en="Windows: worked numbers", zh="窗口：讲义数值"))
def windows_give_the_worked_numbers(case: Case) -> None:
    for shift in ((), (1,)):
        windows = case.compare("window_partition", GRID[None, :, :, None], 2, *shift)
        case.compare("window_merge", windows + 0.5, 4, 4, *shift)
    case.compare("shifted_window_mask", 4, 4, 2, 1)


@check(part="images", points=2, title=T(en="Patches of any sizes", zh="任意尺寸的图像块"))
def patches_of_any_sizes(case: Case) -> None:
    for n, channels, rows, columns, patch in [(2, 3, 2, case.integer(3, 6), 2), (1, 2, 3, 1, 3)]:
        images, W = normal(case, n, channels, rows * patch, columns * patch), normal(case, 5, channels * patch**2)
        rest = normal(case, 5), normal(case, 5), normal(case, 1 + rows * columns, 5)
        case.compare("patch_embedding", images, W, *rest, patch, gradients=n == 2, **FLOAT64)


@check(part="images", points=2, title=T(en="Windows of any sizes, there and back", zh="任意尺寸的窗口划分与还原"))
def windows_of_any_sizes(case: Case) -> None:
    for n, rows, columns, window, shift in [(3, 2, case.integer(4, 6), 3, 1), (1, 3, 1, 4, 3)]:
        x = normal(case, n, rows * window, columns * window, 2)
        case.compare("window_partition", x, window, shift, gradients=n == 3, **FLOAT64)
        windows = normal(case, n * rows * columns, window**2, 2)
        case.compare("window_merge", windows, rows * window, columns * window, shift, gradients=n == 3, **FLOAT64)


@check(part="images", points=2, title=T(en="Masks of any shifted windows", zh="任意移位窗口的掩码"))
def masks_of_any_shifted_windows(case: Case) -> None:
    for rows, columns, window, shift in [(2, case.integer(3, 5), 3, 2), (3, 1, 4, 1), (2, 2, 2, 0)]:
        case.compare("shifted_window_mask", rows * window, columns * window, window, shift)


# --- 9 which digit stood before? ------------------------------------------------------------------------------------
@check(part="training", points=2, visibility="public", title=T(en="A new Reader is ready", zh="新建的 Reader 可用"))
def a_new_reader_is_ready(case: Case) -> None:
    first, again, other = (case.student.Reader(*seed).parameters() for seed in ((), (0,), (2,)))
    require_shapes(case, first)
    case.close(again, first, **FLOAT32, what=T(en="the parameters with the same seed", zh="相同种子下的参数"))
    case.require(
        not torch.equal(first[0], other[0]),
        T(en="Two seeds give the same weights. Is `seed` used?", zh="两个种子得到同样的权重。"),
    )
    model, parameters = case.student.Reader(0), [torch.zeros(shape) for shape in SHAPES]
    parameters[13:] = torch.full((SIZE,), 0.5), torch.ones(10, SIZE) / 16, torch.arange(10.0)
    model.load(parameters)
    wanted = (1 + torch.arange(10.0)).expand(2, 3, 10)
    what = T(en="`logits` where only beta_2, V and c are not zero", zh="只有 beta_2、V、c 不为零时的 `logits`")
    case.close(model.logits(case.rand(2, 3, 64)), wanted, **FLOAT32, what=what)


@check(part="training", points=2, title=T(en="A Reader with any parameters", zh="任意参数下的 Reader"))
def a_reader_with_any_parameters(case: Case) -> None:
    parameters = [case.randn(*shape) * (0.5 if len(shape) == 1 else 1.5 / shape[1] ** 0.5) for shape in SHAPES]
    student, reference = case.student.Reader(0), case.reference.Reader(0)
    student.load(parameters)
    reference.load(parameters)
    for n, steps in [(3, case.integer(4, 9)), (1, 1)]:
        cards = case.rand(n, steps, 64)
        wanted = reference.logits(cards)
        case.close(student.logits(cards), wanted, rtol=1e-4, atol=1e-4, what=T(en="`logits` of Reader", zh="Reader 的 `logits`"))
        best, second = wanted.topk(2, dim=2).values.unbind(dim=2)
        what, clear = T(en="`predict` of Reader", zh="Reader 的 `predict`"), best - second > 0.01
        found = case.tensor(student.predict(cards), (n, steps), torch.int64, what=what)
        case.equal(found[clear], wanted.argmax(dim=2)[clear], what=what)


@check(part="training", points=3, visibility="public", seconds=45, diagnose=False,
       title=T(en="Training on cards works and can be repeated", zh="卡片上的训练有效且可重复"))  # fmt: skip
def training_works(case: Case) -> None:
    accuracy = watched(case, lambda steps: trained(case, "public", steps), STEPS, GUESSING)
    text = T(en=f"The trained Reader gets {accuracy:.0%} of unseen cards right, not 45 %. Does a card know its place?",
             zh=f"训练后的 Reader 在没见过的卡片上正确率为 {accuracy:.0%}，未达到 45%。卡片知道自己的位置吗？")  # fmt: skip
    case.require(accuracy >= GUESSING, text)
    cards, digits = case.rand(50, 6, 64), case.randint(0, 10, (50, 6))
    with case.grad():
        first, again = (case.student.train(cards, digits, 5, 3).parameters() for _ in range(2))
    case.close(again, first, **FLOAT32, what=T(en="a second training with the same seed", zh="同一种子的第二次训练"))


@check(part="training", points=5, seconds=60, diagnose=False,
       title=T(en="Accuracy on unseen cards, three seeds", zh="未见卡片上的正确率，三个种子"))  # fmt: skip
def accuracy_lies_in_the_band(case: Case) -> float:
    require_one_batch_per_step(case)
    runs = [trained(case, name)[1] for name in ("first", "second", "third")]
    return share_of_band(case, "accuracy", runs, GUESSING, BAND)


def trained(case: Case, name: str, steps: int = STEPS) -> Skill:
    """Train on a split of its own; what comes of it on its test rows. Their digits never leave the judge."""
    cards, digits, test_cards, test_digits = card_split(case.seed_for(name))
    with case.grad():
        model = case.student.train(cards, digits, steps, case.seed_for(name) % 10_000)
    what = T(en="what `predict` returned", zh="`predict` 的返回值")
    predicted = case.tensor(model.predict(test_cards), test_digits.shape, torch.int64, what=what)
    logits = reader_logits(require_shapes(case, model.parameters()), test_cards)
    text = T(en="predict does not follow from parameters(). Is more going on than one encoder layer between two linear ones?",
             zh="predict 的结果不能由 parameters() 算出。除了两个线性层和中间的一个编码器层，还有别的步骤吗？")  # fmt: skip
    case.require((logits.argmax(dim=2) == predicted).float().mean() >= 0.99, text)
    return skill_of(predicted[:, 1:], logits[:, 1:].transpose(1, 2), test_digits[:, :-1])  # nothing stands before the first card


def require_shapes(case: Case, parameters: list[Tensor]) -> list[Tensor]:
    for value, shape in zip(parameters, SHAPES, strict=True):
        case.tensor(value, shape, torch.float32, what=T(en="a parameter of Reader", zh="Reader 的参数"))
    return parameters


def reader_logits(parameters: list[Tensor], cards: Tensor) -> Tensor:
    """What a Reader with these parameters says."""
    E, e, W_q, W_k, W_v, W_o, gamma_1, beta_1, W_1, b_1, W_2, b_2, gamma_2, beta_2, V, c = parameters
    angles = torch.arange(cards.shape[1])[:, None] / 10000 ** (torch.arange(0, SIZE, 2) / SIZE)
    x = cards @ E.T + e + torch.stack([angles.sin(), angles.cos()], dim=2).flatten(1)
    q, k, v = ((x @ W.T).unflatten(2, (HEADS, -1)).transpose(1, 2) for W in (W_q, W_k, W_v))
    weights = torch.softmax(q @ k.mT / math.sqrt(SIZE / HEADS), dim=3)
    x = normed(x + (weights @ v).transpose(1, 2).flatten(2) @ W_o.T) * gamma_1 + beta_1
    return (normed(x + (x @ W_1.T + b_1).relu() @ W_2.T + b_2) * gamma_2 + beta_2) @ V.T + c


def normed(x: Tensor) -> Tensor:
    return (x - x.mean(dim=-1, keepdim=True)) / (x.var(dim=-1, keepdim=True, unbiased=False) + 1e-5).sqrt()


def require_one_batch_per_step(case: Case) -> None:
    """After one step, no more rows than one batch may matter: who trains longer than allowed has seen more of them."""
    n = 2 * BATCH
    cards, digits, start = case.rand(n, 6, 64), case.randint(0, 10, (n, 6)), torch.zeros(n, dtype=torch.int64)

    def trained_once(turned: Tensor) -> Tensor:
        with case.grad():
            model = case.student.train(cards, (digits + turned[:, None]) % 10, 1, 7)
        return torch.cat([value.flatten() for value in model.parameters()])

    seen = labels_that_matter(trained_once, start, 10, atol=1e-7)
    text = T(en=f"After one step, the digits of {seen} rows have changed the parameters. An update may see {BATCH}.",
             zh=f"只更新一步，就有 {seen} 行卡片的数字影响了参数。一次更新最多只能用 {BATCH} 行。")  # fmt: skip
    case.require(seen <= SEEN, text)


def card_split(seed: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """1500 rows of six cards to train on, 200 to test, from different digits. Pixels and digits are numbered anew."""
    from sklearn.datasets import load_digits  # takes a second to import; most checks do without

    generator, data = torch.Generator().manual_seed(seed), load_digits()
    order, pixels, names = (torch.randperm(n, generator=generator) for n in (len(data.target), 64, 10))
    images = tensor(data.images, dtype=torch.float32).flatten(1)[order][:, pixels] / 16
    digits = names[tensor(data.target, dtype=torch.int64)[order]]
    rows = torch.randint(0, 1437, (1500, 6), generator=generator), torch.randint(1437, 1797, (200, 6), generator=generator)
    return tuple(value[row] for row in rows for value in (images, digits))
