EXPLANATION = {
    "en": "Your result is what comes out when softmax is applied twice. Are logits probabilities already?",
    "zh": "结果等于做了两次 softmax。传进来的 logits 已经是概率了吗？",
}


_cross_entropy_of_logits = softmax_cross_entropy


def softmax_cross_entropy(logits, labels):
    return _cross_entropy_of_logits(softmax_forward(logits)[0], labels)
