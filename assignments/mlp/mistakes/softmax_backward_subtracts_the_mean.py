EXPLANATION = {
    "en": "You subtract the plain mean of dout from each row. With which weights does p enter that mean?",
    "zh": "你从每一行里减去了 dout 的普通平均。这个平均里 p 应当起什么作用？",
}


def softmax_backward(dout, cache):
    return cache * (dout - dout.mean(dim=1, keepdim=True))
