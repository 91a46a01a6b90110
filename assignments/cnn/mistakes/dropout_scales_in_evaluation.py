EXPLANATION = {
    "en": "In evaluation your output is x · (1 - drop_prob). If training has made up for the dropped entries already, what is "
    "left to do?",
    "zh": "评估时你的输出是 x · (1 - drop_prob)。训练时已经补偿过丢弃的元素，这时还需要做什么？",
}


_resting_dropout = dropout_forward


def dropout_forward(x, drop_prob, training):
    out, scale = _resting_dropout(x, drop_prob, training)
    return (out, scale) if training else (out * (1 - drop_prob), scale * (1 - drop_prob))
