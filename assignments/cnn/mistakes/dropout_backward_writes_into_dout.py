EXPLANATION = {
    "en": "Your backward has changed dout itself. Who else may need it afterwards?",
    "zh": "你的反向函数改动了 dout 本身。之后还有谁会用到它？",
}


def dropout_backward(dout, scale):
    return dout.mul_(scale)
