EXPLANATION = {
    "en": "Your dx is the one for gamma = 1. By which factor did the normalised value reach the output?",
    "zh": "你的 dx 等于 gamma = 1 时的结果。归一化后的值乘了什么才成为输出？",
}


_scaled_backward = batchnorm2d_backward


def batchnorm2d_backward(dout, x, gamma, running_mean, running_var, training, eps=1e-5):
    return _scaled_backward(dout, x, torch.ones_like(gamma), running_mean, running_var, training, eps)
