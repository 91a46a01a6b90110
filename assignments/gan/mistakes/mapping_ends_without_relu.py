EXPLANATION = {
    "en": "Your last layer has no leaky ReLU. Does the docstring treat it differently from the others?",
    "zh": "你的最后一层没有做 leaky ReLU。文档字符串里它和其他层有区别吗？",
}


def mapping_network(z, layers):
    w = z / torch.sqrt((z**2).mean(dim=1, keepdim=True) + 1e-8)
    for number, (W, b) in enumerate(layers, start=1):
        w = w @ W.T + b
        w = leaky_relu(w) if number < len(layers) else w
    return w
