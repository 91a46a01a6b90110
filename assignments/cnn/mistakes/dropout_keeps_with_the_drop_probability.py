EXPLANATION = {
    "en": "You keep an entry with probability drop_prob. What share is left for drop_prob = 0.2?",
    "zh": "你以 drop_prob 的概率保留元素。drop_prob = 0.2 时应当留下多少？",
}


_dropping_dropout = dropout_forward


def dropout_forward(x, drop_prob, training):
    scale = (torch.rand_like(x) < drop_prob).to(x.dtype) / max(drop_prob, 1e-12)
    return (x * scale, scale) if training else _dropping_dropout(x, drop_prob, training)
