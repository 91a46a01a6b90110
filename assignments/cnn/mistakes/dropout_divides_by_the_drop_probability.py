EXPLANATION = {
    "en": "Your scale is 1 / drop_prob. By which factor must the share 1 - drop_prob grow to make up for the rest?",
    "zh": "你放大了 1 / drop_prob 倍。剩下 1 - drop_prob 的元素要放大多少才能补上其余的部分？",
}


_scaling_dropout = dropout_forward


def dropout_forward(x, drop_prob, training):
    out, scale = _scaling_dropout(x, drop_prob, training)
    if training and drop_prob > 0:
        scale = (scale != 0).to(x.dtype) / drop_prob
        out = x * scale
    return out, scale
