EXPLANATION = {
    "en": "Your convolutions have a kernel of their own at each position. How many kernels does one output channel have?",
    "zh": "你的卷积在每个位置都有一个单独的核。一个输出通道有几个卷积核？",
}


_shared_trace = trace


def trace(layers, shape):
    rows = []
    for layer, (out, count) in zip(layers, _shared_trace(layers, shape), strict=True):
        rows.append((out, count * out[1] * out[2] if layer[0] == "conv" else count))
    return rows
