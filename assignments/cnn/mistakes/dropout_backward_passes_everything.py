EXPLANATION = {
    "en": "Your gradient also reaches entries that were dropped. Do they change the output?",
    "zh": "你的梯度也传给了被丢弃的元素。它们会影响输出吗？",
}


def dropout_backward(dout, scale):
    return dout.clone()
