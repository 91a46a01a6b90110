EXPLANATION = {
    "en": "Your output is that of the network with b = 0. Where is b added?",
    "zh": "输出等于 b = 0 时的结果。b 应当加在哪里？",
}


def two_layer_network(x, W, c, w, b):
    return (x @ W + c).clamp(min=0) @ w
