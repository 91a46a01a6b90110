EXPLANATION = {
    "en": "Those that stay keep their size in your dropout. Is the sum of the outputs still the same on average?",
    "zh": "你的暂退法没有放大保留下来的元素。输出的总和平均来说还和原来一样吗？",
}


_scaling_dropout = dropout_forward


def dropout_forward(x, drop_prob, training):
    scale = (_scaling_dropout(x, drop_prob, training)[1] != 0).to(x.dtype)
    return x * scale, scale
