EXPLANATION = {
    "en": "Your loss is averaged over the batch, its gradient is summed. Do the two belong to the same function?",
    "zh": "损失对整批取了平均，梯度却是求和的。这两者还属于同一个函数吗？",
}


_averaged_cross_entropy = softmax_cross_entropy


def softmax_cross_entropy(logits, labels):
    loss, gradient = _averaged_cross_entropy(logits, labels)
    return loss, gradient * len(logits)
