EXPLANATION = {
    "en": "Your dx is 1 at each maximum. Where did dout go?",
    "zh": "你的 dx 在每个最大值处都是 1。dout 到哪里去了？",
}


_weighted_backward = max_pool2d_backward


def max_pool2d_backward(dout, x, kernel, stride):
    return _weighted_backward(torch.ones_like(dout), x, kernel, stride)
