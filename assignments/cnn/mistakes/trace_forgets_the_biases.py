EXPLANATION = {
    "en": "Your counts lack one number for each output channel or feature. What does a layer add after the weights?",
    "zh": "你的参数量里，每个输出通道或特征都少了一个数。乘完权重之后，每一层还要加上什么？",
}


_biased_trace = trace


def trace(layers, shape):
    rows = []
    for layer, (out, count) in zip(layers, _biased_trace(layers, shape), strict=True):
        rows.append((out, count - (out[0] if layer[0] in ("conv", "linear") else 0)))
    return rows
