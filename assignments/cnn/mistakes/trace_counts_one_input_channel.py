EXPLANATION = {
    "en": "Your kernels have as many weights as one channel needs. Over which channels does a kernel sum?",
    "zh": "你的卷积核只算了一个通道的权重。一个核要对哪些通道求和？",
}


_deep_trace = trace


def trace(layers, shape):
    rows = []
    for layer, row in zip(layers, _deep_trace(layers, shape), strict=True):
        rows.append((row[0], layer[1] * layer[2] ** 2 + layer[1]) if layer[0] == "conv" else row)
    return rows
