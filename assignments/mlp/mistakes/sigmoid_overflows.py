EXPLANATION = {
    "en": "Your sigmoid divides e^x by 1 + e^x. What is e^1000 in float32, and infinity divided by infinity?",
    "zh": "你的 Sigmoid 用 e^x 除以 1 + e^x。float32 下 e^1000 是多少？无穷大除以无穷大呢？",
}


def sigmoid(x):
    return torch.exp(x) / (1 + torch.exp(x))
