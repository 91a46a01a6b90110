EXPLANATION = {
    "en": "Your output is that of the network without max(0, ·). Two linear layers in a row: what can they compute together?",
    "zh": "输出等于去掉 max(0, ·) 之后的结果。两个线性层直接相连，合起来能算出什么？",
}


def two_layer_network(x, W, c, w, b):
    return (x @ W + c) @ w + b
