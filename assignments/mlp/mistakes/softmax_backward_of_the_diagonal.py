EXPLANATION = {
    "en": "Your gradient is dout · p (1 - p), the diagonal of the Jacobian alone. If one input grows, what happens to "
    "the other probabilities?",
    "zh": "你的梯度是 dout · p (1 - p)，只用了雅可比矩阵的对角线。一个输入变大时，其他类别的概率会怎样？",
}


def softmax_backward(dout, cache):
    return dout * cache * (1 - cache)
