EXPLANATION = {
    "en": "Your cell gives the same states for `relu` as for `tanh`. What is the last argument for?",
    "zh": "无论 activation 是 `relu` 还是 `tanh`，你的单元都给出同样的状态。最后一个参数是做什么用的？",
}


def rnn_step(x, h, W_hh, W_hx, b, activation="tanh"):
    return torch.tanh(h @ W_hh.T + x @ W_hx.T + b)
