EXPLANATION = {
    "en": "Your dropout takes whole channels. That exists, under another name: for which entries does this homework decide "
    "together?",
    "zh": "你的暂退法整个整个地丢弃通道。这种做法另有名称；在本作业里，哪些元素要一起决定去留？",
}


_single_dropout = dropout_forward


def dropout_forward(x, drop_prob, training):
    if x.dim() < 3:
        return _single_dropout(x, drop_prob, training)
    few = x.new_ones(*x.shape[:2], *(1 for _ in x.shape[2:]))
    scale = _single_dropout(few, drop_prob, training)[1].expand(x.shape).clone()
    return x * scale, scale
